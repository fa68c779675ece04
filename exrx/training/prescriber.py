"""From a decision to a plan: refuses where no plan may be given, builds the weeks, and says what each cap
changed.

`Course` is a template followed under one restriction. What a cap costs is asked by following the template
under that cap alone, so the explanation and the plan come from the same code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from exrx.errors import PlanError
from exrx.fields import Span, load_dictionary
from exrx.patient import Patient
from exrx.rules.restriction import Clearance, Progression, Restriction, Supervision
from exrx.screening.decision import Decision
from exrx.training.builder import (
    Baseline,
    Caps,
    Dose,
    Pattern,
    Step,
    activity_week,
    build_week,
    caps_of,
    entry_step,
    ladder,
    stage_in_week,
)
from exrx.training.plan import Change, Plan, PlanDay, PlanWeek, Reach
from exrx.training.targets import DAYS_A_WEEK, Target, Words, check_week, load_target
from exrx.training.template import Exercise, Training, load_training
from exrx.training.wording import (
    DRAFT,
    LANGUAGES,
    change_words,
    difference,
    met_words,
    note_words,
    unreached_words,
)

LONGEST_WEEKS = 104
_NAMED = 3
BASELINE_FIELDS = ("moderate_minutes_per_week", "vigorous_minutes_per_week", "strength_days_per_week")


def prescribe(
    patient: Patient,
    decision: Decision,
    training: str | Path | Training,
    *,
    target: str | Target,
    start: date,
    weeks: int,
    draft: bool = False,
) -> Plan:
    """A plan of dated weeks from the patient's baseline towards `target`, within the decision's restriction.

    Promises that no session exceeds a cap or holds an avoided exercise, that the same input gives the
    same plan, and that a more cautious restriction never gives a larger dose. An unknown baseline starts
    at the template's lowest dose, a partly known one at its lower end, and the plan says so. Where a cap
    forbids the target the plan says which, and what is the best reachable; where only time is short, when
    it would be met.

    Args:
        patient: the patient that the decision is about.
        decision: from `screen`; its `restriction` counts unknown facts as the cautious value.
        training: the id of a shipped template (`dk-2015-group`) or the path of one.
        target: a target's id (`acsm-150-75`, `dk-2014`, `dk-now`).
        start: the first day; not before the decision's day.
        weeks: 1 to 104.
        draft: write a plan, marked as a draft, although facts or a clearance are missing, or for an
        example patient.

    Raises:
        PlanError: the decision does not allow training (assess or more, and not `draft`; stop and
        emergency always),
            it is about another patient or an example, or start, weeks, target or template cannot be used.
        ProtocolError: the template or the targets contradict themselves.
    """
    _refuse(patient, decision, start, weeks, draft)
    template, wanted = load_training(training), load_target(target)
    baseline, maximum = _baseline(decision), _exact(decision, "hr_max_measured")
    course = Course(template, ladder(template, wanted), baseline, decision.restriction, maximum)
    checked = [wanted, *(t for t in map(load_target, template.checked_against) if t is not wanted)]
    own = (f"{template.id}.{name}" for name in template.unverified)
    unverified = [*decision.unverified, *own, *(name for goal in checked for name in goal.unverified)]
    cleared = decision.clearance < Clearance.ASSESS
    marked = not cleared or decision.example
    return Plan(
        patient=decision.patient,
        training=template.id,
        training_version=template.version,
        training_sha256=template.sha256,
        target=wanted.id,
        start=start,
        weeks=tuple(_weeks(course, checked, start, weeks)),
        clearance=decision.clearance,
        track=decision.track if cleared else decision.track_if_cleared,
        format=decision.format,
        as_of=decision.as_of,
        stage=decision.stage,
        protocols=tuple(decision.to_dict()["protocols"]),
        dictionary_sha256=decision.dictionary_sha256,
        engine=decision.engine,
        draft=marked,
        example=decision.example,
        changes=tuple(_changes(course, decision)),
        reaches=tuple(_reach(course, goal, weeks) for goal in checked),
        avoid=tuple(sorted(decision.restriction.avoid)),
        monitor=tuple(sorted(decision.restriction.monitor)),
        notes=tuple(_notes(course)),
        unverified=tuple(dict.fromkeys(unverified)),
        notice={lang: (DRAFT[lang] if marked else "") + decision.notice[lang] for lang in LANGUAGES},
    )


def _refuse(patient: Patient, decision: Decision, start: Any, weeks: Any, draft: bool) -> None:
    if patient.id and decision.patient and patient.id != decision.patient:
        raise PlanError(f"the decision is about patient '{decision.patient}', not '{patient.id}'")
    if isinstance(start, datetime) or not isinstance(start, date):
        raise PlanError(f"start must be a date, such as datetime.date(2026, 11, 23), not {start!r}")
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 1 <= weeks <= LONGEST_WEEKS:
        raise PlanError(f"weeks must be a whole number from 1 to {LONGEST_WEEKS}, not {weeks!r}")
    if start < decision.as_of:
        raise PlanError(f"the plan would start on {start}, before the day of the decision ({decision.as_of})")
    if start > date.max - timedelta(weeks=LONGEST_WEEKS):
        raise PlanError(f"a plan cannot start on {start}")
    word = decision.clearance.word
    if decision.clearance >= Clearance.STOP:
        raise PlanError(f"no plan, not even a draft: the decision is '{word}'. {_first_reason(decision)}")
    if decision.clearance >= Clearance.ASSESS and not draft:
        raise PlanError(f"no plan: the decision is '{word}'. {_first_reason(decision)}")
    if decision.example and not draft:
        raise PlanError("no plan: this is an EXAMPLE, not a real patient; only a draft can be written")


def _first_reason(decision: Decision) -> str:
    """Why there is no plan, and what to get before there can be one."""
    return " ".join(part for part in (_cause(decision), *_wanted(decision)) if part)


def _cause(decision: Decision) -> str:
    """The reason that makes the decision what it is: one that fires with its clearance, else the strongest that may."""
    fires = [each for each in decision.reasons if each.state == "fires"]
    for each in fires:
        if each.clearance == decision.clearance:
            return each.because.get("en", "")
    if decision.protocols and all(use.applies == "no" for use in decision.protocols):
        return "No protocol that was asked is made for this patient."
    open_ones = [each for each in decision.reasons if each.state != "fires" and each.clearance >= Clearance.CONSULT]
    if open_ones:
        strongest = max(open_ones, key=lambda each: each.clearance)
        return f"It is not known yet whether this holds: {strongest.because.get('en', '')}"
    return fires[0].because.get("en", "") if fires else ""


def _wanted(decision: Decision) -> Iterator[str]:
    """What to get first: what rules out an emergency, who has to answer, what to wait for, which facts."""
    names = load_dictionary()
    if decision.clearance == Clearance.EMERGENCY:
        return
    if decision.rule_out:
        yield f"First rule out an emergency: {_labels(decision.rule_out)}."
    if decision.clearance >= Clearance.STOP:
        return
    if decision.clearance == Clearance.CONSULT and decision.consult:
        yield f"Get first: an answer from {', '.join(names.word('roles', role, 'en') for role in decision.consult)}."
    after = decision.restriction.again.after
    if decision.clearance == Clearance.DEFER and after:
        yield f"Ask again after: {', '.join(names.word('again', event, 'en') for event in sorted(after))}."
    asked = [fact.field for fact in decision.missing if fact.field not in decision.rule_out]
    if asked and decision.clearance == Clearance.ASSESS:
        yield f"{'Then' if decision.rule_out else 'Get first'}: {_labels(asked)}."


def _labels(fields: Sequence[str]) -> str:
    names = load_dictionary()
    shown = [names.field(name).labelled("en") for name in fields[:_NAMED]]
    more = f" and {len(fields) - _NAMED} more" if len(fields) > _NAMED else ""
    return f"{', '.join(shown)}{more}"


def _span(decision: Decision, name: str) -> Span | None:
    entry, known = decision.inputs.get(name), load_dictionary().field(name)
    span = entry.possible if entry is not None else None
    return span if isinstance(span, Span) and span != known.unknown else None


def _baseline(decision: Decision) -> Baseline:
    spans = [(load_dictionary().field(name).ticks, _span(decision, name)) for name in BASELINE_FIELDS]
    return Baseline(*(None if span is None else int(ticks.value(span.low)) for ticks, span in spans))


def _exact(decision: Decision, name: str) -> int | None:
    span = _span(decision, name)
    if span is None or span.low != span.high:
        return None
    return int(load_dictionary().field(name).ticks.value(span.low))


@define(eq=False)
class Course:
    """A template followed by one patient under one restriction; `week(n)` is the n-th week's sessions,
    from 1.
    """

    training: Training
    steps: tuple[Step, ...]
    baseline: Baseline
    restriction: Restriction
    heart_rate_max_measured: int | None
    caps: Caps = field(init=False)
    entry: int = field(init=False)
    _weeks: dict[Any, Pattern] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.caps = caps_of(self.restriction, self.training, self.heart_rate_max_measured)
        self.entry = entry_step(self.training, self.steps, self.baseline)

    @property
    def last_week(self) -> int:
        """The week from which every later week is the same."""
        return len(self.steps) + self.training.stages[-1].slow_from_week

    def week(self, number: int) -> Pattern:
        """The sessions of this week by weekday; a held or reduced progression stays in the first."""
        number = number if self.caps.progression == Progression.NORMAL else 1
        step = self.steps[min(self.entry + number, len(self.steps)) - 1]
        stage = stage_in_week(self.training, self.baseline, number, self.caps.slow)
        if (step, stage) not in self._weeks:
            self._weeks[step, stage] = build_week(self.training, step, stage, self.caps)
        return self._weeks[step, stage]

    def under(self, restriction: Restriction) -> Course:
        """The same course under another restriction."""
        return Course(self.training, self.steps, self.baseline, restriction, self.heart_rate_max_measured)

    def meets(self, number: int, target: Target) -> bool:
        """True when this week meets the target."""
        return check_week(activity_week(self.week(number)), target).met

    def parts(self) -> Iterator[tuple[str, Restriction]]:
        """Each restricted part of training by name, and the restriction that asks for that part alone."""
        none, asked = Restriction.none(), self.restriction
        for name in (
            "aerobic_max", "strength_max", "session_minutes_max", "heart_rate_max", "rpe_max", "progression",
        ):  # fmt: skip
            if getattr(asked, name) != getattr(none, name):
                yield name, evolve(none, **{name: getattr(asked, name)})
        at_home = self.training.home_by_supervision
        if at_home[asked.supervision] > at_home[Supervision.INDEPENDENT]:
            yield "supervision", evolve(none, supervision=asked.supervision)
        for name in ("formats_forbidden", "avoid"):
            for entry in sorted(getattr(asked, name)):
                only: Any = {name: frozenset({entry})}
                yield f"{name}:{entry}", evolve(none, **only)


def _weeks(course: Course, targets: list[Target], start: date, weeks: int) -> Iterator[PlanWeek]:
    before: Pattern | None = None
    for number in range(1, weeks + 1):
        pattern = course.week(number)
        first = start + timedelta(weeks=number - 1)
        dates = [first + timedelta(days=offset) for offset in range(DAYS_A_WEEK)]
        days = tuple(PlanDay(day, pattern.get(day.weekday())) for day in dates)
        checks = tuple(check_week(activity_week(pattern), target) for target in targets)
        yield PlanWeek(number, days, Dose.of(pattern), difference(before, pattern), checks)
        before = pattern


def _reach(course: Course, target: Target, weeks: int) -> Reach:
    last = course.last_week
    met_from = next((number for number in range(1, last + 1) if course.meets(number, target)), None)
    final = course.week(last)
    result, best = check_week(activity_week(final), target), Dose.of(final)
    binding, aim = ({}, False) if met_from else _binding(course, target)
    within = met_from is not None and met_from <= weeks
    text = met_words(met_from, weeks) if met_from else unreached_words(binding, aim, best, result.shortfalls)
    return Reach(target.id, target.label, met_from, within, tuple(binding), best, result.shortfalls, text)


def _binding(course: Course, target: Target) -> tuple[dict[str, Restriction], bool]:
    """The parts that forbid `target` even when the plan aims at it, and whether only the aim is another."""
    own = evolve(course, steps=ladder(course.training, target))
    last, parts = own.last_week, dict(own.parts())
    if not own.under(Restriction.none()).meets(last, target):
        return {}, False
    if own.meets(last, target):
        return {}, True
    alone = {name: only for name, only in parts.items() if not own.under(only).meets(last, target)}
    return alone or parts, False


def _changes(course: Course, decision: Decision) -> Iterator[Change]:
    free, last = course.under(Restriction.none()), course.last_week
    for name, only in course.parts():
        under = course.under(only)
        effect = difference(free.week(last), under.week(last))
        unknown = bool(only.avoid - course.training.known_avoidances)
        text = change_words(name, only, effect, unknown, bool(only.avoid & course.training.alone))
        part, _, entry = name.partition(":")
        asking = [
            reason
            for reason in decision.reasons
            if (entry in getattr(reason.restriction, part) if entry else reason.restriction >= only)
        ]
        yield Change(
            name, text, tuple(reason.rule for reason in asking), tuple(reason.because for reason in asking),
            tuple(_replaced(course.training, only.avoid, decision.restriction.avoid)),
        )  # fmt: skip


def _replaced(
    training: Training, avoid: frozenset[str], all_avoid: frozenset[str]
) -> Iterator[tuple[Words, Words | None]]:
    choices: list[tuple[Exercise, ...]] = [*training.slots, *training.aerobic.values()]
    for choice in choices:
        if choice and not choice[0].allowed(avoid):
            now = next((exercise.name for exercise in choice if exercise.allowed(all_avoid)), None)
            yield choice[0].name, now
    for exercise in (*training.warm_up, *training.cool_down):
        if not exercise.allowed(avoid):
            yield exercise.name, None


def _notes(course: Course) -> Iterator[Words]:
    baseline, dictionary = course.baseline, load_dictionary()
    values = (baseline.moderate, baseline.vigorous, baseline.strength_days)
    unknown = [dictionary.field(n) for n, value in zip(BASELINE_FIELDS, values, strict=True) if value is None]
    if unknown:
        labels = {lang: ", ".join(entry.labelled(lang) for entry in unknown) for lang in LANGUAGES}
        yield note_words("unknown", labels)
    last = Dose.of(course.week(course.last_week))
    minutes = (baseline.moderate or 0) + (baseline.vigorous or 0)
    if minutes > last.light + last.moderate + last.vigorous:
        yield note_words("more", minutes)
    if not course.week(course.last_week):
        yield note_words("empty")
    yield course.training.caveat
