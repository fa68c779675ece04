"""The figures of a comparison. Every one is computed from sums over patients, so that patients can be drawn anew.

A patient is one kind: a pair of answers, a pair of tracks, and a pair of weekly needs. Kinds are few, patients many.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from attrs import evolve

from exrx.rules.restriction import Clearance, Track
from exrx.study.comparison.places import seats
from exrx.study.comparison.sides import ANSWERS, POPULATION, Pair, Side
from exrx.study.figures import Figure
from exrx.study.statistics import WEIGHTS, Floats, bootstrap, kappas, share

KAPPA = {"none": "kappa", "linear": "kappa-linear", "quadratic": "kappa-quadratic"}
_SEATS = (("seats", "{seat}"), ("patient-hours", "h/wk"), ("staff-hours", "h/wk"))
_LEVELS = len(Clearance)
_ANSWERS = _LEVELS + 1
_TRACKS = len(Track)


def figures_of(found: Pair) -> tuple[Figure, ...]:
    """All figures, in the order in which they are read: counts, shares, differences, agreement, hours."""
    return tuple(_all(found))


def _all(found: Pair) -> Iterator[Figure]:
    n, a, b = found.n, found.first, found.second
    yield Figure.counted("patients", f"{a.label} & {b.label}", n, n)
    yield Figure.of("moved", f"{a.label} & {b.label}", share(int(found.rows.size), n), "1")
    yield from _flows(found)
    for side in (a, b):
        yield from _shares(side, n)
    yield from _drawn(found)


def _flows(found: Pair) -> Iterator[Figure]:
    both, n = f"{found.first.label} -> {found.second.label}", found.n
    for part, table, words in (
        ("clearance", found.clearance, ANSWERS),
        ("track", found.track, Track.words()),
        ("population", found.population, POPULATION),
    ):
        for one, other in zip(*np.nonzero(table), strict=True):
            yield Figure.counted(f"{part}.{words[one]}->{words[other]}", both, table[one, other], n)


def _shares(side: Side, n: int) -> Iterator[Figure]:
    counts = np.bincount(side.answers, minlength=_ANSWERS)
    yield Figure.of("may-train", side.label, share(int(counts[: Clearance.MODIFY + 1].sum()), n), "1")
    for word, k in zip(ANSWERS, counts.tolist(), strict=True):
        yield Figure.of(f"clearance.{word}", side.label, share(k, n), "1")
    for word, k in zip(Track.words(), np.bincount(side.decisions.track, minlength=_TRACKS).tolist(), strict=True):
        yield Figure.of(f"track.{word}", side.label, share(k, n), "1")
    yield Figure.counted("waiting-for-a-seat", side.label, side.places.waiting, n)


def _drawn(found: Pair) -> Iterator[Figure]:
    """What is drawn anew: differences, agreement, kappa, seats and hours."""
    kinds, counts = _kinds(found)
    a, b = found.first.label, found.second.label
    names = list(_names(a, b))
    intervals = bootstrap(
        kinds, counts, lambda sums: _statistics(sums, found), seed=found.seed, times=found.times
    )
    for (name, label, unit), interval in zip(names, intervals, strict=True):
        figure = Figure.of(name, label, interval, unit)
        yield evolve(figure, n=int(found.both.sum())) if name.startswith(("agreement", "kappa")) else figure


def _names(a: str, b: str) -> Iterator[tuple[str, str, str]]:
    difference, both = f"{b} - {a}", f"{a} & {b}"
    yield "may-train", difference, "1"
    yield from ((f"clearance.{word}", difference, "1") for word in ANSWERS)
    yield from ((f"track.{word}", difference, "1") for word in Track.words())
    yield from ((f"agreement.{part}", both, "1") for part in ("clearance", "track"))
    yield from ((f"{KAPPA[weights]}.clearance", both, "1") for weights in WEIGHTS)
    yield "kappa.track", both, "1"
    for label in (a, b, difference):
        yield from ((name, label, unit) for name, unit in _SEATS)


def _kinds(found: Pair) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """What one patient of each kind adds to the sums, and how many there are of each."""
    a, b = found.first, found.second
    key = a.answers.astype(np.int64) * _ANSWERS + b.answers
    key = key * _TRACKS**2 + a.decisions.track.astype(np.int64) * _TRACKS + b.decisions.track
    key = 2 * key + found.both
    for side in (a, b):
        key = key * side.places.table.shape[0] + side.places.kinds
    distinct, counts = np.unique(key, return_counts=True)
    rest, second = np.divmod(distinct, b.places.table.shape[0])
    rest, first = np.divmod(rest, a.places.table.shape[0])
    rest, both = np.divmod(rest, 2)
    answers, tracks = np.divmod(rest, _TRACKS**2)
    answers, tracks = np.eye(_ANSWERS**2)[answers], np.eye(_TRACKS**2)[tracks]
    sums = [
        answers,
        tracks,
        answers * both[:, None],
        tracks * both[:, None],
        a.places.table[first].reshape(distinct.size, -1),
        b.places.table[second].reshape(distinct.size, -1),
    ]
    return np.concatenate(sums, axis=1), counts.astype(np.int64)


def _statistics(sums: Floats, found: Pair) -> Floats:
    """The statistics of `_names` from sums (B, m)."""
    sizes = (_ANSWERS**2, _TRACKS**2) * 2
    parts = np.split(sums, np.cumsum(sizes), axis=1)
    answers, tracks, shared, shared_tracks = (
        part.reshape(-1, side, side) for part, side in zip(parts, (_ANSWERS, _TRACKS) * 2, strict=False)
    )
    n = answers.sum((1, 2))[:, None]
    first, second = (
        seats(needs.reshape(len(sums), found.assumed.weeks, -1), found.assumed)
        for needs in np.split(parts[-1], 2, axis=1)
    )
    moved = (answers.sum(1) - answers.sum(2)) / n
    compared = shared[:, :_LEVELS, :_LEVELS]
    columns = [
        moved[:, : Clearance.MODIFY + 1].sum(1, keepdims=True),
        moved,
        (tracks.sum(1) - tracks.sum(2)) / n,
        _alike(compared),
        _alike(shared_tracks),
        *(kappas(compared, weights)[:, None] for weights in WEIGHTS),
        kappas(shared_tracks)[:, None],
        first,
        second,
        second - first,
    ]
    return np.concatenate(columns, axis=1)


def _alike(tables: Floats) -> Floats:
    """The share on the diagonal of each table (B, k, k), nan where nobody is in it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((np.trace(tables, axis1=1, axis2=2) / tables.sum((1, 2)))[:, None])
