"""What the cases beside a protocol check, and what they lack.

Every rule wants four kinds of cases: one where it fires, one where it is silent, one where it is undecided because a
fact is unknown, and on each of its limits two values side by side: the one on the limit and the nearest one that
gets the other answer.

A case *sees* a rule's answer when the rule gives it there. It *checks* the answer when it would fail if the rule gave
another one: because the rule is named under fires, silent or undecided, or because the clearance, the track or the
restriction it expects would be another. A limit is seen in a case when moving it by one step there changes the rule's
answer, so a case in which something else decides does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from operator import or_
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from exrx.errors import ConditionError, Diagnostic, Location
from exrx.knowledge import Knowledge, know
from exrx.patient import Patient
from exrx.protocol.library import load_protocol
from exrx.protocol.model import Rule
from exrx.protocol.stage import DECEASED_RULE, ActiveRule, stage_rules
from exrx.quantities.scale import plain
from exrx.rules.nodes import (
    FALSE,
    TRUE,
    UNDECIDED,
    And,
    AnyOf,
    AtLeast,
    Compare,
    Condition,
    Limit,
    Not,
    OneOf,
    Or,
    atoms,
)
from exrx.rules.one import evaluate
from exrx.rules.restriction import Restriction
from exrx.screening.answers import answer, answer_all, starting_points
from exrx.screening.cases import Case, named, read_cases, run_case, unmet
from exrx.screening.decision import Decision, Reason
from exrx.screening.gates import gate_limits
from exrx.screening.one import STATES, as_date, screen
from exrx.screening.verdict import GroupClass, proposal

_STRICTER = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "="}
_TOWARDS = {"<": -1, "<=": 1, ">": 1, ">=": -1, "=": 1, "!=": 1}
_SIDE = {-1: "just below", 1: "just above"}
_ASK = {
    TRUE: ("no-case-fires", "fires", "add a patient to whom the rule applies, with the rule under fires"),
    FALSE: ("no-case-silent", "is silent", "add a patient to whom it nearly applies, with the rule under silent"),
    UNDECIDED: ("no-case-unknown", "is undecided", "set a fact that it reads to null, with the rule under undecided"),
}


@frozen
class Seen:
    """The names of the cases that saw an answer, and of those that checked it."""

    cases: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()


@frozen
class Edge:
    """One side of a limit: `position` is "on", "just below" or "just above", `value` such as "49.95 10^9/L"."""

    position: str
    value: str
    seen: Seen


@frozen
class LimitCover:
    """A numeric limit of a rule, and the values on both sides of its edge; an edge nobody can write has none."""

    text: str
    location: Location
    edges: tuple[Edge, ...]


@frozen
class RuleCover:
    """The cases of one rule: per answer (0 silent, 1 undecided, 2 fires) and per limit.

    `checked_at` holds the place of each case that checks an answer of the rule.
    """

    rule: str
    location: Location
    answers: dict[int, Seen]
    limits: tuple[LimitCover, ...]
    checked_at: frozenset[Location] = frozenset()

    def lacking(self) -> Iterator[Diagnostic]:
        """What no case checks."""
        for state, (code, words, hint) in _ASK.items():
            seen = self.answers[state]
            if not seen.checked:
                yield self._lack(code, f"no case checks that it {words}", seen, self.location, hint)
        for limit in self.limits:
            for edge in limit.edges:
                if not edge.seen.checked:
                    code = "no-case-on-limit" if edge.position == "on" else "no-case-beside-limit"
                    hint = f"add a patient with {edge.value}, everything else as when the rule fires"
                    words = f"'{limit.text}': no case checks {edge.value}, {edge.position} the limit"
                    yield self._lack(code, words, edge.seen, limit.location, hint)

    def _lack(self, code: str, words: str, seen: Seen, place: Location, hint: str) -> Diagnostic:
        if seen.cases:
            hint = f'"{seen.cases[0]}" shows it: say there what the rule must answer'
        return Diagnostic(code, f"{self.rule}: {words}", place, hint, "warning")


@frozen
class Coverage:
    """What the cases of a protocol check; `failed` names the cases that do not hold and therefore count for nothing."""

    protocol: str
    cases: int
    rules: tuple[RuleCover, ...]
    failed: tuple[str, ...]

    @property
    def lacking(self) -> tuple[Diagnostic, ...]:
        """What no case checks, rule by rule, each with its place and what to add."""
        return tuple(lack for rule in self.rules for lack in rule.lacking())

    def to_dict(self) -> dict[str, Any]:
        """The coverage as JSON: per rule and limit the cases that see and that check each answer."""
        return {
            "protocol": self.protocol,
            "cases": self.cases,
            "failed": list(self.failed),
            "rules": [_rule_as_json(rule) for rule in self.rules],
            "lacking": [
                {"code": d.code, "message": d.message, "place": str(d.location), "suggestion": d.suggestion}
                for d in self.lacking
            ],
        }


def _rule_as_json(rule: RuleCover) -> dict[str, Any]:
    limits = [
        {"limit": limit.text, "place": str(limit.location),
         "edges": [{"position": e.position, "value": e.value, **_seen_as_json(e.seen)} for e in limit.edges]}
        for limit in rule.limits
    ]  # fmt: skip
    answers = {STATES[state]: _seen_as_json(seen) for state, seen in rule.answers.items()}
    return {"rule": rule.rule, "place": str(rule.location), "answers": answers, "limits": limits}


def _seen_as_json(seen: Seen) -> dict[str, list[str]]:
    return {"seen": list(seen.cases), "checked": list(seen.checked)}


def cover(id_or_path: str | Path) -> Coverage:
    """What the cases beside a protocol, and those of its modules, check of its rules.

    Rules of a stage that the protocol does not have are left out.

    Raises:
        ProtocolError: the protocol or a case file must not be used.
    """
    protocol = load_protocol(id_or_path)
    cases = read_cases(id_or_path)
    rules = (rule for rule in protocol.rules if not rule.stages or set(rule.stages) & set(protocol.stages))
    gathered = {rule.id: _Gathered(rule) for rule in rules}
    failed = []
    for case in cases:
        sights = _sights_of(case)
        if sights is None:
            failed.append(case.name)
        for sight in sights or ():
            if sight.rule in gathered and gathered[sight.rule].rule.when == sight.when:
                gathered[sight.rule].note(case, sight)
    return Coverage(protocol.id, len(cases), tuple(each.cover() for each in gathered.values()), tuple(failed))


@frozen
class _Sight:
    """What one case shows of one rule; `edges` holds (limit, edge, checked) for each edge that it sees."""

    rule: str
    when: Condition
    state: int
    checked: bool
    edges: tuple[tuple[int, int, bool], ...]


_SIGHTS: dict[tuple[str, str], tuple[_Sight, ...] | None] = {}


def _sights_of(case: Case) -> tuple[_Sight, ...] | None:
    """What a case shows, None when it does not hold; remembered, for a module's cases lie beside many protocols."""
    key = (repr(case), load_protocol(case.protocol).sha256)
    if key not in _SIGHTS:
        _SIGHTS[key] = tuple(_Run.of(case).sights()) if run_case(case).passed else None
    return _SIGHTS[key]


