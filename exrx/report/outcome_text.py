"""Scores, changes and goals in words: what was reached, by whose number, and who is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from exrx.io.patients_json import FileProblem
from exrx.outcomes.change import Change, Effect, Summary, summarise
from exrx.outcomes.measures import Measure, load_measures
from exrx.outcomes.questionnaires import CutOff, Questionnaire
from exrx.outcomes.scoring import Scores
from exrx.report.problem_text import danish_fault
from exrx.training.capacity.walk_norm import WalkedPercent, norm_formula
from exrx.training.capacity.walking import WALK_NORMS

_WORDS = {
    "da": {
        "forms": "skemaer", "refused": "afvist", "unverified": "ikke kontrolleret", "scored": "med score",
        "mean": "middel", "open": "kan ikke afgøres endnu", "answer now": "TAL MED PATIENTEN NU", "not answered":
        "punktet er ikke besvaret, spørg", "level": "trin", "patients": "patienter", "before": "før", "after": "efter",
        "paired": "begge målt", "no before": "mangler før", "no after": "mangler efter", "change": "ændring",
        "better by": "bedre med mindst", "worse by": "dårligere", "nobody": "for få til et gennemsnit", "of": "af",
        "goals": "mål", "score before": "T-score før", "score after": "T-score efter", "problems": "problemer",
        "first": "de første", "higher": "højere er bedre", "lower": "lavere er bedre", "none": "ingen",
        "no difference": "ingen forskel af betydning er fundet i litteraturen", "interval": "95 %-interval",
        "items": "punkter", "of norm": "af normen {norm} for raske", "no percent": "uden procent", "age": "alder",
        "norms": "normer for raske (--norm)", "percent": "med procent",
        "male": "mænd", "female": "kvinder",
    },
    "en": {
        "forms": "forms", "refused": "refused", "unverified": "unverified", "scored": "scored", "mean": "mean",
        "open": "not settled yet", "answer now": "TALK WITH THE PATIENT NOW", "not answered":
        "the item has no answer, ask", "level": "level", "patients": "patients", "before": "before", "after": "after",
        "paired": "both measured", "no before": "no before", "no after": "no after", "change": "change",
        "better by": "better by at least", "worse by": "worse", "nobody": "too few for a mean", "of": "of",
        "goals": "goals", "score before": "T score before", "score after": "T score after", "problems": "problems",
        "first": "the first", "higher": "higher is better", "lower": "lower is better", "none": "none",
        "no difference": "no difference that matters was found in the literature", "interval": "95 % interval",
        "items": "items", "of norm": "of the norm {norm} of healthy people", "no percent": "without a percentage",
        "age": "age", "norms": "norms of healthy people (--norm)", "percent": "with a percentage",
        "male": "men", "female": "women",
    },
}  # fmt: skip
LEVEL_WORDS = {
    "da": {"none": "ingen", "low": "lav", "moderate": "moderat", "high": "høj", "mild": "let", "severe": "svær",
           "moderately-severe": "moderat til svær", "possible": "muligt problem", "likely": "sandsynligt problem",
           "doubtful": "tvivlsom", "case": "tilfælde", "important": "af klinisk betydning"},
    "en": {"none": "none", "low": "low", "moderate": "moderate", "high": "high", "mild": "mild", "severe": "severe",
           "moderately-severe": "moderately severe", "possible": "possible problem", "likely": "likely problem",
           "doubtful": "doubtful", "case": "case", "important": "clinically important"},
}  # fmt: skip
LISTED = 20
"""At most so many patients or problems are named in a table; JSON and CSV name all."""


def mark(verified: str, lang: str) -> str:
    """The warning behind a number that nobody has checked."""
    return f" [{_WORDS[lang]['unverified']}]" if verified == "unverified" else ""


def score_lines(scores: Scores, ids: Sequence[str], cut_offs: Sequence[CutOff], lang: str) -> Iterator[str]:
    """The alarms first, then each scale over all forms, then the levels of the cut-offs."""
    words, form = _WORDS[lang], scores.form
    yield from _alarm_lines(scores, ids, lang)
    refused = int(scores.refused.sum())
    yield f"{form.title[lang]}{mark(form.verified, lang)}: {len(scores)} {words['forms']}, {refused} {words['refused']}"
    width = max(len(scale.label[lang]) for scale in form.scales.values())
    for name, scale in form.scales.items():
        known = scores.score(name)
        known = known[~np.isnan(known)]
        mean = f"{words['mean']} {decimal(float(known.mean()), lang, '.1f')}" if len(known) else ""
        better = words[scale.better]
        yield f"  {scale.label[lang]:<{width}}  {len(known)} {words['scored']}  {mean}  ({better})".rstrip()
    for cut_off in cut_offs:
        yield from _level_lines(scores, cut_off, lang)
    yield form.licence[lang]


def _alarm_lines(scores: Scores, ids: Sequence[str], lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    for alarm in scores.form.alarms:
        state = scores.alarms[alarm.id]
        loud = dict.fromkeys(ids[row] for row in (state == 1).nonzero()[0].tolist())
        filled = (scores.answered > 0) | scores.refused
        open_ = [ids[row] for row in ((state == -1) & filled).nonzero()[0].tolist()]
        if loud:  # every one of them by name, however many
            yield f"{words['answer now']}: {', '.join(loud)}"
            yield f"  {alarm.say[lang]}{mark(alarm.verified, lang)}"
        if open_:
            yield f"{alarm.id}, {words['not answered']}: {_named(open_, lang)}"


def _named(ids: Sequence[str], lang: str) -> str:
    more = f" ({_WORDS[lang]['first']} {LISTED} {_WORDS[lang]['of']} {len(ids)})" if len(ids) > LISTED else ""
    return ", ".join(ids[:LISTED]) + more


def _level_lines(scores: Scores, cut_off: CutOff, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    least, most = scores.levels(cut_off)
    label = scores.form.scales[cut_off.scale].label[lang]
    rules = ", ".join(f"{say_level(level, lang)} {comparison}" for level, comparison in cut_off.levels)
    yield f"{cut_off.id} ({label}): {rules}. {cut_off.source}{mark(cut_off.verified, lang)}"
    if cut_off.note:
        yield f"  {cut_off.note[lang]}"
    for index, level in enumerate(cut_off.words):
        yield f"  {say_level(level, lang)}: {int(((least == index) & (most == index)).sum())}"
    yield f"  {words['open']}: {int((least != most).sum())}"


def say_level(level: str, lang: str) -> str:
    """A level in plain words."""
    return LEVEL_WORDS[lang].get(level, level)


def effect_lines(found: Effect, lang: str, percent: WalkedPercent | None = None) -> Iterator[str]:
    """Each measure over the cohort: how many have both values, the mean change, who reached whose difference; the
    six-minute walk in percent of a norm, if one was named."""
    for change in found.changes:
        yield from _summary_lines(summarise(change), lang)
        if percent is not None and change.measure.has_norms:
            yield from _percent_lines(change, percent, lang)


def _percent_lines(change: Change, percent: WalkedPercent, lang: str) -> Iterator[str]:
    words, norm = _WORDS[lang], percent.norm
    name = words["of norm"].format(norm=norm.id.removeprefix("walk-"))
    age = norm.ranges[0]
    people = f"{words['age']} {age.low:g}-{age.high:g}{'' if age.basis == 'read' else mark('unverified', lang)}"
    yield f"  % {name}: {norm.text}, {people} ({norm.source}){mark(norm.verified, lang)}"
    for word, walked, share in (("before", change.before, percent.before), ("after", change.after, percent.after)):
        known = share[~np.isnan(share)]
        lost = int((~np.isnan(walked)).sum()) - len(known)
        mean = f", {words['mean']} {decimal(float(known.mean()), lang, '.1f')} %" if len(known) else ""
        yield f"    {words[word]}: {len(known)} {words['percent']}{mean}; {lost} {words['no percent']}"
    gains = percent.change[~np.isnan(percent.change)]
    if len(gains):
        yield f"    {words['change']}: {len(gains)} {words['paired']}, {words['mean']} {_signed(gains.mean(), lang)}"


def _summary_lines(summary: Summary, lang: str) -> Iterator[str]:
    words, measure = _WORDS[lang], summary.measure
    unit = "" if measure.unit.startswith("{") else f" {measure.unit}"
    yield f"{measure.label[lang]} ({words[measure.better]})"
    yield (f"  {words['patients']} {summary.n}: {summary.paired} {words['paired']}, "
           f"{summary.no_before} {words['no before']}, {summary.no_after} {words['no after']}")  # fmt: skip
    if summary.mean is None:
        yield f"  {words['change']}: {words['nobody']}"
    else:
        yield (f"  {words['change']}: {_signed(summary.mean, lang)}{unit} "
               f"({words['interval']} {_signed(summary.low, lang)} .. {_signed(summary.high, lang)})")  # fmt: skip
    for known, better, worse in summary.responders:
        size = f"{decimal(known.at_least, lang)}{' %' if known.percent else unit}"
        yield (f"  {words['better by']} {size}: {better} {words['of']} {summary.paired}; {words['worse by']}: {worse}"
               f" ({known.source}, {known.population[lang]}){mark(known.verified, lang)}")  # fmt: skip
    if not summary.responders:
        yield f"  {words['no difference']}"


def decimal(number: float, lang: str, digits: str = "g") -> str:
    """A number as it is written in the language: a comma in Danish."""
    text = format(number, digits)
    return text.replace(".", ",") if lang == "da" else text


def _signed(number: float | None, lang: str) -> str:
    return "" if number is None else decimal(number, lang, "+.2f")


def goal_lines(
    ids: Sequence[str], before: tuple[Iterable[float], Iterable[float]], after: tuple[Iterable[float], Iterable[float]],
    counts: Sequence[int], lang: str,
) -> Iterator[str]:
    """Each patient's goal attainment before and after; an interval where a goal was not judged."""
    words = _WORDS[lang]
    rows = list(zip(ids, counts, zip(*before, strict=True), zip(*after, strict=True), strict=True))
    for name, count, earlier, later in rows[:LISTED]:
        yield (f"  {name}: {count} {words['goals']}, {words['score before']} {_interval(earlier, lang)}, "
               f"{words['score after']} {_interval(later, lang)}")  # fmt: skip
    if len(rows) > LISTED:
        yield f"  {words['first']} {LISTED} {words['of']} {len(rows)}"


