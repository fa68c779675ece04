"""Many variants of one protocol over a cohort: the answers of `screen_cohort` under each of them, as counts.

A variant is the protocol with some numbers set to other values. What no varied number touches is asked once. A varied
condition is kept as an expression of planes of bits; a plane that moves is "the lowest (highest) possible tick is below
the limit", and one pass over a column gives it for all limits at once: each row's bit is set at the first limit above
its tick, and the rest is a cumulative `or`. Rows whose answer no variant can change are counted once and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, field, frozen

from exrx.bits import WORD, all_bits, no_bits, set_rows
from exrx.cohort import Cohort
from exrx.columns import Column
from exrx.errors import ProtocolError
from exrx.knowledge import know
from exrx.protocol.limits import limit_text, moved_compare, rewrite, with_limit
from exrx.protocol.model import Protocol
from exrx.protocol.stage import StageRules, stage_rules
from exrx.protocol.varied import Varied, joined_verdict, vary
from exrx.rules.many import Program, compile_conditions
from exrx.rules.nodes import Compare, Condition, atoms
from exrx.rules.restriction import Track
from exrx.screening.cohort_rules import LEVELS, TRACKS, CohortRules
from exrx.screening.gates import gate_limits
from exrx.screening.many import Decisions, cohort_planes, compiled
from exrx.screening.moving_planes import (
    AT_A_TIME,
    Below,
    Expression,
    Fixed,
    Joined,
    Kernel,
    Moving,
    Planes,
    Table,
    Writer,
    first_above,
)
from exrx.screening.one import as_date, screen
from exrx.screening.verdict import track_of
from exrx.today import Today

Counts = npt.NDArray[np.int64]


@frozen(eq=False)
class Values:
    """V variants: `names` of what is varied, and for each variant a text for each of them."""

    names: tuple[str, ...]
    distinct: tuple[tuple[str, ...], ...]
    which: npt.NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[str], rows: Sequence[Sequence[str]]) -> Values:
        """From one row of texts a variant; a bare number is in the unit in which the limit is written."""
        columns = [[row[i] for row in rows] for i in range(len(names))]
        distinct = [tuple(dict.fromkeys(column)) for column in columns]
        places = [{text: place for place, text in enumerate(texts)} for texts in distinct]
        which = [[place[text] for text in column] for place, column in zip(places, columns, strict=True)]
        return cls(tuple(names), tuple(distinct), np.array(which, np.int64).reshape(len(names), len(rows)).T)

    def __len__(self) -> int:
        return len(self.which)

    def texts(self, variant: int) -> tuple[str, ...]:
        """What each name is set to in a variant."""
        return tuple(texts[place] for texts, place in zip(self.distinct, self.which[variant].tolist(), strict=True))

    def protocol(self, protocol: Protocol, variant: int) -> Protocol:
        """The protocol really changed."""
        for name, text in zip(self.names, self.texts(variant), strict=True):
            protocol = with_limit(protocol, name, text)
        return protocol


@define(eq=False, slots=False)
class ScreenedVariants:
    """What each variant says of a cohort of n patients, in the order of the variants.

    `clearance`, `definite`, `worst`: int64 (V, 7), how many patients have each `Clearance`; `track`: int64 (V, 4), how
    many each `Track`. `loosens`: for each variant yes, no, both or same, beside the protocol itself. `decisions(i)` has
    every patient's answer.
    """

    cohort: Cohort
    protocol: Protocol
    stage: str
    as_of: date
    values: Values
    loosens: tuple[str, ...]
    clearance: Counts
    definite: Counts
    worst: Counts
    track: Counts
    live_rows: int
    _kernel: Kernel = field(repr=False)
    _today: Today = field(repr=False)

    @property
    def n(self) -> int:
        """The number of patients."""
        return self.cohort.n

    def decisions(self, variant: int) -> Decisions:
        """Every patient's answer under one variant, as `screen_cohort` under the changed protocol gives it."""
        changed = self.values.protocol(self.protocol, variant)
        one = [slice(variant, variant + 1)]
        blocks = [next(self._kernel.work(words, one)) for words in self._kernel.blocks()]
        planes = [np.concatenate([block[i][0] for block in blocks]) for i in range(12)] if blocks else [no_bits(0)] * 12
        definite = dict(zip(LEVELS, planes[:5], strict=True))
        worst = dict(zip(LEVELS, planes[5:10], strict=True))
        track = dict(zip(TRACKS, planes[10:], strict=True))
        rules = compiled(stage_rules(changed, self.stage))
        stage, day = self.stage, self.as_of
        alone = {row: screen(self.cohort.source(row), changed, stage=stage, as_of=day)
                 for row in self.cohort.limited_rows()}  # fmt: skip
        return Decisions(self.cohort, changed, stage, day, rules, self._today, definite, worst, track, alone)


