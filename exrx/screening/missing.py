"""Which missing facts could change the answer, and what each would do to it.

A fact's range is cut at the limits of the rules that are undecided, and each piece is tried (`what_if.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import define, field

from exrx.fields import Field, Members, Possible, Span
from exrx.knowledge import Knowledge, UnsureEvent
from exrx.protocol.stage import StageRules
from exrx.rules.nodes import UNDECIDED, AnyOf, Atom, Compare, OneOf
from exrx.rules.one import State, open_atoms
from exrx.rules.restriction import Clearance
from exrx.screening.answers import Answer
from exrx.screening.decision import Missing, Would
from exrx.screening.what_if import WhatIf


@define
class Search:
    """The search for missing facts of one patient."""

    what_if: WhatIf
    relevant: dict[int, Answer] = field(init=False)

    def __attrs_post_init__(self) -> None:
        definite_clearance, definite_track = self.what_if.levels_of(self.what_if.found.definite)
        may_train = definite_clearance < Clearance.CONSULT
        self.relevant = {
            index: found
            for index, found in enumerate(self.what_if.found.answers)
            if found.state == UNDECIDED
            and (
                self.levels[index][0] > definite_clearance
                or (may_train and self.levels[index][1] > definite_track)
            )
        }

    @property
    def levels(self) -> list[tuple[int, int]]:
        """The clearance and the track that each rule asks for."""
        return self.what_if.levels

    @property
    def knowledge(self) -> Knowledge:
        """What is known of the patient."""
        return self.what_if.knowledge

    def missing(self) -> tuple[Missing, ...]:
        """The facts that alone or together can change clearance or track, the weightiest first."""
        naming: dict[str, dict[int, None]] = {}
        open_by_field: dict[str, list[Atom]] = {}
        for index, found in self.relevant.items():
            if found.remeasure:
                continue
            for atom in open_atoms(found.active.condition, self.knowledge.state):
                open_by_field.setdefault(atom.field.name, []).append(atom)
                for name in self._facts(atom.field):
                    naming.setdefault(name, {})[index] = None
        order = sorted(naming, key=lambda n: (-max(self.levels[i][0] for i in naming[n]), -len(naming[n]), n))
        return tuple(self._fact(name, open_by_field.get(name, [])) for name in order)

    def _facts(self, entry: Field) -> Iterator[str]:
        """What to ask for a field: itself (of a score the items) and the dates of events that may have outdated it."""
        fields, state = self.stage.dictionary.fields, self.knowledge.state
        for name in [item for item in entry.items if not fields[item].is_known(state[item])] or [entry.name]:
            yield name
            if name in self.knowledge.unsure_events:
                yield from self.knowledge.unsure_events[name].fields

    @property
    def stage(self) -> StageRules:
        """The rules that were asked."""
        return self.what_if.stage

    def _fact(self, name: str, open_here: list[Atom]) -> Missing:
        entry = self.stage.dictionary.fields[name]
        pieces = self.pieces(name, open_here)
        return Missing(name, entry.who, tuple(self._would(words, changes, name) for words, changes in pieces))

    def pieces(self, name: str, open_here: list[Atom]) -> list[tuple[str, dict[str, Possible]]]:
        """A fact's range, cut at the limits of the conditions that are open: each piece in words, and as changes."""
        if open_here or not self._outdated_by(name):
            entry = self.stage.dictionary.fields[name]
            return [(words, {name: piece}) for words, piece in cut(entry, self.knowledge.state[name], open_here)]
        return self._event_pieces(name)

    def _outdated_by(self, name: str) -> dict[str, UnsureEvent]:
        """The values that an event may have outdated, where `name` is the date of that event."""
        return {value: event for value, event in self.knowledge.unsure_events.items() if name in event.fields}

    def _event_pieces(self, name: str) -> list[tuple[str, dict[str, Possible]]]:
        """An event happened since the values were observed, or before the first of them."""
        values, known = self._outdated_by(name), self.knowledge.state[name]
        assert isinstance(known, Span)
        age = max(event.age for event in values.values())
        settled = {value: event.reported for value, event in values.items() if event.fields == (name,)}
        return [
            (f"in the last {age // 2} d", {name: Span(known.low, max(known.low, age - 1))}),
            (f"not in the last {age // 2} d", {name: Span(min(age, known.high), known.high), **settled}),
        ]

    def _would(self, words: str, changes: dict[str, Possible], name: str) -> Would:
        outcome = self.what_if.outcome(changes)
        return Would(words, outcome.clearance, outcome.track, changes[name])


