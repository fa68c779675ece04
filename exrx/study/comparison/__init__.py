"""Two protocols on one cohort: who gets another answer, which rule made it, and what each asks of the staff.

    compare.py   `compare` -> `Comparison`: tables, figures with paired bootstrap intervals, kappa
    movers.py    which rules move whom
    places.py    supervised hours and seats a week, under stated assumptions
"""

from exrx.study.comparison.compare import Comparison, Side, compare
from exrx.study.comparison.movers import Mover

__all__ = ["Comparison", "Mover", "Side", "compare"]