def _interval(ends: tuple[float, float], lang: str) -> str:
    low, high = (decimal(end, lang, ".1f") for end in ends)
    if math.isnan(ends[0]):
        return "-"
    return low if low == high else f"{low} .. {high}"


def measure_lines(lang: str) -> Iterator[str]:
    """Every measure with its unit, which way is better, and the differences and thresholds by their sources."""
    for measure in load_measures().values():
        yield from _measure_lines(measure, lang)


def _measure_lines(measure: Measure, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    unit = "" if measure.unit.startswith("{") else f" [{measure.unit}]"
    yield f"{measure.id}{unit}: {measure.label[lang]} ({words[measure.better]})"
    said = unit.strip(" []")
    for known in measure.differences:
        size = f"{decimal(known.at_least, lang)}{' %' if known.percent else f' {said}' if said else ''}"
        yield f"  {words['change']} {size}: {known.source}, {known.population[lang]}{mark(known.verified, lang)}"
    if measure.has_norms:
        norms = ", ".join(f"{name}{mark(norm_formula(name).verified, lang)}" for name in WALK_NORMS)
        yield f"  {words['norms']}: {norms}"
    for limit in measure.thresholds:
        who = f" ({words[limit.sex]})" if limit.sex else ""
        when = f"{limit.when.operator} {decimal(limit.when.number, lang)}{f' {said}' if said else ''}"
        yield f"  {when}{who}: {limit.then[lang]}, {limit.source}{mark(limit.verified, lang)}"


def form_lines(forms: Iterable[Questionnaire], lang: str) -> Iterator[str]:
    """Every questionnaire with its scales, cut-offs and what a user must have."""
    for form in forms:
        yield f"{form.id}: {form.title[lang]}, {form.items} {_WORDS[lang]['items']}{mark(form.verified, lang)}"
        yield f"  {form.licence[lang]}"
        for cut_off in form.cut_offs.values():
            rules = ", ".join(f"{say_level(level, lang)} {comparison}" for level, comparison in cut_off.levels)
            scale = form.scales[cut_off.scale].label[lang]
            yield f"  {cut_off.id} ({scale}): {rules}; {cut_off.source}{mark(cut_off.verified, lang)}"


_WHOLE_STORY = frozenset({
    "after-before-before", "answer-outside", "goal-without-level", "identifier-refused", "impossible-date",
    "later-than-asked", "outside-norm", "ragged-row", "twice-on-one-day",
})  # fmt: skip
"""Codes whose sentence says everything; the message of any other names a unit, a range or the nearest word."""


def problem_lines(problems: Sequence[FileProblem], lang: str) -> Iterator[str]:
    """What was refused, where and why."""
    if problems:
        yield f"{_WORDS[lang]['problems']}: {len(problems)}"
        for problem in problems[:LISTED]:
            place = problem.place.replace(", row ", ", række ") if lang == "da" else problem.place
            danish = danish_fault(place, problem.code) if lang == "da" and problem.code in _WHOLE_STORY else None
            yield f"  {danish or f'{place}: {problem.message}'}"
