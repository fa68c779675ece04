"""What a local overlay made freer: each of its changes with the direction in which it moves the protocol.

A number loosens where it makes a rule fire for fewer, a validity where it lets a value speak for longer, a starting
point where it asks for less. Added rules never loosen: rules are joined, and the more cautious wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exrx.fields import Dictionary, Validity
from exrx.protocol.local import BOTH_WAYS, LOOSENS, TIGHTENS, LocalChange, said_measure
from exrx.protocol.model import Member, Parameter
from exrx.protocol.overlay import Overlay
from exrx.protocol.schema import LANGUAGES
from exrx.rules.nodes import ATOMS, Compare, Condition, Not, atoms
from exrx.rules.restriction import Restriction
from exrx.rules.words import say, say_quantity

_NO_END = {"da": "uden udløb", "en": "without end"}
_NOT_PAST = {"da": "og ikke ud over", "en": "and not past"}


def changes_between(below: Member, above: Member, overlay: Overlay, dictionary: Dictionary) -> tuple[LocalChange, ...]:
    """What `overlay` changed from `below` to `above`: numbers, validities, the starting point, added rules."""

    def change(
        kind: str, name: str, before: str, after: str, loosens: str, label: dict[str, str], words: Any = None
    ) -> LocalChange:
        return LocalChange(kind, name, before, after, loosens, overlay.id, overlay.author, overlay.date,
                           overlay.reason, label, words)  # fmt: skip

    found: list[LocalChange] = []
    for name, old in below.parameters.items():
        new = above.parameters[name]
        if _facts(new) != _facts(old):
            say_all = old.text == new.text
            said = (_full_text(old), _full_text(new)) if say_all else (old.text, new.text)
            spoken = {lang: (_full_text(old, lang), _full_text(new, lang)) for lang in LANGUAGES} if say_all else None
            found.append(change("parameter", name, *said, _verdict(_moves(below, above, name)),
                                dict.fromkeys(LANGUAGES, name), spoken))  # fmt: skip
    for (name, stage), (before, after) in _validities(below, above, dictionary).items():
        label = {"da": "gyldigheden af", "en": "the validity of"}
        label = {lang: f"{words} {dictionary.fields[name].labelled(lang)}" for lang, words in label.items()}
        shown = f"{name}@{stage}" if stage else name
        words = {lang: tuple(_say_validity(each, lang, dictionary) for each in (before, after)) for lang in LANGUAGES}
        found.append(change("validity", shown, validity_text(before), validity_text(after),
                            _verdict(_validity_moves(before, after)), label, words))  # fmt: skip
    if above.starts_from != below.starts_from:
        label = {"da": "udgangspunktet", "en": "the starting point"}
        found.append(change("starts_from", "starts_from", start_text(below.starts_from),
                            start_text(above.starts_from), _start_verdict(below, above), label,
                            {lang: (_say_start(below, lang, dictionary), _say_start(above, lang, dictionary))
                             for lang in LANGUAGES}))  # fmt: skip
    known = {rule.id for rule in below.rules}
    for rule in above.rules:
        if rule.id not in known:
            said_when = {lang: ("", say(rule.when, lang)) for lang in LANGUAGES}
            found.append(change("rule", rule.id, "", rule.condition_text, TIGHTENS,
                                dict.fromkeys(LANGUAGES, rule.id), said_when))  # fmt: skip
    return tuple(found)


def _facts(parameter: Parameter) -> tuple[str, ...]:
    return parameter.value, parameter.unit, parameter.source, parameter.verified


def _full_text(parameter: Parameter, lang: str = "") -> str:
    number = said_measure(parameter.text, lang) if lang else parameter.text
    return f"{number} ({parameter.source}, {parameter.verified})"


def _verdict(moves: set[str]) -> str:
    return BOTH_WAYS if len(moves) > 1 else next(iter(moves), TIGHTENS)


def _moves(below: Member, above: Member, name: str) -> set[str]:
    """LOOSENS where a rule fires for fewer with the new number, TIGHTENS where one fires for more.

    Joining `and`, `or` and `at least` keeps the direction and `not` turns it, so a comparison that is true for more
    values makes its rule fire for more patients, or for fewer under `not`. Whom the protocol is made for decides about
    adding rules and about clearing, so a change there goes both ways.
    """
    if above.applies_to is not None and below.applies_to is not None:
        population = zip(atoms(below.applies_to), atoms(above.applies_to), strict=True)
        if any(_fires_for_more(before, after, name) for before, after in population):
            return {LOOSENS, TIGHTENS}
    after_by_id = {rule.id: rule for rule in above.rules}
    moves: set[str] = set()
    for rule in below.rules:
        pairs = zip(signed_atoms(rule.when), signed_atoms(after_by_id[rule.id].when), strict=True)
        for (before, positive), (after, _) in pairs if rule.then != Restriction.none() else ():
            for more in _fires_for_more(before, after, name):
                moves.add(TIGHTENS if more == positive else LOOSENS)
    return moves


def _fires_for_more(before: Any, after: Any, name: str) -> tuple[bool, ...]:
    """Whether a comparison with the number `name` is true for more values than before; nothing where it is the same."""
    if not isinstance(before, Compare) or before.limit.parameter != name or before.limit.tick == after.limit.tick:
        return ()
    if before.operator in ("=", "!="):
        return (True, False)
    return ((after.limit.tick > before.limit.tick) == (before.operator in ("<", "<=")),)


def signed_atoms(condition: Condition, positive: bool = True) -> Iterator[tuple[Any, bool]]:
    """Every condition on a single field, with whether it stands under an even number of `not`."""
    if isinstance(condition, ATOMS):
        yield condition, positive
    elif isinstance(condition, Not):
        yield from signed_atoms(condition.item, not positive)
    else:
        for item in condition.items:
            yield from signed_atoms(item, positive)


# Validities and the starting point


def validity_in_force(member: Member, stage: str, name: str, dictionary: Dictionary) -> Validity | None:
    """How long a value of a field speaks for today at a stage; None when it does not expire."""
    return (member.validity | member.stage_validity.get(stage, {})).get(name) or dictionary.fields[name].validity


def _validities(
    below: Member, above: Member, dictionary: Dictionary
) -> dict[tuple[str, str], tuple[Validity | None, Validity | None]]:
    """Per field and stage ("" for all of them) the validity below and above, where they differ."""
    names = [*below.validity, *above.validity]
    names += [name for member in (below, above) for own in member.stage_validity.values() for name in own]
    found = {}
    for name in dict.fromkeys(names):
        pairs = {
            stage: tuple(validity_in_force(member, stage, name, dictionary) for member in (below, above))
            for stage in above.stages
        }
        different = {stage: pair for stage, pair in pairs.items() if _spans(pair[0]) != _spans(pair[1])}
        if len(different) == len(pairs) and len({tuple(map(_spans, pair)) for pair in pairs.values()}) == 1:
            found[name, ""] = next(iter(different.values()))
        else:
            found |= {(name, stage): pair for stage, pair in different.items()}
    return found  # type: ignore[return-value]


def _spans(validity: Validity | None) -> tuple[float, frozenset[str]]:
    if validity is None:
        return float("inf"), frozenset()
    return float("inf") if validity.days is None else validity.days, frozenset(validity.until)


def _validity_moves(before: Validity | None, after: Validity | None) -> set[str]:
    """Longer, or past fewer events, is freer: an expired value is only ever read more cautiously."""
    (days_before, events_before), (days_after, events_after) = _spans(before), _spans(after)
    moves = set()
    if days_after > days_before or events_before - events_after:
        moves.add(LOOSENS)
    if days_after < days_before or events_after - events_before:
        moves.add(TIGHTENS)
    return moves


def validity_text(validity: Validity | None) -> str:
    """`7 d until chemotherapy`, or `no end`."""
    if validity is None:
        return "no end"
    days = f"{validity.days} d" if validity.days is not None else "no end"
    return f"{days} until {', '.join(validity.until)}" if validity.until else days


def _say_validity(validity: Validity | None, lang: str, dictionary: Dictionary) -> str:
    days = None if validity is None else validity.days
    text = _NO_END[lang] if days is None else say_quantity(str(days), "d", lang)
    until = validity.until if validity else ()
    events = [dictionary.fields[dictionary.events[event]].labelled(lang) for event in until]
    return f"{text}, {_NOT_PAST[lang]} {', '.join(events)}" if events else text


def _say_start(member: Member, lang: str, dictionary: Dictionary) -> str:
    start = member.starts_from
    where = dictionary.word("setting", start.setting.word, lang)
    return f"{where}, {dictionary.word('supervision', start.supervision.word, lang)}"


def start_text(start: Restriction) -> str:
    """`municipality, group`."""
    return f"{start.setting.word}, {start.supervision.word}"


def _start_verdict(below: Member, above: Member) -> str:
    if below.starts_from <= above.starts_from:
        return TIGHTENS
    return LOOSENS if above.starts_from <= below.starts_from else BOTH_WAYS
