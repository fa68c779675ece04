"""Conditions in words, in Danish and English, for people who never see a formula.

Promise: the sentence says exactly what the condition says. A negation is pushed down to the single field
(`not platelets >= 50` is "platelets below 50"), which Kleene's logic allows; limits keep the number and unit
of the source they were written from; a node class without a line in the table raises by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from exrx.fields import Field
from exrx.rules.nodes import And, AnyOf, AtLeast, Compare, Condition, Not, OneOf, Or

LANGUAGES = ("da", "en")
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
_PLAIN_UNITS = {
    "10^9/L": "×10⁹/L",
    "10*9/L": "×10⁹/L",
    "10^12/L": "×10¹²/L",
    "degC": "°C",
    "Cel": "°C",
    "mm[Hg]": "mmHg",
    "1/min": "/min",
    "kg/m2": "kg/m²",
    "kg/m^2": "kg/m²",
    "{score}": "",
    "{INR}": "",
    "1": "",
    "umol/L": "µmol/L",
    "mL/min/kg": "mL/min/kg",
    "mL/(kg.min)": "mL/min/kg",
    "mL/kg/min": "mL/min/kg",
    "m/s": "m/s",
    "[IU]": "IU",
}
_TIME_UNITS = {
    "d": ("dag", "dage", "day", "days"),
    "day": ("dag", "dage", "day", "days"),
    "wk": ("uge", "uger", "week", "weeks"),
    "week": ("uge", "uger", "week", "weeks"),
    "month": ("måned", "måneder", "month", "months"),
    "mo": ("måned", "måneder", "month", "months"),
    "year": ("år", "år", "year", "years"),
    "a": ("år", "år", "year", "years"),
    "h": ("time", "timer", "hour", "hours"),
    "hour": ("time", "timer", "hour", "hours"),
    "min": ("minut", "minutter", "minute", "minutes"),
}
_ANSWERS: dict[str, dict[str, str]] = {
    "no": {"da": "nej", "en": "no"},
    "yes": {"da": "ja", "en": "yes"},
    "cleared": {"da": "godkendt", "en": "cleared"},
    "limited": {"da": "godkendt med begrænsninger", "en": "cleared with limits"},
    "pending": {"da": "afventer svar", "en": "answer pending"},
    "not-asked": {"da": "ikke spurgt", "en": "not asked"},
    "refused": {"da": "afvist", "en": "refused"},
}
_QUANTITY = {
    "da": {
        "<": "under {x}",
        "<=": "på højst {x}",
        ">": "over {x}",
        ">=": "på mindst {x}",
        "=": "på præcis {x}",
        "!=": "på andet end {x}",
    },
    "en": {
        "<": "below {x}",
        "<=": "of at most {x}",
        ">": "above {x}",
        ">=": "of at least {x}",
        "=": "of exactly {x}",
        "!=": "other than {x}",
    },
}
_AGO = {
    "da": {
        "<": "for mindre end {x} siden",
        "<=": "for højst {x} siden",
        ">": "for mere end {x} siden eller aldrig",
        ">=": "for mindst {x} siden eller aldrig",
        "=": "for præcis {x} siden",
        "!=": "for andet end {x} siden",
    },
    "en": {
        "<": "less than {x} ago",
        "<=": "at most {x} ago",
        ">": "more than {x} ago or never",
        ">=": "at least {x} ago or never",
        "=": "exactly {x} ago",
        "!=": "other than {x} ago",
    },
}
_AHEAD = {
    "da": {
        "<": "om mindre end {x}",
        "<=": "om højst {x}",
        ">": "om mere end {x}",
        ">=": "om mindst {x}",
        "=": "om præcis {x}",
        "!=": "om andet end {x}",
    },
    "en": {
        "<": "in less than {x}",
        "<=": "in at most {x}",
        ">": "in more than {x}",
        ">=": "in at least {x}",
        "=": "in exactly {x}",
        "!=": "in other than {x}",
    },
}
_JOINING: dict[str, dict[str, str]] = {
    "da": {
        "and": "og",
        "or": "eller",
        "not": "ikke",
        "neither": "hverken",
        "nor": "eller",
        "anything but": "alt andet end",
        "at least": "mindst {n} af",
        "at most": "højst {n} af",
        "none of": "ingen af",
        "range": "{f} fra {low} til {high}",
        "below": "under {x}",
        "over": "over {x}",
    },
    "en": {
        "and": "and",
        "or": "or",
        "not": "not",
        "neither": "neither",
        "nor": "nor",
        "anything but": "anything but",
        "at least": "at least {n} of",
        "at most": "at most {n} of",
        "none of": "none of",
        "range": "{f} from {low} to {high}",
        "below": "below {x}",
        "over": "above {x}",
    },
}


def say(condition: Condition, lang: str) -> str:
    """The condition as a phrase in `lang` (`da` or `en`), such as "platelets below 50 ×10⁹/L".

    Raises:
        KeyError: the node's class has no words (the message names it), or there is no such language.
    """
    return _say(condition, lang, True, 0)


def say_number(text: str, lang: str) -> str:
    """A number as it is written in `lang`: `8.0` is "8,0" in Danish. Other text is returned as it is."""
    return text.replace(".", ",") if lang == "da" and re.fullmatch(r"[<>≤≥]?-?\d+\.\d+", text) else text


def say_unit(unit: str, number: str, lang: str) -> str:
    """A unit for people after `number`: "×10⁹/L", "dage"; empty for a pure score."""
    if unit in _TIME_UNITS or unit.removesuffix("s") in _TIME_UNITS:
        forms = _TIME_UNITS.get(unit) or _TIME_UNITS[unit.removesuffix("s")]
        return forms[(0 if lang == "da" else 2) + (number != "1")]
    return _PLAIN_UNITS.get(unit, unit)


def say_quantity(number: str, unit: str, lang: str) -> str:
    """A number with its unit for people: "8,0 g/dL", "3 måneder", "50 ×10⁹/L", "7"."""
    shown = say_unit(unit, number, lang)
    joint = "" if shown in ("", "/min") else " "
    return f"{say_number(number, lang)}{joint}{shown}"


def say_option(field: Field, option: str, lang: str) -> str:
    """An answer for people: "ja", "afventer svar", or the option's own label."""
    if option not in field.option_labels and option in _ANSWERS and field.kind in ("flag", "gate"):
        return _ANSWERS[option][lang]
    return field.option_label(option, lang)


