"""What would change the answer: the least changes of facts that can change, found from the rules' limits.

Only facts that may honestly turn out better within days are tried (`Field.changeable`): blood counts, vital signs,
today's complaints, physicians' answers; never age, cancer or metastases. A number's range is cut at every limit that
any rule sets, so that each piece has one answer; the pieces are tried from the present value outwards. What is promised
is not taken from that search: the patient is screened again with the new value, measured today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from typing import Any

from attrs import evolve, frozen

from exrx.dates import DateSpan
from exrx.fields import Field, Possible, Span
from exrx.patient import Observation, Patient
from exrx.protocol.model import Rule
from exrx.rules.nodes import FALSE, Atom, atoms
from exrx.rules.one import deciding_atoms, evaluate
from exrx.rules.restriction import Again
from exrx.screening.decision import Missing
from exrx.screening.missing import cut, span_words
from exrx.screening.one import Asked, ask_rules
from exrx.screening.what_if import Outcome, WhatIf
from exrx.values import shown_value

MOST_FACTS = 8
MOST_TOGETHER = 3
MOST_SHOWN = 12
"""Facts that are combined, how many of them at a time, and changes that are kept."""
SUPPOSED = "supposed"


@frozen
class Change:
    """One fact that would have to be otherwise.

    `least` is the least change, `needed` all values from there on that are as good. `now` is what was last said of it,
    in the canonical unit, `date` when, `days` before today. Of the rules that name it and are lifted, `again` says when
    they want it looked at again, and `consult` who has to assess it.
    """

    field: str
    least: Possible
    needed: Possible
    condition: str
    now: str
    unit: str
    date: str | None
    days: int | None
    expired: bool
    again: Again
    consult: frozenset[str]

    def to_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        return {
            "field": self.field,
            "now": {"value": self.now, "unit": self.unit, "date": self.date, "days_ago": self.days},
            "needed": self.condition,
            "again": {"after": sorted(self.again.after), "days": self.again.days},
            "consult": sorted(self.consult),
        }


@frozen
class Counterfactual:
    """Changes that together, and no fewer of them, make the answer freer; what then holds, and the rules they lift."""

    changes: tuple[Change, ...]
    then: Outcome
    lifts: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The counterfactual as JSON."""
        return {
            "changes": [change.to_dict() for change in self.changes],
            "then": {"clearance": self.then.clearance.word, "track": self.then.track.word},
            "lifts": list(self.lifts),
        }


@frozen
class Counterfactuals:
    """Every least change that makes the answer freer; `complete` is false where a search was cut."""

    found: tuple[Counterfactual, ...]
    complete: bool

    def to_dict(self) -> dict[str, Any]:
        """The counterfactuals as JSON."""
        return {"found": [each.to_dict() for each in self.found], "complete": self.complete}


@frozen
class _Step:
    """A value to try: the least one of a piece, the condition it meets, and all that is as good from there on."""

    least: Possible
    needed: Possible
    condition: str


def counterfactuals(asked: Asked) -> Counterfactuals:
    """What would make the answer of one patient freer.

    Single changes come first, each as a ladder where further values free more. Where none of them lets the patient
    train, or none helps at all, the smallest sets of two or three changes that do are searched.
    """
    what_if = asked.what_if
    if what_if.is_dead or not asked.protocol.members:
        return Counterfactuals((), True)
    ladders = {name: _ladders(what_if, name) for name in _candidates(what_if, asked.missing)}
    found = [
        made
        for name, several in ladders.items()
        for ladder in several
        for step in _improving(what_if, name, ladder)
        if (made := _confirmed(asked, {name: step})) is not None
    ]
    complete = True
    if not any(each.then.may_train for each in found) and not what_if.now.may_train:
        useful = {name: several for name, several in ladders.items() if several}
        together, complete = _together(asked, useful, bool(found))
        found += together
    return Counterfactuals(tuple(found[:MOST_SHOWN]), complete and len(found) <= MOST_SHOWN)


def answered_anew(patient: Patient, answers: Mapping[str, Possible], asked: Asked) -> Patient:
    """The patient with some facts answered anew on the day of the decision; no form says otherwise.

    A vital sign keeps its number of readings: a second good reading is not asked for.
    """
    today = DateSpan(asked.knowledge.as_of, asked.knowledge.as_of)
    new = {}
    for name, possible in answers.items():
        entry, readings = asked.what_if.dictionary.fields[name], asked.knowledge.readings.get(name, 1)
        words = shown_value(entry, possible)
        inexact = isinstance(possible, Span) and possible.low != possible.high
        new[name] = Observation(name, possible, today, SUPPOSED, words, readings=readings, inexact=inexact, shown=words)
    forms = tuple(
        evolve(filled, answers={name: said for name, said in filled.answers.items() if name not in answers})
        for filled in patient.forms
    )
    return evolve(patient, observations={**patient.observations, **new}, forms=forms)


