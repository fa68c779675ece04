"""A replayed decision in words: the same answer or not, what made it another, and which parts of it moved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exrx.protocol.local import said_measure
from exrx.report import Phrases
from exrx.screening.replay import ABSENT, LISTED

if TYPE_CHECKING:
    from exrx.screening.replay import Moved, Replayed

_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "same": "the same answer",
        "different": "ANOTHER ANSWER from the same protocol and dictionary: the decision was altered after it was "
        "written, or another build of the engine made it",
        "changed": "not the same rules as then",
        "impossible": "cannot be replayed: {message}",
        "cause": "{what}: then {then}, now {now}",
        "causes": {"protocol": "protocol", "dictionary": "data dictionary", "forms": "forms", "engine": "program"},
        "alike": "the answer would be the same, word for word",
        "alike but": "clearance and track are the same; this moves:",
        "moved": "this moves:",
        "count": "{n} decisions: {same} the same, {different} different, {changed} under changed rules, "
        "{impossible} not replayed",
        "more": "and {n} parts more; --format json lists them",
        "nothing": "nothing", "reworded": "another text", "order": "in another order", "value": "the value",
        "came": "was not there then", "went": "is not there now",
        "added": "now also {x}", "gone": "no longer {x}", "yes": "yes", "no": "no",
        "would": "other consequences of the missing answers ({n}): {fields}",
        "asked": "asked for as well: {fields}", "not asked": "no longer asked for: {fields}",
        "rule": "rule {name}", "field": "value {name}", "change": "local change {name}", "missing": "to ask: {name}",
        "states": {"fires": "holds", "undecided": "perhaps holds"},
        "parts": {
            "clearance": "clearance", "definite_clearance": "certain now", "worst_clearance": "if the answers are bad",
            "track": "track", "track_if_cleared": "track once settled", "rule_out": "settle at once",
            "consult": "contact", "adapted": "adapted", "setting": "place", "supervision": "supervision",
            "format": "form of training", "again": "ask again", "allowed_meanwhile": "meanwhile",
            "remeasure": "measure again", "unverified": "rests on unverified", "notice": "notice",
            "problems": "problems", "overrides": "departed from by a professional", "local_changes": "local changes",
            "restriction": "restriction", "protocols": "protocol", "applies": "made for the patient", "state": "",
            "because": "words", "limit": "limit", "verified": "verification", "source": "source", "days": "days",
            "after": "after", "from": "before", "to": "number", "loosens": "loosens", "author": "author",
            "date": "date", "reason": "reason", "text": "words", "reasons": "reasons", "missing": "missing facts",
            "who": "who answers", "value": "value", "values": "values", "inputs": "values",
        },
    },
    "da": {
        "same": "samme svar",
        "different": "ET ANDET SVAR af samme protokol og ordbog: beslutningen er ændret, efter at den blev skrevet, "
        "eller lavet af en anden udgave af programmet",
        "changed": "ikke de samme regler som dengang",
        "impossible": "kan ikke gentages: {message}",
        "cause": "{what}: dengang {then}, nu {now}",
        "causes": {"protocol": "protokol", "dictionary": "dataordbog", "forms": "skemaer", "engine": "program"},
        "alike": "svaret ville være det samme, ord for ord",
        "alike but": "afgørelse og spor er de samme; dette ændrer sig:",
        "moved": "dette ændrer sig:",
        "count": "{n} beslutninger: {same} ens, {different} forskellige, {changed} under ændrede regler, "
        "{impossible} ikke gentaget",
        "more": "og {n} dele mere; --format json viser dem",
        "nothing": "intet", "reworded": "en anden tekst", "order": "i en anden rækkefølge", "value": "værdien",
        "came": "var der ikke dengang", "went": "er der ikke nu",
        "added": "nu også {x}", "gone": "ikke længere {x}", "yes": "ja", "no": "nej",
        "would": "andre følger af de manglende svar ({n}): {fields}",
        "asked": "der spørges også om: {fields}", "not asked": "der spørges ikke længere om: {fields}",
        "rule": "reglen {name}", "field": "værdien {name}", "change": "lokal ændring {name}",
        "missing": "spørg om: {name}",
        "states": {"fires": "gælder", "undecided": "gælder måske"},
        "parts": {
            "clearance": "afgørelse", "definite_clearance": "sikkert nu", "worst_clearance": "hvis svarene er dårlige",
            "track": "spor", "track_if_cleared": "spor efter afklaring", "rule_out": "afklar straks",
            "consult": "kontakt", "adapted": "tilpasset", "setting": "sted", "supervision": "opsyn",
            "format": "træningsform", "again": "ny vurdering", "allowed_meanwhile": "imens",
            "remeasure": "mål igen", "unverified": "hviler på ikke efterprøvede", "notice": "bemærkning",
            "problems": "problemer", "overrides": "fraveget af en fagperson", "local_changes": "lokale ændringer",
            "restriction": "begrænsning", "protocols": "protokol", "applies": "lavet til patienten", "state": "",
            "because": "ordlyd", "limit": "grænse", "verified": "kontrol", "source": "kilde", "days": "dage",
            "after": "efter", "from": "før", "to": "tal", "loosens": "friere", "author": "forfatter",
            "date": "dato", "reason": "begrundelse", "text": "ordlyd", "reasons": "grunde",
            "missing": "manglende oplysninger", "who": "hvem svarer", "value": "værdi", "values": "værdier",
            "inputs": "oplysninger",
        },
    },
}  # fmt: skip
_LISTS = {
    "consult": "roles", "setting": "setting", "supervision": "supervision", "format": "formats", "avoid": "avoid",
    "monitor": "monitor", "refer": "refer", "aerobic_max": "intensity", "strength_max": "intensity",
    "progression": "progression", "after": "again", "allowed_meanwhile": "allowed_meanwhile",
}  # fmt: skip
"""The list of the vocabulary with the words of a part."""
_UNSAID = ("restriction", "values")
"""Parts that are not said before what lies in them."""
_NAMED = {"reasons": "rule", "inputs": "field", "local_changes": "change", "missing": "missing"}
_ANSWER = ("clearance", "track")
_SHOWN, _LONGEST, _FIELDS = 12, 70, 8


def replay_lines(results: Sequence[tuple[str, Replayed]], p: Phrases) -> Iterator[str]:
    """The lines of a file's decisions with their places; of several, those that came out the same are only counted."""
    words = _WORDS[p.lang]
    for place, result in results:
        if result.status == "same" and not result.causes and len(results) > 1:
            continue
        yield from _one(place, result, p)
    counted = Counter(result.status for _, result in results)
    numbers = {status: counted[status] for status in ("same", "different", "changed", "impossible")}
    if len(results) > 1:
        yield words["count"].format(n=len(results), **numbers)


