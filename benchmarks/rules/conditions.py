"""Fields and rules as the shipped protocols have them, drawn at random with a fixed seed."""

from __future__ import annotations

import random
from decimal import Decimal

from attrs import frozen

from exrx.fields import FLAG_OPTIONS, YES, Field, Worse
from exrx.quantities import Scale
from exrx.rules.nodes import And, AtLeast, Compare, Condition, Limit, Not, OneOf, Or

RULES, NUMBERS, FLAGS = 50, 20, 20
CLEARANCES = ("modify", "consult", "defer", "stop", "emergency")
ORDINAL = {"modify": 1, "consult": 3, "defer": 4, "stop": 5, "emergency": 6}
TRACKS = ("individual", "supervised")


@frozen
class Rule:
    """A condition and what it asks for."""

    condition: Condition
    clearance: str
    track: str | None


def number(name: str) -> Field:
    """A number from 0 to 1000 in tenths, worse when lower."""
    scale = Scale(name, "{score}", Decimal("0.1"), Decimal(0), Decimal(1000))
    return Field(name, "quantity", "blood", {}, scale=scale, worse=Worse("lower"))


def flag(name: str) -> Field:
    """A yes or no, worse when yes."""
    return Field(name, "flag", "others", {}, options=FLAG_OPTIONS, worse=Worse("yes"))


def make_fields() -> tuple[list[Field], list[Field]]:
    """Twenty numbers and twenty flags."""
    return [number(f"number_{i}") for i in range(NUMBERS)], [flag(f"flag_{i}") for i in range(FLAGS)]


def make_rules(numbers: list[Field], flags: list[Field], heavy: bool = False, seed: int = 1) -> list[Rule]:
    """Rules of one to five single-field conditions, as many as in the shipped protocols (1.8 to 2.2 a rule there).

    As there, a number has few limits (1.6 each there, two here), which several rules use. `heavy` draws every limit
    anew and asks for more numbers, so that nothing is shared.
    """
    rng = random.Random(seed)
    limits = {entry.name: sorted(2 * rng.randrange(100, 1000) for _ in range(2)) for entry in numbers}

    def atom() -> Condition:
        if rng.random() < (0.6 if heavy else 0.45):
            entry = rng.choice(numbers)
            tick = 2 * rng.randrange(100, 1000) if heavy else rng.choice(limits[entry.name])
            return Compare(entry, rng.choice(["<", "<", "<", ">="] if not heavy else ["<", "<=", ">", ">="]),
                           Limit(tick, "limit"))  # fmt: skip
        found = OneOf(rng.choice(flags), YES, "flag")
        return Not(found) if rng.random() < 0.2 else found

    def condition(index: int) -> Condition:
        count = rng.choice([1, 1, 1, 1, 1, 2, 2, 2, 3, 5])
        items = tuple(atom() for _ in range(count))
        if count == 1:
            return items[0]
        if count == 2:
            return rng.choice([And, And, Or])(items)
        if index % 4 == 0:
            return AtLeast(2, items)
        return rng.choice([And((items[0], Or(items[1:]))), Or((items[0], And(items[1:])))])

    return [
        Rule(condition(i), rng.choice(CLEARANCES), rng.choice([None, None, *TRACKS])) for i in range(RULES)
    ]


def groups_of(rules: list[Rule]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """For each clearance the rules that ask for at least it, and the same for each track."""
    levels = {name: [i for i, rule in enumerate(rules) if rule.clearance in CLEARANCES[at:]]
              for at, name in enumerate(CLEARANCES)}  # fmt: skip
    tracks = {name: [i for i, rule in enumerate(rules) if rule.track in TRACKS[at:]] for at, name in enumerate(TRACKS)}
    return levels, tracks
