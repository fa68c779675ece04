"""The six-minute walk: what healthy people of the same age, sex and size walk, by seven named norms.

The norms disagree by more than any clinical change (574 to 706 m for one man of 60): a percentage without the
norm's name means nothing, so there is no default. `sex` other or unknown gives NaN where the norm needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exrx.errors import PlanError
from exrx.training.capacity.formula import (
    HEIGHT,
    MASS,
    Answer,
    Array,
    Formula,
    Numbers,
    Outside,
    Range,
    answer,
    by_sex,
    numbers,
)

METRES = Range("metres", 0, 1000, "m")
_SIZE = (HEIGHT, MASS)


def _norm(name: str, text: str, ages: Range, size: tuple[Range, ...], **more: Any) -> Formula:
    known = {"source": "six-minute-walk-table", "verified": "secondary", **more}
    title = name.replace("-", " ").capitalize()
    function = f"walking.{name.replace('-', '_')}"
    return Formula(f"walk-{name}", f"6-minute walk, {title}", text, "m", function, (ages, *size), **known)


ENRIGHT_1998 = _norm(
    "enright-1998", "men 7.57 cm - 5.02 age - 1.76 kg - 309; women 2.11 cm - 2.29 kg - 5.78 age + 667",
    Range("age", 40, 80, "years", "read"), _SIZE, source="enright-1998", verified="primary",
    error="explains about 40 % of the variance",
)  # fmt: skip
ENRIGHT_1998_LIMIT = Formula(
    "walk-enright-1998-lower-limit", "6-minute walk, lower limit of normal (Enright 1998)",
    "norm - 153 men, - 139 women", "m", "walking.enright_1998_lower_limit", ENRIGHT_1998.ranges, "recalled-capacity",
    "unverified", note="Recalled; the paper's own table was not seen.",
)  # fmt: skip
ENRIGHT_2003 = _norm(
    "enright-2003", "510 (men) or 493 (women) + 2.2 cm - 0.93 kg - 5.3 age",
    Range("age", 68, 110, "years", "recalled"), _SIZE, error="r2 0.20", note="Elderly people.",
)  # fmt: skip
TROOSTERS = _norm(
    "troosters", "218 + 5.14 cm - 5.32 age - 1.80 kg + 51.31 male", Range("age", 50, 85, "years", "read"), _SIZE,
    error="r2 0.66 (51 people)", note="A 50 m corridor with encouragement.",
)  # fmt: skip
GIBBONS = _norm(
    "gibbons", "868.8 - 2.99 age - 74.7 female", Range("age", 20, 80, "years", "recalled"), (), error="r2 0.41"
)
CHETTA = _norm(
    "chetta", "518.853 + 1.25 cm - 2.816 age - 39.07 female", Range("age", 20, 50, "years", "recalled"), (HEIGHT,),
    error="r2 0.42",
)  # fmt: skip
JENKINS = _norm(
    "jenkins", "men 867 - 5.71 age + 1.03 cm; women 525 - 2.86 age + 2.71 cm - 6.22 BMI",
    Range("age", 45, 85, "years", "read"), _SIZE, error="explains 40 % (men) and 43 % (women) of the variance",
)  # fmt: skip
HILL = _norm(
    "hill", "970.7 - 5.5 age + 56.3 male", Range("age", 45, 85, "years", "recalled"), (), error="none found"
)  # fmt: skip
FORMULAS = (ENRIGHT_1998, ENRIGHT_1998_LIMIT, ENRIGHT_2003, TROOSTERS, GIBBONS, CHETTA, JENKINS, HILL)


def enright_1998(age: Numbers, sex: Any, height: Numbers, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """Metres: men 7.57 cm - 5.02 age - 1.76 kg - 309; women 2.11 cm - 2.29 kg - 5.78 age + 667.

    Explains about 40 % of the variance. NaN where an input is unknown.

    Raises:
        PlanError: age outside 40 to 80 years; height or mass outside 120-230 cm, 25-300 kg (local).

    Source: Enright and Sherrill 1998. primary
    """
    return answer(_enright_1998(age, sex, height, mass, outside)[0])


def enright_1998_lower_limit(
    age: Numbers, sex: Any, height: Numbers, mass: Numbers, *, outside: Outside = "raise"
) -> Answer:
    """The lower limit of normal in metres: `enright_1998` less 153 (men) or 139 (women).

    Raises:
        PlanError: as `enright_1998`.

    Source: recalled. unverified
    """
    norm, male = _enright_1998(age, sex, height, mass, outside)
    return answer(norm - 139 - 14 * male)


def _enright_1998(age: Numbers, sex: Any, height: Numbers, mass: Numbers, outside: Outside) -> tuple[Array, Array]:
    years, male, tall, weight = ENRIGHT_1998.read(outside, age=age, sex=sex, height=height, mass=mass)
    men = 7.57 * tall - 5.02 * years - 1.76 * weight - 309
    women = 2.11 * tall - 2.29 * weight - 5.78 * years + 667
    return by_sex(male, men, women), male


def enright_2003(age: Numbers, sex: Any, height: Numbers, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """Metres: 510 (men) or 493 (women) + 2.2 cm - 0.93 kg - 5.3 age. r2 0.20. NaN where an input is unknown.

    Raises:
        PlanError: age below 68 (recalled); height or mass outside the local limits.

    Source: as tabled in the European Respiratory Journal. secondary
    """
    years, male, tall, weight = ENRIGHT_2003.read(outside, age=age, sex=sex, height=height, mass=mass)
    return answer(493 + 17 * male + 2.2 * tall - 0.93 * weight - 5.3 * years)


def troosters(age: Numbers, sex: Any, height: Numbers, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """Metres: 218 + 5.14 cm - 5.32 age - 1.80 kg + 51.31 (male). r2 0.66. NaN where an input is unknown.

    Raises:
        PlanError: age outside 50 to 85; height or mass outside the local limits.

    Source: Troosters 1999: age range from the abstract, equation as tabled in the same journal. secondary
    """
    years, male, tall, weight = TROOSTERS.read(outside, age=age, sex=sex, height=height, mass=mass)
    return answer(218 + 5.14 * tall - 5.32 * years - 1.80 * weight + 51.31 * male)


def gibbons(age: Numbers, sex: Any, *, outside: Outside = "raise") -> Answer:
    """Metres: 868.8 - 2.99 age - 74.7 (female). r2 0.41. NaN where an input is unknown.

    Raises:
        PlanError: age outside 20 to 80 (recalled).

    Source: as tabled in the European Respiratory Journal. secondary
    """
    years, male = GIBBONS.read(outside, age=age, sex=sex)
    return answer(868.8 - 2.99 * years - 74.7 * (1 - male))


def chetta(age: Numbers, sex: Any, height: Numbers, *, outside: Outside = "raise") -> Answer:
    """Metres: 518.853 + 1.25 cm - 2.816 age - 39.07 (female). r2 0.42. NaN where an input is unknown.

    Raises:
        PlanError: age outside 20 to 50 (recalled); height outside the local limits.

    Source: as tabled in the European Respiratory Journal. secondary
    """
    years, male, tall = CHETTA.read(outside, age=age, sex=sex, height=height)
    return answer(518.853 + 1.25 * tall - 2.816 * years - 39.07 * (1 - male))


def jenkins(age: Numbers, sex: Any, height: Numbers, mass: Numbers, *, outside: Outside = "raise") -> Answer:
    """Metres: men 867 - 5.71 age + 1.03 cm; women 525 - 2.86 age + 2.71 cm - 6.22 BMI (from height and mass).

    NaN where an input is unknown; the mass of a man is not needed and may be None.

    Raises:
        PlanError: age outside 45 to 85; height or mass outside the local limits.

    Source: Jenkins 2009: age range from the abstract, equation as tabled in the Eur Respir J. secondary
    """
    years, male, tall, weight = JENKINS.read(outside, age=age, sex=sex, height=height, mass=mass)
    women = 525 - 2.86 * years + 2.71 * tall - 6.22 * weight / (tall / 100) ** 2
    return answer(by_sex(male, 867 - 5.71 * years + 1.03 * tall, women))


def hill(age: Numbers, sex: Any, *, outside: Outside = "raise") -> Answer:
    """Metres: 970.7 - 5.5 age + 56.3 (male). NaN where an input is unknown.

    Raises:
        PlanError: age outside 45 to 85 (recalled).

    Source: as tabled in the European Respiratory Journal. secondary
    """
    years, male = HILL.read(outside, age=age, sex=sex)
    return answer(970.7 - 5.5 * years + 56.3 * male)


_ALL_SIZES: dict[str, tuple[Callable[..., Answer], tuple[str, ...]]] = {
    "enright-1998": (enright_1998, ("height", "mass")),
    "enright-2003": (enright_2003, ("height", "mass")),
    "troosters": (troosters, ("height", "mass")),
    "gibbons": (gibbons, ()),
    "chetta": (chetta, ("height",)),
    "jenkins": (jenkins, ("height", "mass")),
    "hill": (hill, ()),
}
WALK_NORMS = tuple(_ALL_SIZES)


def norm_needs(norm: str) -> tuple[str, ...]:
    """What a norm needs beside the walk: age, sex, and height or mass where its equation has them.

    Raises:
        PlanError: there is no such norm; the message names all.
    """
    if norm not in _ALL_SIZES:
        raise PlanError(f"name the norm of the six-minute walk: {', '.join(WALK_NORMS)}, not {norm!r}")
    return ("age", "sex", *_ALL_SIZES[norm][1])


def predicted_walk(
    norm: str, age: Numbers, sex: Any, *, height: Numbers = None, mass: Numbers = None, outside: Outside = "raise"
) -> Answer:
    """The walk in metres that the named norm predicts; NaN where something that the norm needs is unknown.

    Raises:
        PlanError: no such norm, or a value outside the norm's range.
    """
    norm_needs(norm)
    function, wanted = _ALL_SIZES[norm]
    sizes = {"height": height, "mass": mass}
    return function(age, sex, **{name: sizes[name] for name in wanted}, outside=outside)


def percent_predicted_walk(
    metres: Numbers,
    norm: str,
    age: Numbers,
    sex: Any,
    *,
    height: Numbers = None,
    mass: Numbers = None,
    outside: Outside = "raise",
) -> Answer:
    """The walked metres as a percentage of what the named norm predicts. Store the norm's name with it.

    Raises:
        PlanError: no such norm, or a value outside its range.
    """
    walked = METRES.check(numbers(metres, "metres"), outside)
    return answer(100 * walked / predicted_walk(norm, age, sex, height=height, mass=mass, outside=outside))