def _one(place: str, result: Replayed, p: Phrases) -> Iterator[str]:
    words = _WORDS[p.lang]
    head = words[result.status].format(message=p.text(result.message))
    yield f"{result.patient or place}: {head}"
    for cause in result.causes:
        kind, _, name = cause.what.removesuffix("_sha256").partition(" ")
        what = f"{words['causes'].get(kind, kind)} {name}".strip()
        yield "    " + words["cause"].format(what=what, then=cause.then, now=cause.now)
    if result.status == "changed" and not result.differences:
        yield f"    {words['alike']}"
    if result.differences:
        answer = any(moved.path[0] in _ANSWER for moved in result.differences)
        yield f"    {words['moved' if answer else 'alike but']}"
    lines = list(dict.fromkeys(_moved(result.differences, p)))
    yield from (f"      {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield "      " + words["more"].format(n=len(lines) - _SHOWN)
    if result.message and result.status != "impossible":
        yield f"    {p.text(result.message)}"


def _moved(found: Sequence[Moved], p: Phrases) -> Iterator[str]:
    """A line a part; what concerns the questions in one line each, and of texts the language that is read."""
    words = _WORDS[p.lang]
    groups: dict[str, list[str]] = {}
    for moved in found:
        if moved.path[0] == "missing" and len(moved.path) > 1:
            key = "would" if moved.path[2:3] == ("would",) else "asked" if moved.then == ABSENT else "not asked"
            if len(moved.path) == 2 or key == "would":
                groups.setdefault(key, []).append(p.label(moved.path[1]))
                continue
        if _is_said_elsewhere(moved, found, p.lang):
            continue
        yield _line(moved, p)
    for key, labels in groups.items():
        yield words[key].format(n=len(labels), fields=p.some(labels, _FIELDS))


def _is_said_elsewhere(moved: Moved, found: Sequence[Moved], lang: str) -> bool:
    """A text whose other language moved too, and the sentence of a local change whose parts are listed."""
    path = moved.path
    twin = path[-1] == ("da" if lang == "en" else "en") and any(other.path == (*path[:-1], lang) for other in found)
    sentence = path[0] == "local_changes" and path[2:3] == ("text",)
    return twin or (sentence and any(other.path[:2] == path[:2] and "text" not in other.path for other in found))


def _line(moved: Moved, p: Phrases) -> str:
    words, path = _WORDS[p.lang], list(moved.path)
    steps: list[str] = []
    if path[0] in _NAMED and len(path) > 1:
        name = path[1] if path[0] in ("reasons", "local_changes") else p.label(path[1])
        steps.append(words[_NAMED[path[0]]].format(name=name))
        path = path[2:]
    elif path[0] == "protocols" and len(path) > 1:
        path = [path[0], *path[2:]]
        steps.append(moved.path[1])
    language = path[-1:] in (["da"], ["en"])
    parts = words["parts"]
    named = path[:-1] if language else path
    named = [step for step in named[:-1] if step not in _UNSAID] + named[-1:]
    steps += [parts[step] if step in parts else (p.get(step) or p.label(step)).lower() for step in named]
    head = ", ".join(step for step in steps if step) + (f" ({path[-1]})" if language and path[-1] != p.lang else "")
    if (moved.then, moved.now) in ((LISTED, ABSENT), (ABSENT, LISTED)):
        return f"{head} {words['came' if moved.then == ABSENT else 'went']}"
    if _is_long(moved.then) and _is_long(moved.now):
        return f"{head}: {words['reworded']}"
    if _as_bag(moved.then) == _as_bag(moved.now):
        return f"{head}: {words['order']}"
    if _are_words(moved.then) and _are_words(moved.now) and moved.then and moved.now:
        return f"{head}: {_changes(moved, p)}"
    return f"{head}: {_said(moved, moved.then, p)} → {_said(moved, moved.now, p)}"


def _changes(moved: Moved, p: Phrases) -> str:
    """What came to a list of words and what fell out of it."""
    words = _WORDS[p.lang]
    come = [item for item in moved.now if item not in moved.then]
    gone = [item for item in moved.then if item not in moved.now]
    said = [words[key].format(x=_listed(moved, items, p)) for key, items in (("added", come), ("gone", gone)) if items]
    return "; ".join(said)


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _listed(moved: Moved, items: list[str], p: Phrases) -> str:
    return p.some([_word(moved.path[-1], item, p) for item in items], _FIELDS)


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and len(value) > _LONGEST


def _as_bag(value: Any) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in value) if isinstance(value, list) else [repr(value)]


