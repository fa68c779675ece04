"""What differs between two protocols, as lines: what is written otherwise, what it means, and who is affected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from exrx.protocol.local import said_measure
from exrx.report import Phrases
from exrx.report.explain_text import then_words
from exrx.rules.restriction import Clearance, Track
from exrx.rules.words import say

if TYPE_CHECKING:
    from exrx.proof.agreement import Agreement, Difference, Gap
    from exrx.proof.marks import Mark
    from exrx.protocol.diff import NumberChange, ProtocolDiff, RuleChange, TextChange
    from exrx.protocol.model import Parameter, Rule
    from exrx.screening.compare import CohortDifference, FromTo

_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "head": "{a} → {b}",
        "written": "As it is written",
        "nothing": "nothing differs",
        "only names": "nothing differs but name or version",
        "numbers": "Numbers", "rules": "Rules", "others": "Otherwise",
        "added": "+ {name}", "removed": "- {name}", "changed": "~ {name} ({parts})",
        "when": "when", "then": "then",
        "everyone": "every patient", "none": "none",
        "meaning": "What it means at {stage}, for every patient of whom everything is known and for whom both are made",
        "agree": "the same answer for everyone, in every part",
        "pairs": "A patient for each pair of answers (--out DIR writes them; screen them with --as-of {as_of})",
        "typical": "otherwise a typical patient", "formats_forbidden": "form of training", "consult": "physicians",
        "unconfirmed": " (NOT confirmed by the engine: please report this)",
        "alone": "Rules of {a} without a counterpart in {b}",
        "unless": "unless this holds as well: {rules}",
        "theirs": "in {b} {rules}",
        "shared one": "1 rule that both have", "shared many": "one of {n} rules that both have",
        "or": ", or ",
        "starts_from": "the starting point",
        "less meanwhile": "less allowed meanwhile",
        "empty": {"meanwhile": "nothing said", "formats_forbidden": "any", "setting": "no demand",
                  "supervision": "no demand", "progression": "no demand"} | dict.fromkeys(
                  ("aerobic_max", "strength_max", "session_minutes_max", "heart_rate_max", "rpe_max"), "no limit"),
        "nothing allowed": "nothing",
        "again_days": "Ask again", "setting": "Place", "supervision": "Supervision",
        "readings": "read {n} times", "at least": "at least", "order": "in another order",
        "cohort": "In this cohort: {k} of {n} patients get another clearance or track",
        "unchanged": "{x}, unchanged",
        "clearance": "clearance", "track": "track", "ids": "They are: {ids}",
        "parts": {"value": "value", "unit": "unit", "source": "source", "verified": "verification", "since": "date",
                  "note": "note", "condition": "condition", "restriction": "restriction", "stages": "stages",
                  "confirm": "second reading", "everyone": "for everyone", "reason": "words"},
        "kinds": {"version": "version", "population": "made for", "stages": "stages", "starts_from": "starts from",
                  "includes": "modules", "validity": "validity of"},
        "population": "made for the patient",
    },
    "da": {
        "head": "{a} → {b}",
        "written": "Som det er skrevet",
        "nothing": "intet er forskelligt",
        "only names": "intet er forskelligt ud over navn eller version",
        "numbers": "Tal", "rules": "Regler", "others": "I øvrigt",
        "added": "+ {name}", "removed": "- {name}", "changed": "~ {name} ({parts})",
        "when": "når", "then": "så",
        "everyone": "alle patienter", "none": "ingen",
        "meaning": "Hvad det betyder ved {stage}, for alle patienter, om hvem alt er kendt, og som begge er lavet til",
        "agree": "samme svar for alle, i alle dele",
        "pairs": "En patient for hvert par af svar (--out MAPPE skriver dem; vurdér dem med --as-of {as_of})",
        "typical": "ellers en typisk patient", "formats_forbidden": "træningsform", "consult": "læger",
        "unconfirmed": " (IKKE bekræftet af programmet: meld det venligst)",
        "alone": "Regler i {a} uden modstykke i {b}",
        "unless": "medmindre dette også gælder: {rules}",
        "theirs": "i {b} {rules}",
        "shared one": "1 regel, som begge har", "shared many": "en af {n} regler, som begge har",
        "or": ", eller ",
        "starts_from": "udgangspunktet",
        "less meanwhile": "mindre er tilladt imens",
        "empty": {"meanwhile": "intet angivet", "formats_forbidden": "alle", "setting": "intet krav",
                  "supervision": "intet krav", "progression": "intet krav"} | dict.fromkeys(
                  ("aerobic_max", "strength_max", "session_minutes_max", "heart_rate_max", "rpe_max"), "ingen grænse"),
        "nothing allowed": "intet",
        "again_days": "Ny vurdering", "setting": "Sted", "supervision": "Opsyn",
        "readings": "målt {n} gange", "at least": "mindst", "order": "i en anden rækkefølge",
        "cohort": "I denne kohorte: {k} af {n} patienter får en anden afgørelse eller et andet spor",
        "unchanged": "{x}, uændret",
        "clearance": "afgørelse", "track": "spor", "ids": "Det er: {ids}",
        "parts": {"value": "værdi", "unit": "enhed", "source": "kilde", "verified": "kontrol", "since": "dato",
                  "note": "note", "condition": "betingelse", "restriction": "begrænsning", "stages": "trin",
                  "confirm": "anden måling", "everyone": "for alle", "reason": "ordlyd"},
        "kinds": {"version": "version", "population": "lavet til", "stages": "trin", "starts_from": "udgangspunkt",
                  "includes": "moduler", "validity": "gyldighed af"},
        "population": "lavet til patienten",
    },
}  # fmt: skip
_SHOWN_IDS, _SHOWN_RULES = 20, 6


def diff_lines(diff: ProtocolDiff, p: Phrases) -> Iterator[str]:
    """What differs as it is written."""
    words = _WORDS[p.lang]
    yield words["head"].format(a=_name(diff.first), b=_name(diff.second))
    yield ""
    yield words["written"]
    if diff.is_empty:
        same = _name(diff.first) == _name(diff.second)
        yield f"  {words['nothing' if same else 'only names']}"
    for key, changes in (("numbers", diff.numbers), ("rules", diff.rules)):
        if changes:
            yield f"  {words[key]}"
        for change in changes:
            shown = _number(change, p) if key == "numbers" else _rule(change, p)  # type: ignore[arg-type]
            yield from (f"    {line}" for line in shown)
    if diff.others:
        yield f"  {words['others']}"
    for other in diff.others:
        yield f"    {words['kinds'][other.kind]}{_other(other, p)}"


def _other(change: TextChange, p: Phrases) -> str:
    """What else changed: of the modules only those that came or went."""
    words = _WORDS[p.lang]
    before, after = change.before, change.after
    if change.kind == "includes":
        old, new = (side.split(", ") if side else [] for side in (before, after))
        gone = [words["removed"].format(name=name) for name in old if name not in new]
        come = [words["added"].format(name=name) for name in new if name not in old]
        return f": {', '.join(gone + come) or words['order']}"
    if change.kind == "starts_from":
        before, after = (_start(side, p) for side in (before, after))
    field, _, stage = change.name.partition("@")
    name = f" {p.label(field)}{f', {p.stage(stage)}' if stage else ''}" if change.kind == "validity" else ""
    empty = words["everyone" if change.kind == "population" else "none"]
    return f"{name}: {before or empty} → {after or empty}"


def _start(text: str, p: Phrases) -> str:
    setting, _, supervision = text.partition(", ")
    return f"{p.word('setting', setting)}, {p.word('supervision', supervision)}"


def _name(protocol: object) -> str:
    return f"{protocol.id} {protocol.version}"  # type: ignore[attr-defined]


def _head(name: str, parts: tuple[str, ...], p: Phrases) -> str:
    words = _WORDS[p.lang]
    if parts in (("added",), ("removed",)):
        return words[parts[0]].format(name=name)
    return words["changed"].format(name=name, parts=", ".join(words["parts"].get(part, part) for part in parts))


def _number(change: NumberChange, p: Phrases) -> Iterator[str]:
    yield f"{_head(change.name, change.parts, p)}: " + " → ".join(
        _parameter(side, p) for side in (change.before, change.after) if side is not None
    )


def _parameter(parameter: Parameter, p: Phrases) -> str:
    return f"{said_measure(parameter.text, p.lang)} [{parameter.source}, {p['verified ' + parameter.verified]}]"


def _rule(change: RuleChange, p: Phrases) -> Iterator[str]:
    words = _WORDS[p.lang]
    yield _head(change.id, change.parts, p)
    one_sided = change.before is None or change.after is None
    sides = [side for side in (change.before, change.after) if side is not None]
    for part, speak in (("condition", _when), ("restriction", _then)):
        if one_sided or part in change.parts:
            said = " → ".join(dict.fromkeys(speak(side, p) for side in sides))
            yield f"    {words['when' if part == 'condition' else 'then']}: {said}"


def _when(rule: Rule, p: Phrases) -> str:
    return say(rule.when, p.lang)


def _then(rule: Rule, p: Phrases) -> str:
    return then_words(rule.then, p)


def agreement_lines(found: Agreement, diff: ProtocolDiff, p: Phrases) -> Iterator[str]:
    """What the difference means for patients: a patient a pair of answers, and the rules that make it."""
    words = _WORDS[p.lang]
    yield ""
    yield words["meaning"].format(stage=p.stage(found.stage))
    if found.agrees:
        yield f"  {words['agree']}"
        return
    if found.differences:
        yield f"  {words['pairs'].format(as_of=found.as_of)}"
    for difference in found.differences:
        yield f"    {_pair(difference, p)}"
        yield f"      {_patient(difference, p)}"
    for gaps, a, b in ((found.only_first, diff.first, diff.second), (found.only_second, diff.second, diff.first)):
        if gaps:
            yield f"  {words['alone'].format(a=a.id, b=b.id)}"
        for gap in gaps:
            yield from (f"    {line}" for line in _gap(gap, b.id, p))


def _pair(difference: Difference, p: Phrases) -> str:
    words = _WORDS[p.lang]
    part = words.get(difference.part) or p.get(difference.part) or difference.part
    empty = words["empty"].get(difference.part, words["none"])
    sides = [empty if side == "-" else side or words["nothing allowed"] for side in difference.words[p.lang]]
    if difference.part in ("clearance", "track"):
        prefix = "short " if difference.part == "clearance" else "track "
        sides = [p.get(prefix + side) or side for side in sides]
    return f"{part}: {' → '.join(sides)}{'' if difference.confirmed else words['unconfirmed']}"


def _patient(difference: Difference, p: Phrases) -> str:
    """What sets the patient apart from the typical one."""
    facts = [
        _fact(name, value, p)
        for name, value in difference.patient.items()
        if name not in ("id", "forms") and not (isinstance(value, Mapping) and value.get("origin") == "example")
    ]
    return "; ".join([*facts, _WORDS[p.lang]["typical"]])


def _fact(name: str, value: Any, p: Phrases) -> str:
    """A field with its value; readings that all say the same are said once, and how many there were."""
    if isinstance(value, list) and len(value) > 1 and all(item == value[0] for item in value):
        return f"{_fact(name, value[0], p)} ({_WORDS[p.lang]['readings'].format(n=len(value))})"
    return p.labelled_value(name, *_parts_of(value))


def _parts_of(value: Any) -> tuple[Any, str]:
    """A value and its unit; lists as words, dates and answers as they stand."""
    if isinstance(value, Mapping):
        return value.get("value"), str(value.get("unit", ""))
    if isinstance(value, list):
        return ", ".join(str(item) for item in value), ""
    number, _, unit = str(value).partition(" ")
    return number, unit


def _gap(gap: Gap, other: str, p: Phrases) -> Iterator[str]:
    words = _WORDS[p.lang]
    yield f"{words.get(gap.rule, gap.rule)}: {gap.when[p.lang]}"
    yield f"    {words['then']}: {'; '.join(_asks(gap.asks, p))}"
    named = [words.get(rule, rule) for rule in gap.unless[:_SHOWN_RULES]]
    theirs = ", ".join(named + (["…"] if len(gap.unless) > _SHOWN_RULES else []))
    parts = [words["theirs"].format(b=other, rules=theirs)] if theirs else []
    if gap.shared:
        parts.append(words["shared one" if gap.shared == 1 else "shared many"].format(n=gap.shared))
    if parts:
        yield f"    {words['unless'].format(rules=words['or'].join(parts))}"


def _asks(marks: Iterable[Mark], p: Phrases) -> list[str]:
    said = [_ask(mark, p) for mark in marks if mark[0] != "meanwhile"]
    return said + ([_WORDS[p.lang]["less meanwhile"]] if any(mark[0] == "meanwhile" for mark in marks) else [])


def _ask(mark: Mark, p: Phrases) -> str:
    """A mark in the words that the pairs of answers use."""
    from exrx.proof.marks import say_mark

    part, level = mark
    if part not in ("clearance", "track"):
        return say_mark(mark, p.lang)
    scale, prefix = (Clearance, "short ") if part == "clearance" else (Track, "track ")
    words = _WORDS[p.lang]
    return f"{words[part]} {words['at least']}: {p[prefix + scale(level).word]}"  # type: ignore[arg-type]


def cohort_lines(found: CohortDifference, p: Phrases) -> Iterator[str]:
    """Who of a cohort is affected: from-to tables that add up to all, and the ids."""
    words = _WORDS[p.lang]
    yield ""
    yield words["cohort"].format(k=len(found.ids), n=found.n)
    for key, pairs, prefix in (("clearance", found.clearance, "short "), ("track", found.track, "track ")):
        yield f"  {words[key]}"
        yield from (f"    {_from_to(pair, prefix, p)}" for pair in pairs)
    if found.ids:
        shown = ", ".join(found.ids[:_SHOWN_IDS]) + (", …" if len(found.ids) > _SHOWN_IDS else "")
        yield f"  {words['ids'].format(ids=shown)}"


def _from_to(pair: FromTo, prefix: str, p: Phrases) -> str:
    before, after = (p.get(prefix + side) or side for side in (pair.before, pair.after))
    same = _WORDS[p.lang]["unchanged"].format(x=before)
    return f"{pair.patients:>8}  {same if pair.before == pair.after else f'{before} → {after}'}"
