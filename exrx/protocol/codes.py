"""The codes of diagnostics, read from `protocols/diagnostics.yaml`: what each means, what gives it, what to do."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache

from attrs import frozen

from exrx.errors import FieldError
from exrx.library import library_root, shown_path
from exrx.yamlread import read_plain_yaml

PAGE = "docs/diagnostics.md"
_PAGE_HEAD = """\
# What `check` and `lint` say

Every code that `exrx protocol check` and `exrx protocol lint` report, with what it means, what gives it and what to do.
An error forbids using the protocol; a remark does not. `exrx protocol lint --explain CODE --lang da` says the same in
Danish. This page is written from `protocols/diagnostics.yaml` by `docs/make_diagnostics.py`.
"""
_PARTS = {("check", "error"): "Faults that `check` refuses", ("check", "remark"): "Remarks of `check`",
          ("lint", "remark"): "Remarks of `lint`", ("sources", "error"): "Faults of the bibliography",
          ("sources", "remark"): "Remarks on the bibliography"}  # fmt: skip


@frozen
class Code:
    """One code: who reports it, how severe it is, and its words in Danish and English."""

    name: str
    reported_by: str
    severity: str
    means: dict[str, str]
    example: str
    cure: dict[str, str]
    in_schema: bool = False
    also: str | None = None


@lru_cache(maxsize=1)
def load_codes() -> dict[str, Code]:
    """Every code by name, in the file's order."""
    path = library_root() / "diagnostics.yaml"
    content = read_plain_yaml(path, shown_path(path))
    return {
        name: Code(name, entry["from"], entry["severity"], entry["means"], entry["example"], entry["cure"],
                   entry.get("schema") == "yes", entry.get("also"))
        for name, entry in content.items()
    }  # fmt: skip


def find_code(name: str) -> Code:
    """The code called `name`; FieldError with the nearest codes otherwise."""
    codes = load_codes()
    if name not in codes:
        near = get_close_matches(name, codes, n=3)
        hint = f"did you mean: {', '.join(near)}?" if near else f"every code stands in {PAGE}"
        raise FieldError(f"there is no code '{name}'; {hint}")
    return codes[name]


_EXPLAIN = {
    "da": {"error": "fejl", "remark": "bemærkning", "example": "Eksempel", "cure": "Gør sådan"},
    "en": {"error": "fault", "remark": "remark", "example": "Example", "cure": "What to do"},
}


def explain_code(name: str, lang: str) -> str:
    """A code in words: what it means, an example, and what to do."""
    code, words = find_code(name), _EXPLAIN[lang]
    command = "sources.yaml" if code.reported_by == "sources" else f"exrx protocol {code.reported_by}"
    return (f"{code.name} ({words[code.severity]}, {command})\n{code.means[lang]}\n\n"
            f"{words['example']}: {code.example}\n{words['cure']}: {code.cure[lang]}\n")  # fmt: skip


def codes_page() -> str:
    """`docs/diagnostics.md`: one table a kind, one line a code."""
    lines = [_PAGE_HEAD]
    for (reported_by, severity), title in _PARTS.items():
        lines += [f"## {title}", "", "| code | what it means | example | what to do |", "|---|---|---|---|"]
        lines += [
            f"| <a id=\"{code.name}\"></a>`{code.name}` | {_cell(code.means['en'])} | `{_cell(code.example)}` "
            f"| {_cell(code.cure['en'])} |"
            for code in load_codes().values()
            if (code.reported_by, code.severity) == (reported_by, severity)
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
