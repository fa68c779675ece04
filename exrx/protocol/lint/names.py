"""Names: parameters and terms that nobody uses, ids that are taken or differ from the folder."""

from __future__ import annotations

from collections.abc import Iterator

from exrx.protocol.find import protocol_folders
from exrx.protocol.library import load_protocol
from exrx.protocol.lint.gather import Draft, text_of
from exrx.protocol.model import Rule


def lint_names(draft: Draft) -> None:
    """Report to `draft`: unused-parameter, unused-term, id-is-not-folder, rule-id-taken."""
    _unused(draft)
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
    for folder in protocol_folders():
        for rule in load_protocol(folder).rules:
            yield folder.name, rule
