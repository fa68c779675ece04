"""Units of clinical values: everyday spellings, exact factors, refusals that help.

Most units that a clinic, a laboratory or a FHIR server writes stand in `KINDS`, with exact factors; the
tests hold every line against pint. Other UCUM codes go to `ucum.py`. A spelling is compared in a normal
form (`normal`): `x10⁹/l`, `10 E9/L` and `10*9/L` are one key. Case counts first (G/L is giga per litre,
g/L gram), then it does not (MMOL/L).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from attrs import field, frozen

from exrx.errors import UnitError
from exrx.quantities.kinds import CASE_COUNTS, KINDS, Unit
from exrx.quantities.scale import Scale
from exrx.quantities.ucum import UcumUnit, read_ucum


@frozen
class Conversion:
    """`value in the canonical unit = factor * value + offset`, exactly; `unit` is how people write it."""

    factor: Fraction
    offset: Fraction
    unit: str = field(default="", eq=False)


@frozen
class _Refusal:
    code: str
    message: str
    suggestion: str | None


_SIGNS = str.maketrans({"°": "deg", "º": "deg"}) | dict(
    zip(  # micro, mu, times, dots, minus, slashes
        map(ord, "\u00b5\u03bc\u00d7\u2715\u00b7\u22c5\u2219\u2212\u2044\u2215"), "uuxx...-//", strict=True
    )
)
_RAISED = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOWERED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?:^|\s+)(?:per|pr\.?)\s+", "/"),
        (r"\s+", ""),
        (r"\.?\{[^}]*\}", ""),
        (r"^[x*.]*(?:10(?:\^|\*{1,2}|e|x)\(?|10\(|1?e)\+?(\d{1,2})\)?(?=[/.a-z]|$)", r"10*\1"),
        (r"^(10\*\d+)\.?cell(?:s|er)?(?=/)|^cell(?:s|er)?(?=/)", r"\1"),
        (r"(?<![a-z])lit(?:er|re)s?(?![a-z])", "L"),
        (r"(?<![a-z])mc(?=[lg](?![a-z]))", "u"),
        (r"(?<=/)(?:cu\.?mm|cmm|mm\^?3)$", "uL"),
        (r"^1(?=/)", ""),
        (r"\^", ""),
    )
)
_KELVIN = re.compile(r"k(/(?:ul|ml|l))", re.IGNORECASE)
_LOST_POWER = re.compile(r"10(3|6|9|12)(/[a-z]+)", re.IGNORECASE)


@lru_cache(maxsize=8192)
def normal(text: str) -> str:
    """The normal form of a unit's spelling; a lone annotation (`{score}`) becomes `{}`."""
    text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_LOWERED), text.strip()).translate(_SIGNS)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if re.fullmatch(r"\{[^{}]*\}", text):
        return "{}"
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


@cache
def _spellings() -> tuple[dict[str, dict[str, Unit]], dict[str, dict[str, Unit]]]:
    """For each kind its units by normal form: with case, and with case folded."""
    exact: dict[str, dict[str, Unit]] = {kind: {} for kind in KINDS}
    folded: dict[str, dict[str, Unit]] = {kind: {} for kind in KINDS}
    for kind, units in KINDS.items():
        for unit in units:
            for text in (unit.shown, unit.ucum, *unit.also):
                key = normal(text)
                exact[kind].setdefault(key, unit)
                if key not in CASE_COUNTS:
                    folded[kind].setdefault(key.casefold(), unit)
    return exact, folded


def _find(key: str, home: str | None) -> tuple[str, Unit] | None:
    """The unit with the normal form `key`, first in the kind `home`; case counts before it does not."""
    exact, folded = _spellings()
    kinds = [home, *(kind for kind in KINDS if kind != home)] if home else list(KINDS)
    for table, text in ((exact, key), (folded, key.casefold())):
        for kind in kinds:
            if text in table[kind]:
                return kind, table[kind][text]
    return None


@lru_cache(maxsize=1024)
def _home(unit: str) -> tuple[str, Unit] | None:
    return _find(normal(unit), None)


@lru_cache(maxsize=1024)
def _own_spellings(scale: Scale) -> frozenset[str]:
    keys = {normal(text) for text in (scale.unit, *scale.spellings)}
    return frozenset(keys | {key.casefold() for key in keys - CASE_COUNTS})


def units_of(scale: Scale) -> Iterator[Conversion]:
    """The everyday units that `scale` accepts, the likeliest first, one for each factor."""
    kinds = [home[0] for unit in (scale.mass_unit, scale.unit) if unit and (home := _home(unit))]
    seen = set()
    for text in (scale.unit, *scale.ambiguous, *(unit.shown for kind in kinds for unit in KINDS[kind])):
        found = _convert(text, scale)
        if isinstance(found, Conversion) and (found.factor, found.offset) not in seen:
            seen.add((found.factor, found.offset))
            yield found


@lru_cache(maxsize=16384)
def read_unit(text: str | None, scale: Scale) -> Conversion:
    """The exact conversion from the unit `text` to the canonical unit of `scale`.

    None or blank is the canonical unit, unless the scale says that a bare number is ambiguous.

    Raises `UnitError`: needs-unit, unknown-unit, wrong-dimension, kelvin-unit.
    """
    if text is None or not text.strip():
        if scale.ambiguous:
            raise needs_unit(None, None, scale)
        return Conversion(Fraction(1), Fraction(0), scale.unit)
    found = _convert(text, scale)
    if isinstance(found, Conversion):
        return found
    raise UnitError(
        f"{scale.name}: {found.message}", code=found.code, given=text, suggestion=found.suggestion
    )


