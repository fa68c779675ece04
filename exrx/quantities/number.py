"""Number text as people and laboratories write it: comparators, decimal comma, thousands, exponents."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from attrs import frozen

LONGEST = 80
"""Characters of a value's text; anything longer is no measurement."""

LONGEST_EXPONENT = 6

_SHAPE = re.compile(
    r"""(?P<comparator>  <=|=<|>=|=>|[<>=]  )?  [ ]*
        (?P<sign>        [+-]               )?
        (?P<digits>      [0-9]+(?:[.,][0-9]+)* | [.,][0-9]+  )
        (?P<exponent>    [eE][+-]?[0-9]+    )?
        (?P<rest>        .*                 )""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = str.maketrans(
    {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">=", "\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
)
_COMPARATORS = {None: "", "=": "", "<": "<", "<=": "<=", "=<": "<=", ">": ">", ">=": ">=", "=>": ">="}


@frozen
class NumberText:
    """A text taken apart: `readings` holds two numbers where `1,200` may be 1.2 or 1200, 1.2 first."""

    comparator: str
    readings: tuple[Decimal, ...]
    comma: bool
    unit: str


@lru_cache(maxsize=16384)
def split_number(text: str) -> NumberText | None:
    """`text` as comparator, number and the unit's text, or None if it does not begin with one number.

    `1.234,5` and `1,234.5` have one reading (the last sign is the decimal one), `1.234.567` too. A single
    sign with exactly three digits behind it (`1,200`, `150.000`) has two. A space is never a thousands sign:
    `45 109/L` is more often 45 10^9/L with a lost superscript.
    """
    text = text.translate(_SIGNS).strip()
    found = _SHAPE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    readings, exponent = _readings(found["digits"]), found["exponent"] or ""
    if readings is None or len(exponent) > LONGEST_EXPONENT:
        return None
    sign = "-" if found["sign"] == "-" else ""
    return NumberText(
        _COMPARATORS[found["comparator"]],
        tuple(Decimal(sign + digits + exponent) for digits in readings[: 1 if exponent else 2]),
        "," in found["digits"],
        found["rest"].strip(),
    )


def _readings(digits: str) -> tuple[str, ...] | None:
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return (digits,)
    decimal_sign = "." if digits.rfind(".") > digits.rfind(",") else ","
    group_sign = "," if decimal_sign == "." else "."
    if points and commas:
        whole, _, fraction = digits.rpartition(decimal_sign)
        return (whole.replace(group_sign, "") + "." + fraction,) if _grouped(whole, group_sign) else None
    if points + commas > 1:
        return (digits.replace(decimal_sign, ""),) if _grouped(digits, decimal_sign) else None
    plain = digits.replace(",", ".")
    return (plain, digits.replace(decimal_sign, "")) if _grouped(digits, decimal_sign) else (plain,)


def _grouped(digits: str, sign: str) -> bool:
    """Whether `sign` can be a thousands sign: groups of three, no leading zero."""
    first, *others = digits.split(sign)
    return 1 <= len(first) <= 3 and first[0] != "0" and all(len(group) == 3 for group in others)
