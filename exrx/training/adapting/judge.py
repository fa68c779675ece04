"""How a due session went, for each domain: it lowers the next, holds it, earns the plan's next step, or was easy.

A verdict depends on the row, on what was asked, and on the rules alone: more symptoms, more pain, a higher exertion or
less done never give a better one.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from attrs import field, frozen

from exrx.training.adaptations import AdaptationRules
from exrx.training.adapting.dose import PARTS, intervals_of
from exrx.training.logs.entry import SessionLog
from exrx.training.logs.keys import KeyedSession
from exrx.training.session import Part, Session


class Verdict(IntEnum):
    """From worst to best."""

    DOWN = 0
    HOLD = 1
    GOOD = 2
    EASY = 3


@frozen
class Cause:
    """Why a target moves: a sentence of `adapt_words`, what goes into it, and the number or principle behind it."""

    kind: str
    rule: str
    about: dict[str, object] = field(factory=dict)


@frozen
class Judgement:
    """A verdict and its cause."""

    verdict: Verdict
    cause: Cause


@frozen
class Band:
    """The exertion that was asked for, on one scale; `low` is None where only an upper end is known."""

    low: float | None
    high: float

    @property
    def text(self) -> str:
        """`12-13`, or the upper end alone."""
        return f"{self.high:g}" if self.low in (None, self.high) else f"{self.low:g}-{self.high:g}"


def judge(
    entry: SessionLog | None, asked: Session, keyed: KeyedSession, domain: str, rules: AdaptationRules, shortest: int,
    borg_max: int | None = None,
) -> Judgement:  # fmt: skip
    """The worst that holds of a session's row; `shortest` is the shortest session of its kind planned so far."""
    if entry is None:
        return Judgement(Verdict.HOLD, Cause("unlogged", "unknown-never-advances", {"key": keyed.key}))
    found = list(_against(entry, asked, keyed, domain, rules, shortest, borg_max))
    if found:
        return min(found, key=lambda each: each.verdict)
    band = band_of(asked, entry.scale, rules, borg_max)
    about: dict[str, object] = {
        "key": keyed.key,
        "rpe": entry.rpe,
        "scale": entry.scale,
        "band": band.text if band else "-",
    }
    if band is None or band.low is None or entry.rpe is None or entry.rpe >= band.low:
        return Judgement(Verdict.GOOD, Cause("good", "plan-step", about))
    limit = rules.limit("borg_up_below")
    if limit is not None and (entry.scale != "borg" or entry.rpe >= limit):
        return Judgement(Verdict.GOOD, Cause("good", "plan-step", about))
    return Judgement(Verdict.EASY, Cause("good", "plan-step", about))


def signs_against(entry: SessionLog, domain: str, rules: AdaptationRules) -> Judgement | None:
    """What symptoms do to a domain, whatever else the row says."""
    symptoms = rules.everyone.symptoms
    named = sorted(name for name in entry.signs if domain in symptoms[name].domains)
    if not named:
        return None
    labels = {lang: ", ".join(symptoms[name].label[lang] for name in named) for lang in ("da", "en")}
    return Judgement(Verdict.DOWN, Cause("symptom", "symptoms-lower", {"key": entry.key, "what": labels}))


