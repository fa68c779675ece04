"""From a decision to a plan: refuses where no plan may be given, follows the programme, lays the weeks on their days,
and says what each cap changed.

    programme -> course under the restriction -> weeks on their days -> personal numbers -> target check -> explanation
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from exrx.fields import load_dictionary
from exrx.patient import Patient
from exrx.rules.restriction import Clearance
from exrx.screening.decision import Decision
from exrx.training.builder import Baseline
from exrx.training.course import Course
from exrx.training.details import Details
from exrx.training.explain import changes_of, reach_of
from exrx.training.person import Person, confirmations_of, facts_of
from exrx.training.personal import RESTS_ON, Numbers, numbers_of
from exrx.training.phase import Phase, load_phases, phase_of
from exrx.training.plan import Plan
from exrx.training.plan_parts import Change
from exrx.training.programme import Programme, load_programme
from exrx.training.refusal import check_age_of, meaning, open_notes, refuse, rests_on_example
from exrx.training.session import Dose
from exrx.training.table import TableTraining
from exrx.training.targets import Target, Words, load_target
from exrx.training.template import Training
from exrx.training.weeks.schedule import Frame, schedule
from exrx.training.wording import DRAFT, LANGUAGES, STEERED, note_words

BASELINE_FIELDS = ("moderate_minutes_per_week", "vigorous_minutes_per_week", "strength_days_per_week")


def prescribe(
    patient: Patient,
    decision: Decision,
    training: str | Path | Training | Programme,
    *,
    target: str | Target,
    start: date,
    weeks: int,
    draft: bool = False,
    details: Details | None = None,
    frame: Frame | None = None,
    phase: str | None = None,
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
        training: the id of a shipped programme (`dk-2015-group`, `effect-2022`) or the path of one.
        target: a target's id (`acsm-150-75`, `dk-2014`, `dk-now`).
        start: the first day; not before the decision's day, nor more than the programme's
            `decision_valid_days` after it.
        weeks: 1 to 104.
        draft: write a plan, marked as a draft, although facts or a physician's answer are missing, or for
            an example patient. Its first notes say what is open.
        details: goals, responsible, tested loads and what else people add; without the five that a final plan needs
            it stays a proposal.
        frame: available days, class and treatment that the weeks are laid around; None leaves them on the
            programme's own days.
        phase: `prehabilitation`, `during`, `after` or `advanced` when the record does not say it. A late or terminal
            palliative phase that is recorded always holds.

    Raises:
        PlanError: the decision does not allow training (facts or an answer are missing, and not `draft`;
            defer, stop and emergency always), it is too old, it is about another patient or an example, or
            start, weeks, target, programme or days cannot be used. `PlanRefused` says it in Danish too.
        ProtocolError: the programme or the targets contradict themselves.
    """
    programme, wanted = load_programme(training), load_target(target)
    check_age_of(decision.as_of, start, programme.valid_days)
    refuse(patient, decision, weeks, draft)
    decision = evolve(decision, example=rests_on_example(patient, decision))
    frame, details, person = frame or Frame(), details or Details(), Person(decision.inputs)
    now = phase_of(person, phase)
    if frame.klass is not None:
        programme = programme.in_class(frame.klass)
    followed = _Followed.of(programme, decision, wanted, now, person)
    numbers = numbers_of(person, now, details.tested_loads)
    checked = [wanted, *(t for t in map(load_target, programme.checked_against) if t is not wanted)]
    house, days = programme.base, programme.class_weekdays
    laid = schedule(followed.course, frame, start, weeks, checked, numbers, house, days)
    cleared = decision.clearance < Clearance.ASSESS
    marked = not cleared or decision.example
    return Plan(
        patient=decision.patient,
        training=programme.id,
        training_version=programme.version,
        training_sha256=programme.sha256,
        target=wanted.id,
        start=start,
        weeks=laid.weeks,
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
        changes=(*_differences(programme), *changes_of(followed.course, decision, programme.house)),
        reaches=tuple(
            reach_of(followed.course, goal, laid.weeks, place, programme.house) for place, goal in enumerate(checked)
        ),
        avoid=tuple(sorted(decision.restriction.avoid)),
        monitor=tuple(sorted(decision.restriction.monitor)),
        notes=(*open_notes(decision), *_notes(followed, person, programme, frame, decision, weeks)),
        unverified=_unverified(decision, programme, checked, frame, now, numbers),
        notice=_notice(decision, marked),
        phase=now.in_plan(start, details.evaluation),
        steering=(STEERED[numbers.steering.metric], *numbers.steering.reasons),
        details=details,
        facts=tuple(facts_of(decision)),
        confirmations=tuple(confirmations_of(patient, decision)),
        treatment=laid.treatment,
        heart_rate_max=decision.restriction.heart_rate_max,
        borg_max=decision.restriction.rpe_max,
    )


