"""Hypothesis strategies for whole patients as patient JSON, aimed at the rules of a protocol.

    patients(protocol, stage, as_of)    some of the fields that the rules read, at values on and around their limits;
                                        exact, censored, undated, old, unknown, read twice, with and without forms
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from exrx.fields import Field
from exrx.forms import load_forms
from exrx.protocol import Protocol
from exrx.protocol.stage import stage_rules
from exrx.rules.nodes import Compare, atoms

ORIGINS = ("laboratory", "patient", "record")


@lru_cache(maxsize=32)
def limits_by_field(protocol: Protocol, stage: str) -> dict[Field, tuple[int, ...]]:
    """The fields that the rules read, with the ticks of their limits."""
    rules = stage_rules(protocol, stage)
    found: dict[Field, set[int]] = {rules.dictionary.fields[name]: set() for name in rules.rules_by_field}
    for active in rules.rules:
        for atom in atoms(active.condition):
            if isinstance(atom, Compare):
                found[atom.field].add(atom.limit.tick)
    return {entry: tuple(sorted(ticks)) for entry, ticks in found.items() if not entry.items}


@st.composite
def numbers(draw: st.DrawFn, entry: Field, limits: tuple[int, ...]) -> str:
    """A number in the canonical unit, often on a limit or a step beside it; sometimes with a comparator."""
    scale = entry.ticks
    near = [min(max(tick + step, scale.lowest), scale.highest) for tick in limits for step in (-2, 0, 2)]
    tick = draw(st.sampled_from([*near, scale.lowest, scale.highest, (scale.lowest + scale.highest) // 4 * 2]))
    tick -= tick % 2
    comparator = draw(st.sampled_from(["", "", "", "<", ">="])) if scale.lowest < tick < scale.highest else ""
    unit = "" if scale.unit.startswith("{") else f" {scale.unit}"
    return f"{comparator}{scale.value(tick)}{unit}" if not scale.whole else f"{scale.value(tick)}"


@st.composite
def values(draw: st.DrawFn, entry: Field, limits: tuple[int, ...], as_of: date, *, elapsed: bool) -> Any:
    """A value of any field in its patient JSON form."""
    if entry.kind == "elapsed":
        if not elapsed:
            return "never"
        days = [tick // 2 + step for tick in limits for step in (-1, 0, 1)] or [30]
        dates = st.sampled_from([max(d, 0) for d in days]).map(lambda d: (as_of - timedelta(days=d)).isoformat())
        return draw(st.just("never") | dates)
    if entry.is_numeric:
        return draw(numbers(entry, limits))
    if entry.kind == "set":
        chosen = draw(st.lists(st.sampled_from(entry.options), unique=True, max_size=3))
        return draw(st.sampled_from([chosen, {"at_least": chosen}])) if chosen else chosen
    return draw(st.sampled_from(entry.options))


@st.composite
def patients(
    draw: st.DrawFn, protocol: Protocol, stage: str, as_of: date, *, elapsed: bool = True, forms: bool = True
) -> dict[str, Any]:
    """Patient JSON; with `elapsed` false every `last_*` is `never`, so that nothing heals by itself."""
    fields = limits_by_field(protocol, stage)
    given = draw(st.lists(st.sampled_from(sorted(fields, key=lambda f: f.name)), unique=True, max_size=14))
    patient: dict[str, Any] = {"id": "p1"}
    if not elapsed:
        patient |= {entry.name: "never" for entry in fields if entry.kind == "elapsed"}
    for entry in given:
        value = draw(values(entry, fields[entry], as_of, elapsed=elapsed))
        if entry.group == "vitals" and entry.is_numeric and draw(st.booleans()):
            patient[entry.name] = [value, draw(values(entry, fields[entry], as_of, elapsed=elapsed))]
            continue
        age = draw(st.none() | st.sampled_from([0, 1, 5, 8, 20, 60, 100, 400]))
        if age is None or isinstance(value, dict):
            patient[entry.name] = value
        else:
            day = (as_of - timedelta(days=age)).isoformat()
            patient[entry.name] = {"value": value, "date": day, "origin": draw(st.sampled_from(ORIGINS))}
    if forms and draw(st.booleans()):
        patient["forms"] = draw(st.lists(filled_forms(as_of), min_size=1, max_size=3))
    return patient


@st.composite
def filled_forms(draw: st.DrawFn, as_of: date) -> dict[str, Any]:
    """A form filled today or some days ago, mostly without ticks."""
    form = draw(st.sampled_from(sorted(load_forms().values(), key=lambda f: f.id)))
    age = draw(st.sampled_from([0, 0, 0, 1, 10, 100]))
    ticked = draw(st.lists(st.sampled_from(form.covers), max_size=2, unique=True))
    return {"form": form.id, "date": (as_of - timedelta(days=age)).isoformat(), "role": "nurse", "yes": ticked}
