"""The morning list of a hospital team: who trains today, in what order to look at them, what changed since yesterday.

rows.py     one patient on the list: one of four words, and how urgent
change.py   today's answer beside yesterday's
lists.py    the list: rows by team and time, and nobody lost
"""

from __future__ import annotations

from exrx.worklist.change import Change, changes
from exrx.worklist.lists import Group, Worklist, make_worklist
from exrx.worklist.rows import WORDS, Row, Session, is_deceased, is_example, urgency, word_of

__all__ = [
    "WORDS", "Change", "Group", "Row", "Session", "Worklist", "changes", "is_deceased", "is_example", "make_worklist",
    "urgency", "word_of",
]  # fmt: skip