@define
class _Noted:
    """The cases noted so far for one answer or edge."""

    cases: list[str] = field(factory=list)
    checked: list[str] = field(factory=list)

    def note(self, case: str, checked: bool) -> None:
        self.cases.append(case)
        if checked:
            self.checked.append(case)

    def seen(self) -> Seen:
        return Seen(tuple(self.cases), tuple(self.checked))


@define
class _Gathered:
    """A rule while its cases are gathered; `edges` holds per limit and edge what was noted."""

    rule: Rule
    answers: dict[int, _Noted] = field(factory=lambda: {state: _Noted() for state in (TRUE, FALSE, UNDECIDED)})
    edges: dict[tuple[int, int], _Noted] = field(factory=dict)
    checked_at: set[Location] = field(factory=set)

    def note(self, case: Case, sight: _Sight) -> None:
        self.answers[sight.state].note(case.name, sight.checked)
        self.checked_at.update([case.place] if sight.checked else [])
        for limit, number, checked in sight.edges:
            self.edge(limit, number).note(case.name, checked)

    def edge(self, limit: int, number: int) -> _Noted:
        return self.edges.setdefault((limit, number), _Noted())

    def cover(self) -> RuleCover:
        limits = tuple(
            LimitCover(
                f"{atom.field.name} {atom.operator} {atom.limit.text}",
                atom.location or self.rule.location,
                tuple(Edge(moved.position, moved.value, self.edge(index, number).seen())
                      for number, moved in enumerate(_moved(atom)) if moved.atom is not None),
            )
            for index, atom in enumerate(_limits(self.rule.when))
        )  # fmt: skip
        answers = {state: noted.seen() for state, noted in self.answers.items()}
        return RuleCover(self.rule.id, self.rule.location, answers, limits, frozenset(self.checked_at))


