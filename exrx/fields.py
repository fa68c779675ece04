"""The data dictionary: every field a patient may have, read from `protocols/fields.yaml`, with the closed lists.

Nothing here knows a patient or a protocol. `exrx.field` says what a single field is.
"""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from attrs import define, frozen

from exrx.errors import FieldError
from exrx.field import (
    FLAG_OPTIONS,
    GATE_OPTIONS,
    KINDS,
    NO,
    NUMERIC_KINDS,
    OPTION_KINDS,
    UNKNOWN_FLAG,
    WORSE_KINDS,
    YES,
    Code,
    Field,
    Members,
    Possible,
    Validity,
    Worse,
)
from exrx.library import library_root, shown_path
from exrx.quantities import Scale, Span, read_value
from exrx.yamlread import canonical_sha256, read_plain_yaml

__all__ = [
    "FLAG_OPTIONS",
    "GATE_OPTIONS",
    "KINDS",
    "NO",
    "NUMERIC_KINDS",
    "OPTION_KINDS",
    "UNKNOWN_FLAG",
    "YES",
    "Code",
    "Dictionary",
    "Field",
    "Members",
    "Possible",
    "Span",
    "Tie",
    "Validity",
    "Worse",
    "load_dictionary",
    "read_validity",
]

LONGEST_ELAPSED_DAYS = 100_000


@frozen
class Tie:
    """Two tied fields: when every possible value of `if_field` lies in `if_mask`, `then_field` lies in `then_mask`.

    For a set as `if_field`, the condition is that the set has a sure member in `if_mask`.
    """

    if_field: str
    if_mask: int
    then_field: str
    then_mask: int


@define(eq=False, slots=False)
class Dictionary:
    """All fields by name, with aliases, ties, events and the closed lists of the vocabulary."""

    fields: dict[str, Field]
    ties: tuple[Tie, ...]
    events: dict[str, str]
    vocabulary: dict[str, dict[str, dict[str, str]]]
    edition: str
    sha256: str

    @cached_property
    def names_by_alias(self) -> dict[str, str]:
        """Every name and alias in lower case, to the field's name."""
        names = {alias.casefold(): entry.name for entry in self.fields.values() for alias in entry.aliases}
        return names | {name: name for name in self.fields}

    def field(self, name: str) -> Field:
        """The field called `name` or known by it; FieldError with the nearest names otherwise."""
        found = self.fields.get(name) or self.fields.get(self.names_by_alias.get(_plain(name), ""))
        if found is None:
            near = get_close_matches(_plain(name), self.names_by_alias, n=3)
            hint = f" Did you mean: {', '.join(dict.fromkeys(self.names_by_alias[n] for n in near))}?" if near else ""
            raise FieldError(f"there is no field called '{name}'.{hint}")
        return found

    def word(self, kind: str, key: str, lang: str) -> str:
        """The label of a vocabulary key, or the key with spaces where it has none."""
        return self.vocabulary.get(kind, {}).get(key, {}).get(lang) or key.replace("-", " ")


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_") if name.isascii() else name.strip().casefold()


def load_dictionary() -> Dictionary:
    """The shipped dictionary, read once a process.

    Raises:
        ProtocolError: the shipped files are missing or damaged.
        FieldError: the dictionary contradicts itself (for authors of the dictionary).
    """
    return _read_dictionary(library_root())


@lru_cache(maxsize=4)
def _read_dictionary(root: Path) -> Dictionary:
    content = read_plain_yaml(root / "fields.yaml", shown_path(root / "fields.yaml"))
    vocabulary = read_plain_yaml(root / "vocabulary.yaml", shown_path(root / "vocabulary.yaml"))
    fields = {name: _field(name, entry) for name, entry in content["fields"].items()}
    for entry in fields.values():
        if entry.kind == "score":
            fields[entry.name] = _scored(entry, fields)
    ties = tuple(_tie(rule, fields) for rule in content.get("implies", ()))
    lists = {name: entries for name, entries in vocabulary.items() if isinstance(entries, dict)}
    sha256 = canonical_sha256([content, vocabulary])
    return Dictionary(fields, ties, content.get("events", {}), lists, content.get("edition", ""), sha256)


