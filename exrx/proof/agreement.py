"""Whether two protocols say the same of every patient, and exactly where they do not.

Asked is every living patient of whom everything is known and for whom both protocols are made. For each pair of
different answers there is a patient, asked of the engine itself. The region in which they differ is exact: a rule of
one protocol whose marks the other does not set, unless the rules named with it hold as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from attrs import define, evolve, frozen

from exrx.knowledge import know
from exrx.patient import Patient
from exrx.proof.example import AS_OF, PATIENT, decide, example, nearest, patient_of, typical_patient
from exrx.proof.ground import Ground, Source, named, new_solver
from exrx.proof.marks import Mark, Marks, say_mark
from exrx.protocol.model import Protocol
from exrx.protocol.stage import stage_rules
from exrx.rules.nodes import TRUE
from exrx.rules.one import evaluate
from exrx.rules.prove import Formula, View, any_of, encode, z3_library
from exrx.rules.restriction import Clearance, Restriction, Track
from exrx.rules.words import say
from exrx.screening.answers import answer_all
from exrx.screening.decision import Decision
from exrx.screening.gates import gate_limits
from exrx.screening.verdict import clearance_of, track_of

CHAINS = ("clearance", "track", "supervision", "setting", "aerobic_max", "strength_max", "progression")
_ANSWERS = ("clearance", "track")


@frozen
class Difference:
    """A pair of different answers in one part, with a patient who gets them.

    `part` is clearance, track, another part of the restriction, or `population` (only one protocol is made for the
    patient). `words` are both answers in Danish and English: "-" where nothing is asked for, empty where nothing is
    allowed meanwhile. In `patient` stands all that is not as in the typical patient; of what is, only what the answers
    need. `confirmed` is False when the engine did not give the patient these answers.
    """

    part: str
    before: str
    after: str
    patient: dict[str, Any]
    confirmed: bool
    words: dict[str, tuple[str, str]]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "part": self.part, "from": self.before, "to": self.after, "patient": self.patient,
            "confirmed": self.confirmed,
        }  # fmt: skip


@frozen
class Gap:
    """A rule of one protocol that asks for something the other does not, for some patient.

    `asks` are the marks that the other can lack. It lacks a mark where none of its rules holds that sets it: `unless`
    names those it has alone, `shared` counts those that both have.
    """

    rule: str
    when: dict[str, str]
    asks: tuple[Mark, ...]
    unless: tuple[str, ...]
    shared: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        asks = {lang: [say_mark(mark, lang) for mark in self.asks] for lang in ("da", "en")}
        return {"rule": self.rule, "when": self.when, "asks": asks, "unless": list(self.unless), "shared": self.shared}


@frozen
class Agreement:
    """Whether two protocols agree at a stage, and where they do not.

    `only_first` are the rules of the first without a counterpart in the second, `only_second` the other way round.
    The patients are to be screened on `as_of`.
    """

    stage: str
    as_of: str
    differences: tuple[Difference, ...]
    only_first: tuple[Gap, ...]
    only_second: tuple[Gap, ...]

    @property
    def agrees(self) -> bool:
        """True when every patient of whom everything is known gets the same answer, in every part."""
        return not self.differences and not self.only_first and not self.only_second

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "stage": self.stage,
            "as_of": self.as_of,
            "agrees": self.agrees,
            "differences": [difference.to_dict() for difference in self.differences],
            "only_first": [gap.to_dict() for gap in self.only_first],
            "only_second": [gap.to_dict() for gap in self.only_second],
        }


@define(eq=False, slots=False)
class _Side:
    """One protocol in a view of a patient: what fires, and which marks that sets."""

    protocol: Protocol
    sources: tuple[Source, ...]
    fires: tuple[Formula, ...]
    marks: tuple[frozenset[Mark], ...]
    covers: Formula
    by_mark: dict[Mark, tuple[int, ...]]
    held: dict[Mark, Formula]

    @classmethod
    def of(cls, protocol: Protocol, stage: str, view: View, solver: Any, scale: Marks, name: str) -> _Side:
        ground, z3 = Ground.of(protocol, stage, examples=False), z3_library()
        populations = [member.applies_to for member in protocol.members]
        covers = any_of(z3.BoolVal(True) if p is None else encode(p, view).true for p in populations)
        fires = named(solver, name, [answer.true for answer in ground.firing(view)])
        marks = tuple(scale.marks(source.then) for source in ground.sources)
        by_mark: dict[Mark, list[int]] = {}
        for index, found in enumerate(marks):
            for mark in found:
                by_mark.setdefault(mark, []).append(index)
        ordered = sorted(by_mark, key=repr)
        held = named(solver, f"{name}-holds", [any_of(fires[i] for i in by_mark[mark]) for mark in ordered])
        return cls(
            protocol, ground.sources, fires, marks, named(solver, f"{name}-covers", [covers])[0],
            {mark: tuple(by_mark[mark]) for mark in ordered}, dict(zip(ordered, held, strict=True)),
        )  # fmt: skip

    def holds(self, mark: Mark) -> Formula:
        """Some source that fires sets the mark."""
        return self.held.get(mark, z3_library().BoolVal(False))

    def exactly(self, part: str, level: int) -> list[Formula]:
        """A chain stands at this level: all of these hold."""
        upto = [] if level == 0 else [self.holds((part, level))]
        return [*upto, z3_library().Not(self.holds((part, level + 1)))]

    def content(self, source: Source) -> tuple[object, ...]:
        """What makes a source of two protocols the same, for those for whom both are made."""
        rule = source.rule
        alone = len(self.protocol.members) == 1
        condition = source.condition if not alone else rule.when if rule else None
        return condition, source.then, rule.confirm if rule else None

    def levels(self, part: str) -> list[int]:
        """The levels that some source asks for, and none at all."""
        return sorted({0} | {level for name, level in self.by_mark if name == part and isinstance(level, int)})


def compare_meaning(first: Protocol, second: Protocol, stage: str) -> Agreement:
    """Where two protocols say different things at a stage, over every patient.

    Raises:
        ProtocolError: one of them has no such stage.
        MissingDependencyError: z3 is not installed.
    """
    joint = Ground.of(Protocol(tuple(dict.fromkeys((*first.members, *second.members)))), stage)
    view, solver = joint.known.view, new_solver()
    solver.add(*view.axioms(), joint.alive(view))
    sides = [_Side.of(each, stage, view, solver, joint.marks, name) for each, name in ((first, "a"), (second, "b"))]
    question = _Question(joint, view, solver, sides[0], sides[1])
    return Agreement(
        stage,
        AS_OF.isoformat(),
        tuple(_numbered(question.differences())),
        tuple(question.gaps(sides[0], sides[1])),
        tuple(question.gaps(sides[1], sides[0])),
    )


def _numbered(found: Iterable[Difference]) -> Iterator[Difference]:
    for number, difference in enumerate(found, 1):
        patient = difference.patient | {"id": f"difference-{number}"}
        yield evolve(difference, patient=patient)


@frozen
class _Engine:
    """What the engine says of a patient, as far as it is compared."""

    clearance: Clearance
    track: Track
    restriction: Restriction
    covered: bool

    @classmethod
    def of_decision(cls, decision: Decision) -> _Engine:
        """As a decision has it."""
        covered = any(use.applies == "yes" for use in decision.protocols)
        return cls(decision.clearance, decision.track, decision.restriction, covered)


@define(eq=False)
class _Question:
    """One solver that knows both protocols, and what is asked of it."""

    joint: Ground
    view: Any
    solver: Any
    first: _Side
    second: _Side
    names: int = 0

    def can(self, *asked: Formula) -> bool:
        """Whether some patient is as asked."""
        return bool(self.solver.check(*asked) == z3_library().sat)

    @property
    def both(self) -> list[Formula]:
        """Both protocols are made for the patient."""
        return [self.first.covers, self.second.covers]

    def name(self, formula: Formula) -> Formula:
        """A boolean for a formula: a solver answers faster about those than about formulas."""
        self.names += 1
        return named(self.solver, f"question-{self.names}", [formula])[0]

    def differences(self) -> Iterator[Difference]:
        """A patient for each pair of different answers: clearance, then track, then every other part."""
        z3, trained = z3_library(), self._same("clearance", range(Clearance.CONSULT))
        yield from self._levels("clearance", Clearance.words(), [])
        yield from self._levels("track", Track.words(), [trained])
        alike = [self._same(part, None) for part in _ANSWERS]
        parts = dict.fromkeys(part for part, _ in (*self.first.by_mark, *self.second.by_mark))
        for part in (part for part in parts if part not in _ANSWERS):
            for stricter, freer in ((self.first, self.second), (self.second, self.first)):
                marks = [mark for mark in stricter.by_mark if mark[0] == part]
                pairs = [z3.And(stricter.holds(mark), z3.Not(freer.holds(mark))) for mark in marks]
                yield from self._found(part, [*self.both, *alike, self.name(any_of(pairs))], None)
        for inside, outside in ((self.first, self.second), (self.second, self.first)):
            yield from self._found("population", [inside.covers, z3.Not(outside.covers)], None)

    def _same(self, part: str, levels: Iterable[int] | None) -> Formula:
        z3 = z3_library()
        wanted = levels if levels is not None else sorted({*self.first.levels(part), *self.second.levels(part)})
        pairs = [z3.And(*self.first.exactly(part, n), *self.second.exactly(part, n)) for n in wanted]
        return self.name(any_of(pairs))

    def _levels(self, part: str, words: tuple[str, ...], also: list[Formula]) -> Iterator[Difference]:
        for before, after in product(self.first.levels(part), self.second.levels(part)):
            if before != after:
                levels = [*self.first.exactly(part, before), *self.second.exactly(part, after)]
                asked = [*self.both, *also, *levels]
                yield from self._found(part, asked, (words[before], words[after]))

    def _found(self, part: str, asked: list[Formula], wanted: tuple[str, str] | None) -> Iterator[Difference]:
        """The patient who is as asked, if there is one, and what the engine says of them."""
        if not self.can(*asked):
            return
        model = nearest(self.joint, self.solver, asked, [self.view])
        patient = patient_of(self.joint, self.view.state(model))
        pair = tuple(self._said(part, self._engine(patient, side.protocol)) for side in (self.first, self.second))
        before, after = wanted or pair

        def shows(patients: tuple[dict[str, Any], ...]) -> bool:
            return self._shows(part, (before, after), [self._engine(patients[0], each) for each in self.protocols])

        typical = typical_patient(self.joint.protocol, self.joint.stage)
        untypical = frozenset(name for name, value in patient.items() if value != typical.get(name))
        shown = example(self.joint, (PATIENT,), (patient,), shows, untypical)
        assert shown is not None
        found = shown.patients[0]
        decided = [_Engine.of_decision(decide(found, each, self.joint.stage)) for each in self.protocols]
        confirmed = shown.replayed and self._shows(part, (before, after), decided)
        one, other = decided
        words = {lang: (self._said(part, one, lang), self._said(part, other, lang)) for lang in ("da", "en")}
        yield Difference(part, before, after, found, confirmed, words)

    @property
    def protocols(self) -> tuple[Protocol, Protocol]:
        """The first and the second."""
        return self.first.protocol, self.second.protocol

    def _engine(self, patient: dict[str, Any], protocol: Protocol) -> _Engine:
        """The engine's answer without its reasons and open questions, which take most of its time."""
        stage = stage_rules(protocol, self.joint.stage)
        knowledge = know(Patient.from_dict(patient), stage.dictionary, AS_OF, protocol.validity_at(stage.stage))
        found = answer_all(stage, knowledge, gate_limits(knowledge, stage.dictionary))
        populations = [member.applies_to for member in protocol.members]
        covered = any(each is None or evaluate(each, knowledge.state) == TRUE for each in populations)
        clearance = clearance_of(found.definite.clearance, found.worst.clearance)
        track = Track.NONE if clearance >= Clearance.ASSESS else track_of(found.worst, self.joint.marks.group_class)
        return _Engine(clearance, track, found.worst, covered)

    def _shows(self, part: str, wanted: tuple[str, str], answers: list[_Engine]) -> bool:
        """Whether two answers differ in a part as wanted, and not in those that come before it."""
        if part != "population" and not all(each.covered for each in answers):
            return False
        earlier = {"clearance": (), "population": (), "track": ("clearance",)}.get(part, _ANSWERS)
        alike = all(self._said(name, answers[0]) == self._said(name, answers[1]) for name in earlier)
        got = tuple(self._said(part, each) for each in answers)
        return alike and got == wanted and got[0] != got[1]

    def _said(self, part: str, answer: _Engine, lang: str = "en") -> str:
        """A part of the engine's answer in words."""
        if part == "population":
            return "yes" if answer.covered else "no"
        if part in _ANSWERS:
            return str(getattr(answer, part).word)
        if part == "meanwhile":
            words = self.joint.dictionary.word
            allowed = answer.restriction.allowed_meanwhile
            return "-" if allowed is None else "; ".join(words("allowed_meanwhile", x, lang) for x in sorted(allowed))
        marks = highest(mark for mark in self.joint.marks.marks(answer.restriction) if mark[0] == part)
        return "; ".join(sorted(say_mark(mark, lang, alone=True) for mark in marks)) or "-"

    def gaps(self, stricter: _Side, freer: _Side) -> Iterator[Gap]:
        """The rules of one side without a counterpart on the other, with what that lacks and which rules have it."""
        z3, common = z3_library(), {stricter.content(source) for source in stricter.sources}
        common &= {freer.content(source) for source in freer.sources}
        for source, fires, marks in zip(stricter.sources, stricter.fires, stricter.marks, strict=True):
            if stricter.content(source) in common:  # what both have, both ask for
                continue
            asks = highest(m for m in marks if self.can(*self.both, fires, z3.Not(freer.holds(m))))
            if not asks:
                continue
            setting = sorted({index for mark in asks for index in freer.by_mark.get(mark, ())})
            unless = [freer.sources[i] for i in setting if self.can(*self.both, fires, freer.fires[i])]
            own = dict.fromkeys(each.name for each in unless if freer.content(each) not in common)
            when = {lang: _when(source, lang) for lang in ("da", "en")}
            yield Gap(source.name, when, asks, tuple(own), sum(freer.content(each) in common for each in unless))


def highest(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """The marks without those of a chain that a higher one includes, and of a limit that a lower one does."""
    kept: dict[object, Mark] = {}
    for mark in sorted(marks, key=repr):
        part, value = mark
        if part in CHAINS or part == "again_days":
            if part not in kept or value > kept[part][1]:  # type: ignore[operator]
                kept[part] = mark
        elif part.endswith("_max"):
            if part not in kept or value < kept[part][1]:  # type: ignore[operator]
                kept[part] = mark
        else:
            kept[mark] = mark
    return tuple(kept.values())


def _when(source: Source, lang: str) -> str:
    everyone = {"da": "for alle", "en": "for everyone"}
    return everyone[lang] if source.condition is None else say(source.condition, lang)