def screen_variants(
    cohort: Cohort, protocol: Protocol, values: Values, *, stage: str, as_of: date | str, threads: int = 2
) -> ScreenedVariants:
    """What every variant of `protocol` says of a cohort, counted; each as `screen_cohort` under the changed protocol.

    Args:
        cohort: n patients.
        protocol: from `load_protocol`.
        values: what is varied, and the values of each variant.
        stage: a stage of the protocol.
        as_of: the day of the decisions.
        threads: how many threads share the rows; the counts do not depend on it.

    Raises:
        ProtocolError: there is no such stage or limit, or no rule of this stage uses a limit that is varied.
        QuantityError, ConditionError: a value is none, or makes a condition that is always or never true.
        PatientError: `as_of` is not a date.
    """
    day = as_date(as_of)
    varied = vary(protocol, values.names)
    today = cohort.at(day, protocol.validity_at(stage))
    kernel = _kernel(cohort, varied, values, stage, today, threads)
    whole = kernel.count([slice(0, 1)], threads)[0]
    live = kernel.restricted(kernel.live())
    size = AT_A_TIME
    moved = live.count([slice(at, min(at + size, len(values))) for at in range(0, len(values), size)], threads)
    counts = whole - moved[0] + moved
    loosens = [[varied.loosens(i, text) for text in texts] for i, texts in enumerate(values.distinct)]
    verdicts = tuple(joined_verdict({loosens[i][at] for i, at in enumerate(row)}) for row in values.which.tolist())
    n = np.full(len(values), cohort.n)
    certain, possible = counts[:, :5].T, counts[:, 5:10].T
    return ScreenedVariants(
        cohort, protocol, stage, day, values, verdicts,
        clearance=_between([n, possible[0], possible[1], *certain[1:]]),
        definite=_between([n, certain[0], certain[1], *certain[1:]]),
        worst=_between([n, possible[0], possible[1], *possible[1:]]),
        track=_between([n - possible[1], counts[:, 10], counts[:, 11], np.zeros_like(n)]) + _untrained(possible[1]),
        live_rows=live.n, kernel=kernel, today=today,
    )  # fmt: skip


def _between(at_least: Sequence[Counts]) -> Counts:
    """(V, levels) how many are at each level, from how many are at least there."""
    reached = np.stack([*at_least, np.zeros_like(at_least[0])], axis=1)
    return reached[:, :-1] - reached[:, 1:]


def _untrained(rows: Counts) -> Counts:
    found = np.zeros((rows.size, len(Track)), np.int64)
    found[:, Track.NONE] = rows
    return found


def _kernel(cohort: Cohort, varied: Varied, values: Values, stage: str, today: Today, threads: int) -> Kernel:
    """What moves and what does not, over every row of the cohort."""
    marked = stage_rules(varied.protocol, stage)
    rules = CohortRules.of(marked)
    entries = _Moved.of(marked, varied, values)
    still = evolve(
        marked, rules=tuple(rule for rule in marked.rules if entries.is_still(rule.condition)),
        starts=tuple(start for start in marked.starts if start[0] is None or entries.is_still(start[0])),
    )  # fmt: skip
    fixed_rules = CohortRules.of(still)
    definite, worst, track = cohort_planes(fixed_rules, today, threads)
    base = np.stack([*(definite[x] for x in LEVELS), *(worst[x] for x in LEVELS), *(track[x] for x in TRACKS)])
    _set_limited(base, cohort, today, rules)

    writer = Writer(entries.moving)
    added = entries.written(rules, writer)
    days: dict[bool, Any] = {False: today}
    if any(confirmed for _, _, confirmed in writer.fixed):
        days[True] = rules.confirmed_day(today)
    planes = {}
    for confirmed, day in days.items():
        trees = tuple(dict.fromkeys(tree for tree, _, where in writer.fixed if where == confirmed))
        answers = Program(trees).run(day, threads=threads)
        for place, tree in enumerate(trees):
            planes[tree, False, confirmed], planes[tree, True, confirmed] = answers.true(place), answers.possible(place)
    fixed = [planes[key] for key in writer.fixed]
    dead = fixed_rules.dead(today)
    if dead.any():
        alive = Fixed(len(fixed))
        fixed.append(all_bits(cohort.n) & ~dead)
        added = [(plane, Joined(True, (alive, expression))) for plane, expression in added]
    limits, chosen = entries.limits([expression for _, expression in added])
    for table in limits:
        if table.confirmed and True not in days:
            days[True] = rules.confirmed_day(today)
    together = np.stack(fixed) if fixed else np.zeros((0, base.shape[1]), WORD)
    return Kernel(
        cohort.n, base, together, _chains(added), limits, chosen,
        {table: _places(days[table.confirmed].column(table.field), table, limits[table]) for table in limits},
    )  # fmt: skip


def _places(column: Column, table: Table, limits: Counts) -> npt.NDArray[np.int32]:
    scale = column.field.ticks
    return first_above(column.ends()[table.high], limits, scale.lowest, scale.highest)