def _field(name: str, entry: dict[str, Any]) -> Field:
    kind = entry["kind"]
    if kind not in KINDS:
        raise FieldError(f"fields.yaml: '{name}' has the unknown kind '{kind}'")
    scale = _scale(name, entry)
    options = _options(kind, entry)
    made = Field(
        name=name,
        kind=kind,
        group=entry.get("group", "others"),
        label=entry.get("label", {}),
        who=entry.get("who", "record"),
        scale=scale,
        options=options,
        option_labels=entry.get("option_labels", {}),
        option_codes={option: _codes(codes) for option, codes in entry.get("option_codes", {}).items()},
        validity=read_validity(entry["validity"]) if "validity" in entry else None,
        typical=entry.get("typical"),
        towards_future=entry.get("towards") == "future",
        role=entry.get("role"),
        answers=tuple(entry.get("answers", ())),
        items={item: {k: int(v) for k, v in points.items()} for item, points in entry.get("items", {}).items()},
        aliases=tuple(entry.get("aliases", ())),
        codes=_codes(entry.get("codes", ())),
        note=entry.get("note", ""),
        can_change={"yes": True, "no": False}.get(entry.get("changeable", "")),
    )
    made.worse = _worse(made, entry.get("worse", "none"))
    if "no" in entry:
        made.unticked = read_value(entry["no"], made.ticks) if made.is_numeric else made.mask(entry["no"])
    elif kind == "flag" and entry.get("form") != "no":
        made.unticked = NO
    return made


def _scale(name: str, entry: dict[str, Any]) -> Scale | None:
    if entry["kind"] == "elapsed":
        return Scale(name, "d", Decimal(1), Decimal(0), Decimal(LONGEST_ELAPSED_DAYS), whole=True)
    if entry["kind"] != "quantity":
        return None
    low, high = entry["plausible"]
    analyte = entry.get("analyte", {})
    return Scale(
        name=name,
        unit=entry["unit"],
        resolution=Decimal(entry["resolution"]),
        low=Decimal(low),
        high=Decimal(high),
        spellings=tuple(entry.get("units", ())),
        whole=entry.get("whole") == "yes",
        ambiguous=tuple(entry.get("ambiguous", ())),
        mass_unit=analyte.get("mass_unit"),
        mass_factor=Decimal(analyte["factor"]) if analyte else None,
    )


def _scored(score: Field, fields: dict[str, Field]) -> Field:
    low = sum(min(points.values()) for points in score.items.values())
    high = sum(max(points.values()) for points in score.items.values())
    for item, points in score.items.items():
        if set(points) != set(fields[item].options):
            raise FieldError(f"fields.yaml: score '{score.name}' does not give points to every answer of '{item}'")
    score.scale = Scale(score.name, "{score}", Decimal(1), Decimal(low), Decimal(high), whole=True)
    return score


def _options(kind: str, entry: dict[str, Any]) -> tuple[str, ...]:
    if kind == "flag":
        return FLAG_OPTIONS
    if kind == "gate":
        return GATE_OPTIONS
    return tuple(entry.get("options", ()))


def _worse(entry: Field, given: Any) -> Worse:
    if entry.kind == "gate":
        return Worse("higher")
    if isinstance(given, dict) and "outside" in given:
        low, high = (entry.ticks.tick(Decimal(bound)) for bound in given["outside"])
        return Worse("outside", low, high)
    if isinstance(given, dict) and "order" in given:
        return Worse("order", options=tuple(entry.options.index(option) for option in given["order"]))
    if entry.kind == "ordered" and given == "lower":
        return Worse("order", options=tuple(reversed(range(len(entry.options)))))
    if given not in WORSE_KINDS:
        raise FieldError(f"fields.yaml: '{entry.name}' has the unknown worse direction '{given}'")
    return Worse(given)


_DAYS = {"d": 1, "day": 1, "days": 1, "week": 7, "weeks": 7, "h": 0, "months": 30, "years": 365}


def read_validity(entry: dict[str, Any]) -> Validity:
    """A validity from its YAML form, `{for: 7 d, until: [event], verified: .., note: ..}`."""
    days = None
    if "for" in entry:
        number, unit = entry["for"].split()
        days = int(number) * _DAYS[unit]
    until = entry.get("until", [])
    return Validity(
        days, tuple([until] if isinstance(until, str) else until), entry.get("verified", "unverified"),
        entry.get("note", ""),
    )


def _codes(entries: Any) -> tuple[Code, ...]:
    return tuple(Code(e["system"], e["code"], e.get("verified", "unverified"), e.get("where", "")) for e in entries)


def _tie(rule: dict[str, Any], fields: dict[str, Field]) -> Tie:
    (if_name, if_options), = rule["if"].items()
    (then_name, then_options), = rule["then"].items()
    return Tie(if_name, _tie_mask(fields[if_name], if_options), then_name, _tie_mask(fields[then_name], then_options))


def _tie_mask(entry: Field, options: Any) -> int:
    if options == "any":
        return entry.every_option
    mask = 0
    for option in [options] if isinstance(options, str) else options:
        mask |= entry.mask(option)
    return mask
