"""Changes and what they lead to, in Danish and English, for people who never see a formula."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from exrx.fields import Dictionary, Field, Span, load_dictionary
from exrx.rules.restriction import Clearance, Track
from exrx.rules.words import say_number, say_option, say_quantity, sentence

if TYPE_CHECKING:
    from exrx.screening.advice.counterfactual import Change, Counterfactual

_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "least": "{f} på mindst {x}", "above": "{f} over {x}", "most": "{f} på højst {x}", "below": "{f} under {x}",
        "range": "{f} fra {low} til {x}", "gone": "når det ikke længere gælder: {f}", "so": "når det er opfyldt: {f}",
        "given": "når den er givet: {f}", "other": "{f}: {x}", "now": "nu {x}", "now word": "nu: {x}",
        "today": "fra i dag", "yesterday": "fra i går", "ago": "for {n} dage siden", "of": "fra {x}",
        "expired": "for gammel til at gælde", "and": "og", "then": "Så", "first": "Først", "clear": "kan træne",
        "judged": "{x} har vurderet det", "day": "tidligst efter 1 dag", "days": "tidligst efter {n} dage",
        "<": "under {x}", "<=": "højst {x}", ">": "over {x}", ">=": "mindst {x}",
    },
    "en": {
        "least": "{f} of at least {x}", "above": "{f} above {x}", "most": "{f} of at most {x}",
        "below": "{f} below {x}", "range": "{f} from {low} to {x}", "gone": "once this is no longer so: {f}",
        "so": "once this is so: {f}", "given": "once it is given: {f}", "other": "{f}: {x}", "now": "now {x}",
        "now word": "now: {x}", "today": "from today", "yesterday": "from yesterday", "ago": "{n} days ago",
        "of": "from {x}", "expired": "too old to count", "and": "and", "then": "Then", "first": "First",
        "clear": "may train",
        "judged": "{x} has assessed it", "day": "after 1 day at the earliest",
        "days": "after {n} days at the earliest",
        "<": "below {x}", "<=": "at most {x}", ">": "above {x}", ">=": "at least {x}",
    },
}  # fmt: skip


def change_words(change: Change, lang: str, dictionary: Dictionary | None = None) -> str:
    """What has to be otherwise: "platelets of at least 50 ×10⁹/L (now 42 ×10⁹/L, 2 days ago)"."""
    names = dictionary or load_dictionary()
    aside = ", ".join(_now(change, names.fields[change.field], lang))
    return f"{_needed(change, names.fields[change.field], lang)} ({aside})"


def first_words(change: Change, lang: str, dictionary: Dictionary | None = None) -> str:
    """What the rules want first: "new platelet count; the oncologist has assessed it"; empty where they say nothing."""
    names, words = dictionary or load_dictionary(), _WORDS[lang]
    wanted = [names.word("again", key, lang) for key in sorted(change.again.after)]
    wanted += [words["judged"].format(x=names.word("roles", role, lang)) for role in sorted(change.consult)]
    if change.again.days:
        wanted.append(words["day"] if change.again.days == 1 else words["days"].format(n=change.again.days))
    return "; ".join(wanted)


def then_words(clearance: Clearance, track: Track, lang: str, dictionary: Dictionary | None = None) -> str:
    """An answer in words: "train with adaptations, individual training"; the track only where there is training."""
    names = dictionary or load_dictionary()
    words = _WORDS[lang]["clear"] if not clearance else names.word("clearance", clearance.word, lang)
    return words if clearance >= Clearance.ASSESS else f"{words}, {names.word('track', track.word, lang)}"


def with_changes(counterfactual: Counterfactual, lang: str, dictionary: Dictionary | None = None) -> str:
    """The whole counterfactual as one sentence."""
    words = _WORDS[lang]
    changes = f"; {words['and']} ".join(change_words(change, lang, dictionary) for change in counterfactual.changes)
    then = then_words(counterfactual.then.clearance, counterfactual.then.track, lang, dictionary)
    firsts = dict.fromkeys(first_words(change, lang, dictionary) for change in counterfactual.changes)
    first = "; ".join(text for text in firsts if text)
    ending = f" {words['first']}: {first}." if first else ""
    return f"{sentence(changes)}. {words['then']}: {then}.{ending}"


def _needed(change: Change, entry: Field, lang: str) -> str:
    words, label = _WORDS[lang], entry.labelled(lang)
    if isinstance(change.needed, Span):
        return _range(change.needed, entry, lang)
    target = change.condition
    if entry.kind == "gate":
        return words["given"].format(f=label)
    if entry.kind == "flag":
        return words["gone" if target == "no" else "so"].format(f=label)
    return words["other"].format(f=label, x=say_option(entry, target, lang))


def _range(span: Span, entry: Field, lang: str) -> str:
    words, scale, label = _WORDS[lang], entry.ticks, entry.labelled(lang)

    def shown(tick: int) -> str:
        return say_quantity(plain(scale.value(tick)), scale.unit, lang)

    has_low, has_high = span.low > scale.lowest, span.high < scale.highest
    low, high = shown(span.low - span.low % 2), shown(span.high + span.high % 2)
    if has_low and has_high:
        return words["range"].format(f=label, low=say_number(plain(scale.value(span.low - span.low % 2)), lang), x=high)
    if has_low:
        return words["above" if span.low % 2 else "least"].format(f=label, x=low)
    return words["below" if span.high % 2 else "most"].format(f=label, x=high)


def plain(number: Decimal) -> str:
    """A number without noughts that say nothing: 50.0 is 50, and 0.50 is 0.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _now(change: Change, entry: Field, lang: str) -> list[str]:
    words = _WORDS[lang]
    match = re.fullmatch(r"(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?)", change.now)
    if match and entry.is_numeric:
        value = say_quantity(plain(Decimal(match[2])), entry.ticks.unit, lang)
        parts = [words["now"].format(x=words[match[1]].format(x=value) if match[1] else value)]
    else:
        parts = [words["now word"].format(x=" / ".join(say_option(entry, o, lang) for o in change.now.split("|")))]
    if change.days in (0, 1):
        parts.append(words["yesterday" if change.days else "today"])
    elif change.days is not None:
        parts.append(words["ago"].format(n=change.days))
    elif change.date is not None:
        parts.append(words["of"].format(x=change.date))
    if change.expired:
        parts.append(words["expired"])
    return parts
