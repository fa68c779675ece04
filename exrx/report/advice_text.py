"""What to do next, in words: which facts to get first, what would change the answer, what each protocol says alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from exrx.report import Phrases
from exrx.report.first_step import hand_out
from exrx.rules.restriction import Clearance
from exrx.rules.words import sentence
from exrx.screening.advice.apart import Alone, differ
from exrx.screening.advice.settle import WHO_FIRST, FactSet, Joint, Settling
from exrx.screening.advice.wording import change_words, first_words, then_words

if TYPE_CHECKING:
    from exrx.screening.advice import Counterfactual, Counterfactuals, Explanation

MOST_LISTED = 5
MOST_OF_ONE = 8
"""Facts of a set that are listed one by one; of a larger set, how many for each who can answer."""
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "first": "Skaf først", "nothing": "Der mangler ikke noget, der kan ændre svaret.",
        "unreachable": "Ingen svar på det, der mangler, kan føre til træning i dag.",
        "one": "Ét svar er nok:", "both": "Begge svar skal til:", "all": "Alle {n} svar skal til:",
        "or": "Eller i stedet:",
        "more": "Andre valg er lige så små.", "cut": "Søgningen blev afbrudt: der kan findes et mindre valg.",
        "many": "Der mangler mindst {n} svar, før patienten kan træne. Spørg i denne orden:",
        "many settle": "Mindst {n} svar skal til, før svaret ligger fast. Spørg i denne orden:",
        "good": "Hvis alle svar er gode: {x}.", "second": "mål igen",
        "stricter": "Det, der mangler, kan kun gøre svaret strengere.",
        "settled": "Med gode svar ligger dette fast: {x}.",
        "changes": "Hvad ville ændre svaret", "urgent": "Handl først på det akutte. Først derefter gælder dette:",
        "no change": "Intet af det, der kan blive bedre på få dage, ændrer svaret.",
        "nothing cut": "Ingen to ting, der kan blive bedre på få dage, ændrer svaret; flere på én gang er ikke prøvet.",
        "and": "og", "then": "så: {x}", "needs": "først: {x}", "lifts": "ophæver: {x}",
        "also": "Flere ting på én gang er ikke alle prøvet.",
        "apart": "Hver protokol for sig", "same": "De siger det samme hver for sig: {x}.",
        "because": "fordi: {x}", "perhaps": "måske, fordi: {x}", "no": "er ikke lavet til denne patient",
        "undecided": "det er uvist, om den passer til patienten",
    },
    "en": {
        "first": "Get first", "nothing": "Nothing is missing that could change the answer.",
        "unreachable": "No answers to what is missing can lead to training today.",
        "one": "One answer is enough:", "both": "Both answers are needed:", "all": "All {n} answers are needed:",
        "or": "Or instead:",
        "more": "Other choices are just as small.", "cut": "The search was cut: there may be a smaller choice.",
        "many": "At least {n} answers are missing before the patient can train. Ask in this order:",
        "many settle": "At least {n} answers are needed before the answer is settled. Ask in this order:",
        "good": "If all answers are good: {x}.", "second": "measure again",
        "stricter": "What is missing can only make the answer stricter.",
        "settled": "With good answers this is settled: {x}.",
        "changes": "What would change the answer", "urgent": "Act on the emergency first. Only then does this hold:",
        "no change": "Nothing that can get better within days changes the answer.",
        "nothing cut": "No two things that can get better within days change the answer; more at once were not tried.",
        "and": "and", "then": "then: {x}", "needs": "first: {x}", "lifts": "lifts: {x}",
        "also": "Not all changes of several things at once were tried.",
        "apart": "Each protocol on its own", "same": "On their own they say the same: {x}.",
        "because": "because: {x}", "perhaps": "perhaps, because: {x}", "no": "is not made for this patient",
        "undecided": "it is not known whether it fits the patient",
    },
}  # fmt: skip


def advice_report(explanation: Explanation, p: Phrases) -> list[RenderableType]:
    """The three parts; a part that has nothing to say is left out."""
    return [
        *_settling(explanation.settling, explanation, p),
        *_changes(explanation.counterfactuals, explanation, p),
        *_apart(explanation.apart, p),
    ]


def _heading(text: str) -> Iterator[RenderableType]:
    yield Text("")
    yield Text(text, style="bold")


def _line(text: str, indent: int = 2, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, indent))


# Which facts to get first


def _settling(settling: Settling, explanation: Explanation, p: Phrases) -> Iterator[RenderableType]:
    words, decision = _WORDS[p.lang], explanation.decision
    yield from _heading(words["first"])
    if not settling.sets:
        waits = bool(decision.missing or decision.remeasure) and decision.clearance is Clearance.ASSESS
        yield _line(words["unreachable" if waits else "nothing"])
        if not settling.exact:
            yield _line(words["cut"], style="dim")
        return
    if decision.clearance >= Clearance.CONSULT:
        yield _line(words["stricter"])
    first, *others = settling.sets
    if len(first.facts) > MOST_LISTED:
        yield from _large_set(first, settling.goal, p)
        handed = hand_out(decision.to_dict(), p)
        if handed:
            yield _line(handed, 4, "bold")
    else:
        head = words[{1: "one", 2: "both"}.get(len(first.facts), "all")].format(n=len(first.facts))
        yield from _small_set(first, head, p)
        for other in others:
            yield from _small_set(other, words["or"], p)
    if settling.more or (others and len(first.facts) > MOST_LISTED):
        yield _line(words["more"], style="dim")
    if not settling.exact:
        yield _line(words["cut"], style="dim")


def _small_set(facts: FactSet, head: str, p: Phrases) -> Iterator[RenderableType]:
    named = [
        f"{p.label(name)} ({_WORDS[p.lang]['second'] if name in facts.again else p.word('who', who)})"
        for name, who in zip(facts.facts, facts.who, strict=True)
    ]
    yield _line(f"{head} {'; '.join(named)}", style="bold")
    if len(facts.joint) < 2:  # too many to be read, or none of them changes anything by itself
        then = then_words(facts.then.clearance, facts.then.track, p.lang, p.names)
        yield _line(_WORDS[p.lang]["good" if not facts.joint else "settled"].format(x=then), 6)
        return
    for joint in facts.joint:
        then = then_words(joint.clearance, joint.track, p.lang, p.names)
        yield _line(f"{_joint(joint, len(facts.facts) > 1, p)} → {then}", 6)


def _joint(joint: Joint, labelled: bool, p: Phrases) -> str:
    parts = []
    for name, words in joint.answers:
        said = p.condition(name, words)
        parts.append(f"{p.label(name)}{p.joint(name)}{said}" if labelled else said)
    return "; ".join(parts)


def _large_set(facts: FactSet, goal: str, p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    yield _line(words["many" if goal == "train" else "many settle"].format(n=len(facts.facts)))
    for who in dict.fromkeys((*WHO_FIRST, *facts.who)):
        theirs = [name for name, by in zip(facts.facts, facts.who, strict=True) if by == who]
        if theirs:
            rest = len(theirs) - MOST_OF_ONE
            listed = [p.label(name) for name in theirs[:MOST_OF_ONE]]
            listed += [p.counted("more", rest)] if rest > 0 else []
            yield _line(f"{sentence(p.word('who', who))} ({len(theirs)}): {'; '.join(listed)}", 4)
    yield _line(words["good"].format(x=then_words(facts.then.clearance, facts.then.track, p.lang, p.names)), 4)


# What would change the answer


def _changes(counterfactuals: Counterfactuals, explanation: Explanation, p: Phrases) -> Iterator[RenderableType]:
    words, decision = _WORDS[p.lang], explanation.decision
    if not counterfactuals.found:
        if decision.clearance >= Clearance.CONSULT:
            yield from _heading(words["changes"])
            yield _line(words["no change" if counterfactuals.complete else "nothing cut"])
        return
    yield from _heading(words["changes"])
    if decision.clearance is Clearance.EMERGENCY:
        yield _line(words["urgent"], style="bold")
    for counterfactual in counterfactuals.found:
        yield from _change(counterfactual, p)
    if not counterfactuals.complete:
        yield _line(words["also"], style="dim")


def _change(counterfactual: Counterfactual, p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    for place, change in enumerate(counterfactual.changes):
        text = change_words(change, p.lang, p.names)
        yield _line(f"{words['and']} {text}" if place else sentence(text), style="bold")
        needed = first_words(change, p.lang, p.names)
        if needed:
            yield _line(words["needs"].format(x=needed), 6)
    then = counterfactual.then
    yield _line(words["then"].format(x=then_words(then.clearance, then.track, p.lang, p.names)), 6)
    yield _line(words["lifts"].format(x=", ".join(counterfactual.lifts)), 6, "dim")


# What each protocol says on its own


def _apart(apart: tuple[Alone, ...], p: Phrases) -> Iterator[RenderableType]:
    if not apart:
        return
    words = _WORDS[p.lang]
    yield from _heading(words["apart"])
    if not differ(apart) and all(alone.applies == "yes" for alone in apart):
        outcome = apart[0].outcome
        yield _line(words["same"].format(x=then_words(outcome.clearance, outcome.track, p.lang, p.names)))
        return
    for alone in apart:
        outcome = alone.outcome
        said = words.get(alone.applies) if alone.applies == "no" else None
        said = said or then_words(outcome.clearance, outcome.track, p.lang, p.names)
        if alone.applies == "undecided":
            said = f"{said} ({words['undecided']})"
        yield _line(f"{p.text(alone.title)} ({alone.protocol}): {said}", style="bold")
        if alone.applies != "no":
            for each in alone.because:
                key = "because" if each.state == "fires" else "perhaps"
                yield _line(words[key].format(x=p.text(each.because)), 6)
