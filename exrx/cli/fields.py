"""`exrx fields`: the data dictionary for people."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, print_text, terminal

if TYPE_CHECKING:
    from exrx.fields import Dictionary, Field

_WORSE = {
    "lower": "lower",
    "higher": "higher",
    "yes": "yes",
    "no": "no",
    "none": "no direction",
}


def add_commands(commands: Any) -> None:
    """Add `fields`."""
    parser = commands.add_parser(
        "fields", help="the facts a patient may have: all of them, or one in full", allow_abbrev=False
    )
    parser.add_argument("name", nargs="?", help="a field's name or another name for it, Danish too")
    parser.add_argument("--group", help="only one group, such as blood or today")
    parser.add_argument("--lang", choices=("da", "en"), default="en", help="language of the labels (default en)")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one field, or all."""
    from exrx.errors import FieldError
    from exrx.fields import load_dictionary

    names = load_dictionary()
    if arguments.name:
        chosen = [names.field(arguments.name)]
    else:
        groups = dict.fromkeys(entry.group for entry in names.fields.values())
        if arguments.group and arguments.group not in groups:
            raise FieldError(f"there is no group '{arguments.group}'. The groups are: {', '.join(groups)}")
        chosen = [entry for entry in names.fields.values() if arguments.group in (None, entry.group)]
    if arguments.format == "json":
        print_text(json.dumps([_as_json(entry) for entry in chosen], ensure_ascii=False, indent=1))
    elif arguments.name:
        _print_one(chosen[0], names, arguments.lang)
    else:
        _print_all(chosen, names, arguments.lang)
    return DONE


def _print_all(chosen: list[Field], names: Dictionary, lang: str) -> None:
    from rich.table import Table
    from rich.text import Text

    console = terminal()
    group = None
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for entry in chosen:
        if entry.group != group:
            group = entry.group
            table.add_row(Text(f"{group}", style="bold"), "", "")
        table.add_row(Text(f"  {entry.name}"), Text(_answers(entry, lang)), Text(entry.labelled(lang), style="dim"))
    console.print(table)
    console.print(
        f"{len(chosen)} fields, dictionary {names.edition}, sha256 {names.sha256[:12]}. One in full: exrx fields NAME"
    )


def _answers(entry: Field, lang: str) -> str:
    if entry.kind == "flag":
        return "yes, no"
    if entry.kind == "gate":
        return "clearance"
    if entry.kind == "elapsed":
        return "date ahead" if entry.towards_future else "date"
    if entry.is_numeric:
        return entry.ticks.unit.strip("{}")
    return f"{entry.kind} of {len(entry.options)}"


def _print_one(entry: Field, names: Dictionary, lang: str) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = [*_what(entry, lang), *_when(entry, names, lang), *_codes(entry)]
    if entry.note:
        rows.append(("note", entry.note))
    table = Table.grid(padding=(0, 2))
    for label, text in rows:
        table.add_row(Text(label, style="bold"), Text(text))
    console = terminal()
    console.print(Text(f"{entry.name}: {entry.label.get('en', '')} / {entry.label.get('da', '')}", style="bold"))
    console.print(table)


def _what(entry: Field, lang: str) -> list[tuple[str, str]]:
    from exrx.quantities.scale import plain
    from exrx.rules.words import say_option

    rows = [("kind", f"{entry.kind}, group {entry.group}")]
    if entry.scale is not None:
        scale = entry.scale
        others = f" (also {', '.join(scale.spellings)})" if scale.spellings else ""
        rows.append(("unit", f"{scale.unit}{others}"))
        if scale.ambiguous:
            rows.append(("bare number", f"refused: {' and '.join(scale.ambiguous)} both give plausible numbers"))
        if scale.mass_factor is not None:
            rows.append(
                (
                    "conversion",
                    f"1 {scale.mass_unit} = {scale.mass_factor} {scale.unit} (this substance only)",
                )
            )
        if entry.kind == "quantity":
            rows.append(
                (
                    "plausible",
                    f"{plain(scale.low)} to {plain(scale.high)}, step {plain(scale.resolution)}"
                    f"{', whole numbers' if scale.whole else ''}",
                )
            )
    if entry.options and entry.kind != "flag":
        labels = [f"{option} ({say_option(entry, option, lang)})" for option in entry.options]
        rows.append(("answers", ", ".join(labels)))
    if entry.items:
        rows.append(("sum of", ", ".join(entry.items)))
    if entry.role:
        rows.append(("answer of", entry.role))
    if entry.answers:
        rows.append(("asks about", ", ".join(entry.answers)))
    return rows


def _when(entry: Field, names: Dictionary, lang: str) -> list[tuple[str, str]]:
    rows = [("worse", _worse(entry)), ("who answers", names.word("who", entry.who, lang))]
    validity = entry.validity
    if validity is None:
        rows.append(("validity", "does not expire"))
    else:
        parts = [f"{validity.days} days"] if validity.days is not None else []
        parts += [f"until {names.field(names.events.get(event, event)).name}" for event in validity.until]
        note = f"; {validity.note}" if validity.note else ""
        rows.append(("validity", f"{', '.join(parts)} ({validity.verified}{note})"))
    if entry.typical is not None:
        rows.append(("typical", str(entry.typical)))
    if entry.unticked is not None:
        rows.append(("on a form", "an unticked box answers it: no"))
    if entry.aliases:
        rows.append(("also called", ", ".join(entry.aliases)))
    return rows


def _worse(entry: Field) -> str:
    worse = entry.worse
    if worse.kind == "outside":
        low, high = (entry.ticks.text(tick, tick) for tick in (worse.low, worse.high))
        return f"below {low} or above {high}"
    if worse.kind == "order":
        return " < ".join(entry.options[option] for option in worse.options)
    if worse.kind == "higher" and entry.kind in ("ordered", "gate"):
        return " < ".join(entry.options)
    return _WORSE[worse.kind]


def _codes(entry: Field) -> list[tuple[str, str]]:
    rows = [("code", f"{code.system} {code.code} ({code.verified}: {code.where})") for code in entry.codes]
    for option, codes in entry.option_codes.items():
        rows += [(f"code {option}", f"{code.system} {code.code} ({code.verified}: {code.where})") for code in codes]
    return rows


def _as_json(entry: Field) -> dict[str, Any]:
    scale = entry.scale
    return {
        "name": entry.name,
        "kind": entry.kind,
        "group": entry.group,
        "label": entry.label,
        "who": entry.who,
        "unit": scale.unit if scale else None,
        "resolution": str(scale.resolution) if scale else None,
        "plausible": [str(scale.low), str(scale.high)] if scale else None,
        "options": list(entry.options),
        "worse": _worse(entry),
        "validity": None
        if entry.validity is None
        else {
            "days": entry.validity.days,
            "until": list(entry.validity.until),
            "verified": entry.validity.verified,
        },
        "aliases": list(entry.aliases),
        "codes": [{"system": c.system, "code": c.code, "verified": c.verified, "where": c.where} for c in entry.codes],
    }
