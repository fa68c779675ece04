"""The weeks of a course on their dates: placed around days, class and treatment, lowered on hard days, with the
patient's own numbers, and checked against the targets as they lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import define, field, frozen

from exrx.training.course import Course
from exrx.training.details import check_keys
from exrx.training.exercises import load_exercises
from exrx.training.personal import Numbers, with_numbers
from exrx.training.plan_parts import LeftOut, PlanDay, PlanWeek, TreatmentNote
from exrx.training.session import Dose, Pattern, Session, activity_week
from exrx.training.targets import DAYS_A_WEEK, Target, Words, check_week
from exrx.training.template import Training
from exrx.training.weeks.availability import Availability, days_of, read_availability
from exrx.training.weeks.calendar import STRENGTH_DAYS_APART, WISHES, Before, Item, place_week
from exrx.training.weeks.classes import Class, load_class
from exrx.training.weeks.lowering import lowered
from exrx.training.weeks.treatment import OUTSIDE, Treatment, TreatmentDay, load_regimens, read_treatment
from exrx.training.wording import difference

_LANGUAGES = ("da", "en")
_SAY: dict[str, Words] = {
    "hard": {
        "da": "dag {day} i kemoserien{cycle}: kortere og lettere",
        "en": "day {day} of the chemotherapy cycle{cycle}: shorter and easier",
    },
    "nadir": {
        "da": "dag {day} i kemoserien{cycle}: se en blodprøve, højst {days} dage gammel, før der trænes",
        "en": "day {day} of the chemotherapy cycle{cycle}: see a blood test, at most {days} days old, before training",
    },
    "left out": {"da": "ingen dag: {wishes}", "en": "no day for it: {wishes}"},
    "no room": {"da": "ingen dag: flere træningsgange end dage", "en": "no day for it: more sessions than days"},
    "moved": {"da": "flyttet fra {day}", "en": "moved from {day}"},
}
_WEEKDAYS = {
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@frozen
class Frame:
    """What the weeks are laid around. Nothing given: the programme's own days, and no treatment."""

    availability: Availability | None = None
    treatment: Treatment | None = None
    klass: Class | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Frame:
        """The frame in a mapping with the keys `days`, `treatment` and `class` (an id or a file).

        Raises:
            PlanError: an unknown key, class, regimen or weekday, or an impossible date.
        """
        given = given or {}
        check_keys("the frame", given, ("days", "treatment", "class"))
        return cls(
            read_availability(given["days"]) if given.get("days") is not None else None,
            read_treatment(given["treatment"]) if given.get("treatment") is not None else None,
            load_class(given["class"]) if given.get("class") is not None else None,
        )

    @property
    def is_empty(self) -> bool:
        """True when the programme's own days hold."""
        return self.availability is None and self.treatment is None and self.klass is None

    @property
    def unverified(self) -> tuple[str, ...]:
        """What of treatment and class nobody has verified."""
        treated = (*self.treatment.unverified, *load_regimens().policy.unverified) if self.treatment else ()
        return (*treated, *(self.klass.unverified if self.klass else ()))


@frozen
class Laid:
    """The weeks, and the treatment that they were laid around."""

    weeks: tuple[PlanWeek, ...]
    treatment: TreatmentNote | None = None


def schedule(
    course: Course,
    frame: Frame,
    start: date,
    weeks: int,
    targets: Sequence[Target],
    numbers: Numbers,
    base: Training,
    class_weekdays: tuple[int, ...],
) -> Laid:
    """The weeks of a course from `start`, each on its days and checked against the targets.

    `base` gives zones and loads, `class_weekdays` the days on which there is a class; a programme that may not be
    followed in a group has its supervised sessions on any day. What has no day is left out, with the wishes that are
    in the way.
    """
    layer = _Layer(course, frame, targets, numbers, base, class_weekdays)
    laid = tuple(layer.week(number, start + timedelta(weeks=number - 1)) for number in range(1, weeks + 1))
    return Laid(laid, layer.treatment_note(start, laid))


