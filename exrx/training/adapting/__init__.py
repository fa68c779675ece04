"""Next week from what was done: each target moved up, held or lowered, with why.

adapt     the whole, stateless from plan and log (its named parameters: `exrx.training.adaptations`)
history   what was done so far      judge   what a session earns      dose, loads   what moves by how much
illness   return after infection and blocking symptoms      today    today's session under today's screening
"""

from exrx.training.adaptations import load_adaptations, load_rules, read_adaptations
from exrx.training.adapting.adapt import Adaptation, Move, adapt
from exrx.training.adapting.today import Today

__all__ = ["Adaptation", "Move", "Today", "adapt", "load_adaptations", "load_rules", "read_adaptations"]
