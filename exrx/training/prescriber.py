"""From a decision to a plan: refuses where no plan may be given, builds the weeks, and says what each cap
changed.

`Course` is a template followed under one restriction. What a cap costs is asked by following the template
under that cap alone, so the explanation and the plan come from the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

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
from exrx.training.refusal import check_age, meaning, open_notes, refuse, rests_on_example
from exrx.training.targets import DAYS_A_WEEK, Target, Words, check_week, load_target
from exrx.training.template import Exercise, Training, load_training
from exrx.training.wording import (
    DRAFT,
    LANGUAGES,
    also_words,
    change_words,
    difference,
    met_words,
    note_words,
    unreached_words,
)

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
        start: the first day; not before the decision's day, nor more than the template's
            `decision_valid_days` after it.
        weeks: 1 to 104.
        draft: write a plan, marked as a draft, although facts or a physician's answer are missing, or for
            an example patient. Its first notes say what is open.

    Raises:
        PlanError: the decision does not allow training (facts or an answer are missing, and not `draft`;
            defer, stop and emergency always), it is too old, it is about another patient or an example, or
            start, weeks, target or template cannot be used. `PlanRefused` says it in Danish too.
        ProtocolError: the template or the targets contradict themselves.
    """
    refuse(patient, decision, start, weeks, draft)
    template, wanted = load_training(training), load_target(target)
    check_age(decision, start, template["decision_valid_days"])
    decision = evolve(decision, example=rests_on_example(patient, decision))
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
        notes=(*open_notes(decision), *_notes(course)),
        unverified=tuple(dict.fromkeys(unverified)),
        notice=_notice(decision, marked),
    )


def _notice(decision: Decision, draft: bool) -> Words:
    against = meaning(decision)
    marks = {lang: DRAFT[lang] + (f"{against[lang]}. " if against else "") for lang in LANGUAGES}
    return {lang: (marks[lang] if draft else "") + decision.notice[lang] for lang in LANGUAGES}


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
    free, last, training = course.under(Restriction.none()), course.last_week, course.training
    parts = list(course.parts())
    ruling = _ruling(training, parts)
    for name, only in parts:
        under = course.under(only)
        effect = difference(free.week(last), under.week(last))
        unknown = bool(only.avoid - training.known_avoidances)
        text = change_words(name, only, effect, unknown, bool(only.avoid & training.alone))
        part, _, entry = name.partition(":")
        asking = [
            reason
            for reason in decision.reasons
            if (entry in getattr(reason.restriction, part) if entry else reason.restriction >= only)
        ]
        replaced = [
            (also_words(usual.name, others), now)
            for usual, now in _replaced(training, only.avoid, decision.restriction.avoid)
            if (others := ruling[usual.id])[0] == (name, only)
        ]
        rules, because = tuple(reason.rule for reason in asking), tuple(reason.because for reason in asking)
        yield Change(name, text, rules, because, tuple(replaced))


def _ruling(training: Training, parts: list[tuple[str, Restriction]]) -> dict[str, list[tuple[str, Restriction]]]:
    """Of each exercise that is not used, the parts that ask for that: it is listed once, under the first."""
    ruling: dict[str, list[tuple[str, Restriction]]] = {}
    for name, only in parts:
        for usual, _ in _replaced(training, only.avoid, only.avoid):
            ruling.setdefault(usual.id, []).append((name, only))
    return ruling


def _replaced(
    training: Training, avoid: frozenset[str], all_avoid: frozenset[str]
) -> Iterator[tuple[Exercise, Words | None]]:
    """The usual exercises that `avoid` takes away, and what is done instead when `all_avoid` are avoided."""
    for choice in (*training.slots, *training.aerobic.values(), training.balance):
        usual, now = training.first(choice, frozenset()), training.first(choice, all_avoid)
        if usual and training.first(choice, avoid) is not usual and now is not usual:
            yield usual, now.name if now else None
    for exercise in (*training.warm_up, *training.cool_down):
        if not exercise.allowed(avoid):
            yield exercise, None


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
