"""Groups that cannot run at once: one room, or one leader, at overlapping times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from exrx.allocate.read import Group
from exrx.allocate.times import Span


def cliques(groups: Sequence[Group]) -> list[tuple[int, ...]]:
    """Groups that need one room, or one leader, at one moment: of each set one can run."""
    found: dict[tuple[int, ...], None] = {}
    for what in ("room", "leader"):
        names = {getattr(group, what) for group in groups} - {""}
        for name in sorted(names):
            members = [g for g, group in enumerate(groups) if getattr(group, what) == name]
            starts = sorted({(span.day, span.start) for g in members for span in groups[g].times})
            for day, minute in starts:
                here = tuple(g for g in members for span in groups[g].times if _meets(span, day, minute))
                if len(set(here)) > 1:
                    found[tuple(sorted(set(here)))] = None
    return list(found)


def _meets(span: Span, day: int, minute: int) -> bool:
    return span.day == day and span.start <= minute < span.end


def clashes(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """The pairs of groups of which only one can run: one room or one leader at overlapping times."""
    return [
        (g, h) for (g, one), (h, other) in combinations(enumerate(groups), 2)
        if ((one.room and one.room == other.room) or (one.leader and one.leader == other.leader))
        and any(a.overlaps(b) for a in one.times for b in other.times)
    ]  # fmt: skip
