"""Wording: both languages, a title, a domain, short reasons, no stray spaces."""

from __future__ import annotations

from exrx.errors import Location
from exrx.protocol.lint.gather import Draft, Source, text_of
from exrx.protocol.schema import LANGUAGES
from exrx.yamlread import Mapping, Node, Scalar

LONGEST_REASON = 300


def lint_wording(draft: Draft) -> None:
    """Report to `draft`: missing-title, missing-language, missing-domain, long-reason, trailing-space."""
    for source in draft.sources:
        title = source.root.get("title")
        if title is None and "extends" not in source.root.entries:  # an overlay keeps the title below it
            draft.remark("missing-title", "the file has no title", source.root.location, "add title: {da: .., en: ..}")
        elif title is not None:
            _languages(draft, title, "title", names_may_be_equal=True)
        _trailing(draft, source)
    for _, rule in draft.rules():
        _rule(draft, rule)


def _rule(draft: Draft, rule: Mapping) -> None:
    name, because = text_of(rule.get("id")), rule.get("because")
    if not text_of(rule.get("domain")):
        draft.remark("missing-domain", f"'{name}' has no domain and counts as 'other'", rule.location,
                     "add domain:, such as bleeding (protocols/vocabulary.yaml)")
    if because is None:
        return
    _languages(draft, because, f"'{name}': because")
    longest = max((len(text_of(text)) for text in _texts(because)), default=0)
    if longest > LONGEST_REASON:
        draft.remark("long-reason", f"'{name}' gives its reason in {longest} letters", because.location,
                     f"say it in {LONGEST_REASON}; put the rest into note: or NOTES.md")


def _texts(node: Node) -> tuple[Node, ...]:
    return tuple(node.entries.values()) if isinstance(node, Mapping) else (node,)


def _languages(draft: Draft, node: Node, what: str, *, names_may_be_equal: bool = False) -> None:
    if isinstance(node, Scalar):
        lacking = f"{what} is one text for both languages"
    elif isinstance(node, Mapping):
        texts = [text_of(node.get(lang)).strip() for lang in LANGUAGES]
        empty = [lang for lang, text in zip(LANGUAGES, texts, strict=True) if not text]
        if not empty and (names_may_be_equal or len(set(texts)) == len(texts)):
            return
        lacking = f"{what} has no {' and no '.join(empty)}" if empty else f"{what} is the same in both languages"
    else:
        return
    draft.remark("missing-language", lacking, node.location, "write {da: .., en: ..}")


def _trailing(draft: Draft, source: Source) -> None:
    for number, line in enumerate(source.path.read_text(encoding="utf-8").splitlines(), start=1):
        bare = line.rstrip()
        if line != bare:
            draft.remark("trailing-space", "the line ends with spaces", Location(source.name, number, len(bare) + 1),
                         "delete them")