def _said(moved: Moved, value: Any, p: Phrases) -> str:
    """One side of what moved, in the words that the part is shown in elsewhere."""
    words, part = _WORDS[p.lang], moved.path[-1]
    if value in (None, "", "-") or (isinstance(value, list | dict) and not value):
        return str(words["nothing"])
    if isinstance(value, bool):
        return str(words["yes" if value else "no"])
    if part == "again" and isinstance(value, Mapping):
        return _said_again(value, p)
    if _are_words(value):
        return _listed(moved, value, p)
    if isinstance(value, str):
        return _short(_word(part, value, p, moved.path))
    return _short(json.dumps(value, ensure_ascii=False))


def _said_again(value: Mapping[str, Any], p: Phrases) -> str:
    after = p.words("again", value.get("after") or ())
    days = value.get("days")
    return "; ".join(filter(None, (after, p.counted("in days", days) if days else "")))


def _word(part: str, value: str, p: Phrases, path: tuple[str, ...] = ()) -> str:
    """A word of a decision's JSON for people; a word of no list as it stands."""
    if part.endswith("clearance"):
        return p.get(f"short {value}") or value
    if part.startswith("track"):
        return p.get(f"track {value}") or value
    if part in ("rule_out", "remeasure"):
        return p.label(value)
    if part == "unverified":
        return p.unverified(value)
    if part == "verified":
        return p.get(f"verified {value}") or value
    if part == "state" and path[:1] == ("reasons",):
        return str(_WORDS[p.lang]["states"].get(value, value))
    if part in ("loosens", "applies"):
        return str(_WORDS[p.lang].get(value, value))
    if part in ("limit", "value") and len(path) > 1:
        return p.limit(path[-2], value) or p.value(path[-2], value) if part == "limit" else p.value(path[-2], value)
    if part in ("from", "to"):
        return said_measure(value, p.lang)
    return p.names.vocabulary.get(_LISTS.get(part, part), {}).get(value, {}).get(p.lang, value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}.."
