"""Scarce places: cleared patients to groups with seats, staff, rooms and times.

times.py    weekly times as they are written
read.py     a patient and a group from a row of a table
fits.py     who may go where, and what alone keeps somebody out
clashes.py  groups that need one room or leader at once
goals.py    what a place is worth
solve.py    the assignment, solved by HiGHS
allocate.py the answer: who goes where, who waits and why, what one more seat or hour would bring
check.py    the answer checked again from the tables, by code that knows nothing of the others
"""

from exrx.allocate.allocate import Allocation, Price, Waiting, allocate
from exrx.allocate.check import broken_promises
from exrx.allocate.goals import GOALS
from exrx.allocate.read import Group, Person, Pool, read_groups, read_people, read_pools

__all__ = [
    "GOALS", "Allocation", "Group", "Person", "Pool", "Price", "Waiting", "allocate", "broken_promises", "read_groups",
    "read_people", "read_pools",
]  # fmt: skip