@define
class _Layer:
    """Lays one week after the other; keeps what the last week ended with, and sessions that it has made."""

    course: Course
    frame: Frame
    targets: Sequence[Target]
    numbers: Numbers
    base: Training
    class_weekdays: tuple[int, ...]
    before: Before = ()
    last: Pattern | None = None
    _made: dict[tuple[int, bool], tuple[Session, Session | None]] = field(factory=dict, init=False)

    def week(self, number: int, first: date) -> PlanWeek:
        """The week of this number, from its first day."""
        pattern = self.course.week(number)
        offsets = sorted((weekday - first.weekday()) % DAYS_A_WEEK for weekday in pattern)
        sessions = {
            f"w{number:02d}-{place}": (offset, pattern[(first.weekday() + offset) % DAYS_A_WEEK])
            for place, offset in enumerate(offsets, start=1)
        }
        on, left_out = self._placed(first, sessions)
        days = tuple(self._day(first, offset, on.get(offset), sessions) for offset in range(DAYS_A_WEEK))
        done: Pattern = {offset: day.session for offset, day in enumerate(days) if day.session}
        active = activity_week(done)
        checks = tuple(check_week(active, target) for target in self.targets)
        change = difference(self.last, done)
        self.last = done
        return PlanWeek(number, days, Dose.of(done), change, checks, tuple(left_out))

    def _placed(self, first: date, sessions: dict[str, tuple[int, Session]]) -> tuple[dict[int, str], list[LeftOut]]:
        """The session's key on each day, and what has no day."""
        if self.frame.is_empty:
            return {offset: key for key, (offset, _) in sessions.items()}, []
        availability = self.frame.availability or Availability()
        days = days_of(first, availability, self._class_weekdays(), self.frame.treatment)
        items = [Item.of(key, session, offset, _muscles(session)) for key, (offset, session) in sessions.items()]
        placement = place_week(items, days, self.before, drop=True)
        ends = [(placement.days[item.key] - DAYS_A_WEEK, item) for item in items if item.key in placement.days]
        self.before = tuple((offset, item) for offset, item in ends if offset > -STRENGTH_DAYS_APART)
        left_out = [LeftOut(key, _why(wishes)) for key, wishes in placement.left_out.items()]
        return {offset: key for key, offset in placement.days.items()}, left_out

    def _class_weekdays(self) -> frozenset[int] | None:
        if "group" in self.course.restriction.formats_forbidden:
            return None
        return frozenset(self.class_weekdays)

    def _day(self, first: date, on_day: int, key: str | None, sessions: dict[str, tuple[int, Session]]) -> PlanDay:
        on = first + timedelta(days=on_day)
        treatment = self.frame.treatment.on(on) if self.frame.treatment else OUTSIDE
        said = f"day {treatment.day} {treatment.state}" if treatment is not OUTSIDE else ""
        said = f"cycle {treatment.cycle} {said}" if treatment.cycle else said
        if key is None:
            return PlanDay(on, None, treatment=said)
        offset, planned = sessions[key]
        session = self._session(planned, treatment.state == "hard")
        usual = (first.weekday() + offset) % DAYS_A_WEEK
        notes = tuple(_notes(treatment, on.weekday(), usual)) if session else ()
        return PlanDay(on, session, key, notes, said)

    def _session(self, planned: Session, hard: bool) -> Session | None:
        """The session with the patient's numbers, made easier on a hard day; each is made once."""
        if (id(planned), hard) not in self._made:
            policy = load_regimens().policy
            made: Session | None = planned
            if hard:
                share, ceiling = policy["share_on_hard_days"], policy.hard_day_ceiling
                made = lowered(planned, share, ceiling, self.base.zones, self.base.loads)
            numbered = with_numbers(made, self.numbers, self.base.loads) if made else None
            self._made[id(planned), hard] = (planned, numbered)  # keeps `planned`, so that its id stays its own
        return self._made[id(planned), hard][1]

    def treatment_note(self, start: date, weeks: Sequence[PlanWeek]) -> TreatmentNote | None:
        """The infusions inside the plan and the first after it, and when blood tests are due."""
        treatment = self.frame.treatment
        if treatment is None:
            return None
        end = weeks[-1].days[-1].date
        later = [day for day in treatment.infusions if day > end][:1]
        infusions = [day for day in treatment.infusions if start <= day <= end]
        return TreatmentNote(treatment.label, (*infusions, *later), tuple(_blood_tests(weeks)))


def _muscles(session: Session) -> frozenset[str]:
    known = load_exercises().by_id
    strength = [exercise.id for part in session.parts for exercise in part.exercises if exercise.sets]
    return frozenset(muscle for name in strength for muscle in known[name].muscles)


def _why(wishes: tuple[str, ...]) -> Words:
    if not wishes:
        return _SAY["no room"]
    return {
        lang: _SAY["left out"][lang].format(wishes=", ".join(WISHES[w][lang] for w in wishes)) for lang in _LANGUAGES
    }


def _notes(treatment: TreatmentDay, weekday: int, usual: int) -> Iterator[Words]:
    if weekday != usual:
        yield {lang: _SAY["moved"][lang].format(day=_WEEKDAYS[lang][usual]) for lang in _LANGUAGES}
    if treatment.state in ("hard", "nadir"):
        days = load_regimens().policy["blood_test_days"]
        cycle = f" ({treatment.cycle})" if treatment.cycle else ""
        facts: dict[str, Any] = {"day": treatment.day, "cycle": cycle, "days": days}
        yield {lang: _SAY[treatment.state][lang].format(**facts) for lang in _LANGUAGES}


def _blood_tests(weeks: Iterable[PlanWeek]) -> Iterator[date]:
    """When blood tests are taken: the day before each session in the nadir window that no earlier one covers."""
    days, last = load_regimens().policy["blood_test_days"], None
    for day in (day for week in weeks for day in week.days):
        if day.session and day.treatment.endswith("nadir") and (last is None or (day.date - last).days > days):
            last = day.date - timedelta(days=1)
            yield last
