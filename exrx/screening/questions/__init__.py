"""Questions about a whole cohort, answered on bits: what blocks, what holds back, what a moved limit would change.

    blocking.py  `blocking_facts`: which missing fact keeps how many waiting, alone or together with others
    holding.py   `single_rules`: which rule alone holds back how many
    moving.py    `moved_by`: who changes if one limit moves

Each answer of a row is what the one-patient engine says of it: `blockers`, `held_by`, and `screen` under the moved
limit.
"""

from exrx.screening.questions.blocking import SECOND_READING, Block, Blocks, blockers, blocking_facts
from exrx.screening.questions.holding import Held, SingleRules, held_by, single_rules
from exrx.screening.questions.moving import Moved, moved_by

__all__ = [
    "SECOND_READING",
    "Block",
    "Blocks",
    "Held",
    "Moved",
    "SingleRules",
    "blockers",
    "blocking_facts",
    "held_by",
    "moved_by",
    "single_rules",
]
