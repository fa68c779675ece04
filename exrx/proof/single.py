"""Each rule by itself: it can fire, it does not always fire, and it is not swallowed by the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exrx.proof.example import PATIENT, decide, example, nearest, patient_of
from exrx.proof.ground import Ground, Source
from exrx.proof.model import Counterexample, Patients, Proof, Shows
from exrx.protocol.stage import ENGINE
from exrx.rules.restriction import Restriction, join


def prove_rules(ground: Ground, excepted: frozenset[str] = frozenset()) -> Iterator[Proof]:
    """One proof a rule and property. Protocols that are joined may say the same, so nothing is swallowed there.

    Rules that are `excepted` from being swallowed are there for their reason alone, so they swallow no other.
    """
    known = ground.known
    for index, source in enumerate(ground.sources):
        if source.rule is None or source.rule.location == ENGINE:
            continue
        can_fire = known.can(known.fires[index])
        yield _proof(ground, source, "can-fire", can_fire, None if can_fire else _never(source))
        always = not known.can(known.silent[index])
        yield _always(ground, source, index) if always else _proof(ground, source, "not-always", True)
        if can_fire and len(ground.protocol.members) == 1:
            yield _swallowed(ground, source, index, excepted)


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


def _always(ground: Ground, source: Source, index: int) -> Proof:
    why = {
        "da": f"'{source.name}' gælder for alle patienter, også den typiske.",
        "en": f"'{source.name}' fires for every patient, the typical one too.",
    }

    def shows(patients: Patients) -> bool:
        return source.name in _firing(ground, patients)

    return _proof(ground, source, "not-always", False, why, counterexample=_example(ground, index, shows))


def _example(ground: Ground, index: int, shows: Shows) -> Counterexample | None:
    """A patient for whom a source fires."""
    known = ground.known
    model = nearest(ground, known.solver, [known.fires[index]], [known.view])
    return example(ground, (PATIENT,), (patient_of(ground, known.view.state(model)),), shows)


def _firing(ground: Ground, patients: Patients) -> dict[str, Restriction]:
    """The rules that fire for a patient, by the engine."""
    decision = decide(patients[0], ground.protocol, ground.stage)
    return {reason.rule: reason.restriction for reason in decision.reasons if reason.state == "fires"}


def _swallowed(ground: Ground, source: Source, index: int, excepted: frozenset[str]) -> Proof:
    """Whether, wherever the rule fires, others that fire ask for all that it asks."""
    own, known = ground.by_source[index], ground.known
    rivals = sorted({ground.by_mark[mark] for mark in own}, key=len)

    def adds_something(others: list[int]) -> bool:
        """Whether it can fire while, for some mark of its own, none of the others that set it fires."""
        left = set(others)
        asked = ([known.silent[i] for i in sources if i in left] for sources in rivals)
        return any(known.can(known.fires[index], *literals) for literals in asked)

    others = sorted({i for mark in own for i in ground.by_mark[mark]} - {index})
    others = [i for i in others if ground.sources[i].name not in excepted]
    if adds_something(others):
        return _proof(ground, source, "swallowed", True)
    for other in list(others):
        if not adds_something([i for i in others if i != other]):
            others.remove(other)
    names = [ground.sources[i].name for i in others]
    starts = join(other.then for other in ground.sources if other.rule is None)

    def shows(patients: Patients) -> bool:
        firing = _firing(ground, patients)
        asked = join([starts, *(firing[name] for name in names if name in firing)])
        return source.name in firing and source.then <= asked

    listed = ", ".join(f"'{name}'" for name in names)
    why = {
        "da": f"'{source.name}' føjer intet til: hver gang den gælder, beder {listed or 'ingen regel'} om det samme "
        "eller mere.",
        "en": f"'{source.name}' adds nothing: whenever it fires, {listed or 'no rule'} asks for the same or more.",
    }
    found = None if source.name in excepted else _example(ground, index, shows)
    return _proof(ground, source, "swallowed", False, why, counterexample=found)
