"""Names: parameters and terms that nobody uses, laws that name what does not exist, ids that are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from exrx.library import library_root
from exrx.protocol.library import list_protocols, load_protocol
from exrx.protocol.lint.gather import Draft, Source, text_of
from exrx.protocol.model import Rule
from exrx.protocol.then import KEYS, LEVEL_WORDS

_GRAMMAR = frozenset({"and", "or", "not", "in", "at", "least", "of", "track", "none"})
_LIMIT = re.compile(r"[+-]?\d+(\.\d+)?(\s*(?!(?:and|or|not|in|of)\b)[A-Za-z%°µ\d/{\[][^\s()<>=!,]*)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def lint_names(draft: Draft) -> None:
    """Report to `draft`: unused-parameter, unused-term, unknown-law-name, id-is-not-folder, rule-id-taken."""
    _unused(draft)
    for source in draft.sources:
        _laws(draft, source)
    _folder(draft)
    _taken(draft)


def _unused(draft: Draft) -> None:
    used = draft.used_words()
    for source in draft.sources:
        for name in source.entries("parameters"):
            if name not in used:
                draft.remark("unused-parameter", f"no condition uses the parameter '{name}'",
                             source.place("parameters", name), "write the rule that asks for it, or delete it")
        for name in source.entries("terms"):
            if name not in used:
                draft.remark("unused-term", f"no condition uses the term '{name}'", source.place("terms", name),
                             "use it in a rule, or delete it")


def _laws(draft: Draft, source: Source) -> None:
    known = _law_words(draft)
    for law in source.items("laws"):
        for kind in ("never", "always"):
            node = law.get(kind)
            for name in _NAME.findall(_LIMIT.sub(" ", text_of(node))):
                if node is not None and name not in known:
                    near = get_close_matches(name, known, n=1)
                    draft.remark("unknown-law-name", f"the law names '{name}', which is no field, answer, parameter "
                                 "or part of a restriction", node.location,
                                 f"did you mean '{near[0]}'?" if near else None)  # fmt: skip


def _law_words(draft: Draft) -> frozenset[str]:
    fields = draft.dictionary.fields
    words = {*_GRAMMAR, *KEYS, *fields, *draft.member.parameters}
    words |= {word for levels in LEVEL_WORDS.values() for word in levels}
    words |= {option for entry in fields.values() for option in entry.options}
    words |= {name for source in draft.sources for name in source.entries("terms")}
    words |= {word for entries in draft.dictionary.vocabulary.values() for word in entries}
    return frozenset(words)


def _folder(draft: Draft) -> None:
    first = draft.sources[0]
    if first.path.name != "protocol.yaml":
        return
    folder, node = first.path.resolve().parent.name, first.root.get("id")
    if node is not None and text_of(node) != folder:
        draft.remark("id-is-not-folder", f"the protocol '{text_of(node)}' lies in the folder '{folder}'",
                     node.location, "give both the same name, so that people find the one by the other")


def _taken(draft: Draft) -> None:
    others: dict[str, list[tuple[str, Rule]]] = {}
    for name, rule in _shipped_rules():
        others.setdefault(rule.id, []).append((name, rule))
    for rule in draft.member.rules:
        theirs = [name for name, other in others.get(rule.id, ()) if _differs(rule, other)]
        if theirs:
            draft.remark("rule-id-taken", f"{theirs[0]} has another rule of the id '{rule.id}'", rule.location,
                         "say in the id what is particular about this one")


def _differs(rule: Rule, other: Rule) -> bool:
    same_place = rule.location.file == other.location.file
    return not same_place and (rule.when, rule.then) != (other.when, other.then)


def _shipped_rules() -> Iterator[tuple[str, Rule]]:
    for summary in list_protocols():
        path = library_root().parent / summary.path
        for rule in load_protocol(path if path.is_file() else summary.id).rules:
            yield summary.id, rule
