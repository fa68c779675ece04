"""What protocols that were joined each say on their own."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import frozen

from exrx.protocol.model import Member, Protocol
from exrx.rules.nodes import FALSE, TRUE
from exrx.rules.one import evaluate
from exrx.screening.one import APPLIES, STATES, Asked, ask_rules
from exrx.screening.what_if import Outcome

MOST_REASONS = 2


@frozen
class Because:
    """A rule that gives an answer its clearance, and whether it fires or may fire."""

    rule: str
    state: str
    because: dict[str, str]


@frozen
class Alone:
    """What one of several protocols says on its own: the answer, and up to two rules that give it its clearance."""

    protocol: str
    title: dict[str, str]
    applies: str
    outcome: Outcome
    because: tuple[Because, ...]

    def to_dict(self) -> dict[str, Any]:
        """The protocol's own answer as JSON."""
        return {
            "protocol": self.protocol,
            "title": self.title,
            "applies": self.applies,
            "clearance": self.outcome.clearance.word,
            "definite_clearance": self.outcome.definite.word,
            "worst_clearance": self.outcome.worst.word,
            "track": self.outcome.track.word,
            "because": [
                {"rule": each.rule, "state": each.state, "because": each.because} for each in self.because
            ],
        }


def each_alone(asked: Asked) -> tuple[Alone, ...]:
    """What each protocol says on its own; nothing where there is only one."""
    members = asked.protocol.members
    if len(members) < 2:
        return ()
    return tuple(_alone(asked, member) for member in members)


def differ(apart: tuple[Alone, ...]) -> bool:
    """Whether the protocols do not all say the same."""
    return len({(each.outcome.clearance, each.outcome.track) for each in apart}) > 1


@lru_cache(maxsize=64)
def _protocol_of(member: Member) -> Protocol:
    return Protocol((member,))


def _alone(asked: Asked, member: Member) -> Alone:
    own = ask_rules(
        asked.patient, _protocol_of(member), stage=asked.found.stage.stage, as_of=asked.knowledge.as_of
    )  # fmt: skip
    what_if = own.what_if
    applies = TRUE if member.applies_to is None else evaluate(member.applies_to, own.knowledge.state)
    now = what_if.now
    deciding = now.definite if now.clearance == now.definite else now.worst
    rules = [
        Because(each.active.rule.id, STATES[each.state], each.active.rule.because)
        for each in own.found.answers
        if each.state != FALSE and each.active.rule.then.clearance == deciding and deciding
    ]
    rules.sort(key=lambda each: each.state != "fires")
    return Alone(member.id, member.title, APPLIES[applies], now, tuple(rules[:MOST_REASONS]))
