"""Units beyond the everyday table: UCUM codes by ucumvert and pint, with exact fractions.

Loading both libraries takes the better part of a second, so neither is imported before a unit asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from attrs import frozen

_OWN_KIND = frozenset({"equivalents", "osmole", "becquerel", "curie"})
"""Units that pint counts as moles or as 1/s but that must not stand for an amount or a rate."""


@frozen
class UcumUnit:
    """A UCUM unit: `value in base units = factor * value + offset`, comparable with its own `kind` only."""

    kind: frozenset[tuple[str, str]]
    factor: Fraction
    offset: Fraction


@cache
def _registry() -> tuple[Any, Callable[[str], Any]]:
    """A private pint registry that counts in fractions, and the reader of UCUM codes into it.

    ucumvert's own registry class would read into the process-wide registry, in floats.
    """
    from importlib.resources import as_file, files

    from pint import UnitRegistry
    from ucumvert import UcumToPintTransformer, get_ucum_parser

    registry: Any = UnitRegistry(non_int_type=Fraction)
    with as_file(files("ucumvert") / "pint_ucum_defs.txt") as definitions:
        registry.load_definitions(definitions)
    parser, transformer = get_ucum_parser(), UcumToPintTransformer(registry)
    return registry, lambda code: transformer.transform(parser.parse(code))


@lru_cache(maxsize=4096)
def read_ucum(code: str) -> UcumUnit | None:
    """The unit that the UCUM `code` names, or None if there is none or if it is not usable here.

    Not usable are units with a number of their own (`109/L`, which is 10^9/L with a lost superscript), pure
    annotations and logarithmic units. Arbitrary units ([IU], [CFU]), percentages and equivalents stay a kind
    of their own: 5 [IU]/L is not a count per litre. A ratio of like units has the empty kind.
    """
    from pint.errors import PintError
    from ucumvert import InvalidUcumError

    parser_error = InvalidUcumError.mro()[1]  # the parser's base class, without importing its library
    registry, read = _registry()
    try:
        unit = read(code)
        if not isinstance(unit, registry.Quantity) or unit.magnitude != 1:
            return None
        offset, one = (registry.Quantity(Fraction(n), unit.units).to_root_units().magnitude for n in (0, 1))
    except (parser_error, PintError, TypeError):  # TypeError: logarithmic units in fractions
        return None
    kind = {(name, str(power)) for name, power in unit.dimensionality.items()}
    for name, power in unit.unit_items():
        base = registry.parse_unit_name(name)[0][1]
        if base in _OWN_KIND or (base != "_10" and not registry.get_dimensionality(name)):
            kind.add((base, str(power)))
    return UcumUnit(frozenset(kind), Fraction(one) - Fraction(offset), Fraction(offset))
