"""Would anybody notice? Every slip of every rule of a protocol, held against `check`, the cases and `prove`.

A slip is noticed by

    check   the reader refuses it
    test    a case beside the protocol no longer holds
    prove   a proof no longer holds (asked only of what check and test let pass)

What nobody notices is a survivor: either no case stands where it matters, or the slip means the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from exrx.fields import load_dictionary
from exrx.knowledge import Knowledge, know
from exrx.patient import Patient
from exrx.proof.mutants import Slip, slips
from exrx.proof.prove import notices
from exrx.protocol.library import load_protocol
from exrx.protocol.model import Member, Protocol, Rule
from exrx.rules.nodes import Condition
from exrx.rules.one import evaluate
from exrx.rules.polarity import reversals
from exrx.rules.prove import z3_library
from exrx.screening.cases import Case, case_faults, read_cases
from exrx.screening.one import as_date

JUDGES = ("check", "test", "prove")
NOBODY = "nobody"
Judge = Callable[[Protocol, Rule], bool]
"""True when a protocol with a slip in one rule is found out."""


@frozen
class Mutant:
    """A slip in a rule, and who noticed it: check, test, prove or nobody (`survived`)."""

    protocol: str
    rule: str
    slip: Slip
    noticed_by: str

    @property
    def survived(self) -> bool:
        """True when nobody noticed."""
        return self.noticed_by == NOBODY

    @property
    def key(self) -> str:
        """The rule and the slip in words, as survivors.yaml names it."""
        return f"{self.rule}: {self.slip.words}"


def mutate(id_or_path: str | Path, ask: Sequence[str] = JUDGES) -> Iterator[Mutant]:
    """Every mutant of a protocol's rules, its modules' included, with who noticed it first.

    Args:
        id_or_path: a shipped protocol or a path.
        ask: who is asked, in this order, of `check`, `test` and `prove`.

    Raises:
        ProtocolError: the protocol or its cases cannot be used.
        MissingDependencyError: `prove` is asked and z3 is not installed.
    """
    protocol = load_protocol(id_or_path)
    judges: dict[str, Judge] = {"check": check_notices}
    if "test" in ask:
        judges["test"] = Bench(tuple(read_cases(id_or_path))).notices
    if "prove" in ask:
        z3_library()
        judges["prove"] = notices
    for rule in protocol.rules:
        for slip in slips(rule.when):
            yield Mutant(protocol.id, rule.id, slip, _noticed_by(protocol, rule, slip, [(n, judges[n]) for n in ask]))


def _noticed_by(protocol: Protocol, rule: Rule, slip: Slip, judges: Iterable[tuple[str, Judge]]) -> str:
    if slip.condition is None:
        return "check"
    slipped = evolve(rule, when=slip.condition)
    changed = with_rule(protocol, slipped)
    return next((name for name, judge in judges if judge(changed, slipped)), NOBODY)


def check_notices(changed: Protocol, slipped: Rule) -> bool:
    """True when the reader would refuse the slipped condition: it asks against the worse direction of a field."""
    return any(reversal.atom.field.name not in slipped.polarity for reversal in reversals(slipped.when))


def with_rule(protocol: Protocol, changed: Rule) -> Protocol:
    """The protocol with one rule replaced by another that stands at the same place in the files."""

    def replaced(member: Member) -> Member:
        rules = tuple(changed if _same_place(rule, changed) else rule for rule in member.rules)
        return evolve(member, rules=rules)

    return Protocol(tuple(replaced(member) for member in protocol.members))


def _same_place(one: Rule, other: Rule) -> bool:
    return one.id == other.id and one.location == other.location


@define
class Bench:
    """The cases, each with what is known of its patient, so that only those are run again that a slip can touch."""

    cases: tuple[Case, ...]
    _known: dict[int, Knowledge] = field(factory=dict, init=False)

    def notices(self, changed: Protocol, slipped: Rule) -> bool:
        """True when a case no longer holds with the slip in its protocol."""
        for number, case in enumerate(self.cases):
            protocol = load_protocol(case.protocol)
            original = next((rule for rule in protocol.rules if _same_place(rule, slipped)), None)
            if original is None or not self._touched(number, case, protocol, original.when, slipped.when):
                continue
            if case_faults(case, with_rule(protocol, slipped)):
                return True
        return False

    def _touched(self, number: int, case: Case, protocol: Protocol, before: Condition, after: Condition) -> bool:
        if number not in self._known:
            patient = Patient.from_dict(case.patient)
            validities = protocol.validity_at(case.stage)
            self._known[number] = know(patient, load_dictionary(), as_date(case.as_of), validities)
        state = self._known[number].state
        return evaluate(before, state) != evaluate(after, state)


def mutate_all(ids: Iterable[str | Path], ask: Sequence[str] = JUDGES) -> tuple[Mutant, ...]:
    """The mutants of several protocols, a rule that they share through a module once: who first notices it counts."""
    found: dict[tuple[str, str, str], Mutant] = {}
    for wanted in ids:
        for mutant in mutate(wanted, ask):
            place = (mutant.rule, str(mutant.slip.location), f"{mutant.slip.kind} {mutant.slip.words}")
            if place not in found or found[place].survived:
                found[place] = mutant
    return tuple(found.values())


@frozen
class Tally:
    """How many slips of a kind were made, and who noticed them."""

    made: int
    noticed: dict[str, int]

    @classmethod
    def of(cls, mutants: Iterable[Mutant]) -> Tally:
        """Count."""
        found = list(mutants)
        return cls(len(found), {who: sum(m.noticed_by == who for m in found) for who in (*JUDGES, NOBODY)})

    @property
    def share(self) -> float:
        """The share that somebody noticed; 1 where no slip could be made."""
        return 1 - self.noticed[NOBODY] / self.made if self.made else 1.0
