"""A protocol's numbers varied over a cohort: what each value would mean, and which number matters.

axes.py         what is varied: `NAME=LOW:HIGH:STEP`, held against the fields it is compared with
design.py       which variants are asked: a grid, a Latin hypercube, a Sobol design
sensitivity.py  how much of the spread each number accounts for
run.py          the sweep itself: every variant's counts as a tidy table, and what it rests on
"""

from exrx.study.sweep.axes import Axis, read_axes
from exrx.study.sweep.design import DESIGNS, Design, make_design
from exrx.study.sweep.run import Sweep, sweep
from exrx.study.sweep.sensitivity import Index, grid_indices, sobol_with_intervals

__all__ = [
    "DESIGNS", "Axis", "Design", "Index", "Sweep", "grid_indices", "make_design", "read_axes", "sobol_with_intervals",
    "sweep",
]  # fmt: skip
