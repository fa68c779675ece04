"""What the people around a plan add to it: goals, who is responsible and informed, phone numbers, tested loads.

`Details.of` reads a mapping (YAML or JSON, see docs/plans.md). The screening does not need any of this; a plan is only
final with it. Nothing here changes what a patient may do, except the loads, which become kilograms in the plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from attrs import asdict, field, frozen

from exrx.errors import PlanError
from exrx.training.exercises import load_exercises
from exrx.training.targets import Words

GOAL_TYPES = ("function", "capacity", "relief", "quality-of-life")
URGENCIES = ("emergency", "same-day", "question")
FIRST_YEAR, LAST_YEAR = 1900, 2200
FEWEST_REPETITIONS, MOST_REPETITIONS, HEAVIEST = 1, 10, 500
_NEEDED: dict[str, Words] = {
    "goals": {"da": "patientens egne mål", "en": "the patient's own goals"},
    "responsible": {"da": "en ansvarlig person", "en": "a responsible person"},
    "purpose": {"da": "formålet med træningen", "en": "the purpose of the training"},
    "evaluation": {"da": "tidspunkt for evaluering", "en": "the time of evaluation"},
    "informed": {"da": "hvem der er informeret", "en": "who is informed"},
}
_TEXTS = (
    "responsible", "purpose", "coordinator", "contact", "interpreter", "transport", "continuation",
    "what_matters_most",
)  # fmt: skip


@frozen
class Goal:
    """What the patient wants, in own words, and what kind of goal it is (one of `GOAL_TYPES`)."""

    text: str
    type: str = "function"


@frozen
class Phone:
    """Whom to ring, and when: `emergency`, `same-day` or `question`. Local numbers only; none are shipped."""

    urgency: str
    name: str
    number: str


@frozen
class TestedLoad:
    """What was lifted in a test: kilograms, and how many repetitions it was lifted."""

    __test__ = False
    exercise: str
    kilograms: float
    repetitions: int
    date: date | None = None


@frozen
class Details:
    """What a plan needs besides the decision; every part may be empty."""

    goals: tuple[Goal, ...] = ()
    what_matters_most: str = ""
    responsible: str = ""
    purpose: str = ""
    evaluation: date | None = None
    informed: tuple[str, ...] = ()
    coordinator: str = ""
    contact: str = ""
    interpreter: str = ""
    transport: str = ""
    continuation: str = ""
    phones: tuple[Phone, ...] = ()
    tested_loads: dict[str, TestedLoad] = field(factory=dict)

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Details:
        """The details in a mapping.

        Raises:
            PlanError: an unknown key, an unknown exercise, a load that no repetition maximum can be predicted from.
        """
        return _read(given or {})

    def missing(self) -> tuple[Words, ...]:
        """What a final plan still needs, in both languages."""
        return tuple(words for name, words in _NEEDED.items() if not getattr(self, name))

    def to_dict(self) -> dict[str, Any]:
        """The details as JSON; empty parts are left out. `Details.of` reads it back."""
        plain = {name: value for name in _TEXTS if (value := getattr(self, name))}
        if self.goals:
            plain["goals"] = [asdict(goal) for goal in self.goals]
        if self.evaluation:
            plain["evaluation"] = self.evaluation.isoformat()
        if self.informed:
            plain["informed"] = list(self.informed)
        if self.phones:
            plain["phones"] = [asdict(phone) for phone in self.phones]
        if self.tested_loads:
            plain["tested_loads"] = {load.exercise: _load_dict(load) for load in self.tested_loads.values()}
        return plain


def _load_dict(load: TestedLoad) -> dict[str, Any]:
    plain: dict[str, Any] = {"kilograms": load.kilograms, "repetitions": load.repetitions}
    return plain | ({"date": load.date.isoformat()} if load.date else {})


_KEYS = (*_TEXTS, "goals", "evaluation", "informed", "phones", "tested_loads")


def _read(given: Mapping[str, Any]) -> Details:
    check_keys("the details", given, _KEYS)
    texts = {name: _text(name, given[name]) for name in _TEXTS if given.get(name) is not None}
    evaluation = given.get("evaluation")
    return Details(
        goals=tuple(_goals(given.get("goals"))),
        evaluation=None if evaluation is None else day_in("evaluation", evaluation),
        informed=tuple(_text("informed", item) for item in _several("informed", given.get("informed"))),
        phones=tuple(_phones(given.get("phones"))),
        tested_loads={load.exercise: load for load in _loads(given.get("tested_loads"))},
        **texts,
    )


def check_keys(what: str, given: Any, known: Iterable[str]) -> None:
    """Raise PlanError unless `given` is a mapping whose keys are all known."""
    if not isinstance(given, Mapping):
        raise PlanError(f"{what} must be a block of keys and values, not {given!r}")
    known = tuple(known)
    for key in given:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
            raise PlanError(f"{what}: there is no key '{key}'; {hint}")


def day_in(what: str, given: Any) -> date:
    """A date given as a date or as YYYY-MM-DD; PlanError names what it was for."""
    try:
        day = given if type(given) is date else date.fromisoformat(str(given))
    except ValueError:
        raise PlanError(f"{what}: '{given}' is not a date that exists; write it as 2026-11-23") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise PlanError(f"{what}: the year {day.year} cannot be meant; write the date as 2026-11-23")
    return day


def number_in(what: str, given: Any) -> float:
    """A number given as one or as text, with a decimal point or comma; PlanError names what it was for."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise PlanError(f"{what} must be a number, not {given!r}")
    try:
        number = float(str(given).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise PlanError(f"{what} must be a number, not {given!r}")
    return number


def _text(what: str, given: Any) -> str:
    if not isinstance(given, (str, int)) or isinstance(given, bool):
        raise PlanError(f"{what} must be a word or a sentence, not {given!r}")
    return " ".join(str(given).split())


def _several(what: str, given: Any) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, (str, Mapping)):
        return [given]
    if not isinstance(given, (list, tuple)):
        raise PlanError(f"{what} must be a list, not {given!r}")
    return list(given)


