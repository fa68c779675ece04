"""Conditions as formulas for z3: the same three answers as `one.py`, over every patient at once.

What a condition asks of a field is answered by a view of the patient (`views.py`); what `and`, `or`, `not` and
`at least n of` make of the answers stands here. z3 is loaded at the first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Protocol

from attrs import frozen

from exrx.errors import MissingDependencyError
from exrx.fields import Field
from exrx.rules.nodes import And, AnyOf, AtLeast, Compare, Condition, Not, OneOf, Or

Formula = Any
"""A z3 boolean."""


@lru_cache(maxsize=1)
def z3_library() -> Any:
    """The z3 module.

    Raises:
        MissingDependencyError: z3 is not installed.
    """
    try:
        import z3
    except ImportError as error:
        raise MissingDependencyError.of("z3-solver", "prove", "A proof") from error
    return z3


def any_of(formulas: Iterable[Formula]) -> Formula:
    """One of the formulas holds; of none of them, never."""
    return _join("Z3_mk_or", tuple(formulas))


def every(formulas: Iterable[Formula]) -> Formula:
    """All of the formulas hold; of none of them, always."""
    return _join("Z3_mk_and", tuple(formulas))


def _join(operation: str, formulas: tuple[Formula, ...]) -> Formula:
    """One call into the library: `z3.Or` looks at every formula's sort first, which takes more time than proofs do."""
    if len(formulas) == 1:
        return formulas[0]
    z3 = z3_library()
    context = z3.main_ctx()
    parts = (z3.Ast * len(formulas))(*[formula.as_ast() for formula in formulas])
    return z3.BoolRef(getattr(z3, operation)(context.ref(), len(formulas), parts), context)


@frozen
class Answer:
    """Where a condition is true, and where it is true or undecided; one formula for both in a `Total`."""

    true: Formula
    possible: Formula

    @classmethod
    def both(cls, formula: Formula) -> Answer:
        """The answer of a condition that is never undecided."""
        return cls(formula, formula)


class View(Protocol):
    """A patient as formulas: the answers to the three questions that conditions ask of a field."""

    def below(self, entry: Field, tick: int) -> Answer:
        """A number is below `tick`."""

    def within(self, entry: Field, mask: int) -> Answer:
        """An answer is one of the options in `mask`."""

    def meets(self, entry: Field, mask: int) -> Answer:
        """A set holds one of the options in `mask`."""


def _compare(node: Compare, view: View) -> Answer:
    tick, operator = node.limit.tick, node.operator
    if operator in ("=", "!="):
        above, upto = _opposite(view.below(node.field, tick)), view.below(node.field, tick + 1)
        equal = _all((above, upto))
        return equal if operator == "=" else _opposite(equal)
    below = view.below(node.field, tick + (operator in ("<=", ">")))
    return below if operator in ("<", "<=") else _opposite(below)


def _one_of(node: OneOf, view: View) -> Answer:
    return view.within(node.field, node.mask)


def _any_of(node: AnyOf, view: View) -> Answer:
    return view.meets(node.field, node.mask)


def _not(node: Not, view: View) -> Answer:
    return _opposite(encode(node.item, view))


def _and(node: And, view: View) -> Answer:
    return _all([encode(item, view) for item in node.items])


def _or(node: Or, view: View) -> Answer:
    return _joined([encode(item, view) for item in node.items], any_of)


def _at_least(node: AtLeast, view: View) -> Answer:
    z3 = z3_library()
    return _joined(
        [encode(item, view) for item in node.items],
        lambda formulas: z3.PbGe([(formula, 1) for formula in formulas], node.count),
    )


_ENCODE: dict[type, Callable[[Any, View], Answer]] = {
    Compare: _compare,
    OneOf: _one_of,
    AnyOf: _any_of,
    Not: _not,
    And: _and,
    Or: _or,
    AtLeast: _at_least,
}


def encode(condition: Condition, view: View) -> Answer:
    """The formulas of a condition; KeyError if its class has no line in the table, or its limit is not in the grid."""
    return _ENCODE[type(condition)](condition, view)


def _opposite(answer: Answer) -> Answer:
    negate = z3_library().Not
    if answer.true is answer.possible:
        return Answer.both(negate(answer.true))
    return Answer(negate(answer.possible), negate(answer.true))


def _all(answers: Iterable[Answer]) -> Answer:
    return _joined(list(answers), every)


def _joined(answers: list[Answer], operation: Callable[[list[Formula]], Formula]) -> Answer:
    if all(answer.true is answer.possible for answer in answers):
        return Answer.both(operation([answer.true for answer in answers]))
    return Answer(operation([a.true for a in answers]), operation([a.possible for a in answers]))