def _candidates(what_if: WhatIf, missing: Sequence[Missing]) -> list[str]:
    """The facts that are known, can change, and stand in the way, those of the gravest rules first.

    What is only missing, or waits for a second reading, is asked for instead.
    """
    fields, inputs = what_if.dictionary.fields, what_if.knowledge.inputs
    asked_for = {fact.field for fact in missing}
    named: dict[str, None] = {}
    for index in sorted(what_if.standing(), key=lambda index: -what_if.levels[index][0]):
        if not what_if.found.answers[index].remeasure:
            named |= dict.fromkeys(what_if.found.answers[index].active.rule.fields)
    return [
        name for name in named
        if fields[name].changeable and name in inputs and inputs[name].state != "refused" and name not in asked_for
    ]  # fmt: skip


def _atoms_on(what_if: WhatIf, name: str) -> list[Atom]:
    rules = what_if.stage.rules_by_field.get(name, ())
    conditions = [what_if.stage.rules[index].condition for index in rules]
    return [atom for condition in conditions for atom in atoms(condition) if atom.field.name == name]


def _ladders(what_if: WhatIf, name: str) -> list[list[_Step]]:
    """The values of a fact worth trying, from the present one outwards: a ladder for each side that is better."""
    entry, now = what_if.dictionary.fields[name], what_if.knowledge.state[name]
    if not isinstance(now, Span):
        target = _best_option(entry)
        return [[_Step(target, target, "|".join(entry.names(target)))]] if now != target else []
    own = _atoms_on(what_if, name)
    pieces = [piece for _, piece in cut(entry, entry.unknown, own) if isinstance(piece, Span)]
    here = [place for place, piece in enumerate(pieces) if piece.high >= now.low and piece.low <= now.high]
    odd = entry.ticks.whole  # a whole number never lies between two grid points
    ladders = []
    if entry.worse.kind in ("lower", "outside"):
        up = pieces[here[0] :]
        ladders.append([_Step(_point(piece.low + (odd and piece.low % 2)), piece, "") for piece in up])
    if entry.worse.kind in ("higher", "outside"):
        down = reversed(pieces[: here[-1] + 1])
        ladders.append([_Step(_point(piece.high - (odd and piece.high % 2)), piece, "") for piece in down])
    resting = _resting_on(what_if, name)
    shorter = (_without_repeats(what_if, name, ladder, resting) for ladder in ladders)
    return [ladder for ladder in shorter if ladder]


def _resting_on(what_if: WhatIf, name: str) -> list[Atom]:
    """The conditions on a fact that the standing rules rest on."""
    state = what_if.knowledge.state
    conditions = (what_if.found.answers[index].active.condition for index in what_if.standing())
    return [atom for each in conditions for atom in deciding_atoms(each, state) if atom.field.name == name]


def _without_repeats(what_if: WhatIf, name: str, ladder: list[_Step], resting: list[Atom]) -> list[_Step]:
    """The steps at which a rule, or a condition that a standing rule rests on, changes its answer.

    No steps where the ladder leads away from every one of those conditions' other answers.
    """
    kept: list[_Step] = []
    looks: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for step in ladder:
        rules = tuple(found.state for _, found in sorted(what_if.answers({name: step.least}).items()))
        look = rules, tuple(evaluate(atom, {name: step.least}) for atom in resting)
        if not looks or look != looks[-1]:
            kept.append(step)
            looks.append(look)
        elif isinstance(step.needed, Span) and isinstance(kept[-1].needed, Span):
            last = kept[-1].needed
            needed = Span(min(last.low, step.needed.low), max(last.high, step.needed.high))
            kept[-1] = _Step(kept[-1].least, needed, "")
    return kept if len({atoms for _, atoms in looks}) > 1 else []


def _best_option(entry: Field) -> int:
    """The answer that is best: of a gate `cleared`, for what limits would come with `limited` nobody knows."""
    order = entry.worse.options or tuple(range(len(entry.options)))
    return 1 << (order[-1] if entry.worse.kind == "no" else order[0])


def _point(tick: int) -> Span:
    return Span(tick, tick)


def _improving(what_if: WhatIf, name: str, ladder: Sequence[_Step]) -> Iterator[_Step]:
    """The steps that free more than every step before them."""
    outcomes = [what_if.outcome({name: step.least}) for step in ladder]
    best = what_if.now
    for place, (step, outcome) in enumerate(zip(ladder, outcomes, strict=True)):
        if outcome.is_freer_than(best):
            best = outcome
            as_good = [step.needed]
            for further, then in zip(ladder[place + 1 :], outcomes[place + 1 :], strict=True):
                if not then.is_as_free_as(outcome):
                    break
                as_good.append(further.needed)
            yield _with_all(what_if.dictionary.fields[name], step, as_good)