def cut(entry: Field, possible: Possible, open_here: list[Atom]) -> list[tuple[str, Possible]]:
    """The possible values of a field, cut at the limits of the conditions that are open."""
    own = [atom for atom in open_here if atom.field is entry]
    if not own:  # an item of a score: one piece for each answer
        mask = possible if isinstance(possible, int) else entry.every_option
        return [(option, entry.mask(option)) for option in entry.names(mask)]
    if isinstance(possible, Span):
        return _spans(entry, possible, own)
    if isinstance(possible, Members):
        return _sets(entry, possible, own)
    return [("|".join(entry.names(mask)), mask) for mask in _signatures(entry, possible, own)]


def _spans(entry: Field, span: Span, own: list[Atom]) -> list[tuple[str, Possible]]:
    starts = set()
    for atom in own:
        if isinstance(atom, Compare):
            tick = atom.limit.tick
            if atom.operator in ("<", ">=", "=", "!="):
                starts.add(tick)
            if atom.operator in ("<=", ">", "=", "!="):
                starts.add(tick + 1)
    cuts = [span.low, *sorted(tick for tick in starts if span.low < tick <= span.high), span.high + 1]
    pieces: list[tuple[str, Possible]] = []
    for low, after in pairwise(cuts):
        pieces.append((span_words(entry, span, Span(low, after - 1)), Span(low, after - 1)))
    return pieces


def span_words(entry: Field, whole: Span, piece: Span) -> str:
    """A piece of a range for the JSON form: `>= 50 10^9/L`, `any value` where it is the whole."""
    scale = entry.ticks
    from_here, to_here = piece.low > whole.low, piece.high < whole.high
    if entry.kind == "elapsed" and piece.high >= scale.highest:
        earliest = scale.value(piece.low + piece.low % 2)
        return f"at least {earliest} d ago, or never" if from_here else "any time or never"
    low = f">= {scale.value(piece.low)}" if piece.low % 2 == 0 else f"> {scale.value(piece.low - 1)}"
    high = f"<= {scale.value(piece.high)}" if piece.high % 2 == 0 else f"< {scale.value(piece.high + 1)}"
    words = " and ".join([low] * from_here + [high] * to_here) or "any value"
    return f"{words} {scale.unit}".replace(" {score}", "").replace(" {INR}", "")


def _signatures(entry: Field, possible: int, own: list[Atom]) -> list[int]:
    groups: dict[tuple[bool, ...], int] = {}
    for option in range(len(entry.options)):
        bit = 1 << option
        if possible & bit:
            signature = tuple(bool(a.mask & bit) for a in own if isinstance(a, (OneOf, AnyOf)))
            groups[signature] = groups.get(signature, 0) | bit
    return list(groups.values())


def _sets(entry: Field, members: Members, own: list[Atom]) -> list[tuple[str, Possible]]:
    pieces: list[tuple[str, Possible]] = [("no further ones", Members(members.sure, members.sure))]
    groups = _signatures(entry, members.possible & ~members.sure, own)
    pieces += [("|".join(entry.names(g)), Members(members.sure | g, members.sure | g)) for g in groups]
    return pieces


def open_fields(found: Answer, state: State) -> tuple[str, ...]:
    """The fields that keep an undecided rule undecided."""
    return tuple(dict.fromkeys(atom.field.name for atom in open_atoms(found.active.condition, state)))