@define
class _Run:
    """A case that was run: what each rule answered, and what the case says to another answer."""

    case: Case
    decision: Decision
    knowledge: Knowledge
    rules: tuple[ActiveRule, ...]
    states: tuple[int, ...]
    others: tuple[tuple[Restriction, Restriction], ...]
    group_class: GroupClass

    @classmethod
    def of(cls, case: Case) -> _Run:
        protocol, patient = load_protocol(case.protocol), Patient.from_dict(case.patient)
        stage = stage_rules(protocol, case.stage)
        knowledge = know(patient, stage.dictionary, as_date(case.as_of), protocol.validity_at(case.stage))
        limits = gate_limits(knowledge, stage.dictionary)
        states = tuple(found.state for found in answer_all(stage, knowledge, limits).answers)
        nothing = Restriction.none()
        asked = [
            (active.rule.then if state == TRUE else nothing, active.rule.then if state != FALSE else nothing)
            for active, state in zip(stage.rules, states, strict=True)
        ]
        definite, worst = starting_points(stage, knowledge, limits)
        others = tuple(zip(_without_each([d for d, _ in asked], definite), _without_each([w for _, w in asked], worst),
                           strict=True))  # fmt: skip
        decision = screen(patient, protocol, stage=case.stage, as_of=case.as_of)
        return cls(case, decision, knowledge, stage.rules, states, others, GroupClass.of(stage.dictionary))

    def sights(self) -> Iterator[_Sight]:
        """What this case shows of each rule; the dead are asked nothing, so they show nothing."""
        if any(a.rule.id == DECEASED_RULE and s == TRUE for a, s in zip(self.rules, self.states, strict=True)):
            return
        for index, active in enumerate(self.rules):
            state = self.states[index]
            refused = all(self._refuses(index, other) for other in (TRUE, UNDECIDED, FALSE) if other != state)
            yield _Sight(active.rule.id, active.rule.when, state, refused, tuple(self._edges(index)))

    def _edges(self, index: int) -> Iterator[tuple[int, int, bool]]:
        active, state = self.rules[index], self.knowledge.state
        for limit, atom in enumerate(_limits(active.rule.when)):
            for number, moved in enumerate(_moved(atom)):
                if moved.atom is None or evaluate(moved.atom, state) == evaluate(atom, state):
                    continue
                slipped = ActiveRule(active.rule, _replaced(active.condition, atom, moved.atom))
                found = answer(slipped, state, self.knowledge.readings).state
                if found != self.states[index]:
                    yield limit, number, self._refuses(index, found)

    def _refuses(self, index: int, state: int) -> bool:
        """True when the case would fail if the rule gave this answer."""
        rule = self.rules[index].rule
        if any(rule.id in named(self.case.expect, STATES[s]) for s in (TRUE, UNDECIDED, FALSE)):
            return True
        definite, worst = self.others[index]
        definite = definite | rule.then if state == TRUE else definite
        worst = worst | rule.then if state != FALSE else worst
        reasons = tuple(reason for reason in self.decision.reasons if reason.rule != rule.id)
        if state != FALSE:
            reasons += (Reason(rule.id, rule.domain, STATES[state], rule.then.clearance, rule.because, rule.source,
                               rule.verified, {}, rule.then),)  # fmt: skip
        other = evolve(self.decision, reasons=reasons, **proposal(definite, worst, self.group_class))
        return any(unmet(self.case.expect, other))


def _without_each(parts: list[Restriction], start: Restriction) -> list[Restriction]:
    """For each part the join of `start` with all the others."""
    before = list(accumulate(parts[:-1], or_, initial=start))
    after = list(accumulate(reversed(parts[1:]), or_, initial=Restriction.none()))[::-1]
    return [first | second for first, second in zip(before, after, strict=True)]


@frozen
class _Moved:
    """A limit moved by one step, and the value that tells it from the limit as it is; no atom: it cannot be written."""

    position: str
    value: str
    atom: Compare | None


def _limits(condition: Condition) -> tuple[Compare, ...]:
    """The numeric comparisons of a condition, a term that stands in it twice once."""
    return tuple({id(atom): atom for atom in atoms(condition) if isinstance(atom, Compare)}.values())


def _moved(atom: Compare) -> tuple[_Moved, _Moved]:
    """The two smallest slips: the limit itself counted to the other side, and the limit one step on.

    Where only whole steps exist and the limit lies between two of them (3 months are 91.3 days), nothing lies on it:
    the two slips then are one step down and one step up.
    """
    scale, tick = atom.field.ticks, atom.limit.tick

    def words(value: int) -> str:
        return f"{atom.field.name} {plain(scale.value(value))} {scale.unit}".strip()

    if scale.whole and tick % 2:
        down, up = (_written(atom, atom.operator, tick + 2 * side) for side in (-1, 1))
        return _Moved("just below", words(tick - 1), down), _Moved("just above", words(tick + 1), up)
    towards = _TOWARDS[atom.operator]
    beside = tick + towards * (2 if scale.whole else 1)
    return (
        _Moved("on", words(tick), _written(atom, _STRICTER[atom.operator], tick)),
        _Moved(_SIDE[towards], words(beside), _written(atom, atom.operator, beside)),
    )


def _written(atom: Compare, operator: str, tick: int) -> Compare | None:
    try:
        return Compare(atom.field, operator, Limit(tick, atom.limit.text, atom.limit.parameter), atom.location)
    except ConditionError:
        return None


def _replaced(condition: Condition, old: Compare, new: Compare) -> Condition:
    """The condition with `old` (this very node, wherever a term put it) replaced by `new`."""
    if condition is old:
        return new
    if isinstance(condition, (Compare, OneOf, AnyOf)):
        return condition
    if isinstance(condition, Not):
        return evolve(condition, item=_replaced(condition.item, old, new))
    items = tuple(_replaced(item, old, new) for item in condition.items)
    joined: And | Or | AtLeast = condition
    return evolve(joined, items=items)
