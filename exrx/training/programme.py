"""A training programme of either kind, as the prescriber follows it: a template's ladder or a trial's table."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from attrs import evolve, frozen

from exrx.errors import PlanError
from exrx.rules.restriction import Restriction
from exrx.training.builder import Baseline, ladder
from exrx.training.course import Course, LadderCourse
from exrx.training.explain import House
from exrx.training.table import TableCourse, TableTraining, load_table
from exrx.training.table.course import POLICY
from exrx.training.targets import Target, Words
from exrx.training.template import Difference, Training, load_training, shipped_programmes

_PART_WORDS: dict[str, Words] = {
    "start_minutes": {"da": "minutter ad gangen fra start", "en": "minutes a session at the start"},
    "start_home_days": {"da": "dage hjemme fra start", "en": "days at home at the start"},
    "step_minutes": {"da": "stigning ad gangen", "en": "step in minutes"},
    "weeks_per_step": {"da": "uger mellem stigninger", "en": "weeks between steps"},
    "vigorous_top_minutes": {"da": "minutter med høj intensitet højst", "en": "vigorous minutes at most"},
    "top_minutes": {"da": "minutter ad gangen højst", "en": "minutes a session at most"},
    "class_minutes": {"da": "træningsgangens længde", "en": "length of a session"},
    "strength_stages": {"da": "styrketræningens trin", "en": "stages of strength training"},
    "class_weekdays": {"da": "ugedage", "en": "weekdays"},
    "home_weekdays": {"da": "ugedage hjemme", "en": "weekdays at home"},
    "slots": {"da": "øvelser", "en": "exercises"},
    "aerobic": {"da": "konditionsøvelser", "en": "aerobic exercises"},
}


class InClass(Protocol):
    """What a class gives a template: weekdays (Monday 0) and the minutes of its parts."""

    @property
    def training_weekdays(self) -> tuple[int, ...]:
        """The days of physical training."""

    @property
    def anatomy(self) -> dict[str, int]:
        """Minutes of the class and of its parts, by the template's parameter."""


@frozen(eq=False)
class Programme:
    """A template with what every programme has in common. `base` gives zones, loads and the policy at home."""

    id: str
    version: str
    sha256: str
    title: Words
    caveat: Words
    checked_against: tuple[str, ...]
    unverified: tuple[str, ...]
    base: Training
    class_weekdays: tuple[int, ...]
    table: TableTraining | None = None

    @property
    def starts_from_baseline(self) -> bool:
        """True for a ladder, which begins where the patient is; a table begins with its first week."""
        return self.table is None

    @property
    def valid_days(self) -> int:
        """How many days after the decision a plan may start."""
        return self.base["decision_valid_days"]

    @property
    def house(self) -> House:
        """What the explanations need besides the weeks."""
        return House(self.base.home_by_supervision, self.base.known_avoidances, self.base.alone)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What the programme changes in the one it extends."""
        return self.base.differences if self.table is None else ()

    def part_words(self, part: str, lang: str) -> str:
        """A parameter of the template in words."""
        return _PART_WORDS.get(part, dict.fromkeys(("da", "en"), part.replace("_", " ")))[lang]

    def in_class(self, klass: InClass) -> Programme:
        """The programme in this class: on its weekdays, and a ladder with its minutes; a table keeps its own."""
        return evolve(self, base=_in_class(self.base, klass), class_weekdays=klass.training_weekdays)

    def course(
        self, restriction: Restriction, baseline: Baseline, target: Target, maximum: int | None, pace: int
    ) -> Course:
        """The programme followed by one patient towards a target."""
        if self.table is not None:
            return TableCourse(self.table, restriction, maximum)
        return LadderCourse(self.base, ladder(self.base, target), baseline, restriction, maximum, pace)


def _in_class(training: Training, klass: InClass) -> Training:
    days = klass.training_weekdays
    home = tuple(day for day in (*training.home_weekdays, *training.class_weekdays) if day not in days)
    minutes = {
        name: evolve(training.parameters[name], value=str(value), note="the class's own")
        for name, value in klass.anatomy.items()
    }
    return evolve(
        training, class_weekdays=days, home_weekdays=home, parameters=training.parameters | minutes
    )


def load_programme(training: str | Path | Training | TableTraining | Programme) -> Programme:
    """The programme with this id, or in this file.

    Raises:
        PlanError: there is no such programme.
        ProtocolError: a file contradicts itself; every fault with its place.
    """
    if isinstance(training, Programme):
        return training
    if isinstance(training, TableTraining):
        return _of_table(training)
    if not isinstance(training, Training) and _is_table(training):
        return _of_table(load_table(training))
    if isinstance(training, str) and training not in shipped_programmes() and not Path(training).suffix:
        raise PlanError(_unknown(training))
    template = load_training(training)
    return Programme(
        template.id, template.version, template.sha256, template.title, template.caveat, template.checked_against,
        template.unverified, template, template.class_weekdays,
    )


def _unknown(training: str) -> str:
    near = get_close_matches(training, shipped_programmes(), n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    known = ", ".join(shipped_programmes())
    return f"there is no training programme '{training}'. {hint}Use one of: {known}, or a file"


def _is_table(training: str | Path) -> bool:
    """True for a shipped table's id, and for a file that says so in a line of its own."""
    if training in shipped_programmes():
        return shipped_programmes()[str(training)] == "table"
    path = Path(training) if isinstance(training, (str, Path)) else Path()
    return path.is_file() and "kind: table" in path.read_text(encoding="utf-8", errors="replace").splitlines()


def _of_table(table: TableTraining) -> Programme:
    base = load_training(POLICY)
    caveat = {lang: f"{table.population[lang]}. {table.caveat[lang]}" for lang in ("da", "en")}
    policy = [name for name in base.unverified if name.startswith(("exercises", "home_by", "without", "decision"))]
    return Programme(
        table.id, table.version, table.sha256, table.title, caveat, table.checked_against,
        (*table.unverified, *(f"{POLICY}.{name}" for name in policy)), base, table.weekdays("class"), table,
    )
