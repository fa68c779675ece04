"""The chemotherapy calendar: which day of which cycle it is, and what kind of day that is for training.

A treatment comes from a regimen and a first day, from the patient's own dates, or from what the record says. Days are
counted as in the clinic: day 1 is the day of infusion. It never decides whether somebody trains.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeGuard

from attrs import evolve, frozen

from exrx.errors import PlanError
from exrx.library import library_root, shown_path
from exrx.rules.restriction import Intensity
from exrx.training.details import check_keys, day_in
from exrx.training.person import Person
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Node, read_yaml

MOST_CYCLES, LONGEST_CYCLE = 60, 365
STATES = ("infusion", "hard", "nadir", "usual", "outside")
_POLICY = (
    "hard_to_day", "hard_to_day_short", "short_cycle_days", "share_on_hard_days", "nadir_from_day", "nadir_to_day",
    "nadir_cycle_days", "blood_test_days",
)  # fmt: skip
_OWN_DATES: Words = {"da": "patientens egne datoer", "en": "the patient's own dates"}


@frozen
class Phase:
    """A run of equal cycles: days from infusion to infusion, and how many (0: not known)."""

    cycle_days: int
    cycles: int


@frozen
class Regimen:
    """A regimen's phases; `unverified` are its numbers that nobody has verified."""

    id: str
    label: Words
    phases: tuple[Phase, ...]
    unverified: tuple[str, ...]


@frozen
class Policy:
    """How the days after an infusion shape the training (regimens.yaml, `policy`)."""

    numbers: dict[str, int]
    hard_day_ceiling: Intensity
    train_on_infusion_day: bool
    unverified: tuple[str, ...]

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]


@frozen
class Regimens:
    """All regimens by id, and the policy."""

    by_id: dict[str, Regimen]
    policy: Policy


@frozen
class TreatmentDay:
    """What a day is: one of `STATES`, and its day of the cycle (1 is the infusion, 0 when outside).

    `cycle` is the number of the cycle, 0 where nobody says which it is.
    """

    state: str
    cycle: int = 0
    day: int = 0
    infusion: date | None = None


OUTSIDE = TreatmentDay("outside")


