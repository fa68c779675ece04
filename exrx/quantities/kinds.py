"""The everyday units, by kind, with exact factors. Data only.

A kind is a set of units that convert into each other by number alone. Its first unit is the base; the order
is how common a unit is, which decides the unit that a message proposes. `factor` and `offset`: value in the
base unit = factor * value + offset. `ucum` is the UCUM code (tests compare each line with pint by it).
`also` holds further spellings; spaces, case, `^`, `·`, `µ`, superscripts, `1/`, a leading `x` and
annotations are already covered by `units.normal`.

Kinds of the same physical dimension that must never meet are kept apart on purpose: a percentage, a
number, days a week and minutes a week are all without dimension. A millimetre of mercury is the
conventional one (133.322387415 Pa), a month 30.4375 and a year 365.25 days (UCUM mo_j, a_j), a pound the
avoirdupois pound.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import field, frozen


@frozen
class Unit:
    """One unit: how people see it, its UCUM code, its exact factor to the base of its kind."""

    shown: str
    ucum: str
    factor: Fraction = field(converter=Fraction)
    also: tuple[str, ...] = ()
    offset: Fraction = field(default=Fraction(0), converter=Fraction)


_MMHG = Fraction("133.322387415")

KINDS: dict[str, tuple[Unit, ...]] = {
    "a number": (
        Unit("{score}", "{score}", "1", ("1", "score", "point", "points", "INR", "ratio", "grade", "grad")),
    ),
    "a number per volume": (
        Unit("10^9/L", "10*9/L", "1", ("G/L", "mia/L", "mia./L", "milliard/L", "milliarder/L")),
        Unit("/uL", "/uL", "1/1000"),
        Unit("10^3/uL", "10*3/uL", "1", ("thousand/uL", "thousands/uL", "thou/uL", "tusind/uL")),
        Unit("10^6/L", "10*6/L", "1/1000", ("mio/L", "mio./L", "million/L", "millioner/L")),
        Unit("10^6/mL", "10*6/mL", "1", ("mio/mL", "mio./mL")),
        Unit("10^12/L", "10*12/L", "1000", ("T/L",)),
        Unit("10^6/uL", "10*6/uL", "1000", ("million/uL", "mio/uL", "mio./uL")),
        Unit("/mL", "/mL", "1/1000000"),
        Unit("/L", "/L", "1/1000000000"),
    ),
    "an amount of substance per volume": (
        Unit("mmol/L", "mmol/L", "1", ("mM",)),
        Unit("umol/L", "umol/L", "1/1000", ("uM",)),
        Unit("mol/L", "mol/L", "1000"),
        Unit("nmol/L", "nmol/L", "1/1000000"),
    ),
    "mass per volume": (
        Unit("g/L", "g/L", "1"),
        Unit("g/dL", "g/dL", "10", ("g/100mL", "gm/dL", "g%")),
        Unit("mg/dL", "mg/dL", "1/100", ("mg/100mL", "mg%")),
        Unit("mg/L", "mg/L", "1/1000"),
        Unit("ug/mL", "ug/mL", "1/1000"),
        Unit("ug/dL", "ug/dL", "1/100000"),
        Unit("ug/L", "ug/L", "1/1000000"),
    ),
    "a temperature": (
        Unit("°C", "Cel", "1", ("C", "celsius", "deg Celsius", "grader", "grader C", "gr C")),
        Unit("°F", "[degF]", "5/9", ("F", "fahrenheit", "deg Fahrenheit"), "-160/9"),
        Unit("K", "K", "1", ("kelvin",), "-273.15"),
    ),
    "a pressure": (
        Unit("mmHg", "mm[Hg]", "1"),
        Unit("kPa", "kPa", 1000 / _MMHG),
        Unit("Pa", "Pa", 1 / _MMHG),
    ),
    "a rate": (
        Unit(
            "/min",
            "/min",
            "1",
            ("bpm", "beats/min", "breaths/min", "slag/min", "/minut", "/minute", "beats/minute", "min-1"),
        ),
        Unit("/s", "/s", "60", ("Hz", "s-1")),
    ),
    "a percentage": (
        Unit("%", "%", "1", ("percent", "procent", "pct", "pct.", "per cent")),
        Unit("1 (a fraction)", "1", "100"),
    ),
    "a mass": (
        Unit("kg", "kg", "1", ("kilo", "kilogram", "kilograms", "kgs")),
        Unit("lb", "[lb_av]", "0.45359237", ("lbs", "pound", "pounds")),
        Unit("g", "g", "1/1000", ("gram", "grams")),
    ),
    "mass per area": (Unit("kg/m2", "kg/m2", "1", ("kg/m²",)),),
    "a length": (
        Unit("m", "m", "1", ("meter", "metre", "meters", "metres")),
        Unit("cm", "cm", "1/100", ("centimeter", "centimetre")),
        Unit("mm", "mm", "1/1000", ("millimeter", "millimetre")),
        Unit("km", "km", "1000"),
        Unit("in", "[in_i]", "0.0254", ("inch", "inches", "[in_us]")),
        Unit("ft", "[ft_i]", "0.3048", ("foot", "feet")),
    ),
    "a time": (
        Unit("d", "d", "1", ("day", "days", "dag", "dage", "døgn")),
        Unit("weeks", "wk", "7", ("week", "uge", "uger")),
        Unit("months", "mo", "30.4375", ("month", "måned", "måneder", "mdr", "mdr.", "md.")),
        Unit("years", "a", "365.25", ("year", "yr", "yrs", "y", "år")),
        Unit("h", "h", "1/24", ("hour", "hours", "hr", "hrs", "time", "timer")),
        Unit("min", "min", "1/1440", ("minute", "minutes", "minut", "minutter", "mins")),
        Unit("s", "s", "1/86400", ("sec", "secs", "second", "seconds", "sek", "sek.", "sekund", "sekunder")),
    ),
    "a power": (
        Unit("W", "W", "1", ("watt", "watts")),
        Unit("kW", "kW", "1000"),
    ),
    "a speed": (
        Unit("m/s", "m/s", "1", ("m/sec", "m/sek")),
        Unit("km/h", "km/h", "5/18", ("km/t", "km/hr", "kph")),
    ),
    "a flow": (
        Unit("L/min", "L/min", "1", ("l/minut", "lpm")),
        Unit("mL/min", "mL/min", "1/1000"),
        Unit("L/h", "L/h", "1/60"),
    ),
    "oxygen uptake by body mass": (
        Unit("mL/kg/min", "mL/kg/min", "1", ("mL/min/kg", "mL/(kg.min)", "mL/(min.kg)", "mL/kg.min")),
        Unit("MET", "[MET]", "7/2", ("METs",)),
    ),
    "days a week": (
        Unit("d/wk", "d/wk", "1", ("days/week", "days/wk", "day/week", "d/week", "dage/uge", "dage om ugen")),
    ),
    "times a week": (Unit("/wk", "/wk", "1", ("/week", "times/week", "gange/uge", "gange om ugen")),),
    "minutes a week": (
        Unit("min/wk", "min/wk", "1", ("min/week", "minutes/week", "min/uge", "minutter/uge", "min om ugen")),
        Unit("min/d", "min/d", "7", ("min/day", "minutes/day", "min/dag", "minutter/dag", "min om dagen")),
        Unit("h/wk", "h/wk", "60", ("h/week", "hours/week", "timer/uge", "timer om ugen")),
    ),
}

CASE_COUNTS = frozenset({"G/L", "T/L", "mM", "uM"})
"""Normal forms that mean another unit in another case, so they are read as written only."""