def say_limit(node: Compare, lang: str) -> str:
    """The limit of a comparison with the number and the unit that it was written in."""
    scale = node.field.ticks
    match = re.match(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*(.*)", node.limit.text)
    if not match:
        return say_quantity(str(scale.value(node.limit.tick)), scale.unit, lang)
    return say_quantity(match[1].replace(",", "."), match[2].strip() or scale.unit, lang)


def sentence(text: str) -> str:
    """The text with a capital first letter, unless its first word has its own spelling (mMRC, pH)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first == first.lower() else text


def say_elapsed(field: Field, operator: str, time: str, lang: str) -> str:
    """A time before today, or ahead for a field such as the next chemotherapy: "less than 8 weeks ago"."""
    return (_AHEAD if field.towards_future else _AGO)[lang][operator].format(x=time)


def _compare(node: Compare, lang: str, holds: bool, depth: int) -> str:
    operator, limit = node.operator if holds else _OPPOSITE[node.operator], say_limit(node, lang)
    if node.field.kind == "elapsed":
        return f"{node.field.labelled(lang)} {say_elapsed(node.field, operator, limit, lang)}"
    return f"{node.field.labelled(lang)} {_QUANTITY[lang][operator].format(x=limit)}"


def _one_of(node: OneOf, lang: str, holds: bool, depth: int) -> str:
    field = node.field
    mask = node.mask if holds else field.every_option & ~node.mask
    label = field.labelled(lang)
    if field.kind == "flag":
        return label if field.names(mask) == ("yes",) else f"{label}: {_ANSWERS['no'][lang]}"
    chosen, others = field.names(mask), field.names(field.every_option & ~mask)
    if isinstance(field.unticked, int) and others == field.names(field.unticked):
        return label
    if field.kind == "choice" and len(chosen) > 3 and len(others) <= 3:
        return f"{label}: {_JOINING[lang]['anything but']} {_options(field, others, lang)}"
    return f"{label}: {_options(field, chosen, lang)}"


def _any_of(node: AnyOf, lang: str, holds: bool, depth: int) -> str:
    words, names = _JOINING[lang], node.field.names(node.mask)
    label = node.field.labelled(lang)
    if holds:
        return (
            label if node.mask == node.field.every_option else f"{label}: {_options(node.field, names, lang)}"
        )
    if node.mask == node.field.every_option:
        return f"{label}: {'ingen' if lang == 'da' else 'none'}"
    if len(names) == 1:
        return f"{label}: {words['not']} {say_option(node.field, names[0], lang)}"
    return f"{label}: {words['neither']} {_options(node.field, names, lang, words['nor'])}"


def _options(field: Field, names: tuple[str, ...], lang: str, joint: str = "") -> str:
    return _list([say_option(field, name, lang) for name in names], joint or _JOINING[lang]["or"])


def _list(items: list[str], joint: str) -> str:
    if len(items) == 1:
        return items[0]
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def _not(node: Not, lang: str, holds: bool, depth: int) -> str:
    return _say(node.item, lang, not holds, depth)


def _and(node: And, lang: str, holds: bool, depth: int) -> str:
    return _joined(node.items, lang, holds, depth, conjunction=holds)


def _or(node: Or, lang: str, holds: bool, depth: int) -> str:
    return _joined(node.items, lang, holds, depth, conjunction=not holds)


def _joined(items: tuple[Condition, ...], lang: str, holds: bool, depth: int, *, conjunction: bool) -> str:
    words = _JOINING[lang]
    between = _range(items, lang) if holds and conjunction else None
    if between:
        return between
    phrases = [_say(item, lang, holds, depth + 1) for item in items]
    for index in range(len(items) - 1, 0, -1):
        phrases[index] = _without_repeated_label(items[index - 1], items[index], phrases[index], lang)
    joint = words["and" if conjunction else "or"]
    if any(_is_compound(phrase, lang) for phrase in phrases):
        text = f"{'; '.join(phrases[:-1])}; {joint} {phrases[-1]}"
    else:
        text = _list(phrases, joint)
    return f"({text})" if depth else text


def _without_repeated_label(before: Condition, item: Condition, phrase: str, lang: str) -> str:
    """ "pulse below 50 or above 100": the second comparison of a field needs no label."""
    if isinstance(before, Compare) and isinstance(item, Compare) and before.field is item.field:
        return phrase.removeprefix(f"{item.field.labelled(lang)} ")
    return phrase


def _is_compound(phrase: str, lang: str) -> bool:
    """True when a phrase, outside its brackets, holds a comma or a joining word of its own."""
    words, bare = _JOINING[lang], re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", phrase)
    return ", " in bare or ";" in bare or any(f" {words[key]} " in bare for key in ("and", "or", "nor"))


def _range(items: tuple[Condition, ...], lang: str) -> str | None:
    comparisons = [item for item in items if isinstance(item, Compare)]
    if len(items) != 2 or len(comparisons) != 2:
        return None
    low, high = sorted(comparisons, key=lambda item: item.operator[0] == "<")
    if low.field is not high.field or low.operator not in (">", ">=") or high.operator not in ("<", "<="):
        return None
    if low.field.kind == "elapsed":
        return None
    words = _JOINING[lang]
    lowest, highest = say_limit(low, lang), say_limit(high, lang)
    if lowest.split(" ")[1:] == highest.split(" ")[1:]:
        lowest = lowest.split(" ")[0]
    if low.operator == ">":
        lowest = words["over"].format(x=lowest)
    if high.operator == "<":
        highest = words["below"].format(x=highest)
    return words["range"].format(f=low.field.labelled(lang), low=lowest, high=highest)


def _at_least(node: AtLeast, lang: str, holds: bool, depth: int) -> str:
    words = _JOINING[lang]
    phrases = [_say(item, lang, True, 1) for item in node.items]
    if holds:
        head = words["at least"].format(n=node.count)
    else:
        head = words["none of"] if node.count == 1 else words["at most"].format(n=node.count - 1)
    return f"{head} ({'; '.join(phrases)})"


_SAY: dict[type, Callable[[Any, str, bool, int], str]] = {
    Compare: _compare,
    OneOf: _one_of,
    AnyOf: _any_of,
    Not: _not,
    And: _and,
    Or: _or,
    AtLeast: _at_least,
}


def _say(condition: Condition, lang: str, holds: bool, depth: int) -> str:
    if lang not in LANGUAGES:
        raise KeyError(f"no words in the language '{lang}'; use one of: {', '.join(LANGUAGES)}")
    speak = _SAY.get(type(condition))
    if speak is None:
        raise KeyError(f"no words for the condition node {type(condition).__name__}")
    return speak(condition, lang, holds, depth)