def needs_unit(given: object, number: Decimal | None, scale: Scale) -> UnitError:
    """The error for a bare number where several everyday units give plausible values."""
    meanings = []
    for text in scale.ambiguous:
        unit = read_unit(text, scale)
        meaning = text if number is None else f"{number} {text}"
        if number is not None and (unit.factor != 1 or unit.offset):
            meaning += f" (= {float(unit.factor * Fraction(number) + unit.offset):.4g} {scale.unit})"
        meanings.append(meaning)
    said = (
        "there is no unit" if number is None else f"{given if isinstance(given, str) else number} has no unit"
    )
    return UnitError(
        f"{scale.name}: {said}, and {' or '.join(meanings)} could be meant.",
        code="needs-unit",
        given=given,
        suggestion=f"Write the unit too: {' or '.join(scale.ambiguous)}.",
    )


@lru_cache(maxsize=16384)
def _convert(text: str, scale: Scale) -> Conversion | _Refusal:
    """The conversion, or why there is none; both are cached, so a column of bad units stays fast."""
    key = normal(text)
    home = _home(scale.unit)
    if not {key, key.casefold()}.isdisjoint(_own_spellings(scale)):
        return Conversion(Fraction(1), Fraction(0), scale.unit)
    if home and home[0] == "a number" and key == f"/{scale.high.normalize():f}":
        return Conversion(Fraction(1), Fraction(0), scale.unit)
    kelvin, lost = _KELVIN.fullmatch(key), _LOST_POWER.fullmatch(key)
    if home and home[0] == "a number per volume":
        if kelvin:
            meant = f"10^3{kelvin[1].lower().replace('l', 'L')}"
            return _Refusal(
                "kelvin-unit",
                f"{text!r} means kelvin per volume in UCUM.",
                f"If thousands are meant, write {meant}.",
            )
        if lost:
            meant = f"10^{lost[1]}{lost[2]}"
            return _Refusal("unknown-unit", f"the unit {text!r} lost its power of ten.", f"Write {meant}.")
    found = _find(key, home[0] if home else None)
    if found and home and found[0] == home[0]:
        return _between(found[1].factor, found[1].offset, home[1].factor, home[1].offset, found[1].shown)
    mass = _home(scale.mass_unit) if scale.mass_unit else None
    if found and mass and found[0] == mass[0] and scale.mass_factor is not None:
        factor = found[1].factor / mass[1].factor * Fraction(scale.mass_factor)
        return Conversion(factor, Fraction(0), found[1].shown)
    if found and home:
        return _wrong_dimension(text, found[0], scale, home[0])
    there, own = read_ucum(key), _ucum_of(scale.unit, home)
    if there is None:
        return _Refusal("unknown-unit", f"the unit {text!r} is not known.", _closest(key, scale))
    if own and there.kind and there.kind == own.kind:
        return _between(there.factor, there.offset, own.factor, own.offset, text.strip())
    grams = _ucum_of(scale.mass_unit, mass) if scale.mass_unit else None
    if grams and there.kind and there.kind == grams.kind and scale.mass_factor is not None:
        return Conversion(
            there.factor / grams.factor * Fraction(scale.mass_factor), Fraction(0), text.strip()
        )
    return _wrong_dimension(text, None, scale, home[0] if home else None)


def _between(
    factor: Fraction, offset: Fraction, own: Fraction, own_offset: Fraction, shown: str
) -> Conversion:
    return Conversion(factor / own, (offset - own_offset) / own, shown)


def _ucum_of(unit: str, home: tuple[str, Unit] | None) -> UcumUnit | None:
    return read_ucum(home[1].ucum if home else normal(unit))


def _wrong_dimension(text: str, kind: str | None, scale: Scale, home: str | None) -> _Refusal:
    what = f"{text.strip()!r} is a unit of {kind}" if kind else f"{text.strip()!r} is another kind of unit"
    mine = f"{home} ({scale.unit})" if home else scale.unit
    why = ""
    if {kind, home} == {"mass per volume", "an amount of substance per volume"}:
        why = ", and no conversion between mass and moles is defined for it"
    return _Refusal("wrong-dimension", f"{what}, but this field is {mine}{why}.", _accepted(scale))


def _accepted(scale: Scale) -> str:
    """What to write instead: the canonical unit and the likeliest others."""
    names = [unit.unit for unit in units_of(scale)][: max(2, len(scale.ambiguous))]
    return f"Give it in {_either(names)}."


def _closest(key: str, scale: Scale) -> str:
    """The unit of this field that was probably meant, else the units that it takes."""
    from difflib import get_close_matches

    exact, _ = _spellings()
    names = {normal(text).casefold(): scale.unit for text in (scale.unit, *scale.spellings)}
    for home in (_home(unit) for unit in (scale.unit, scale.mass_unit) if unit):
        if home:
            names |= {spelling.casefold(): unit.shown for spelling, unit in exact[home[0]].items()}
    near = get_close_matches(key.casefold(), names, n=1, cutoff=0.6)
    return f"Did you mean {names[near[0]]}?" if near else _accepted(scale)


def _either(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
