"""What happens to people, measured: toxicity grades of laboratory values.

    ctcae_table.py  the criteria by edition, read from `protocols/ctcae.yaml`
    ctcae.py        `grade` of one value, `grade_column` of many, and where the editions differ

A grade describes a toxicity. It is no limit for exercise; those stand in `protocols/screening/`.
"""

from exrx.outcomes.ctcae import Grade, Grades, grade, grade_column
from exrx.outcomes.ctcae_table import Difference, differences, find_term, load_ctcae

__all__ = ["Difference", "Grade", "Grades", "differences", "find_term", "grade", "grade_column", "load_ctcae"]
