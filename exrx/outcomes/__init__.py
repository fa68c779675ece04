"""What happens to people, measured: toxicity grades, questionnaires, and what changed from before to after.

    ctcae_table.py     the criteria by edition, read from `protocols/ctcae.yaml`
    ctcae.py           `grade` of one value, `grade_column` of many, and where the editions differ
    questionnaires.py  scales, cut-offs and alarms, read from `protocols/outcomes/questionnaires.yaml`
    scoring.py         `score` of any number of filled forms; what is missing gives an interval or no score
    measures.py        differences that matter and thresholds, read from `protocols/outcomes/measures.yaml`
    change.py          `effect`: pairs of before and after, who got better, who is missing
    goals.py           `attainment`: goal attainment scaling

A grade describes a toxicity. It is no limit for exercise; those stand in `protocols/screening/`.
"""

from exrx.outcomes.ctcae import Grade, Grades, grade, grade_column
from exrx.outcomes.ctcae_table import Difference, differences, find_term, load_ctcae

__all__ = ["Difference", "Grade", "Grades", "differences", "find_term", "grade", "grade_column", "load_ctcae"]
