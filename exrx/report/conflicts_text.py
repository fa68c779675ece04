"""Quantities across protocols in words: for the terminal in Danish and English, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import evolve
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from exrx.fields import Dictionary
from exrx.protocol.conflicts import Quantity, Stand
from exrx.quantities.scale import plain
from exrx.report import Phrases
from exrx.report.explain_text import then_words
from exrx.rules.nodes import Compare
from exrx.rules.restriction import Again, Clearance, Restriction
from exrx.rules.words import say, say_limit, say_quantity, sentence

_WORDS = {
    "da": {"only": "når", "none": "Ingen regel spørger om det.", "finding": "fundet selv", "noted": "kun noteret",
           "nothing": "Ingen størrelse har regler i flere protokoller."},
    "en": {"only": "when", "none": "No rule asks about it.", "finding": "the finding itself", "noted": "noted only",
           "nothing": "No quantity has rules in several protocols."},
}  # fmt: skip
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "!=": "≠"}


def conflicts_report(quantities: Sequence[Quantity], lang: str, names: Dictionary) -> RenderableType:
    """Each quantity with its comment and what every rule says of it, the number first."""
    p = Phrases(lang, names)
    parts: list[RenderableType] = []
    for quantity in quantities:
        parts += [Text(""), *_quantity(quantity, p)] if parts else list(_quantity(quantity, p))
    return Group(*(parts or [Text(_WORDS[lang]["nothing"])]))


def _quantity(quantity: Quantity, p: Phrases) -> Iterator[RenderableType]:
    words, field = _WORDS[p.lang], quantity.field
    yield Text.assemble((sentence(field.labelled(p.lang)), "bold"), (f" ({field.name})", "dim"))
    if quantity.comment:
        yield Padding(Text(quantity.comment[p.lang], style="italic"), (0, 0, 0, 2))
    if not quantity.stands:
        yield Padding(Text(words["none"]), (0, 0, 0, 2))
    for stand in quantity.stands:
        number = limit_words(stand.comparison, p.lang) if stand.comparison else words["finding"]
        yield Padding(Text.assemble((number, "bold"), f": {action_words(stand, p)}"), (0, 0, 0, 2))
        asked = [where_words(stand)]
        if not _is_all(stand):
            asked.append(f"{words['only']}: {say(stand.rule.when, p.lang)}")
        asked.append(f"[{source_words(stand, p)}]")
        for line in asked:
            yield Padding(Text(line, style="dim"), (0, 0, 0, 6))


def limit_words(comparison: Compare, lang: str) -> str:
    """The sign and the limit as it was written, and in the field's own unit where that is another."""
    written, scale = say_limit(comparison, lang), comparison.field.ticks
    own = say_quantity(plain(scale.value(comparison.limit.tick)), scale.unit, lang)
    same = written == own or written.split(" ")[1:] == own.split(" ")[1:]
    return f"{SIGNS[comparison.operator]} {written}" + ("" if same else f" (≈ {own})")


def action_words(stand: Stand, p: Phrases) -> str:
    """What the rule does, without what is watched, allowed meanwhile or asked again."""
    then, clear = stand.rule.then, Clearance.CLEAR
    rest = evolve(then, clearance=clear, monitor=frozenset(), allowed_meanwhile=None, again=Again())
    parts = [p.word("clearance", then.clearance.word)] if then.clearance is not clear else []
    parts += [then_words(rest, p)] if rest != Restriction.none() else []
    return "; ".join(parts) or _WORDS[p.lang]["noted"]


def where_words(stand: Stand) -> str:
    """The rule, and the protocols that ask it; a module's rule names the module as well."""
    listed = ", ".join(stand.protocols)
    module = module_of(stand.file)
    return f"{stand.rule.id}: {f'{module} ({listed})' if module else listed}"


def module_of(file: str) -> str:
    """`modules/red-flags` for a module's file, empty for a protocol's own."""
    return file.removeprefix("protocols/screening/").removesuffix(".yaml") if "/modules/" in file else ""


def source_words(stand: Stand, p: Phrases) -> str:
    """Source, how well it was seen, and the date of the number."""
    parts = (stand.source, p[f"verified {stand.verified}"], p.date(stand.since) if stand.since else "")
    return ", ".join(part for part in parts if part)


def _is_all(stand: Stand) -> bool:
    return isinstance(stand.rule.when, Compare) or (len(stand.rule.fields) == 1 and stand.comparison is None)


def conflicts_json(quantities: Sequence[Quantity]) -> list[dict[str, Any]]:
    """The same as JSON: per field its comment and every rule with limit, action, source and protocols."""
    return [
        {
            "field": quantity.field.name,
            "label": {lang: quantity.field.labelled(lang) for lang in ("da", "en")},
            "unit": quantity.field.ticks.unit if quantity.field.is_numeric else "",
            "comment": quantity.comment,
            "rules": [_stand_as_json(stand) for stand in quantity.stands],
        }
        for quantity in quantities
    ]


def _stand_as_json(stand: Stand) -> dict[str, Any]:
    limit = stand.comparison
    return {
        "comparison": limit.operator if limit else None,
        "limit": limit.limit.text if limit else None,
        "rule": stand.rule.id,
        "when": {lang: sentence(say(stand.rule.when, lang)) for lang in ("da", "en")},
        "clearance": stand.rule.then.clearance.word,
        "protocols": list(stand.protocols),
        "file": stand.file,
        "source": stand.source,
        "verified": stand.verified,
        "since": stand.since,
    }
