"""Referral and level: which form, who may send it, which authority answers, and whether it began in time.

A referral states the need (re-training or prevention) and the level; never the programme. A GOP needs loss of function
and the hospital; a general practitioner refers to prevention only. Whether basic or advanced is the municipality's to
say (section 6, order on re-training plans).

Source: kb-2015, retraining-order-2018, medcom-xref15, retraining-7-days, reform-2027 (protocols/pathway/pathway.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from attrs import frozen

from exrx.pathway.record import Referral
from exrx.pathway.vocabulary import DatedRule, load_vocabulary

GOP = "gop"
CLOCKED = ("almen-basal", "almen-avanceret", "rehabilitering")
"""Levels to which the clock from discharge applies."""


@frozen
class ReferralAdvice:
    """The form to use, `` if none or not settled; `because` is a key of the wordings, `source` its bibliography id."""

    type: str
    because: str
    source: str = ""
    verified: str = "primary"


@frozen
class Clock:
    """The days from discharge: `last_day` to offer a first time, and the state on the day asked.

    state: on-time | running | excused | late | no-discharge-date | not-clocked. `free_choice` is the right that a late
    start gives.
    """

    state: str
    last_day: date | None = None
    reason: str = ""
    free_choice: bool = False
    source: str = ""
    verified: str = ""


def referral_type(functional_loss: str, prevention_need: str, sender: str, day: date) -> ReferralAdvice:
    """Which referral a need asks for on a day: facts are yes, no or unknown; `sender` a key of `senders`.

    Loss of function gives a GOP from the hospital. A general practitioner never gets one: the answer is the prevention
    referral and that a GOP needs the hospital. Unknown loss of function is not "no loss".
    """
    words = load_vocabulary()
    words.check("senders", sender)
    prevention = words.on("prevention-referral", day)
    if functional_loss == "yes" and sender == "hospital":
        return ReferralAdvice(GOP, "functional-loss", "kb-2015")
    if functional_loss == "yes":
        return ReferralAdvice(prevention.value, "gop-needs-hospital", prevention.source, prevention.verified)
    if functional_loss == "unknown" and sender == "hospital":
        return ReferralAdvice("", "functional-loss-unknown", "kb-2015")
    if prevention_need == "yes":
        return ReferralAdvice(prevention.value, "prevention", prevention.source, prevention.verified)
    return ReferralAdvice("", "prevention-unknown" if prevention_need == "unknown" else "no-referral", "kb-2015")


def proposed_level(complexity: str, safety: str) -> str:
    """The law's type that the triggers point to: specialised where the hospital is needed, else almen.

    An unknown trigger gives `` (not settled). Whether almen is basic or advanced the municipality decides;
    rehabilitation at specialised level is a judgement of the hospital and never proposed here.
    """
    if "yes" in (complexity, safety):
        return "specialiseret"
    return "" if "unknown" in (complexity, safety) else "almen"


def clock(referral: Referral, as_of: date) -> Clock:
    """Whether the first offer came within the days that the law gives from discharge."""
    limit = load_vocabulary().limits["first_offer_within"]
    if referral.type != GOP or (referral.level and referral.level not in CLOCKED):
        return Clock("not-clocked")
    if referral.discharge is None:
        return Clock("no-discharge-date", source=limit.source, verified=limit.verified)
    last = referral.discharge + timedelta(days=limit.days)
    if referral.no_activity:
        state = "excused"
    elif referral.first_offer is not None and referral.first_offer <= as_of:
        state = "on-time" if referral.first_offer <= last else "late"
    else:
        state = "running" if as_of <= last else "late"
    return Clock(state, last, referral.no_activity, state == "late", limit.source, limit.verified)


def authority(task: str, day: date) -> DatedRule:
    """Who answers for a task on a day: almen, specialiseret, rehabilitering or prevention. `value` is the authority."""
    return load_vocabulary().on(f"authority-{task}", day)


def task_of(referral: Referral) -> str:
    """The task of a referral, for `authority`."""
    if referral.type != GOP:
        return "prevention"
    return load_vocabulary().lists["levels"].get(referral.level, {}).get("type", "almen")


@frozen
class Load:
    """Minutes a week of the referrals that are open on a day, together; `unknown` counts those that say none."""

    minutes: int
    referrals: int
    unknown: int


def weekly_load(referrals: Iterable[Referral], as_of: date) -> Load:
    """The weekly minutes of every referral open on a day: a GOP and a group offer may run at once and add up."""
    open_ = [entry for entry in referrals if entry.day <= as_of and (entry.ended is None or entry.ended > as_of)]
    known = [entry.minutes_per_week for entry in open_ if entry.minutes_per_week is not None]
    return Load(sum(known), len(open_), len(open_) - len(known))
