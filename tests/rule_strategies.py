"""Hypothesis strategies for rules and for what is known of a patient.

    conditions()            any condition over a few fields of every kind, up to a dozen single-field conditions
    knowledge_states()      for each of those fields what is possible: known, censored, expired or unknown
    completions(state)      a state in which every field has one of its possible values

Limits and values are drawn from the same few ticks, so that values on the limit are common.
"""

from __future__ import annotations

from hypothesis import strategies as st

from exrx.fields import Field, Members, Possible, Span, load_dictionary
from exrx.rules.nodes import COMPARISONS, And, AnyOf, AtLeast, Compare, Condition, Limit, Not, OneOf, Or
from exrx.rules.restriction import Clearance, Intensity, Restriction, Setting, Supervision

DICTIONARY = load_dictionary()
NAMES = (
    "platelets", "temperature", "diastolic_bp", "age", "last_surgery", "ecog",
    "bone_metastases", "surgical_wound_healed", "on_chemotherapy", "chest_pain",
    "cancer_type", "palliative_phase", "oncologist_clearance", "bone_metastasis_sites",
)  # fmt: skip
FIELDS = tuple(DICTIONARY.fields[name] for name in NAMES)
NEAR = 12
"""Limits and values lie within so many ticks of a field's middle."""


def _middle(entry: Field) -> int:
    return (entry.ticks.lowest + entry.ticks.highest) // 2


def _ticks(entry: Field) -> st.SearchStrategy[int]:
    middle = _middle(entry)
    low, high = max(entry.ticks.lowest, middle - NEAR), min(entry.ticks.highest, middle + NEAR)
    return st.integers(low, high)


@st.composite
def atoms(draw: st.DrawFn, entry: Field | None = None) -> Condition:
    """A condition on one field, on `entry` where it is given."""
    entry = entry or draw(st.sampled_from(FIELDS))
    if entry.is_numeric:
        tick = draw(_ticks(entry))
        never_or_always: set[str] = set()
        if tick <= entry.ticks.lowest:
            never_or_always |= {"<", ">="}
        if tick >= entry.ticks.highest:
            never_or_always |= {">", "<="}
        operator = draw(st.sampled_from(sorted(set(COMPARISONS) - never_or_always)))
        return Compare(entry, operator, Limit(tick, "limit"))
    mask = draw(st.integers(1, entry.every_option - 1))
    return AnyOf(entry, mask, "any of") if entry.kind == "set" else OneOf(entry, mask, "one of")


def _joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    counted = several.flatmap(lambda items: st.integers(1, len(items)).map(lambda n: AtLeast(n, items)))
    return st.one_of(inner.map(Not), several.map(And), several.map(Or), counted)


def conditions() -> st.SearchStrategy[Condition]:
    """Any condition."""
    return st.recursive(atoms(), _joined, max_leaves=12)


restrictions = st.builds(
    Restriction,
    clearance=st.sampled_from([level for level in Clearance if level is not Clearance.ASSESS]),
    supervision=st.sampled_from(Supervision),
    setting=st.sampled_from(Setting),
    aerobic_max=st.sampled_from(Intensity),
    formats_forbidden=st.frozensets(st.sampled_from(["group", "home"])),
    avoid=st.frozensets(st.sampled_from(["impact", "valsalva"])),
    session_minutes_max=st.none() | st.integers(10, 60),
)


@st.composite
def possibles(draw: st.DrawFn, entry: Field) -> Possible:
    """What may be known of a field: often exact, sometimes a range, sometimes nothing."""
    if draw(st.integers(0, 4)) == 0:
        return entry.unknown
    if entry.is_numeric:
        low, high = sorted((draw(_ticks(entry)), draw(_ticks(entry))))
        shape = draw(st.sampled_from(["exact", "exact", "range", "below", "above"]))
        return {
            "exact": Span(low, low),
            "range": Span(low, high),
            "below": Span(entry.ticks.lowest, high),
            "above": Span(low, entry.ticks.highest),
        }[shape]
    if entry.kind == "set":
        possible = draw(st.integers(0, entry.every_option))
        return Members(possible & draw(st.integers(0, entry.every_option)), possible)
    if draw(st.booleans()):
        return 1 << draw(st.integers(0, len(entry.options) - 1))
    return draw(st.integers(1, entry.every_option))


@st.composite
def knowledge_states(draw: st.DrawFn) -> dict[str, Possible]:
    """What is possible for each of `FIELDS`; every other field is unknown."""
    state = {name: entry.unknown for name, entry in DICTIONARY.fields.items()}
    return state | {entry.name: draw(possibles(entry)) for entry in FIELDS}


TIED = {name: DICTIONARY.fields[name] for tie in DICTIONARY.ties for name in (tie.if_field, tie.then_field)}


@st.composite
def completions(draw: st.DrawFn, state: dict[str, Possible]) -> dict[str, Possible]:
    """One way the facts could be, given what is possible; facts tied to them are complete too, and may contradict."""
    complete = dict(state)
    for entry in ({entry.name: entry for entry in FIELDS} | TIED).values():
        possible = state[entry.name]
        if isinstance(possible, Span):
            ends = st.sampled_from([possible.low, possible.high])
            value = draw(ends | st.integers(possible.low, possible.high))
            complete[entry.name] = Span(value, value)
        elif isinstance(possible, Members):
            extra = draw(st.integers(0, entry.every_option)) & possible.possible
            complete[entry.name] = Members(possible.sure | extra, possible.sure | extra)
        else:
            options = [1 << i for i in range(len(entry.options)) if possible >> i & 1]
            complete[entry.name] = draw(st.sampled_from(options))
    return complete


def without_contradictions(complete: dict[str, Possible]) -> dict[str, Possible]:
    """The same patient, with what follows from a tied fact put in the place of what contradicts it."""
    consistent = dict(complete)
    for _ in DICTIONARY.ties:
        for tie in DICTIONARY.ties:
            first, then = consistent[tie.if_field], consistent[tie.then_field]
            holds = bool(first.sure & tie.if_mask) if isinstance(first, Members) else not first & ~tie.if_mask
            if holds and then & ~tie.then_mask:
                consistent[tie.then_field] = tie.then_mask
    return consistent