def _against(
    entry: SessionLog, asked: Session, keyed: KeyedSession, domain: str, rules: AdaptationRules, shortest: int,
    borg_max: int | None,
) -> Iterator[Judgement]:  # fmt: skip
    about: dict[str, object] = {"key": keyed.key}
    if signs := signs_against(entry, domain, rules):
        yield signs
    least = rules["pain_lowers_from"]
    if (entry.pain or 0) >= least:
        yield Judgement(Verdict.DOWN, Cause("pain", "pain_lowers_from", about | {"pain": entry.pain}))
    elif domain == "strength" and entry.worst_pain >= least:
        yield Judgement(Verdict.HOLD, Cause("pain", "pain_lowers_from", about | {"pain": entry.worst_pain}))
    if entry.done == "no":
        yield Judgement(Verdict.HOLD, Cause("not-done", "abandoned-never-advances", about | _reason(entry, rules)))
        return
    planned = intervals_of(keyed.session)
    if domain == "aerobic" and entry.done == "partly" and planned and (entry.intervals_done or planned) < planned:
        counts = {"done": entry.intervals_done, "planned": planned}
        yield Judgement(Verdict.DOWN, Cause("intervals", "dose_down", about | counts))
    if entry.done == "partly":
        yield Judgement(Verdict.HOLD, Cause("partly", "abandoned-never-advances", about | _reason(entry, rules)))
    elif entry.stop_reason:
        yield Judgement(Verdict.HOLD, Cause("stopped", "abandoned-never-advances", about | _reason(entry, rules)))
    if entry.minutes is not None and entry.minutes * 100 < shortest * rules["gross_percent"]:
        yield Judgement(Verdict.HOLD, Cause("short", "gross_percent", about | {"minutes": entry.minutes}))
    yield from _exertion(entry, asked, about, rules, borg_max)


def _exertion(
    entry: SessionLog, asked: Session, about: dict[str, object], rules: AdaptationRules, borg_max: int | None
) -> Iterator[Judgement]:
    if entry.rpe is None:
        yield Judgement(Verdict.HOLD, Cause("no-rpe", "unknown-never-advances", about))
        return
    band = band_of(asked, entry.scale, rules, borg_max)
    if band is None:
        return
    above, far = entry.rpe - band.high, rules["borg_far_above"]
    limit = rules.limit("borg_down_above")
    said = about | {"rpe": entry.rpe, "scale": entry.scale, "band": band.text}
    if limit is not None and entry.scale == "borg" and entry.rpe > limit:
        yield Judgement(Verdict.DOWN, Cause("far-above", "borg_down_above", said))
    elif above >= (far if entry.scale == "borg" else max(1, far // 2)):
        yield Judgement(Verdict.DOWN, Cause("far-above", "borg_far_above", said))
    elif above > 0:
        yield Judgement(Verdict.HOLD, Cause("above", "rpe-steers", said))


def _reason(entry: SessionLog, rules: AdaptationRules) -> dict[str, object]:
    shared = rules.everyone
    if not entry.stop_reason:
        return {"why": {"da": "", "en": ""}}
    known = shared.stop_reasons.get(entry.stop_reason) or shared.symptoms[entry.stop_reason]
    return {"why": {lang: f" ({known.label[lang]})" for lang in ("da", "en")}}


def band_of(session: Session, scale: str, rules: AdaptationRules, borg_max: int | None = None) -> Band | None:
    """The exertion of the hardest main part, on this scale; None where nothing is asked for."""
    kinds = (*PARTS["aerobic"], *PARTS["strength"])
    bands = [band for part in session.parts if part.kind in kinds and (band := _band(part, scale, rules))]
    if not bands:
        return None
    hardest = max(bands, key=lambda band: (band.high, band.low or 0))
    if scale == "borg" and borg_max is not None and hardest.high > borg_max:
        return Band(hardest.low if hardest.low is not None and hardest.low <= borg_max else None, borg_max)
    return hardest


def _band(part: Part, scale: str, rules: AdaptationRules) -> Band | None:
    metric = "borg" if scale == "borg" else "rpe"
    if scale == "borg" and part.borg:
        return Band(*part.borg)
    work = part.intervals.work if part.intervals else part.effort
    for effort in (work, part.effort, *(exercise.effort for exercise in part.exercises)):
        if effort is not None and effort.metric == metric:
            return Band(effort.low, effort.high)
    zone = rules.everyone.zones.get(part.intensity)
    if zone is None:
        return None
    return Band(None, zone.borg[1]) if scale == "borg" else Band(*zone.cr10)
