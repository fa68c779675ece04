"""Hypothesis strategies shared by all tests: days, patient JSON (usable and not), and what is possible for a field.

days()              days around AS_OF, the day that tests screen on
written_dates()     text that `read_date` takes: a day, a month, a year
usable(entry)       a value of a field as patient JSON, bare; sometimes censored, unordered, spelled in Danish
observed(entry)     the same, or with its date and origin beside it
possible(entry)     anything the engine may hold for a field: exact, censored, expired, unknown
states()            a possible value for each field of a chosen few, the rest unknown
junk()              JSON and Python values that are no answer to anything
patients()          patient JSON with filled forms; `broken=True` mixes in junk, unknown keys and aliases
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from exrx.fields import Field, Members, Span, load_dictionary
from exrx.forms import load_forms

AS_OF = date(2026, 11, 23)
DICTIONARY = load_dictionary()
FORMS = load_forms()
FIELDS = tuple(DICTIONARY.fields.values())


def days(before: int = 400, after: int = 0) -> st.SearchStrategy[date]:
    """Days from `before` days before AS_OF to `after` days after it."""
    return st.integers(-before, after).map(lambda n: AS_OF + timedelta(days=n))


def written_dates(before: int = 400, after: int = 0) -> st.SearchStrategy[str]:
    """ISO text of a day, mostly, or of its month or year (which may reach beyond AS_OF)."""
    return st.builds(lambda day, length: day.isoformat()[:length], days(before, after), st.sampled_from([10, 10, 7, 4]))


@st.composite
def numbers(draw, entry: Field) -> object:
    """A plausible number of a numeric field with its unit: on the grid, between grid points, censored, or a float."""
    scale = entry.ticks
    tick = draw(st.integers(scale.lowest, scale.highest))
    if scale.whole:
        tick -= tick % 2
    value = scale.value(tick)
    if entry.kind == "quantity" and not scale.ambiguous and draw(st.integers(0, 3)) == 0:
        return float(value) if not scale.whole else int(value)
    sign = "" if scale.whole else draw(st.sampled_from(["", "", "", "<=", ">="]))
    unit = "" if scale.unit.startswith("{") else f" {scale.unit}"
    return f"{sign}{value:f}{unit}"


def usable(entry: Field) -> st.SearchStrategy[object]:
    """A value of a field that reads without a problem on AS_OF."""
    if entry.kind == "flag":
        return st.sampled_from(["yes", "no", "ja", "nej", True, False, " Yes"])
    if entry.kind in ("choice", "ordered", "gate"):
        return st.sampled_from(entry.options)
    if entry.kind == "set":
        members = st.lists(st.sampled_from(entry.options), unique=True)
        return members | members.map(lambda names: {"at_least": names})
    if entry.kind == "elapsed":
        return st.just("never") | written_dates(after=100 if entry.towards_future else 0).filter(_not_later)
    return numbers(entry)


def _not_later(text: str) -> bool:
    return text <= AS_OF.isoformat()


@st.composite
def observed(draw, entry: Field) -> object:
    """A usable value, bare or with a date on or before AS_OF, an origin, and for a gate its author and last day."""
    value = draw(usable(entry))
    if draw(st.booleans()):
        return value
    said: dict[str, object] = {"value": value}
    if draw(st.integers(0, 3)):
        said["date"] = draw(written_dates().filter(_not_later))
    if draw(st.integers(0, 3)) == 0:
        said["origin"] = draw(st.sampled_from(["record", "patient", "example"]))
    if entry.group == "gates" and draw(st.booleans()):
        said |= {"by": "ward 3", "until": draw(written_dates(100, 100))}
    return said


@st.composite
def possible(draw, entry: Field) -> object:
    """What the engine may hold for a field: one value, several, all, or an expired one."""
    if entry.is_numeric:
        ends = st.integers(entry.ticks.lowest, entry.ticks.highest)
        low = draw(ends)
        found: object = Span(*sorted((low, draw(st.just(low) | ends))))
    elif entry.kind == "set":
        wide = draw(st.integers(0, entry.every_option))
        found = Members(wide & draw(st.integers(0, entry.every_option)), wide)
    else:
        one = st.sampled_from([1 << i for i in range(len(entry.options))])
        found = draw(one | st.integers(1, entry.every_option))
    return draw(st.sampled_from([found, entry.unknown, entry.expired(found), found]))


@st.composite
def states(draw, most: int = 8) -> dict[str, object]:
    """What is possible for every field: up to `most` fields with something known, the others unknown."""
    chosen = draw(st.lists(st.sampled_from(FIELDS), max_size=most, unique=True))
    return {entry.name: entry.unknown for entry in FIELDS} | {entry.name: draw(possible(entry)) for entry in chosen}


_ODD = [
    float("nan"), float("inf"), -0.0, 1e308, 10**300, -1, Decimal("NaN"), Decimal("1E+400"), b"45", object(),
    date(2026, 11, 23), datetime(2026, 11, 23, 8, 15, tzinfo=UTC), {"yes"}, range(3), "2026-02-30", "30/2-26",
    "1 0", "-", "NULL", "45 bananas", "180 K/uL", "<", "< >", "yes and no",
    "٤٥", "\x00", "010180-1234", "0101801234", 101801234,
    "x" * 5000,
    {}, {"value": {"value": 1}}, {"vlaue": 45}, {"value": 45, "dato": "2026-11-01"}, {"value": "yes", "date": 20261101},
    {"at_least": "lumbar"}, {"at_least": ["lumbar"], "sure": True}, {"value": [1, [2]]}, {"value": None, "date": "x"},
    [[[[[[[[[[]]]]]]]]]], [None], [{"value": 1, "time": "25:00"}], {"value": 1, "unit": ["g"]}, {1: 2}, True,
]  # fmt: skip


def junk() -> st.SearchStrategy[object]:
    """Values that are no answer to anything; a few are one by accident for some field."""
    return st.sampled_from(_ODD) | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=6,
    )


@st.composite
def filled_forms(draw) -> list[dict[str, object]]:
    """Up to three forms, filled on or before AS_OF, with ticked fields and questions."""
    filled = []
    for name in draw(st.lists(st.sampled_from(sorted(FORMS)), max_size=3)):
        form = FORMS[name]
        ticks = st.sampled_from([*form.covers, *(question.id for question in form.questions)])
        day = draw(written_dates().filter(_not_later))
        filled.append({"form": name, "date": day, "role": "nurse", "yes": draw(st.lists(ticks, max_size=3))})
    return filled


@st.composite
def patients(draw, broken: bool = False, most: int = 12) -> dict[str, object]:
    """Patient JSON with up to `most` answered fields and some forms."""
    chosen = draw(st.lists(st.sampled_from(FIELDS), max_size=most, unique=True))
    patient: dict[str, object] = {entry.name: draw(observed(entry)) for entry in chosen}
    forms = draw(filled_forms())
    if forms:
        patient["forms"] = forms
    if broken:
        names = st.sampled_from([name for entry in FIELDS for name in (entry.name, *entry.aliases)])
        keys = names | st.text(max_size=8) | st.sampled_from(["id", "forms", "origin", "birth_date", "age", "AGE "])
        patient |= draw(st.dictionaries(keys, junk(), max_size=4))
        if isinstance(patient.get("forms"), list):
            spoiled = draw(
                st.dictionaries(st.sampled_from(["form", "date", "yes", "role", "note"]), junk(), max_size=1)
            )
            patient["forms"] = [filled | spoiled if isinstance(filled, dict) else filled for filled in patient["forms"]]
    return patient
