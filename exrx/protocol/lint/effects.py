"""Effects: a rule that does nothing, or leaves open whom to ask and when to look again; exceptions nobody needs."""

from __future__ import annotations

from exrx.protocol.lint.gather import Draft
from exrx.protocol.model import BY_FIELD, Rule
from exrx.rules.polarity import reversals
from exrx.rules.restriction import Again, Clearance, Restriction


def lint_effects(draft: Draft) -> None:
    """Report to `draft`: rule-without-effect, consult-without-role, defer-without-again, unneeded-exception."""
    excepted = {exemption.of for exemption in draft.member.exceptions if exemption.proof in BY_FIELD}
    for rule in draft.member.rules:
        _effect(draft, rule)
        needed = excepted | {reversal.atom.field.name for reversal in reversals(rule.when)}
        for name in rule.polarity:
            if name not in needed:
                draft.remark("unneeded-exception", f"'{rule.id}' declares an exception for '{name}' and needs none",
                             rule.location, "delete it under polarity:")


def _effect(draft: Draft, rule: Rule) -> None:
    then = rule.then
    if then == Restriction.none():
        draft.remark("rule-without-effect", f"'{rule.id}' restricts nothing", rule.location,
                     "write what follows under then:, or delete the rule")
    if then.clearance is Clearance.CONSULT and not then.consult:
        draft.remark("consult-without-role", f"'{rule.id}' does not say which physician must be asked", rule.location,
                     "add consult: [oncologist] or another role")
    if then.clearance is Clearance.DEFER and then.again == Again():
        draft.remark("defer-without-again", f"'{rule.id}' defers and does not say when to look again", rule.location,
                     "add again: {after: ..} or again: {days: ..}")
