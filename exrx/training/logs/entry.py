"""A row of the session log: what was done of a planned session, or how a day without one went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from attrs import field, frozen

from exrx.errors import PlanError
from exrx.training.adaptations import everyone
from exrx.training.targets import Words

DAY = "day"
DONE = ("yes", "partly", "no")
SCALES = {"borg": (6.0, 20.0), "cr10": (0.0, 10.0)}
MOST_PAIN = 10

Fault = tuple[str, str, Words]


@frozen
class ExerciseDone:
    """What was lifted: kilograms, sets, repetitions of the last set, pain in the exercise (0-10). None: not said."""

    kilograms: float | None = None
    sets: int | None = None
    repetitions: int | None = None
    pain: int | None = None


@frozen
class SessionLog:
    """What was done of a planned session.

    `key` is the session's key in the plan, or `day` for a day without a session (then only symptoms, pain and note
    count). `done` is the word of whoever was there on what was asked: yes in full, partly, no. `minutes` run from
    warm-up to cool-down; `rpe` is the exertion of the session on `scale` (borg 6-20, cr10). `symptoms` is None when
    nothing is written and () when it was asked and there were none: only the latter is a symptom-free day.
    `stop_reason` is a KL code or a symptom; `pre_lowered` says that the session began easier because of the screening.

    Raises:
        PlanError: a value that no session can have; the message names the column.
    """

    key: str
    date: date
    done: str = "no"
    minutes: int | None = None
    rpe: float | None = None
    scale: str = "borg"
    loads: dict[str, ExerciseDone] = field(factory=dict)
    intervals_done: int | None = None
    symptoms: tuple[str, ...] | None = None
    pain: int | None = None
    stop_reason: str = ""
    pre_lowered: bool | None = None
    note: str = ""

    def __attrs_post_init__(self) -> None:
        for column, _, message in faults_of(self):
            raise PlanError(f"log of {self.key or 'a session'}: {column}: {message['en']}")

    @property
    def trained(self) -> bool:
        """True when some of the session was done."""
        return self.done != "no"

    @property
    def signs(self) -> frozenset[str]:
        """The symptoms, and the stop reason where it is one."""
        named = self.symptoms or ()
        return frozenset(named) | ({self.stop_reason} if self.stop_reason in everyone().symptoms else frozenset())

    @property
    def worst_pain(self) -> int:
        """The highest pain of the session and its exercises; 0 where none is written."""
        return max([self.pain or 0, *(each.pain or 0 for each in self.loads.values())])

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON; what is not said is left out."""
        loads = {
            name: {key: value for key, value in _said(each).items() if value is not None}
            for name, each in self.loads.items()
        }
        plain: dict[str, Any] = {"key": self.key, "date": self.date.isoformat()}
        plain |= {"done": self.done} if self.key != DAY else {}
        plain |= {"rpe": self.rpe, "scale": self.scale} if self.rpe is not None else {}
        for name in ("minutes", "intervals_done", "pain", "pre_lowered"):
            plain |= {name: getattr(self, name)} if getattr(self, name) is not None else {}
        plain |= {"symptoms": list(self.symptoms)} if self.symptoms is not None else {}
        plain |= {"loads": loads} if loads else {}
        return plain | {name: value for name in ("stop_reason", "note") if (value := getattr(self, name))}


def _said(each: ExerciseDone) -> dict[str, Any]:
    return {name: getattr(each, name) for name in ("kilograms", "sets", "repetitions", "pain")}


def faults_of(entry: Any) -> Iterator[Fault]:
    """What no session can have: the column, a code and the message, for everything with a log's attributes."""
    shared = everyone()
    if isinstance(entry.date, datetime) or not isinstance(entry.date, date):
        yield "date", "impossible-date", {"da": "datoen mangler", "en": "the date is missing"}
    if entry.done not in DONE:
        yield "done", "unknown-word", {"da": "skriv ja, delvist eller nej", "en": "write yes, partly or no"}
    longest = shared.number("longest_minutes")
    yield from _whole("minutes", entry.minutes, longest)
    yield from _whole("intervals_done", entry.intervals_done, longest)
    yield from _whole("pain", entry.pain, MOST_PAIN)
    yield from _exertion(entry)
    for name, each in entry.loads.items():
        yield from _lifted(name, each, shared.number("heaviest_kilograms"), longest)
    unknown = [word for word in entry.symptoms or () if word not in shared.symptoms]
    for word in unknown:
        said = _both("'{}' er intet symptom på listen", "'{}' is no symptom of the list", word)
        yield "symptoms", "unknown-symptom", said
    if entry.stop_reason and entry.stop_reason not in shared.stop_reasons and entry.stop_reason not in shared.symptoms:
        yield (
            "stop_reason",
            "unknown-stop-reason",
            _both("'{}' er ingen stopårsag på listen", "'{}' is no stop reason of the list", entry.stop_reason),
        )
    yield from _contradictions(entry)


def _exertion(entry: Any) -> Iterator[Fault]:
    if entry.scale not in SCALES:
        yield "scale", "unknown-word", {"da": "skalaen er borg eller cr10", "en": "the scale is borg or cr10"}
        return
    low, high = SCALES[entry.scale]
    if entry.rpe is None:
        return
    if not (_is_number(entry.rpe) and low <= entry.rpe <= high):
        yield (
            "rpe",
            "outside-scale",
            _both(
                "{} ligger uden for skalaen ({} går fra {:g} til {:g})",
                "{} lies outside its scale ({} runs from {:g} to {:g})",
                entry.rpe, entry.scale, low, high,
            ),
        )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(column: str, value: Any, most: int) -> Iterator[Fault]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        yield column, "not-a-number", _both("{!r} er ikke et helt tal", "{!r} is not a whole number", value)
    elif value < 0:
        yield column, "negative", _both("{} er mindre end 0", "{} is below 0", value)
    elif value > most:
        yield column, "too-large", _both("{} er mere end {}", "{} is more than {}", value, most)


def _lifted(name: str, each: ExerciseDone, heaviest: int, most: int) -> Iterator[Fault]:
    column, kilograms = f"load:{name}", each.kilograms
    if kilograms is not None and not (_is_number(kilograms) and 0 <= kilograms <= heaviest):
        yield (
            column,
            "impossible-load",
            _both("{} kg ligger ikke mellem 0 og {}", "{} kg does not lie between 0 and {}", kilograms, heaviest),
        )
    for value in (each.sets, each.repetitions):
        yield from _whole(column, value, most)
    yield from _whole(column, each.pain, MOST_PAIN)


_AGAINST: dict[str, Words] = {
    "minutes": {
        "da": "minutter af en træning, der ikke blev gennemført",
        "en": "minutes of a session that was not done",
    },
    "loads": {"da": "belastning i en træning, der ikke blev gennemført", "en": "loads in a session that was not done"},
    "nothing": {"da": "0 minutter af en gennemført træning", "en": "0 minutes of a session that was done"},
}


def _contradictions(entry: Any) -> Iterator[Fault]:
    if entry.done == "no" and entry.minutes:
        yield "minutes", "contradiction", _AGAINST["minutes"]
    if entry.done == "no" and entry.loads:
        yield "loads", "contradiction", _AGAINST["loads"]
    if entry.done == "yes" and entry.minutes == 0:
        yield "minutes", "contradiction", _AGAINST["nothing"]


def _both(da: str, en: str, *about: object) -> Words:
    return {"da": da.format(*about), "en": en.format(*about)}
