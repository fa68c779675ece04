"""Scores of questionnaires for any number of forms at once; what is missing gives no score or an interval.

    linear   the mean of the answered items on 0 to 100, scored when at least half of them are answered
    sum      the sum; while an item is missing, from the least to the most that the missing answers allow
    summary  the mean of other scales, each turned so that higher is better, when all of them are scored

A form with an answer that the form does not have is refused as a whole: nobody knows what else in it is wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from exrx.errors import FieldError, InputFileError
from exrx.outcomes.questionnaires import CutOff, Questionnaire, Scale, find_questionnaire

Floats = NDArray[np.float64]
BLOCK = 1 << 14
"""Forms a block, so that a block's answers stay in the cache."""


@frozen(eq=False)
class Scores:
    """The scores of N forms.

    `low` and `high` hold an array (N,) for each scale: equal where the score is certain, an interval where a sum lacks
    answers, NaN where there is no score. `answered` is how many items have an answer, `refused` where the form was.
    """

    form: Questionnaire
    low: dict[str, Floats]
    high: dict[str, Floats]
    answered: NDArray[np.int64]
    refused: NDArray[np.bool_]
    alarms: dict[str, NDArray[np.int8]]
    """For each alarm 1 where it sounds, 0 where it does not, -1 where its item has no answer."""

    def __len__(self) -> int:
        return len(self.answered)

    def score(self, scale: str) -> Floats:
        """The certain scores of a scale, NaN elsewhere; FieldError if there is no such scale."""
        if scale not in self.low:
            raise FieldError(f"{self.form.id} has no scale '{scale}'; it has: {', '.join(self.low)}")
        return np.where(self.low[scale] == self.high[scale], self.low[scale], np.nan)

    def levels(self, wanted: str | CutOff) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """The least and the highest level (an index into `words` of the cut-off) of every form; all where unscored."""
        cut_off = self.form.cut_off(wanted) if isinstance(wanted, str) else wanted
        ends = [level_of(cut_off, end[cut_off.scale]) for end in (self.low, self.high)]
        unscored = np.isnan(self.low[cut_off.scale])
        least, most = np.minimum(*ends), np.maximum(*ends)
        return np.where(unscored, np.int8(0), least), np.where(unscored, np.int8(len(cut_off.levels)), most)


def level_of(cut_off: CutOff, score: Any) -> NDArray[np.int8]:
    """The level of each score, an index into `cut_off.words`: the last whose comparison holds, 0 if none does."""
    level = np.zeros(np.shape(score), np.int8)
    for index, (_, comparison) in enumerate(cut_off.levels, 1):
        level[comparison.holds(np.asarray(score))] = index
    return level


def score(form: Questionnaire | str, answers: Any) -> Scores:
    """The scores of N forms.

    Args:
        form: a questionnaire or its id.
        answers: (N, items) numbers in the order of the items, NaN or a masked cell where there is no answer.

    Raises:
        FieldError: no such questionnaire.
        InputFileError: another number of items than the form has, or what holds no numbers.
    """
    known = find_questionnaire(form) if isinstance(form, str) else form
    given = _numbers(answers, known)
    n = len(given)
    low = {name: np.empty(n) for name in known.scales}
    high = {name: np.empty(n) for name in known.scales}
    answered, refused = np.empty(n, np.int64), np.empty(n, np.bool_)
    alarms = {alarm.id: np.empty(n, np.int8) for alarm in known.alarms}
    least, most = (np.array(ends, np.float64)[:, None] for ends in zip(*known.ranges, strict=True))
    turned = [item - 1 for item in sorted(known.reversed)]
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        block = np.array(given[rows].T, np.float64, order="C")
        there = ~np.isnan(block)
        refused[rows] = (there & ((block < least) | (block > most) | (block != np.floor(block)))).any(axis=0)
        there &= ~refused[rows]
        block[~there] = np.nan
        answered[rows] = there.sum(axis=0)
        for alarm in known.alarms:
            item = block[alarm.item - 1]
            alarms[alarm.id][rows] = np.where(np.isnan(item), -1, item >= alarm.at_least)
        block[turned] = least[turned] + most[turned] - block[turned]
        for name, scale in known.scales.items():
            ends = _SCORE[scale.count](scale, block, there, known, {key: part[rows] for key, part in low.items()})
            low[name][rows], high[name][rows] = ends
        for name in known.scales:
            low[name][rows][refused[rows]] = high[name][rows][refused[rows]] = np.nan
    return Scores(known, low, high, answered, refused, alarms)


def _numbers(answers: Any, form: Questionnaire) -> NDArray[Any]:
    try:
        given = np.ma.filled(np.ma.asarray(answers, np.float64), np.nan)
    except (TypeError, ValueError) as error:
        raise InputFileError(f"the answers of {form.id} must be numbers, with NaN where there is none") from error
    if given.ndim != 2 or given.shape[1] != form.items:
        shape = " x ".join(map(str, given.shape))
        raise InputFileError(f"{form.id} has {form.items} items; the answers are {shape}. Give one column an item.")
    return np.asarray(given)


def _linear(
    scale: Scale, block: Floats, there: NDArray[np.bool_], form: Questionnaire, scored: dict[str, Floats]
) -> tuple[Floats, Floats]:
    columns = [item - 1 for item in scale.items]
    lowest, highest = form.ranges[columns[0]]
    answered = there[columns].sum(axis=0)
    enough = (2 * answered >= len(columns)) & (answered > 0)
    mean = np.full(block.shape[1], np.nan)
    np.divide(np.nansum(block[columns], axis=0), answered, out=mean, where=enough)
    share = (mean - lowest) / (highest - lowest)
    value = 100 * (1 - share if scale.turned else share)
    return value, value


def _sum(
    scale: Scale, block: Floats, there: NDArray[np.bool_], form: Questionnaire, scored: dict[str, Floats]
) -> tuple[Floats, Floats]:
    low, high = np.zeros(block.shape[1]), np.zeros(block.shape[1])
    for item in scale.items:
        lowest, highest = form.ranges[item - 1]
        column, answered = block[item - 1], there[item - 1]
        low += np.where(answered, column, lowest)
        high += np.where(answered, column, highest)
    return low, high


def _summary(
    scale: Scale, block: Floats, there: NDArray[np.bool_], form: Questionnaire, scored: dict[str, Floats]
) -> tuple[Floats, Floats]:
    total = np.zeros(block.shape[1])
    for name in scale.of:
        total += scored[name] if form.scales[name].better == "higher" else 100 - scored[name]
    value = total / len(scale.of)
    return value, value


_SCORE = {"linear": _linear, "sum": _sum, "summary": _summary}