@frozen
class _Followed:
    """The course that the patient follows, and the baseline it started from."""

    course: Course
    baseline: Baseline

    @classmethod
    def of(cls, programme: Programme, decision: Decision, target: Target, phase: Phase, person: Person) -> _Followed:
        baseline = Baseline(*(person.at_least(name) for name in BASELINE_FIELDS))
        measured = person.exact("hr_max_measured")
        maximum = None if measured is None else int(measured)
        return cls(programme.course(decision.restriction, baseline, target, maximum, phase.pace), baseline)


def _unverified(
    decision: Decision, programme: Programme, targets: Sequence[Target], frame: Frame, phase: Phase, numbers: Numbers
) -> tuple[str, ...]:
    """Everything unverified that the plan rests on, each once."""
    own = (f"{programme.id}.{name}" for name in programme.unverified)
    goals = (name for goal in targets for name in goal.unverified)
    phases = (name for name in load_phases().unverified if name.startswith(f"phases.{phase.id}."))
    loads = (RESTS_ON,) if numbers.loads else ()
    return tuple(dict.fromkeys([*decision.unverified, *own, *goals, *phases, *frame.unverified, *loads]))


def _notice(decision: Decision, draft: bool) -> Words:
    against = meaning(decision)
    marks = {lang: DRAFT[lang] + (f"{against[lang]}. " if against else "") for lang in LANGUAGES}
    return {lang: (marks[lang] if draft else "") + decision.notice[lang] for lang in LANGUAGES}


def _differences(programme: Programme) -> Iterator[Change]:
    """What the programme itself changes in the group programme that it starts from, each with its reason."""
    for each in programme.differences:
        values = f": {each.before} → {each.now}" if each.before or each.now else ""
        text = {lang: f"{programme.part_words(each.part, lang)}{values}" for lang in LANGUAGES}
        yield Change(f"programme:{each.part}", text, (), (each.because,))


def _notes(
    followed: _Followed, person: Person, programme: Programme, frame: Frame, decision: Decision, weeks: int
) -> Iterator[Words]:
    course, baseline, dictionary = followed.course, followed.baseline, load_dictionary()
    values = (baseline.moderate, baseline.vigorous, baseline.strength_days)
    unknown = [dictionary.field(n) for n, value in zip(BASELINE_FIELDS, values, strict=True) if value is None]
    if unknown and programme.starts_from_baseline:
        labels: Any = {lang: ", ".join(entry.labelled(lang) for entry in unknown) for lang in LANGUAGES}
        yield note_words("unknown", labels)
    last = Dose.of(course.week(course.last_week))
    minutes = (baseline.moderate or 0) + (baseline.vigorous or 0)
    if minutes > last.light + last.moderate + last.vigorous:
        yield note_words("more", minutes)
    if not course.week(course.last_week):
        yield note_words("empty")
    if frame.treatment is None and person.answer("on_chemotherapy") == "yes":
        yield note_words("no-treatment")
    if load_phases().asks_for_gait_speed(person.exact("sit_to_stand_30s")) and person.span("gait_speed") is None:
        yield note_words("gait-speed")
    events = decision.restriction.again
    if events.after:
        named = sorted(events.after)
        words: Any = {lang: ", ".join(dictionary.word("again", each, lang) for each in named) for lang in LANGUAGES}
        yield note_words("again", words)
    if person.answer("bone_metastases") == "yes":
        yield note_words("new-scan")
    if "palliative-needs-assessment" in course.restriction.refer:
        yield note_words("palliative")
    yield programme.caveat
    yield from _table_notes(programme.table, weeks)


def _table_notes(table: TableTraining | None, weeks: int) -> Iterator[Words]:
    """What of a trial's table was not read or is corrected, and that it is shorter than the plan."""
    if table is None:
        return
    for missing in table.not_read:
        yield note_words("not-read", missing)
    for each in table.corrections:
        text = {lang: f"{each.printed} → {each.used}: {each.because[lang]}" for lang in LANGUAGES}
        yield note_words("corrected", text)
    if weeks > table.weeks:
        yield note_words("table-ends", table.weeks)
