"""`docs/protocols.md` and `docs/conflicts.md`, made from the protocols: equal text for equal data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from attrs import define, field

from exrx.errors import Diagnostic, Location
from exrx.fields import load_dictionary
from exrx.library import library_root
from exrx.protocol.conflicts import Quantity, Stand, compare_protocols
from exrx.protocol.library import list_protocols, load_protocol
from exrx.protocol.model import Member, Parameter, Rule
from exrx.protocol.sources import check_sources, load_sources
from exrx.report import Phrases
from exrx.report.conflicts_text import action_words, limit_words, module_of
from exrx.report.explain_text import then_words
from exrx.rules.words import say, say_quantity, sentence
from exrx.screening.coverage import cover
from exrx.yamlread import Mapping, Sequence, read_yaml

_HEAD = """# Protocols

This page is made from `protocols/`: change the files there, then run `python docs/make_protocols.py`.

A *case* is a worked patient beside the protocol whose expected answer would fail if the rule answered otherwise.
*Read in the source*, *read second-hand* and *not verified* say how well a number or statement was seen; a rule is as
weak as its weakest number. How the same quantity differs between protocols: [conflicts.md](conflicts.md).

The decision is the professional's; these are proposals with their reasons. [The safety case](safety-case.md) says
what holds.
"""
_CONFLICTS_HEAD = """# The same quantity across protocols

This page is made from the rules in `protocols/screening/`: change those, then run `python docs/make_protocols.py`.
The comments stand in `protocols/conflicts.yaml`. The same table for one quantity, in Danish or English: `exrx
protocol conflicts platelets`.

Programmes disagree, and each stands here as it was written: for whom, when, and how well it was read. A limit in one
protocol does not loosen that of another; joined protocols take the more cautious. A limit is listed where rules of
two files set one, a finding where it makes rules of two files fire whatever else is known, under one and the same
answer of every doctor.
"""
_READ = re.compile(r"\*\*(Not read|Read)\b")


@define
class _Library:
    """Every protocol and what of it is printed; modules under the file that they are written in."""

    p: Phrases
    members: list[Member] = field(factory=list)

    @classmethod
    def load(cls) -> _Library:
        protocols = [load_protocol(summary.id) for summary in list_protocols()]
        return cls(Phrases("en", load_dictionary()), [member for each in protocols for member in each.members])

    @cached_property
    def modules(self) -> dict[str, list[Member]]:
        """Per module file the protocols that include it."""
        found: dict[str, list[Member]] = {}
        for member in self.members:
            files = [rule.location.file for rule in member.rules]
            files += [parameter.location.file for parameter in member.parameters.values()]
            for file in dict.fromkeys(file for file in files if file != member.path):
                found.setdefault(file, []).append(member)
        return dict(sorted(found.items()))

    @cached_property
    def cases(self) -> dict[tuple[str, Location], int]:
        """Per rule and its place how many cases check it, beside its module and beside all that include it."""
        found: dict[tuple[str, Location], set[Location]] = {}
        for member in self.members:
            for rule in cover(member.id).rules:
                found.setdefault((rule.rule, rule.location), set()).update(rule.checked_at)
        return {key: len(places) for key, places in found.items()}


def protocols_page() -> str:
    """The text of `docs/protocols.md`."""
    library = _Library.load()
    lines = [_HEAD, "## Overview", *_overview(library)]
    for member in library.members:
        lines += _protocol(member, library)
    lines += ["# Modules", "", "What several protocols share; each stands once.", ""]
    for file, members in library.modules.items():
        lines += _module(file, members, library)
    return _page([*lines, *_sources(library)])


def _page(lines: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [_row(head), _row(["---"] * len(tuple(head))), *(_row(row) for row in rows)]
    return ["", *lines, ""]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def _overview(library: _Library) -> list[str]:
    rows = []
    for member in library.members:
        own = [rule for rule in member.rules if rule.location.file == member.path]
        rows.append((
            f"[{member.id}](#{member.id})", member.title.get("en", ""), _for_whom(member),
            ", ".join(map(library.p.stage, member.stages)), str(len(own)), str(len(member.rules)),
        ))  # fmt: skip
    return _table(("protocol", "title", "for whom", "stages", "own rules", "with modules"), rows)


def _for_whom(member: Member) -> str:
    return say(member.applies_to, "en") if member.applies_to is not None else "every patient"


def _protocol(member: Member, library: _Library) -> Iterator[str]:
    p = library.p
    yield f"## {member.id}\n"
    yield f"{member.title.get('en', member.id)} · {member.title.get('da', '')} · version {member.version}\n"
    yield f"- **For whom.** {sentence(_for_whom(member))}."
    yield f"- **Stages.** {', '.join(map(p.stage, member.stages))}."
    yield f"- **Starts from.** {sentence(then_words(member.starts_from, p))}."
    if member.includes:
        yield f"- **Modules.** {', '.join(f'[{include}](#{_anchor(include)})' for include in member.includes)}."
    folder = Path(member.path).parent.name
    yield from what_was_read(_notes(folder))
    yield f"- **Reasons, edges and gaps.** [NOTES](../protocols/screening/{folder}/NOTES.md)."
    yield from _numbers(member.path, [member], p)
    yield from _rules(member.path, [member], library)


def _module(file: str, members: list[Member], library: _Library) -> Iterator[str]:
    name = module_of(file) or file
    yield f"## {name}\n"
    yield f"- **In.** {', '.join(f'[{member.id}](#{member.id})' for member in members)}."
    yield from what_was_read(_section_of(name, library.modules))
    yield "- **Reasons, edges and gaps.** [NOTES](../protocols/screening/modules/NOTES.md)."
    yield from _numbers(file, members, library.p)
    yield from _rules(file, members, library)


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", name.lower())


def _source_link(source: str) -> str:
    return f"[{source}](#source-{_anchor(source)})"


def _notes(folder: str) -> str:
    path = library_root() / "screening" / folder / "NOTES.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _section_of(module: str, files: Iterable[str]) -> str:
    """The notes on a module, or on those that include it where it has none of its own."""
    sections = _sections(_notes("modules"))
    short = module.removeprefix("modules/")
    if short in sections:
        return sections[short]
    including = [module_of(file).removeprefix("modules/") for file in files if module in _includes(file)]
    return "\n".join(sections[name] for name in including if name in sections)


def _sections(notes: str) -> dict[str, str]:
    """The parts of the modules' notes by module; a heading such as "a, b: two tables" is of both."""
    found: dict[str, str] = {}
    for part in re.split(r"^## ", notes, flags=re.MULTILINE)[1:]:
        heading = re.split(r"[:(]", part.splitlines()[0])[0]
        found |= {name.strip(): part for name in heading.split(",")}
    return found