def _with_all(entry: Field, step: _Step, as_good: Sequence[Possible]) -> _Step:
    """The step with all values from there on that are as good."""
    spans = [piece for piece in as_good if isinstance(piece, Span)]
    if not spans:
        return step
    whole = Span(min(piece.low for piece in spans), max(piece.high for piece in spans))
    assert isinstance(entry.unknown, Span)
    return _Step(step.least, whole, span_words(entry, entry.unknown, whole))


def _together(
    asked: Asked, ladders: Mapping[str, list[list[_Step]]], has_some: bool
) -> tuple[list[Counterfactual], bool]:
    """The smallest sets of changes that let the patient train; where nothing does and none alone helps, that help."""
    what_if = asked.what_if
    names = list(ladders)[:MOST_FACTS]
    better: list[Counterfactual] = []
    for size in range(2, MOST_TOGETHER + 1):
        train: list[Counterfactual] = []
        for chosen in combinations(names, size):
            for several in product(*(ladders[name] for name in chosen)):
                for steps in _least(what_if, chosen, several):
                    made = _confirmed(asked, steps)
                    if made is not None:
                        (train if made.then.may_train else better).append(made)
        if train:
            return train, len(names) == len(ladders)
        if better and not has_some:
            return better, len(names) == len(ladders)
    return [], len(names) == len(ladders) <= MOST_TOGETHER


def _least(what_if: WhatIf, names: Sequence[str], ladders: Sequence[list[_Step]]) -> Iterator[dict[str, _Step]]:
    """The least steps of several facts that together free more than any of them left as it is."""
    heights = [range(-1, len(ladder)) for ladder in ladders]
    outcomes: dict[tuple[int, ...], Outcome] = {}
    for height in product(*heights):
        changes = {name: ladder[at].least for name, ladder, at in zip(names, ladders, height, strict=True) if at >= 0}
        outcomes[height] = what_if.outcome(changes) if changes else what_if.now
    for height, outcome in outcomes.items():
        if -1 in height or not outcome.is_freer_than(what_if.now):
            continue
        lower = (tuple(h - (place == at) for place, h in enumerate(height)) for at in range(len(height)))
        if all(not outcomes[below].is_as_free_as(outcome) for below in lower):
            entries = (what_if.dictionary.fields[name] for name in names)
            yield {
                name: _with_all(entry, ladder[at], [step.needed for step in _run(ladder, at, outcomes, height, place)])
                for place, (name, entry, ladder, at) in enumerate(zip(names, entries, ladders, height, strict=True))
            }


def _run(
    ladder: list[_Step], at: int, outcomes: Mapping[tuple[int, ...], Outcome], height: tuple[int, ...], place: int
) -> Iterator[_Step]:
    """The steps of one fact from `at` on that are as good, the other facts as they are in `height`."""
    for higher in range(at, len(ladder)):
        there = tuple(higher if index == place else h for index, h in enumerate(height))
        if not outcomes[there].is_as_free_as(outcomes[height]):
            return
        yield ladder[higher]


def _confirmed(asked: Asked, steps: Mapping[str, _Step]) -> Counterfactual | None:
    """The counterfactual as a new screening confirms it; None where that screening is no freer after all."""
    least = {name: step.least for name, step in steps.items()}
    patient = answered_anew(asked.patient, least, asked)
    new = ask_rules(patient, asked.protocol, stage=asked.found.stage.stage, as_of=asked.knowledge.as_of)
    then = new.what_if.now
    if not then.is_freer_than(asked.what_if.now):
        return None
    lifted = [
        before.active.rule for before, after in zip(asked.found.answers, new.found.answers, strict=True)
        if before.state != FALSE and after.state == FALSE
    ]  # fmt: skip
    changes = tuple(_change(asked, name, step, lifted) for name, step in steps.items())
    return Counterfactual(changes, then, tuple(rule.id for rule in lifted))


def _change(asked: Asked, name: str, step: _Step, lifted: Sequence[Rule]) -> Change:
    said = asked.knowledge.inputs[name]
    again, consult = Again(), frozenset[str]()
    for rule in lifted:
        if name in rule.fields:
            again, consult = again | rule.then.again, consult | rule.then.consult
    if asked.what_if.dictionary.fields[name].kind == "gate":
        consult = frozenset()  # the change is that physician's own answer
    return Change(
        name, step.least, step.needed, step.condition, said.value, said.unit, said.date,
        _days_since(said.date, asked.knowledge.as_of), said.state == "expired", again, consult,
    )  # fmt: skip


def _days_since(written: str | None, as_of: date) -> int | None:
    """Whole days between a day that is written in full and today."""
    if written is None or len(written) != len("2026-11-23"):
        return None
    return (as_of - date.fromisoformat(written)).days
