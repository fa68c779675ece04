"""Trials' tables: training as it was published, read, added up, and followed for one patient.

model    what a table holds          efforts   how hard an effort is, in each measure
read     a file, checked at once     totals    what it adds up to      course   followed under a restriction
"""

from exrx.training.table.course import TableCourse
from exrx.training.table.model import TableTraining
from exrx.training.table.read import load_table, read_table, shipped_tables
from exrx.training.table.totals import Totals, totals

__all__ = [
    "TableCourse",
    "TableTraining",
    "Totals",
    "load_table",
    "read_table",
    "shipped_tables",
    "totals",
]