def _includes(file: str) -> list[str]:
    root = read_yaml(library_root() / file.removeprefix("protocols/"), file)
    node = root.entries.get("includes") if isinstance(root, Mapping) else None
    return [str(name) for name in node.plain()] if isinstance(node, Sequence) else []


def what_was_read(notes: str) -> Iterator[str]:
    """The points of a NOTES.md that say what was read and what was not, each on one line."""
    for point in re.split(r"^(?=- |#)", notes, flags=re.MULTILINE):
        if point.startswith("- ") and _READ.search(point):
            yield " ".join(point.split())


def _numbers(file: str, members: list[Member], p: Phrases) -> list[str]:
    found: dict[str, Parameter] = {}
    for member in members:
        found |= {n: each for n, each in member.parameters.items() if each.location.file == file}
    rows = [
        (f"`{each.name}`", say_quantity(each.value, each.unit, "en"), _source_link(each.source),
         p[f"verified {each.verified}"], each.since, each.note)
        for each in found.values()
    ]  # fmt: skip
    return _table(("number", "value", "source", "seen", "since", "note"), rows) if rows else [""]


def _rules(file: str, members: list[Member], library: _Library) -> list[str]:
    found: dict[str, Rule] = {}
    for member in members:
        found |= {rule.id: rule for rule in member.rules if rule.location.file == file}
    p = library.p
    rows = [
        (f"`{rule.id}`" + (f" ({', '.join(map(p.stage, rule.stages))})" if rule.stages else ""),
         sentence(say(rule.when, "en")) + (f"; {rule.confirm.readings} readings" if rule.confirm else ""),
         then_words(rule.then, p), _source_link(rule.source), p[f"verified {rule.verified}"],
         str(library.cases.get((rule.id, rule.location), 0)), rule.note)
        for rule in found.values()
    ]  # fmt: skip
    return _table(("rule", "when", "then", "source", "seen", "cases", "note"), rows)


def _sources(library: _Library) -> Iterator[str]:
    used = {rule.source for member in library.members for rule in member.rules}
    used |= {number.source for member in library.members for number in member.parameters.values()}
    yield "# Sources\n"
    yield "What the rules and numbers above stand on. The whole bibliography is `protocols/sources.yaml`.\n"
    for source in load_sources().values():
        if source.id in used:
            yield f"### Source {source.id}\n"
            yield f"{source.citation}\n"
            yield f"Read ({source.accessed}): {source.read}\n" if source.accessed else f"{source.read}\n"
    unused = [d for d in check_library_sources() if d.code == "unused-source"]
    if unused:
        names = [name for name, source in load_sources().items() if source.location in {d.location for d in unused}]
        yield f"In the bibliography, and named by no rule, number or formula: {', '.join(names)}.\n"


def check_library_sources() -> tuple[Diagnostic, ...]:
    """As `check_sources`, with what the formulas and the CERT block name counted as used."""
    from exrx.report.plan_cert import SOURCE
    from exrx.training.capacity.registry import FORMULAS

    return check_sources({formula.source for formula in FORMULAS.values()} | {SOURCE})


def conflicts_page() -> str:
    """The text of `docs/conflicts.md`."""
    p, quantities = Phrases("en", load_dictionary()), compare_protocols()
    lines = [_CONFLICTS_HEAD]
    for quantity in quantities:
        lines += _quantity(quantity, p)
    return _page(lines)


def _quantity(quantity: Quantity, p: Phrases) -> Iterator[str]:
    yield f"## {sentence(quantity.field.labelled('en'))} (`{quantity.field.name}`)\n"
    if quantity.comment:
        yield f"{quantity.comment['en']}\n"
    head = ("limit" if quantity.field.is_numeric else "finding", "then", "when", "rule", "protocols", "source", "seen",
            "since")  # fmt: skip
    yield from _table(head, [_stand(stand, p) for stand in quantity.stands])


def _stand(stand: Stand, p: Phrases) -> tuple[str, ...]:
    module = module_of(stand.file)
    listed = ", ".join(stand.protocols)
    return (
        limit_words(stand.comparison, "en") if stand.comparison else "present",
        action_words(stand, p), sentence(say(stand.rule.when, "en")), f"`{stand.rule.id}`",
        f"{module} ({listed})" if module else listed, stand.source, p[f"verified {stand.verified}"], stand.since,
    )  # fmt: skip


PAGES = {"protocols.md": protocols_page, "conflicts.md": conflicts_page}
