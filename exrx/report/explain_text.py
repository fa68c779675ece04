"""A patient explained: every rule's answer, what it looked at and what it does; a protocol's rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from exrx.fields import Dictionary
from exrx.protocol.local import said_measure, say_changes
from exrx.report import Phrases, colour_of
from exrx.report.advice_text import advice_report
from exrx.report.decision_text import first_line, reason_value
from exrx.rules.restriction import Clearance, Intensity, Progression, Restriction, Setting, Supervision
from exrx.rules.words import say

if TYPE_CHECKING:
    from exrx.protocol import Protocol
    from exrx.screening import RuleAnswer
    from exrx.screening.advice import Explanation

_STATES = {2: "fires", 1: "undecided", 0: "silent"}
_WORDS = {
    "da": {
        2: "GÆLDER",
        1: "UAFKLARET",
        0: "gælder ikke",
        "counts": "{f} gælder · {u} uafklarede · {s} gælder ikke",
        "when": "når",
        "then": "så",
        "nothing": "ingen begrænsning",
        "silent": "Regler, der ikke gælder",
        "rules": "Alle regler",
        "for": "For",
        "everyone": "alle patienter",
        "stages": "Trin",
        "start": "Udgangspunkt",
        "includes": "Bygger på",
        "extends": "Lokal udgave af",
        "numbers": "Tal",
    },
    "en": {
        2: "HOLDS",
        1: "UNDECIDED",
        0: "does not hold",
        "counts": "{f} hold · {u} undecided · {s} do not hold",
        "when": "when",
        "then": "then",
        "nothing": "no restriction",
        "silent": "Rules that do not hold",
        "rules": "All rules",
        "for": "For",
        "everyone": "every patient",
        "stages": "Stages",
        "start": "Starts from",
        "includes": "Includes",
        "extends": "Local version of",
        "numbers": "Numbers",
    },
}


def explain_report(
    explanation: Explanation, decision: Mapping[str, Any], lang: str, names: Dictionary, *, every: bool = False
) -> RenderableType:
    """The decision's first line, the rules that hold, what to do next, then the rules that are undecided.

    `decision` is the explanation's own as JSON, with what was assumed in reading. Rules stand in the order of their
    consequence; those that do not hold are only named, unless `every` is true.
    """
    p, words = Phrases(lang, names), _WORDS[lang]
    answers = sorted(explanation.rules, key=lambda answer: -answer.restriction.clearance)
    count = {state: sum(answer.answer == state for answer in answers) for state in _STATES}
    parts: list[RenderableType] = [
        Text(first_line(decision, lang, names), style=f"bold {colour_of(decision['clearance'])}"),
        Text(f"{words['rules']}: " + words["counts"].format(f=count[2], u=count[1], s=count[0]), style="bold"),
    ]
    for use in decision["protocols"]:
        applies = p.get(f"applies {use['applies']}")
        if applies:
            parts.append(Text(f"{use['id']}: {applies}", style="yellow"))
    states = {name: entry["state"] for name, entry in decision["inputs"].items()}
    parts += _in_state(2, answers, states, p)
    parts += advice_report(explanation, p)
    parts += _in_state(1, answers, states, p)
    silent = [answer for answer in explanation.rules if answer.answer == 0]
    if silent and every:
        parts += _in_state(0, silent, states, p)
    elif silent:
        listed = ", ".join(answer.rule for answer in silent)
        parts += [
            Text(""),
            Text(f"{words['silent']} ({len(silent)}, --all)", style="bold"),
            Padding(Text(listed, style="dim"), (0, 0, 0, 2)),
        ]
    parts += [Text(""), Text(p.notice(decision.get("notice")), style="italic")]
    return Group(*parts)


def _in_state(
    state: int, answers: Sequence[RuleAnswer], inputs: Mapping[str, str], p: Phrases
) -> Iterator[RenderableType]:
    for answer in answers:
        if answer.answer == state:
            yield Text("")
            yield from _rule(answer, inputs, p)


def _rule(answer: RuleAnswer, inputs: Mapping[str, str], p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    state = {
        2: "bold red" if answer.restriction.clearance >= Clearance.CONSULT else "bold",
        1: "yellow",
        0: "dim",
    }
    yield Text.assemble((str(words[answer.answer]), state[answer.answer]), "  ", (answer.rule, "bold"))
    lines = [
        f"{words['when']}: {say(answer.active.rule.when, p.lang)}",
        f"{words['then']}: {then_words(answer.restriction, p)}",
        p.text(answer.because),
    ]
    for line in lines:
        yield Padding(Text(line), (0, 0, 0, 4))
    shown = "; ".join(
        reason_value(p, name, {"value": value.value, "unit": value.unit, "date": value.date, "limit": value.limit,
                               "state": inputs.get(name)})
        for name, value in answer.values.items()
        if name in answer.active.rule.fields
    )
    verified = f", {p['unverified']}" if answer.verified == "unverified" else ""
    yield Padding(Text(f"{shown} [{answer.source}{verified}]", style="dim"), (0, 0, 0, 4))


def then_words(restriction: Restriction, p: Phrases) -> str:
    """What a rule does, in words; "no restriction" when it only says something."""
    return "; ".join(_then_parts(restriction, p)) or _WORDS[p.lang]["nothing"]


def _then_parts(restriction: Restriction, p: Phrases) -> Iterator[str]:
    if restriction.clearance is not Clearance.CLEAR:
        yield p["short " + restriction.clearance.word]
    if restriction.consult:
        yield f"{p['contact'].lower()}: {p.words('roles', sorted(restriction.consult))}"
    if restriction.setting is not Setting.USUAL_ADVICE:
        yield p.word("setting", restriction.setting.word)
    if restriction.supervision is not Supervision.INDEPENDENT:
        yield p.word("supervision", restriction.supervision.word)
    for name in ("aerobic_max", "strength_max"):
        level: Intensity = getattr(restriction, name)
        if level is not Intensity.VIGOROUS:
            yield f"{p[name].lower()} {p['at most'].format(x=p.word('intensity', level.word))}"
    for name, unit in (("session_minutes_max", "min"), ("heart_rate_max", "/min"), ("rpe_max", "(Borg)")):
        limit = getattr(restriction, name)
        if limit is not None:
            yield f"{p[name].lower()} {p['at most'].format(x=f'{limit} {unit}')}"
    if restriction.progression is not Progression.NORMAL:
        yield p.word("progression", restriction.progression.word)
    lists: dict[str, Iterable[str]] = {
        "not format": restriction.formats_forbidden,
        "avoid": restriction.avoid,
        "monitor": restriction.monitor,
        "refer": restriction.refer,
        "meanwhile": restriction.allowed_meanwhile or (),
    }
    kinds = {"not format": "formats", "meanwhile": "allowed_meanwhile"}
    for name, keys in lists.items():
        if keys:
            yield f"{p[name].lower()}: {p.words(kinds.get(name, name), sorted(keys))}"
    if restriction.again.after:
        after = p["again after"].format(x=p.words("again", sorted(restriction.again.after)))
        yield f"{p['again'].lower()} {after}"


def protocol_report(protocol: Protocol, lang: str, names: Dictionary) -> RenderableType:
    """A protocol in words: for whom it is, its numbers with source, and each rule."""
    p, words = Phrases(lang, names), _WORDS[lang]
    parts: list[RenderableType] = []
    for member in protocol.members:
        parts.append(Text(f"{member.title.get(lang, member.id)} ({member.id} {member.version})", style="bold"))
        parts.append(Text(f"{member.path}, sha256 {member.sha256[:12]}", style="dim"))
        applies = say(member.applies_to, lang) if member.applies_to is not None else words["everyone"]
        lines = [f"{words['for']}: {applies}", f"{words['stages']}: {', '.join(map(p.stage, member.stages))}",
                 f"{words['start']}: {then_words(member.starts_from, p)}"]  # fmt: skip
        if member.includes:
            lines.append(f"{words['includes']}: {', '.join(member.includes)}")
        if member.extends:
            lines.append(f"{words['extends']}: {', '.join(member.extends)}")
            lines += [say_changes((change,), lang) for change in member.local_changes]
        parts += [Text(line) for line in lines]
        parts += [Text(""), Text(str(words["numbers"]), style="bold")]
        for parameter in member.parameters.values():
            value = said_measure(parameter.text, lang)
            source = f"{parameter.source}, {p['verified ' + parameter.verified]}"
            number = Text.assemble(f"{parameter.name} ", (value, "bold"), (f" [{source}]", "dim"))
            parts.append(Padding(number, (0, 0, 0, 2)))
        parts += [Text(""), Text(f"{words['rules']} ({len(member.rules)})", style="bold")]
        for rule in member.rules:
            parts.append(Text(""))
            stages = f" ({', '.join(map(p.stage, rule.stages))})" if rule.stages else ""
            parts.append(Text.assemble((rule.id, "bold"), (stages, "dim")))
            source = f"[{rule.source}, {p['verified ' + rule.verified]}]"
            for line, style in (
                (f"{words['when']}: {say(rule.when, lang)}", ""),
                (f"{words['then']}: {then_words(rule.then, p)}", ""),
                (p.text(rule.because), ""),
                (source, "dim"),
            ):
                parts.append(Padding(Text(line, style=style), (0, 0, 0, 4)))
    return Group(*parts)