def _goals(given: Any) -> Iterator[Goal]:
    for item in _several("goals", given):
        if not isinstance(item, Mapping):
            yield Goal(_text("goals", item))
            continue
        check_keys("goals", item, ("text", "type"))
        kind = str(item.get("type", "function")).replace("_", "-")
        if kind not in GOAL_TYPES:
            raise PlanError(f"goals: '{kind}' is no type of goal; use one of: {', '.join(GOAL_TYPES)}")
        yield Goal(_text("goals: text", item.get("text", "")), kind)


def _phones(given: Any) -> Iterator[Phone]:
    for item in _several("phones", given):
        check_keys("phones", item, ("urgency", "name", "number"))
        if item.get("urgency") not in URGENCIES:
            raise PlanError(f"phones: urgency is one of {', '.join(URGENCIES)}, not {item.get('urgency')!r}")
        yield Phone(item["urgency"], _text("phones: name", item.get("name", "")), _text("phones", item.get("number")))


def _loads(given: Any) -> Iterator[TestedLoad]:
    if given is None:
        return
    known = load_exercises().by_id
    check_keys("tested_loads", given, (name for name, exercise in known.items() if exercise.kind == "strength"))
    for name, item in given.items():
        check_keys(f"tested_loads: {name}", item, ("kilograms", "repetitions", "date"))
        kilograms = number_in(f"tested_loads: {name}: kilograms", item.get("kilograms"))
        repetitions = number_in(f"tested_loads: {name}: repetitions", item.get("repetitions"))
        if not 0 < kilograms <= HEAVIEST:
            raise PlanError(f"tested_loads: {name}: kilograms must be above 0 and at most {HEAVIEST}")
        if repetitions % 1 or not FEWEST_REPETITIONS <= repetitions <= MOST_REPETITIONS:
            raise PlanError(
                f"tested_loads: {name}: the most that can be lifted once is predicted from "
                f"{FEWEST_REPETITIONS} to {MOST_REPETITIONS} repetitions, not from {repetitions:g}; "
                "test again with a heavier load"
            )
        on = item.get("date")
        yield TestedLoad(name, kilograms, int(repetitions), None if on is None else day_in(f"{name}: date", on))
