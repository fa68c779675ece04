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
    """What a day is: one of `STATES`, the cycle (from 1) and its day (1 is the infusion); 0 when outside."""

    state: str
    cycle: int = 0
    day: int = 0


OUTSIDE = TreatmentDay("outside")


@frozen
class Treatment:
    """The days of infusion, and how long the cycle is that begins on each."""

    infusions: tuple[date, ...]
    cycle_days: tuple[int, ...]
    label: Words = _OWN_DATES
    unverified: tuple[str, ...] = ()

    @classmethod
    def from_regimen(cls, regimen: str, first: date, delays: Mapping[int, int] | None = None) -> Treatment:
        """A regimen from its first infusion; `delays` are days by which a cycle (and all after it) comes later.

        Raises:
            PlanError: there is no such regimen, its number of cycles is not known, or a delay makes no sense.
        """
        known = load_regimens().by_id
        if regimen not in known:
            near = get_close_matches(str(regimen), known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(known)}"
            raise PlanError(f"there is no regimen '{regimen}'; {hint} Or give the infusions as dates")
        chosen = known[regimen]
        if not all(phase.cycles for phase in chosen.phases):
            raise PlanError(f"how many cycles '{regimen}' has is not known; give the infusions as dates")
        lengths = [phase.cycle_days for phase in chosen.phases for _ in range(phase.cycles)]
        starts = [first + timedelta(days=sum(lengths[:index])) for index in range(len(lengths))]
        treatment = cls(tuple(starts), tuple(lengths), chosen.label, chosen.unverified)
        for cycle, days in sorted((delays or {}).items()):
            treatment = treatment.delayed(cycle, days)
        return treatment

    @classmethod
    def from_dates(cls, infusions: Iterable[date], cycle_days: int | None = None) -> Treatment:
        """The patient's own dates; the last cycle is as long as the one before it, or `cycle_days`.

        Raises:
            PlanError: no date, a date twice, more than 60 dates, or one date without `cycle_days`.
        """
        days = tuple(sorted(infusions))
        if not days or len(set(days)) != len(days) or len(days) > MOST_CYCLES:
            raise PlanError(f"infusions must be 1 to {MOST_CYCLES} different dates")
        if cycle_days is not None and (isinstance(cycle_days, bool) or not 1 <= cycle_days <= LONGEST_CYCLE):
            raise PlanError(f"cycle_days must be 1 to {LONGEST_CYCLE}, not {cycle_days!r}")
        between = [(later - earlier).days for earlier, later in pairwise(days)]
        last = cycle_days or (between[-1] if between else None)
        if last is None:
            raise PlanError("one infusion needs cycle_days, the days until the next one")
        return cls(days, (*between, last))

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
        lengths = tuple(length + (days if n == cycle - 1 else 0) for n, length in enumerate(self.cycle_days, start=1))
        return evolve(self, infusions=infusions, cycle_days=lengths)

    def on(self, day: date) -> TreatmentDay:
        """What kind of day this is; `outside` before the first infusion and after the last cycle."""
        index = bisect_right(self.infusions, day) - 1
        if index < 0:
            return OUTSIDE
        number, length, policy = (day - self.infusions[index]).days + 1, self.cycle_days[index], load_regimens().policy
        if number > length:
            return OUTSIDE
        return TreatmentDay(_state(number, length, policy), index + 1, number)


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

    Only what is exactly known is used; nothing is guessed. A regimen alone says no date. Infusions are repeated as long
    as the regimen has cycles left; without that, only the ones that are known.
    """
    length = person.exact("chemotherapy_cycle_length")
    until, since = person.exact("next_chemotherapy"), person.exact("last_chemotherapy")
    if length is None or person.answer("on_chemotherapy") != "yes" or (until is None and since is None):
        return None
    known = [as_of + timedelta(days=sign * int(days)) for sign, days in ((-1, since), (1, until)) if _is_day(days)]
    if not known:
        return None
    left = _cycles_left(person) if _is_day(until) else 0
    following = [known[-1] + timedelta(days=int(length) * n) for n in range(1, left + 1)]
    treatment = Treatment.from_dates({*known, *following}, int(length))
    label = load_regimens().by_id.get(person.option("regimen") or "")
    return evolve(treatment, label=label.label) if label else treatment


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
    check_keys("treatment", given, ("regimen", "first", "delays", "infusions", "cycle_days"))
    if ("regimen" in given) == ("infusions" in given):
        raise PlanError("treatment needs either 'regimen' with 'first', or 'infusions' with the dates")
    if "infusions" in given:
        if not isinstance(given["infusions"], (list, tuple)):
            raise PlanError("treatment: infusions must be a list of dates")
        return Treatment.from_dates([day_in("infusions", each) for each in given["infusions"]], given.get("cycle_days"))
    if "first" not in given:
        raise PlanError("treatment: a regimen needs 'first', the date of the first infusion")
    delays = given.get("delays") or {}
    if not isinstance(delays, Mapping):
        raise PlanError("treatment: delays is cycle: days, such as {3: 7}")
    whole = {_whole("delays", cycle): _whole("delays", days) for cycle, days in delays.items()}
    return Treatment.from_regimen(given["regimen"], day_in("first", given["first"]), whole)


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
