"""What is known about a patient today: every field of the dictionary as what is possible for it.

The newest observation decides; one that has expired widens towards the worse side only; what contradicts
itself is unknown. Nothing is filled in: a field that nobody answered holds everything plausible.

The order of work: choose (forms against direct values), turn dates into days, expire, outdate gates, follow
ties, sum scores. No step depends on the order in which anything was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from exrx.dates import DateSpan
from exrx.errors import FieldError, Problem, QuantityError
from exrx.fields import NO, YES, Dictionary, Members, Possible, Span, Tie, Validity
from exrx.forms import unticked_value
from exrx.patient import EXAMPLE, Observation, Patient, is_example
from exrx.quantities import read_unit
from exrx.ties import plan_of, settle_ties, sum_scores
from exrx.values import either, shown_value

DECEASED = "deceased"
_NO_VALIDITIES: Mapping[str, Validity] = MappingProxyType({})
_NOT_ASKED, _REFUSED = 0b01000, 0b10000
_RANK = {"unanswered": 0, "no": 1, "unknown": 2, "yes": 3}


@frozen
class Input:
    """One answer that was used or refused today.

    `value` is what was reported, for people, in the canonical `unit`; `possible` what it still says today.
    `state`: known, censored ("<20"), expired, undated (counts as today's), refused (says nothing), example.
    """

    field: str
    given: Any
    value: str
    unit: str
    date: str | None
    origin: str
    state: str
    possible: Possible


@frozen
class UnsureEvent:
    """Why a value counts as expired though nobody knows that it is.

    `fields` are the elapsed fields whose dates would settle it, `age` the ticks since the value was observed, and
    `reported` what the value would still say if none of these events happened since.
    """

    fields: tuple[str, ...]
    age: int
    reported: Possible


@frozen
class Knowledge:
    """What is known on `as_of`.

    `state` holds every field of the dictionary, in the shapes of `exrx.fields`; `inputs` those somebody
    answered. `readings` counts the readings of one day where there are two or more. `gate_limits` holds
    what a physician wrote beside an answer, text or mapping as given. `unverified_validities` are the
    fields that count as expired because of a validity nobody has verified. `unsure_events` holds each field that
    counts as expired only because an event may have happened since.
    """

    state: dict[str, Possible]
    inputs: dict[str, Input]
    problems: tuple[Problem, ...]
    readings: dict[str, int]
    gate_limits: dict[str, Any]
    unverified_validities: tuple[str, ...]
    as_of: date
    deceased: bool
    unsure_events: dict[str, UnsureEvent] = field(factory=dict)


def know(
    patient: Patient,
    dictionary: Dictionary,
    as_of: date,
    validities: Mapping[str, Validity] = _NO_VALIDITIES,
) -> Knowledge:
    """What is known about `patient` on the day `as_of`.

    `validities` replace those of the dictionary, field by field. Unknown stays unknown: the only field whose
    absence is an answer is `deceased` (no). An event that may have happened since an observation counts as
    having happened. A patient's values never raise; they end in `problems`.

    Raises:
        FieldError: a validity names an event that the dictionary does not have.
    """
    return _Day(dictionary, as_of.date() if isinstance(as_of, datetime) else as_of, validities).know(patient)


class _Day:
    """One day's work on one patient."""

    def __init__(self, dictionary: Dictionary, as_of: date, validities: Mapping[str, Validity]) -> None:
        self.dictionary, self.as_of, self.validities = dictionary, as_of, validities
        self.today = as_of.toordinal()
        self.plan = plan_of(dictionary)
        self.state = self.plan.unknown.copy()
        self.inputs: dict[str, Input] = {}
        self.problems: list[Problem] = []
        self.expired: set[str] = set()
        self.unverified: list[str] = []
        self.unsure: dict[str, UnsureEvent] = {}
        self.chosen: Mapping[str, Observation] = {}

    def know(self, patient: Patient) -> Knowledge:
        """The knowledge of this day."""
        said = patient.observations.get(DECEASED)
        dead = said is not None and said.possible == YES
        last_day = self.today
        if dead and said and said.date:
            last_day = min(said.date.latest.toordinal(), self.today)
        self.chosen = self._with_forms(patient, last_day) if patient.forms else patient.observations
        events = [name for name in self.dictionary.events.values() if name in self.chosen]
        for name in events:
            self._use(name, self.chosen[name], last_day)
        for name, observation in self.chosen.items():
            if name not in events:
                self._use(name, observation, last_day)
        if said is None and DECEASED in self.state:
            self.state[DECEASED] = NO
        self._outdate_gates()
        for tie in settle_ties(self.plan, self.state):
            self._contradict(tie)
        self._sum_scores()
        problems = {id(problem): problem for problem in (*patient.problems, *self.problems)}
        return Knowledge(
            state=self.state,
            inputs=self.inputs,
            problems=tuple(sorted(problems.values(), key=_problem_order)),
            readings={
                name: observation.readings
                for name, observation in self.chosen.items()
                if observation.readings > 1 and name not in self.expired and self.inputs[name].state != "refused"
            },
            gate_limits={
                name: observation.note.limits or observation.note.scope
                for name, observation in self.chosen.items()
                if observation.note and (observation.note.limits or observation.note.scope)
            },
            unverified_validities=tuple(sorted(self.unverified)),
            as_of=self.as_of,
            deceased=dead,
            unsure_events=self.unsure,
        )

    def _with_forms(self, patient: Patient, last_day: int) -> dict[str, Observation]:
        """The observations with the forms' answers: the newer of the two decides."""
        answered: dict[str, Observation] = {}
        for filled in patient.forms:
            answers: Iterable[Observation] = filled.answers.values()
            start = filled.date.earliest.toordinal() if filled.date else self.today
            if start > self.today:
                message = f"the form is dated {filled.date}, after {self.as_of}. Only what was ticked is used."
                self.problems.append(Problem("forms", filled.source, "future-date", message))
                answers = [evolve(answer, date=None) for answer in answers if answer.given in ("yes", "unknown")]
            elif start > last_day:
                continue
            for answer in answers:
                other = answered.get(answer.field)
                answered[answer.field] = answer if other is None else self._of_two_forms(answer, other)
        chosen = dict(patient.observations)
        for name, answer in answered.items():
            direct = chosen.get(name)
            chosen[name] = answer if direct is None else self._against_form(direct, answer)
        return chosen

    def _against_form(self, direct: Observation, answer: Observation) -> Observation:
        """A value given directly, and a form's answer to the same field: the newer decides, except

        where a form left unticked what happened on a known day, or what a physician or the record says: nobody ticking
        it away makes it undone. A recorded risk is then open again, and so is a tick against a no of the same day.
        An item left blank says nothing; it only ends the "no" of an earlier day.
        """
        entry = self.dictionary.fields[direct.field]
        if answer.given == "unanswered":
            earlier = self._days(direct.date)[0] < self._days(answer.date)[1]
            return answer if earlier and direct.possible == unticked_value(entry) else direct
        unticked = answer.given == "no"
        if unticked and isinstance(direct.possible, DateSpan):
            return direct
        newer = self._newer(direct, answer)
        recorded = newer is answer and unticked and direct.possible == YES and entry.who in ("doctor", "record")
        same_day = self._days(direct.date) == self._days(answer.date)
        if not recorded and not (same_day and not unticked and direct.possible != answer.possible):
            return newer
        self._problem(direct.field, direct.given, "contradiction",
                      f"it was answered '{direct.given}', and otherwise on the form; ask which is right.")
        return evolve(newer, possible=either(entry, direct.possible, answer.possible), given=direct.given)

    def _of_two_forms(self, one: Observation, other: Observation) -> Observation:
        """Of two forms' answers the newer; an item left blank undoes no tick."""
        for blank, told in ((one, other), (other, one)):
            if blank.given == "unanswered" and told.given in ("yes", "unknown"):
                return told
        return self._newer(one, other, forms=True)

    def _newer(self, one: Observation, other: Observation, forms: bool = False) -> Observation:
        """The newer of two observations; of the same day `one`, or of two forms the one that was ticked.

        Where partial dates leave it open which is newer, what either says is possible.
        """
        (first, last), (other_first, other_last) = self._days(one.date), self._days(other.date)
        if first == last == other_first == other_last:
            return other if forms and _RANK[other.given] > _RANK[one.given] else one
        if first > other_last or one.date is None:
            return one
        if other_first > last or other.date is None:
            return other
        when = DateSpan(date.fromordinal(min(first, other_first)), date.fromordinal(max(last, other_last)))
        possible = either(self.dictionary.fields[one.field], one.possible, other.possible)
        return evolve(one, possible=possible, date=when, problem=one.problem or other.problem)

    def _days(self, when: DateSpan | None) -> tuple[int, int]:
        """First and last day of a date that is not after today; today where there is none."""
        if when is None:
            return self.today, self.today
        first = when.earliest.toordinal()
        return first, max(first, min(when.latest.toordinal(), self.today))

    def _use(self, name: str, said: Observation, last_day: int) -> None:
        """Put one observation into the state and the inputs."""
        reported, when, label = said.possible, said.date, "known"
        value = said.shown
        if when is not None and when.earliest.toordinal() > last_day:
            reported = self._too_late(name, said)
        if isinstance(reported, DateSpan):
            today, value = self._as_days(name, said, reported)
        else:
            today = reported
            if when is None:
                label = "undated"
        if today is None:
            label, today = "refused", self.plan.unknown[name]
        else:
            if (when is not None or said.note is not None) and self._is_expired(name, said):
                if name in self.unsure:
                    self.unsure[name] = evolve(self.unsure[name], reported=today)
                today, label = self.dictionary.fields[name].expired(today), "expired"
                self.expired.add(name)
            elif label == "known" and said.inexact:
                label = "censored"
            self.state[name] = today
        if is_example(said.origin) and label != "refused":
            label = EXAMPLE
        self.inputs[name] = Input(
            name,
            self._given(name, said),
            value,
            self.plan.units[name],
            when.text if when is not None else None,
            said.origin,
            label,
            today,
        )

    def _given(self, name: str, said: Observation) -> Any:
        """The value as it came, with its unit where that stood apart and is not the field's own."""
        entry = self.dictionary.fields[name]
        if not said.unit or not entry.is_numeric or not isinstance(said.given, (int, float, str)):
            return said.given
        try:
            own = read_unit(said.unit, entry.ticks)
        except QuantityError:
            return f"{said.given} {said.unit}"
        return said.given if (own.factor, own.offset) == (1, 0) else f"{said.given} {said.unit}"

    def _too_late(self, name: str, said: Observation) -> Possible | None:
        """An observation from the future (a problem) or from after the death (ignored) says nothing."""
        if said.date is not None and said.date.earliest > self.as_of:
            self._problem(name, said.given, "future-date", f"it is dated {said.date}, after {self.as_of}.")
        return YES if name == DECEASED and said.possible == YES else None

    def _as_days(self, name: str, said: Observation, when: DateSpan) -> tuple[Possible | None, str]:
        """A date as whole days since (`towards: future`: until) then, or as completed years of age."""
        entry = self.dictionary.fields[name]
        first, last = when.earliest.toordinal(), when.latest.toordinal()
        limit = entry.ticks.highest - 2
        if entry.towards_future:
            span = Span(min(2 * max(first - self.today, 0), limit), min(2 * max(last - self.today, 0), limit))
            return span, shown_value(entry, span)
        if first > self.today:
            self._problem(name, said.given, "future-date", f"{when} lies after {self.as_of}.")
            return None, ""
        if entry.kind == "elapsed":
            span = Span(min(2 * max(self.today - last, 0), limit), min(2 * (self.today - first), limit))
            return span, shown_value(entry, span)
        youngest, oldest = (self._years(min(day, self.as_of)) for day in (when.latest, when.earliest))
        low, high = entry.ticks.tick(Decimal(youngest)), entry.ticks.tick(Decimal(oldest))
        if low > entry.ticks.highest:
            self._problem(name, said.given, "implausible", f"born {when} would be {youngest} years old.")
            return None, ""
        span = Span(low, min(high, entry.ticks.highest))
        return span, shown_value(entry, span)

    def _years(self, born: date) -> int:
        before_birthday = (self.as_of.month, self.as_of.day) < (born.month, born.day)
        return self.as_of.year - born.year - before_birthday

    def _problem(self, name: str, given: Any, code: str, message: str) -> None:
        self.problems.append(Problem(name, given, code, f"{name}: {message}"))

    def _is_expired(self, name: str, said: Observation) -> bool:
        """Whether the observation is older than its validity allows, counted from its earliest day."""
        if said.note and said.note.until and said.note.until.earliest.toordinal() < self.today:
            return True
        validity = self.validities.get(name) or self.dictionary.fields[name].validity
        if validity is None or said.date is None:
            return False
        age = self.today - said.date.earliest.toordinal()
        if validity.days is None or age <= validity.days:
            since = [event for event in validity.until if 2 * age > self._event(event, name).low]
            if not since:
                return False
            if all(2 * age <= self._event(event, name).high for event in since):
                dated = tuple(self.dictionary.events[event] for event in since)
                self.unsure[name] = UnsureEvent(dated, 2 * age, self.plan.unknown[name])
        if validity.verified == "unverified":
            self.unverified.append(name)
        return True

    def _event(self, event: str, asked_by: str) -> Span:
        """The days since an event, from zero on where nobody knows."""
        try:
            span = self.state[self.dictionary.events[event]]
        except KeyError:
            raise FieldError(f"the validity of '{asked_by}' names the unknown event '{event}'") from None
        assert isinstance(span, Span)
        return span

    def _outdate_gates(self) -> None:
        """A clearance given before a finding that it answers was not given for it: it counts as not asked."""
        for name, findings in self.plan.gates.items():
            gate = self.chosen.get(name)
            if gate is None or gate.date is None or self.inputs[name].state == "refused":
                continue
            later = [self._later_than(gate.date, finding, mask) for finding, mask in findings.items()]
            if any(later):
                possible: Any = self.state[name]
                outdated = possible & _REFUSED | (_NOT_ASKED if possible & ~_REFUSED else 0)
                self.state[name] = outdated if YES in later else possible | outdated
                self.inputs[name] = evolve(self.inputs[name], state="expired", possible=self.state[name])
                self.expired.add(name)

    def _later_than(self, when: DateSpan, name: str, mask: int) -> int:
        """Whether a definite finding was dated later than `when`: YES, maybe (NO | YES), or 0 for no."""
        said = self.chosen.get(name)
        if said is None or said.possible is None or self.inputs[name].state == "refused":
            return 0
        found = said.possible if isinstance(said.possible, DateSpan) else said.date
        if found is None or not _is_finding(said.possible, mask):
            return 0
        if found.earliest > when.latest:
            return YES
        return NO | YES if min(found.latest, self.as_of) > when.earliest else 0

    def _contradict(self, tie: Tie) -> None:
        """Report a contradicted tie; its two fields are unknown already."""
        sides = {name: self.inputs[name] for name in (tie.if_field, tie.then_field) if name in self.inputs}
        words = " and ".join(f"'{name}' ({said.value})" for name, said in sorted(sides.items()))
        given = {name: said.given for name, said in sorted(sides.items())}
        message = f"{words} cannot both be true. '{tie.if_field}' and '{tie.then_field}' count as unknown."
        self.problems.append(Problem(tie.then_field, given, "contradiction", message))
        for name, said in sides.items():
            self.inputs[name] = evolve(said, state="refused", possible=self.plan.unknown[name])

    def _sum_scores(self) -> None:
        given = {name: span for name in self.plan.scores if isinstance(span := self.state[name], Span)}
        for name in sum_scores(self.plan, self.state, given):
            said = self.inputs[name]
            self._problem(name, said.given, "contradiction", "the total does not fit its items. It counts as unknown.")
            self.inputs[name] = evolve(said, state="refused", possible=self.plan.unknown[name])


def _is_finding(possible: Any, mask: int) -> bool:
    if isinstance(possible, Members):
        return bool(possible.sure & mask)
    return isinstance(possible, DateSpan) or (isinstance(possible, int) and not possible & ~mask)


def _problem_order(problem: Problem) -> tuple[str, str, str]:
    return problem.field, problem.code, problem.message
