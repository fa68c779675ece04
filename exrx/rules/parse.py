"""Text to conditions: the grammar of `grammar.lark`, read against the data dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any

from attrs import define, field, frozen
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from exrx.errors import ConditionError, FieldError, Location, QuantityError
from exrx.fields import NO, YES, Dictionary, Field
from exrx.quantities import read_limit
from exrx.rules.nodes import And, AnyOf, AtLeast, Compare, Condition, Limit, Not, OneOf, Or

_LONGEST, _DEEPEST = 5_000, 200
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("exrx.rules").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)


@frozen
class Names:
    """What the words of a condition may mean besides fields: parameters (`'50 10^9/L'`) and named terms."""

    dictionary: Dictionary
    parameters: Mapping[str, str] = field(factory=dict)
    terms: Mapping[str, Condition] = field(factory=dict)


def parse_condition(text: str, names: Names, location: Location | None = None) -> Condition:
    """The condition written in `text`.

    `location` is where the text begins in its file; every node carries its own place from there.

    Raises:
        ConditionError: a syntax fault, an unknown name, a wrong type or unit; with code, place and suggestion.
    """
    start = location or Location("<condition>", 1, 1)
    if len(text) > _LONGEST or text.count("(") + text.count("not") > _DEEPEST:
        raise ConditionError("the condition is too long or nested too deeply", code="syntax", location=start,
                             suggestion="give parts of it a name under terms:")
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(error, text, start) from None
    return _Builder(names, start).build(tree)


def _syntax_error(error: UnexpectedInput, text: str, start: Location) -> ConditionError:
    line, column = max(error.line, 1), max(error.column, 1)
    token = getattr(error, "token", "")
    at_end = str(token) == "" or getattr(token, "type", "") == "$END"
    rest = text.splitlines()[line - 1][column - 1 :] if text.strip() and not at_end else ""
    where = f"at '{rest[:30]}'" if rest else "at the end: something is missing"
    return ConditionError(
        f"cannot read the condition '{text.strip()}' {where}",
        code="syntax",
        location=_place(start, line, column),
        suggestion="write for example: platelets < 50 10^9/L and not (line = none)",
    )


def _place(start: Location, line: int, column: int) -> Location:
    if line <= 1:
        return Location(start.file, start.line, start.column + column - 1)
    return Location(start.file, start.line + line - 1, column)


@define
class _Builder:
    """Turns a syntax tree into nodes, one method a grammar rule."""

    names: Names
    start: Location

    def build(self, tree: Tree[Any]) -> Condition:
        """The node for a tree."""
        return getattr(self, "_" + tree.data)(tree)

    def _place_of(self, item: Tree[Any] | Token) -> Location:
        meta: Any = item.meta if isinstance(item, Tree) else item
        return _place(self.start, meta.line or 1, meta.column or 1)

    def _any(self, tree: Tree[Any]) -> Condition:
        return self._join(Or, tree)

    def _all(self, tree: Tree[Any]) -> Condition:
        return self._join(And, tree)

    def _join(self, node: Callable[..., Condition], tree: Tree[Any]) -> Condition:
        items = tuple(self.build(child) for child in tree.children)
        return items[0] if len(items) == 1 else node(items, self._place_of(tree))

    def _negation(self, tree: Tree[Any]) -> Condition:
        return Not(self.build(tree.children[0]), self._place_of(tree))

    def _at_least(self, tree: Tree[Any]) -> Condition:
        items: list[Tree[Any]]
        count, *items = tree.children
        if not str(count).isdecimal():
            raise ConditionError(f"'at least {count}' needs a whole number", code="impossible-count",
                                 location=self._place_of(count))
        return AtLeast(int(str(count)), tuple(self.build(item) for item in items), self._place_of(tree))

    def _bare(self, tree: Tree[Any]) -> Condition:
        operand = tree.children[0]
        place = self._place_of(operand)
        if operand.data == "quantity":
            raise ConditionError(f"'{operand.children[0]}' alone is not a condition", code="syntax", location=place)
        word = str(operand.children[0])
        if word in self.names.terms:
            return self.names.terms[word]
        entry = self._field(word, place)
        if entry.kind != "flag":
            raise ConditionError(
                f"'{word}' is a {entry.kind} and cannot stand alone", code="wrong-type", location=place,
                suggestion=f"compare it: {word} {'< 10' if entry.is_numeric else '= ' + entry.options[0]}",
            )
        return OneOf(entry, YES, f"{word}", place)

    def _membership(self, tree: Tree[Any]) -> Condition:
        operand, *options = tree.children
        place = self._place_of(tree)
        if operand.data != "word":
            raise ConditionError("the left side of 'in' must be a field", code="syntax", location=place)
        entry = self._field(str(operand.children[0]), place)
        words = [str(option.children[0]) for option in options]
        mask = 0
        for word, option in zip(words, options, strict=True):
            mask |= self._option(entry, word, self._place_of(option))
        text = f"{entry.name} in {{{', '.join(words)}}}"
        return AnyOf(entry, mask, text, place) if entry.kind == "set" else OneOf(entry, mask, text, place)

    def _comparison(self, tree: Tree[Any]) -> Condition:
        operands, operators = tree.children[::2], [str(op) for op in tree.children[1::2]]
        if len(operands) > 3:
            raise ConditionError("a chain has at most two comparisons", code="syntax", location=self._place_of(tree))
        if len(operands) == 3:
            low, name, high = operands
            first = self._compare(name, _FLIPPED[operators[0]], low)
            return And((first, self._compare(name, operators[1], high)), self._place_of(tree))
        left, right = operands
        if self._is_field(right) and not self._is_field(left):
            return self._compare(right, _FLIPPED[operators[0]], left)
        return self._compare(left, operators[0], right)

    def _is_field(self, operand: Tree[Any]) -> bool:
        return operand.data == "word" and str(operand.children[0]) in self.names.dictionary.fields

    def _compare(self, name: Tree[Any], operator: str, limit: Tree[Any]) -> Condition:
        place = self._place_of(name)
        if name.data != "word":
            raise ConditionError("a comparison needs a field on one side", code="syntax", location=place)
        entry = self._field(str(name.children[0]), place)
        text, parameter = self._limit(entry, limit)
        if entry.is_numeric:
            return Compare(entry, operator, Limit(self._tick(entry, text, limit), text, parameter), place)
        return self._compare_options(entry, operator, text, place)

    def _limit(self, entry: Field, limit: Tree[Any]) -> tuple[str, str | None]:
        text = " ".join(str(child) for child in limit.children)
        if limit.data == "word" and text in self.names.parameters:
            return self.names.parameters[text], text
        if limit.data == "word" and entry.is_numeric:
            near = get_close_matches(text, self.names.parameters, n=1)
            raise ConditionError(
                f"'{text}' is neither a number nor a parameter of this protocol", code="unknown-parameter",
                location=self._place_of(limit),
                suggestion=f"did you mean '{near[0]}'?" if near else "add it under parameters:",
            )
        return text, None

    def _tick(self, entry: Field, text: str, limit: Tree[Any]) -> int:
        try:
            tick = read_limit(text, entry.ticks, at_bound=entry.ticks.whole)
        except QuantityError as error:
            raise ConditionError(error.message, code=error.code, location=self._place_of(limit),
                                 suggestion=error.suggestion) from None
        return tick

    def _compare_options(self, entry: Field, operator: str, word: str, place: Location) -> Condition:
        text = f"{entry.name} {operator} {word}"
        mask = self._option(entry, word, place)
        if operator in ("<", "<=", ">", ">="):
            if entry.kind not in ("ordered", "gate"):
                raise ConditionError(
                    f"the answers of '{entry.name}' have no order", code="wrong-type", location=place,
                    suggestion=f"use: {entry.name} in {{{word}}}",
                )
            below = mask - 1
            mask = {"<": below, "<=": below | mask, ">": ~(below | mask), ">=": ~below}[operator] & entry.every_option
        elif operator == "!=":
            mask = entry.every_option & ~mask
        if entry.kind == "set":
            raise ConditionError(f"'{entry.name}' is a set", code="wrong-type", location=place,
                                 suggestion=f"use: {entry.name} in {{{word}}}")
        if entry.kind == "flag" and mask in (NO, YES):
            flag = OneOf(entry, YES, entry.name, place)
            return flag if mask == YES else Not(flag, place)
        return OneOf(entry, mask, text, place)

    def _field(self, name: str, place: Location) -> Field:
        entry = self.names.dictionary.fields.get(name)
        if entry is None:
            try:
                known = self.names.dictionary.field(name).name
                hint = f"the dictionary's name for it is '{known}'"
            except FieldError as error:
                hint = str(error).partition(". ")[2] or "list the fields with: exrx fields"
            raise ConditionError(f"there is no field or term called '{name}'", code="unknown-field", location=place,
                                 suggestion=hint)
        return entry

    def _option(self, entry: Field, word: str, place: Location) -> int:
        if word == "unknown":
            raise ConditionError(
                "a rule cannot ask whether a fact is unknown", code="unknown-is-not-a-value", location=place,
                suggestion="write the rule for the known fact; an unknown one leaves it undecided by itself",
            )
        if entry.is_numeric:
            raise ConditionError(f"'{entry.name}' is a {entry.kind}, not a choice", code="wrong-type", location=place)
        try:
            return entry.mask(word)
        except FieldError as error:
            raise ConditionError(str(error), code="unknown-option", location=place) from None
