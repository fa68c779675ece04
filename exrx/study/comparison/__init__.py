"""Two protocols on one cohort: who gets another answer, which rule made it, and what each asks of the staff.

    side_by_side.py  `compare` -> `Comparison`: tables, figures with paired bootstrap intervals, kappa
    sides.py         the answers of each, and the tables between them
    tally.py         the figures, from sums over patients
    movers.py        which rules move whom
    places.py        supervised hours and seats a week, under stated assumptions
"""

from exrx.study.comparison.movers import Mover
from exrx.study.comparison.side_by_side import Comparison, compare
from exrx.study.comparison.sides import Side

__all__ = ["Comparison", "Mover", "Side", "compare"]