@frozen
class Treatment:
    """The days of infusion, and the planned length of the cycle that begins on each; a delay adds usual days to it.

    `first_cycle` is the number of the first infusion's cycle, 0 where nobody says.
    """

    infusions: tuple[date, ...]
    cycle_days: tuple[int, ...]
    label: Words = _OWN_DATES
    unverified: tuple[str, ...] = ()
    first_cycle: int = 0

    @classmethod
    def from_regimen(
        cls, regimen: str, first: date, delays: Mapping[int, int] | None = None, cycles: int | None = None
    ) -> Treatment:
        """A regimen from its first infusion; `delays` are days by which a cycle (and all after it) comes later.

        `cycles` says how many the last phase has, where the regimen's own number is not known or another was agreed.

        Raises:
            PlanError: there is no such regimen, its number of cycles is not known, or a delay makes no sense.
        """
        known = load_regimens().by_id
        if not isinstance(regimen, str) or regimen not in known:
            near = get_close_matches(str(regimen), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
            raise PlanError(f"there is no regimen '{regimen}'; {hint} Or give the infusions as dates")
        chosen = known[regimen]
        phases = [*chosen.phases[:-1], evolve(chosen.phases[-1], cycles=cycles or chosen.phases[-1].cycles)]
        if not all(0 < phase.cycles <= MOST_CYCLES for phase in phases):
            raise PlanError(f"how many cycles '{regimen}' has is not known; say it with 'cycles' (1 to {MOST_CYCLES})")
        lengths = [phase.cycle_days for phase in phases for _ in range(phase.cycles)]
        starts = [first + timedelta(days=sum(lengths[:index])) for index in range(len(lengths))]
        treatment = cls(tuple(starts), tuple(lengths), chosen.label, chosen.unverified, 1)
        for cycle, days in sorted((delays or {}).items()):
            treatment = treatment.delayed(cycle, days)
        return treatment

    @classmethod
    def from_dates(cls, infusions: Iterable[date], cycle_days: int | None = None) -> Treatment:
        """The patient's own dates; each cycle is planned to last `cycle_days`, else until the next (the last as long as
        the one before it).

        Raises:
            PlanError: no date, a date twice, more than 60 dates, more than a year between two, or one date without
                `cycle_days`.
        """
        days = tuple(sorted(infusions))
        if not days or len(set(days)) != len(days) or len(days) > MOST_CYCLES:
            raise PlanError(f"infusions must be 1 to {MOST_CYCLES} different dates")
        if cycle_days is not None and (isinstance(cycle_days, bool) or not 1 <= cycle_days <= LONGEST_CYCLE):
            raise PlanError(f"cycle_days must be 1 to {LONGEST_CYCLE}, not {cycle_days!r}")
        between = [(later - earlier).days for earlier, later in pairwise(days)]
        if max(between, default=0) > LONGEST_CYCLE:
            raise PlanError(f"more than {LONGEST_CYCLE} days between two infusions; is a date wrong?")
        if cycle_days is None and not between:
            raise PlanError("one infusion needs cycle_days, the days until the next one")
        lengths = (*between, between[-1]) if cycle_days is None else (cycle_days,) * len(days)
        return cls(days, tuple(lengths))

    def delayed(self, cycle: int, days: int) -> Treatment:
        """The same treatment with this cycle and all later ones so many days later.

        Raises:
            PlanError: there is no such cycle, or the days are not 1 to 365.
        """
        if not 1 <= cycle <= len(self.infusions):
            raise PlanError(f"there is no cycle {cycle}; the treatment has {len(self.infusions)}")
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST_CYCLE:
            raise PlanError(f"a delay is 1 to {LONGEST_CYCLE} days, not {days!r}")
        later = timedelta(days=days)
        infusions = tuple(on + later if n >= cycle else on for n, on in enumerate(self.infusions, start=1))
        return evolve(self, infusions=infusions)

    def on(self, day: date) -> TreatmentDay:
        """What kind of day this is; `outside` before the first infusion and after the last cycle."""
        index = bisect_right(self.infusions, day) - 1
        if index < 0:
            return OUTSIDE
        infusion, length = self.infusions[index], self.cycle_days[index]
        number, is_last = (day - infusion).days + 1, index == len(self.infusions) - 1
        if number > length and is_last:
            return OUTSIDE
        state = _state(number, length, load_regimens().policy) if number <= length else "usual"
        return TreatmentDay(state, self.first_cycle + index if self.first_cycle else 0, number, infusion)


def _state(day: int, length: int, policy: Policy) -> str:
    short = length < policy["short_cycle_days"]
    if day == 1:
        return "infusion"
    if day <= policy["hard_to_day_short" if short else "hard_to_day"]:
        return "hard"
    if length >= policy["nadir_cycle_days"] and policy["nadir_from_day"] <= day <= policy["nadir_to_day"]:
        return "nadir"
    return "usual"


def treatment_of(person: Person, as_of: date) -> Treatment | None:
    """The treatment that the record says: the next infusion and the cycle's length, or the last one; else None.

    Only what is exactly known is used, and a "next" infusion that has passed says nothing; nothing is guessed. A
    regimen alone says no date. Infusions are repeated as long as the regimen has cycles left, else only the known ones.
    """
    length = person.exact("chemotherapy_cycle_length")
    if length is None or person.answer("on_chemotherapy") != "yes":
        return None
    since, until = person.exact("last_chemotherapy"), _days_to_next(person, as_of)
    known = [as_of + timedelta(days=sign * int(days)) for sign, days in ((-1, since), (1, until)) if _is_day(days)]
    if not known:
        return None
    left = _cycles_left(person) if _is_day(until) else 0
    following = [known[-1] + timedelta(days=int(length) * n) for n in range(1, left + 1)]
    treatment = Treatment.from_dates({*known, *following}, int(length))
    begun, regimen = person.exact("chemotherapy_cycle"), load_regimens().by_id.get(person.option("regimen") or "")
    first = 0 if begun is None else int(begun) + (0 if _is_day(since) else 1)
    return evolve(treatment, label=regimen.label if regimen else treatment.label, first_cycle=first)


def _days_to_next(person: Person, as_of: date) -> float | None:
    """Days to the next infusion; a date that has passed counts as unknown, not as today."""
    until, entry = person.exact("next_chemotherapy"), person.inputs.get("next_chemotherapy")
    given = entry.given.get("value") if entry and isinstance(entry.given, Mapping) else entry and entry.given
    return None if until == 0 and str(given)[:10] != as_of.isoformat() else until


def _is_day(days: float | None) -> TypeGuard[float]:
    return days is not None and 0 <= days <= LONGEST_CYCLE


def _cycles_left(person: Person) -> int:
    """Infusions after the next one, where regimen and cycle number say so."""
    regimen = load_regimens().by_id.get(person.option("regimen") or "")
    done = person.exact("chemotherapy_cycle")
    if regimen is None or done is None or len({phase.cycle_days for phase in regimen.phases}) > 1:
        return 0
    return max(0, sum(phase.cycles for phase in regimen.phases) - int(done) - 1)


def read_treatment(given: Any) -> Treatment:
    """A treatment from a mapping: {regimen, first, delays: {cycle: days}} or {infusions: [dates], cycle_days}.

    Raises:
        PlanError: an unknown key or regimen, or a date that does not exist.
    """
    check_keys("treatment", given, ("regimen", "first", "cycles", "delays", "infusions", "cycle_days"))
    if ("regimen" in given) == ("infusions" in given):
        raise PlanError("treatment needs either 'regimen' with 'first', or 'infusions' with the dates")
    if "infusions" in given:
        check_keys("treatment with 'infusions'", given, ("infusions", "cycle_days"))
        if not isinstance(given["infusions"], (list, tuple)):
            raise PlanError("treatment: infusions must be a list of dates")
        length = given.get("cycle_days")
        days = None if length is None else _whole("cycle_days", length)
        return Treatment.from_dates([day_in("infusions", each) for each in given["infusions"]], days)
    check_keys("treatment with 'regimen'", given, ("regimen", "first", "cycles", "delays"))
    if "first" not in given:
        raise PlanError("treatment: a regimen needs 'first', the date of the first infusion")
    delays, cycles = given.get("delays") or {}, given.get("cycles")
    if not isinstance(delays, Mapping):
        raise PlanError("treatment: delays is cycle: days, such as {3: 7}")
    whole = {_whole("delays", cycle): _whole("delays", days) for cycle, days in delays.items()}
    number = None if cycles is None else _whole("cycles", cycles)
    return Treatment.from_regimen(given["regimen"], day_in("first", given["first"]), whole, number)


def _whole(what: str, given: Any) -> int:
    if isinstance(given, bool) or not str(given).isdecimal():
        raise PlanError(f"treatment: {what} must be whole numbers, not {given!r}")
    return int(given)


@lru_cache(maxsize=1)
def load_regimens() -> Regimens:
    """The shipped regimens and the policy.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    path = library_root() / "training" / "regimens.yaml"
    read = NumberReader()
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("regimens", "policy"), ("regimens", "policy"))
    entries = read.table(root.get("regimens"), "regimens").entries
    by_id = {name: _regimen(read, name, node) for name, node in entries.items()}
    policy = _policy(read, root.get("policy"))
    read.finish(shown_path(path))
    return Regimens(by_id, policy)


def _regimen(read: NumberReader, name: str, node: Node) -> Regimen:
    table = read.table(node, name, ("label", "phases"), ("label", "phases"))
    before, keys, phases = len(read.unverified), ("cycle_days", "cycles"), []
    for number, item in enumerate(read.several(table.get("phases"), f"{name}: phases"), start=1):
        phase = read.table(item, f"{name}.{number}", keys, keys)
        days = read.number(phase.get("cycle_days"), f"regimens.{name}.{number}.cycle_days", lowest=1)
        phases.append(Phase(days, read.number(phase.get("cycles"), f"regimens.{name}.{number}.cycles")))
    label = read.both_languages(table.get("label"), name)
    return Regimen(name, label, tuple(phases), tuple(read.unverified[before:]))


def _policy(read: NumberReader, node: Node | None) -> Policy:
    choices = {"hard_day_ceiling": Intensity.words(), "train_on_infusion_day": ("yes", "no")}
    keys = (*_POLICY, *choices)
    table, before, chosen = read.table(node, "policy", keys, keys), len(read.unverified), {}
    numbers = {name: read.number(table.get(name), f"regimens.policy.{name}") for name in _POLICY}
    for name, words in choices.items():
        needed = ("value", "source", "verified")
        entry = read.table(table.get(name), name, (*needed, "note"), needed)
        read.origin(entry.get("source"), entry.get("verified"), f"regimens.policy.{name}")
        chosen[name] = read.one_of(entry.get("value"), name, words) or words[0]
    ceiling = Intensity.from_word(chosen["hard_day_ceiling"])
    return Policy(numbers, ceiling, chosen["train_on_infusion_day"] == "yes", tuple(read.unverified[before:]))
