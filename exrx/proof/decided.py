"""The decision for a patient of whom everything is known, as formulas: so that a law can speak of it.

With everything known nothing is undecided, so the clearance is that of the rules that fire, and `assess` never is.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from exrx.fields import Field, Members, Possible, Span
from exrx.proof.ground import Ground
from exrx.proof.marks import Mark
from exrx.protocol.laws import CHAINS, GROUP, LIMITS, SETS
from exrx.rules.prove import Answer, Formula, View, any_of, z3_library
from exrx.rules.restriction import Clearance, Track
from exrx.screening.decision import Decision


@define(eq=False)
class Decided:
    """A view of a patient and of the decision about them; `fires` holds for each source where it fires."""

    ground: Ground
    patient: View
    fires: tuple[Formula, ...]

    def holds(self, mark: Mark) -> Formula:
        """Where a mark is set by some source."""
        return any_of(self.fires[index] for index in self.ground.by_mark.get(mark, ()))

    def below(self, entry: Field, tick: int) -> Answer:
        """A number is below `tick`: the patient's, or a limit of the decision."""
        if entry.group != GROUP:
            return self.patient.below(entry, tick)
        limits = [limit for limit in self.ground.marks.limits[entry.name] if 2 * limit < tick]
        return Answer.both(any_of(self.holds((entry.name, limit)) for limit in limits[-1:]))

    def within(self, entry: Field, mask: int) -> Answer:
        """An answer is one of the options in `mask`: the patient's, or a level of the decision."""
        if entry.group != GROUP:
            return self.patient.within(entry, mask)
        levels = [level for level in CHAINS[entry.name] if mask >> level & 1]
        return Answer.both(any_of(self._is(entry.name, level) for level in levels))

    def meets(self, entry: Field, mask: int) -> Answer:
        """A set holds one of the options in `mask`: the patient's, or a part of the decision."""
        if entry.group != GROUP:
            return self.patient.meets(entry, mask)
        return Answer.both(any_of(self._holds_item(entry.name, item) for item in entry.names(mask)))

    def _is(self, part: str, level: int) -> Formula:
        z3 = z3_library()
        if part == "track":
            forbidden = self._at_least("clearance", Clearance.ASSESS)
            if level == Track.NONE:
                return forbidden
            return z3.And(z3.Not(forbidden), self._exactly(part, level))
        return self._exactly(part, level)

    def _exactly(self, part: str, level: int) -> Formula:
        z3 = z3_library()
        return z3.And(self._at_least(part, level), z3.Not(self._at_least(part, level + 1)))

    def _at_least(self, part: str, level: int) -> Formula:
        return z3_library().BoolVal(True) if level == 0 else self.holds((part, level))

    def _holds_item(self, part: str, item: str) -> Formula:
        if part != "allowed_meanwhile":
            return self.holds((part, item))
        z3 = z3_library()
        known = item in self.ground.marks.meanwhile
        return z3.And(self.holds(("meanwhile", None)), z3.Not(self.holds(("meanwhile", item))), z3.BoolVal(known))


def decision_state(decision: Decision, fields: dict[str, Field]) -> dict[str, Possible]:
    """The parts of a decision as if they were facts: what `rules/one.py` needs to answer a law.

    `fields` are those of `protocol.laws.with_decision`.
    """
    found: dict[str, Possible] = {}
    parts: Any = decision.restriction
    own: dict[str, Any] = {"clearance": decision.clearance, "track": decision.track}
    for name in CHAINS:
        found[name] = 1 << int(own.get(name, getattr(parts, name, 0)))
    for name in SETS:
        mask = sum(fields[name].mask(item) for item in getattr(parts, name) or ())
        found[name] = Members(mask, mask)
    for name in LIMITS:
        limit = getattr(parts, name)
        tick = fields[name].ticks.highest if limit is None else 2 * limit
        found[name] = Span(tick, tick)
    return found