def _chains(added: list[tuple[int, Expression]]) -> tuple[tuple[tuple[int, tuple[Expression, ...]], ...], ...]:
    orders = [range(4, -1, -1), range(9, 4, -1), range(11, 9, -1)]
    return tuple(
        tuple((plane, tuple(dict.fromkeys(x for at, x in added if at == plane))) for plane in order) for order in orders
    )


def _set_limited(base: Planes, cohort: Cohort, today: Today, rules: CohortRules) -> None:
    """Set what a physician's limits ask for in the few rows that have some: they hold whatever else is varied."""
    for row in cohort.limited_rows():
        known = know(cohort.source(row), cohort.dictionary, today.as_of, today.validities)
        for limit in gate_limits(known, cohort.dictionary):
            here = np.array([row], np.int64)
            asked, trained = limit.restriction.clearance, track_of(limit.restriction, rules.group_class)
            for at, level in enumerate(LEVELS):
                if asked >= level:
                    set_rows(base[at], here)
                    set_rows(base[5 + at], here)
            for at, closer in enumerate(TRACKS):
                if trained >= closer:
                    set_rows(base[10 + at], here)


@define(eq=False)
class _Moved:
    """The conditions of a stage in which a varied limit stands, each under a name of its own for its field."""

    stage: StageRules
    varied: Varied
    values: Values
    conditions: dict[int, Condition] = field(factory=dict)
    moving: dict[str, Moving] = field(factory=dict)
    ticks: dict[tuple[str, str], Counts] = field(factory=dict)

    @classmethod
    def of(cls, stage: StageRules, varied: Varied, values: Values) -> _Moved:
        """Find them, and read every value as each of their fields measures it."""
        made = cls(stage, varied, values)
        guards = [guard for guard, _ in stage.starts if guard is not None]
        for number, condition in enumerate([*(rule.condition for rule in stage.rules), *guards]):
            if not made.is_still(condition):
                made.conditions[number] = rewrite(condition, made._renamed)
        used = {varied.units[moving.limit][0] for moving in made.moving.values()}
        for position, name in enumerate(varied.names):
            if position not in used:
                raise ProtocolError(
                    f"no rule of {varied.protocol.id} uses '{name}' at stage '{stage.stage}', so varying it there "
                    "changes nothing"
                )
        return made

    def is_still(self, condition: Condition) -> bool:
        """Whether no varied limit stands in a condition."""
        return not any(isinstance(x, Compare) and self.varied.place_of(x) for x in atoms(condition))

    def _renamed(self, atom: Compare) -> Compare:
        """A comparison with a varied limit as a question to a field of its own."""
        place = self.varied.place_of(atom)
        if place is None:
            return atom
        position, unit = place
        label, tick = str(atom.limit.parameter), atom.limit.tick
        texts = self.values.distinct[position]
        read = [moved_compare(atom, limit_text(text, unit), None).limit.tick for text in texts]
        self.ticks[atom.field.name, label] = np.array(read, np.int64)
        name = f"{atom.field.name} {label} {tick}"
        self.moving[name] = Moving(atom.field.name, tick, label)
        return Compare(evolve(atom.field, name=name), atom.operator, atom.limit, atom.location)

    def written(self, rules: CohortRules, writer: Writer) -> list[tuple[int, Expression]]:
        """Which expression is added to which plane of the decision, the plane being the highest that it reaches."""
        program = compile_conditions(self.conditions.values())
        found: list[tuple[int, Expression]] = []
        for number, tree in zip(self.conditions, program.trees, strict=True):
            entry = rules.entries[number]
            possible = writer.write(tree, possible=True, confirmed=False)
            if entry.clearance in LEVELS:
                level = LEVELS.index(entry.clearance)
                found.append((level, writer.write(tree, possible=False, confirmed=bool(entry.waits_for))))
                found.append((5 + level, possible))
            if entry.track in TRACKS:
                found.append((10 + TRACKS.index(entry.track), possible))
        return found

    def limits(
        self, expressions: Iterable[Expression]
    ) -> tuple[dict[Table, Counts], dict[tuple[Table, str, int], Counts]]:
        """Each table's limits, ascending, and which of them each variant takes."""
        leaves = list(dict.fromkeys(leaf for expression in expressions for leaf in _leaves(expression)))
        ticks = {leaf: self.ticks[leaf.table.field, leaf.moving] + leaf.offset for leaf in leaves}
        limits = {
            table: np.unique(np.concatenate([ticks[leaf] for leaf in leaves if leaf.table == table]))
            for table in dict.fromkeys(leaf.table for leaf in leaves)
        }
        chosen = {}
        for leaf in leaves:
            position = self.varied.units[leaf.moving][0]
            places = np.searchsorted(limits[leaf.table], ticks[leaf])
            chosen[leaf.table, leaf.moving, leaf.offset] = places[self.values.which[:, position]]
        return limits, chosen


def _leaves(expression: Expression) -> Iterator[Below]:
    if isinstance(expression, Below):
        yield expression
    elif isinstance(expression, Joined):
        for item in expression.items:
            yield from _leaves(item)
