"""Each rule by itself: it can fire, it does not always fire, and it is not swallowed by the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exrx.proof.example import PATIENT, decide, example, nearest, patient_of
from exrx.proof.ground import Ground, Source
from exrx.proof.model import Counterexample, Patients, Proof
from exrx.protocol.stage import ENGINE
from exrx.rules.prove import Formula, z3_library
from exrx.rules.restriction import join
from exrx.rules.views import Total


def prove_rules(ground: Ground, excepted: frozenset[str] = frozenset()) -> Iterator[Proof]:
    """One proof a rule and property.

    Rules that are `excepted` from being swallowed are there for their reason alone, so they swallow no other.
    """
    view, solver, fires = ground.total()
    sat, negate = z3_library().sat, z3_library().Not
    for index, source in enumerate(ground.sources):
        if source.rule is None or source.rule.location == ENGINE:
            continue
        can_fire = solver.check(fires[index]) == sat
        yield _proof(ground, source, "can-fire", can_fire, *([] if can_fire else [_never(source)]))
        if solver.check(negate(fires[index])) == sat:
            yield _proof(ground, source, "not-always", True)
        else:
            yield _always(ground, source, index, view, solver, fires)
        if can_fire:
            yield _swallowed(ground, source, index, view, solver, fires, excepted)


def _proof(
    ground: Ground, source: Source, name: str, holds: bool, why: dict[str, str] | None = None, **more: Any
) -> Proof:
    assert source.rule is not None
    where = source.rule.location
    return Proof(name, ground.protocol.id, ground.stage, source.name, holds, why or {}, where, **more)


def _never(source: Source) -> dict[str, str]:
    return {
        "da": f"'{source.name}' kan aldrig gælde: ingen patient opfylder betingelsen.",
        "en": f"'{source.name}' can never fire: no patient meets its condition.",
    }


def _always(ground: Ground, source: Source, index: int, view: Total, solver: Any, fires: tuple[Formula, ...]) -> Proof:
    model = nearest(ground, solver, [fires[index]], [view])

    def shows(patients: Patients) -> bool:
        return _fires(ground, patients[0], source.name)

    found = example(ground, (PATIENT,), (patient_of(ground, view.state(model)),), shows)
    why = {
        "da": f"'{source.name}' gælder for alle patienter, også den typiske.",
        "en": f"'{source.name}' fires for every patient, the typical one too.",
    }
    return _proof(ground, source, "not-always", False, why, counterexample=found)


def _fires(ground: Ground, patient: dict[str, Any], rule: str) -> bool:
    decision = decide(patient, ground.protocol, ground.stage)
    return any(reason.rule == rule and reason.state == "fires" for reason in decision.reasons)


def _swallowed(
    ground: Ground,
    source: Source,
    index: int,
    view: Total,
    solver: Any,
    fires: tuple[Formula, ...],
    excepted: frozenset[str],
) -> Proof:
    """Whether, wherever the rule fires, others that fire ask for all that it asks."""
    z3, own = z3_library(), ground.by_source[index]
    rivals = sorted({ground.by_mark[mark] for mark in own}, key=len)

    def adds_something(others: list[int]) -> bool:
        """Whether it can fire while, for some mark of its own, none of the others that set it fires."""
        silent = {i: z3.Not(fires[i]) for i in others}
        asked = ([silent[i] for i in sources if i in silent] for sources in rivals)
        return any(solver.check(fires[index], *literals) == z3.sat for literals in asked)

    others = sorted({i for mark in own for i in ground.by_mark[mark]} - {index})
    others = [i for i in others if ground.sources[i].name not in excepted]
    if adds_something(others):
        return _proof(ground, source, "swallowed", True)
    for other in list(others):
        if not adds_something([i for i in others if i != other]):
            others.remove(other)
    return _proof(
        ground,
        source,
        "swallowed",
        False,
        _swallowed_by(ground, source, others),
        counterexample=_shown_swallowed(ground, source, others, index, view, solver, fires)
        if source.name not in excepted
        else None,
    )


def _swallowed_by(ground: Ground, source: Source, others: list[int]) -> dict[str, str]:
    listed = ", ".join(f"'{ground.sources[i].name}'" for i in others)
    return {
        "da": f"'{source.name}' føjer intet til: hver gang den gælder, beder {listed or 'ingen regel'} om det samme "
        "eller mere.",
        "en": f"'{source.name}' adds nothing: whenever it fires, {listed or 'no rule'} asks for the same or more.",
    }


def _shown_swallowed(
    ground: Ground,
    source: Source,
    others: list[int],
    index: int,
    view: Total,
    solver: Any,
    fires: tuple[Formula, ...],
) -> Counterexample:
    """A patient for whom the rule fires, and with it those that ask for all that it asks."""
    names = [ground.sources[i].name for i in others]
    model = nearest(ground, solver, [fires[index]], [view])

    def shows(patients: Patients) -> bool:
        decision = decide(patients[0], ground.protocol, ground.stage)
        firing = {reason.rule: reason.restriction for reason in decision.reasons if reason.state == "fires"}
        if source.name not in firing:
            return False
        starts = [s.then for s in ground.sources if s.rule is None]
        asked = join([*(firing[name] for name in names if name in firing), *starts])
        return source.then <= asked

    return example(ground, (PATIENT,), (patient_of(ground, view.state(model)),), shows)
