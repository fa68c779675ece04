"""Which variants are asked.

    grid             every combination of the values
    latin-hypercube  N variants; each number's values are met equally often (McKay, Beckman and Conover 1979)
    sobol            N (d + 2) variants of d numbers: two samples A and B of a scrambled Sobol sequence, and A with one
                     column of B for each number (Saltelli et al. 2010), which is what the sensitivity indices need

Samples are drawn by scipy.stats.qmc on the unit cube and laid on the axes' values, each value equally likely.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.errors import ProtocolError
from exrx.study.sweep.axes import Axis

DESIGNS = ("grid", "latin-hypercube", "sobol")
SAMPLES = {"latin-hypercube": 1000, "sobol": 128}
MOST_VARIANTS, MOST_SOBOL_AXES = 100_000, 20


@frozen(eq=False)
class Design:
    """`which` (V, d): for each variant the place of each number's value on its axis.

    `samples` is N, 0 for a grid; of a Sobol design the rows are A, B, then A with each column of B in turn.
    """

    kind: str
    which: npt.NDArray[np.int64]
    samples: int
    seed: int | None

    def __len__(self) -> int:
        return len(self.which)


def make_design(kind: str, axes: Sequence[Axis], *, samples: int | None = None, seed: int = 2009) -> Design:
    """The variants of a design.

    Raises:
        ProtocolError: there is no such design, or it has too many variants or too few samples; for sobol N must be a
        power of two.
    """
    if kind not in DESIGNS:
        raise ProtocolError(f"there is no design '{kind}'; use one of: {', '.join(DESIGNS)}")
    sizes = np.array([len(axis.numbers) for axis in axes])
    if kind == "grid":
        if samples is not None:
            raise ProtocolError("a grid has every combination of the values; --samples is for the other designs")
        _refuse_many(int(np.prod(sizes.astype(object))), "take fewer values, or --design latin-hypercube --samples N")
        which = np.array(list(product(*map(range, sizes.tolist()))), np.int64).reshape(-1, len(axes))
        return Design(kind, which, 0, None)
    n = SAMPLES[kind] if samples is None else samples
    if n < 2:
        raise ProtocolError(f"{n} samples say nothing; take 2 or more")
    drawn = _hypercube(n, len(axes), seed) if kind == "latin-hypercube" else _saltelli(n, len(axes), seed)
    return Design(kind, np.minimum((drawn * sizes).astype(np.int64), sizes - 1), n, seed)


def _refuse_many(variants: int, instead: str) -> None:
    if variants > MOST_VARIANTS:
        raise ProtocolError(f"these are {variants} variants, and at most {MOST_VARIANTS} are asked: {instead}")


def _hypercube(n: int, axes: int, seed: int) -> npt.NDArray[np.float64]:
    from scipy.stats import qmc

    _refuse_many(n, "take fewer samples")
    return np.asarray(qmc.LatinHypercube(axes, rng=np.random.default_rng(seed)).random(n))


def _saltelli(n: int, axes: int, seed: int) -> npt.NDArray[np.float64]:
    from scipy.stats import qmc

    if n & (n - 1):
        lower = 1 << (n.bit_length() - 1)
        raise ProtocolError(f"{n} samples: a Sobol sequence is balanced for powers of two; take {lower} or {2 * lower}")
    if axes > MOST_SOBOL_AXES:
        raise ProtocolError(f"{axes} numbers are varied at once; the Sobol design takes at most {MOST_SOBOL_AXES}")
    _refuse_many(n * (axes + 2), "take fewer samples")
    both = np.asarray(qmc.Sobol(2 * axes, rng=np.random.default_rng(seed)).random(n))
    a, b = both[:, :axes], both[:, axes:]
    mixed = [np.where(np.arange(axes) == place, b, a) for place in range(axes)]
    return np.concatenate([a, b, *mixed])
