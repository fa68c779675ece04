"""The load that can be lifted once (1RM), predicted from a set to failure, and loads for repetitions.

Valid from 2 to 10 repetitions; one repetition *is* the load. Beyond 10 the formulas part (Brzycki has a pole at
37) and none is trusted. A predicted 1RM is an estimate ("h1RM"), never a lifted one. Loads in kg or any one unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from exrx.errors import PlanError
from exrx.training.capacity.formula import Answer, Array, Formula, Numbers, Outside, Range, answer, numbers
from exrx.training.capacity.scales import load_scales

_REPETITIONS = Range("repetitions", 1, 10, "", "read")
_LOAD = Range("load", 0, 1000, "kg")
_PERCENT = Range("percent", 0, 100, "%")
HIGHEST_ASKED = 20  # the most repetitions that reynolds-2006 looked at

_FACTORS: dict[str, tuple[str, Callable[[Array], Array]]] = {
    "epley": ("load (1 + r / 30)", lambda r: 1 + r / 30),
    "brzycki": ("36 load / (37 - r)", lambda r: 36 / (37 - r)),
    "oconner": ("load (1 + 0.025 r)", lambda r: 1 + 0.025 * r),
    "lander": ("100 load / (101.3 - 2.67123 r)", lambda r: 100 / (101.3 - 2.67123 * r)),
    "lombardi": ("load r^0.1", lambda r: r**0.1),
    "mayhew": ("100 load / (52.2 + 41.9 exp(-0.055 r))", lambda r: 100 / (52.2 + 41.9 * np.exp(-0.055 * r))),
    "wathan": ("100 load / (48.8 + 53.8 exp(-0.075 r))", lambda r: 100 / (48.8 + 53.8 * np.exp(-0.075 * r))),
}
ONE_RM_FORMULAS = tuple(_FACTORS)
_TITLES = {"oconner": "O'Conner"}
_BY_NAME = {
    name: Formula(
        f"one-rm-{name}", f"1RM, {_TITLES.get(name, name.capitalize())}", text, "as the load", "repetition.one_rm",
        (_REPETITIONS, _LOAD), "one-rm-pages", "unverified", error="none found",
        note="2 to 10 repetitions to failure (the limit of 10: reynolds-2006); one repetition is the load itself.",
    )
    for name, (text, _) in _FACTORS.items()
}  # fmt: skip
LEG_PRESS = Formula(
    "one-rm-reynolds-leg-press", "1RM, Reynolds, leg press from 5RM", "1.0970 x 5RM + 14.2546", "kg",
    "repetition.reynolds_leg_press", (_LOAD,), "reynolds-2006", "primary",
    error="Sy.x 16.16 kg, R2 0.974 (70 people of 18 to 69)", see=16.16,
)  # fmt: skip
CHEST_PRESS = Formula(
    "one-rm-reynolds-chest-press", "1RM, Reynolds, chest press from 5RM", "1.1307 x 5RM + 0.6999", "kg",
    "repetition.reynolds_chest_press", (_LOAD,), "reynolds-2006", "primary",
    error="Sy.x 2.98 kg, R2 0.993 (70 people of 18 to 69)", see=2.98,
)  # fmt: skip
TABLE = Formula(
    "repetitions-percent", "Repetitions and % of 1RM", "table in protocols/training/scales.yaml", "%",
    "repetition.percent_for_repetitions", (Range("repetitions", 1, 12, "", "read"), _PERCENT),
    "repetition-table-page", "unverified", error="none found", note="A gym's table.",
)  # fmt: skip
FORMULAS = (*_BY_NAME.values(), LEG_PRESS, CHEST_PRESS, TABLE)


def one_rm(
    load: Numbers,
    repetitions: Numbers,
    formula: str,
    *,
    most_repetitions: int = 10,
    outside: Outside = "raise",
) -> Answer:
    """The predicted 1RM from `load` lifted `repetitions` times to failure, by the named formula.

    Epley w(1 + r/30); Brzycki 36w/(37 - r); O'Conner w(1 + 0.025r); Lander 100w/(101.3 - 2.67123r); Lombardi
    w r^0.1; Mayhew 100w/(52.2 + 41.9e^(-0.055r)); Wathan 100w/(48.8 + 53.8e^(-0.075r)). One repetition gives the
    load itself by every formula. NaN where an input is unknown. No errors were found.

    Raises:
        PlanError: no such formula; repetitions that are not whole, below 1 or above `most_repetitions` (10; at
            most 20, on the caller's word); a negative load.

    Source: everyday pages; the limit of 10 repetitions from Reynolds 2006. unverified
    """
    weight, factor = _weight_and_factor(load, repetitions, formula, most_repetitions, outside)
    return answer(weight * factor)


def load_for_repetitions(
    one_rm: Numbers,
    repetitions: Numbers,
    formula: str,
    *,
    most_repetitions: int = 10,
    outside: Outside = "raise",
) -> Answer:
    """The load that can be lifted `repetitions` times by someone with this 1RM; the inverse of `one_rm`.

    Raises:
        PlanError: as `one_rm`.

    Source: as `one_rm`. unverified
    """
    weight, factor = _weight_and_factor(one_rm, repetitions, formula, most_repetitions, outside)
    return answer(weight / factor)


def load_for_percent(one_rm: Numbers, percent: Numbers, *, outside: Outside = "raise") -> Answer:
    """The load that is `percent` (0-100) of the 1RM. NaN where an input is unknown.

    Raises:
        PlanError: a percentage outside 0 to 100 or a load outside 0 to 1000.
    """
    share = _PERCENT.check(numbers(percent, "percent"), outside)
    return answer(_LOAD.check(numbers(one_rm, "load"), outside) * share / 100)


def reynolds_leg_press(five_rm: Numbers, *, outside: Outside = "raise") -> Answer:
    """1RM (kg) of the leg press from the 5RM: 1.0970 x 5RM + 14.2546. Sy.x 16.16 kg. NaN for unknown.

    Raises:
        PlanError: a load outside 0 to 1000 kg (local).

    Source: Reynolds 2006 (70 people of 18 to 69 years). primary
    """
    (weight,) = LEG_PRESS.read(outside, load=five_rm)
    return answer(1.0970 * weight + 14.2546)


def reynolds_chest_press(five_rm: Numbers, *, outside: Outside = "raise") -> Answer:
    """1RM (kg) of the chest press from the 5RM: 1.1307 x 5RM + 0.6999. Sy.x 2.98 kg. NaN for unknown.

    Raises:
        PlanError: a load outside 0 to 1000 kg (local).

    Source: Reynolds 2006 (70 people of 18 to 69 years). primary
    """
    (weight,) = CHEST_PRESS.read(outside, load=five_rm)
    return answer(1.1307 * weight + 0.6999)


def percent_for_repetitions(repetitions: Numbers, *, outside: Outside = "raise") -> Answer:
    """The % of 1RM at which so many repetitions are possible, from the table (1 to 12). NaN for unknown.

    Raises:
        PlanError: repetitions outside 1 to 12, or not whole.

    Source: a gym's table. unverified
    """
    counts = _whole(TABLE.read(outside, repetitions=repetitions)[0], outside)
    known = load_scales().repetitions
    table = np.array([np.nan, *(known[count] for count in sorted(known))])
    return answer(table[np.where(np.isnan(counts), 0, counts).astype(np.intp)])


def repetitions_for_percent(percent: Numbers, *, outside: Outside = "raise") -> Answer:
    """The most repetitions that the table holds possible at `percent` of 1RM; between two rows the fewer.

    Raises:
        PlanError: a percentage above 100 or below the table's last row (70 %): the table ends there.

    Source: a gym's table. unverified
    """
    known = load_scales().repetitions
    falling = np.array([known[count] for count in sorted(known)])
    limit = Range("percent", float(falling[-1]), 100, "%")
    share = limit.check(TABLE.read(outside, percent=percent)[0], outside)
    counts = (falling >= share[..., None]).sum(axis=-1)
    return answer(np.where(np.isnan(share), np.nan, counts))


def _weight_and_factor(
    load: Numbers, repetitions: Numbers, formula: str, most: int, outside: Outside
) -> tuple[Array, Array]:
    if formula not in _FACTORS:
        raise PlanError(f"name the 1RM formula: {', '.join(ONE_RM_FORMULAS)}, not {formula!r}")
    if not isinstance(most, int) or not 2 <= most <= HIGHEST_ASKED:
        raise PlanError(f"most_repetitions must be a whole number from 2 to {HIGHEST_ASKED}, not {most!r}")
    (weight,) = _BY_NAME[formula].read(outside, load=load)
    counts = _whole(numbers(repetitions, "repetitions"), outside)
    few = _few_enough(counts, most, outside)
    return weight, np.where(few == 1, 1.0, _FACTORS[formula][1](few))


def _few_enough(counts: Array, most: int, outside: Outside) -> Array:
    wrong = (counts < 1) | (counts > most)
    if wrong.any() and outside == "raise":
        said = f"{counts[wrong].flat[0]:g} repetitions cannot predict the load that can be lifted once"
        raise PlanError(f"{said}: use a set of 2 to {most} to failure (1 is the load itself), with a heavier load")
    return np.where(wrong, np.nan, counts)


def _whole(counts: Array, outside: Outside) -> Array:
    broken = ~np.isnan(counts) & (counts != np.floor(counts))
    if broken.any() and outside == "raise":
        raise PlanError("repetitions must be whole numbers: count those that were completed")
    return np.where(broken, np.nan, counts)
