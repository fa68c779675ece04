"""After an infection: no training before a symptom-free day, then slowly; and what waits for a new screening."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from exrx.training.adaptations import AdaptationRules
from exrx.training.adapting.judge import Cause
from exrx.training.logs.entry import DAY, SessionLog


@frozen
class Illness:
    """`waiting` says why nothing is trained yet, `returning` why it is less; `percent` of the dose is left."""

    percent: int = 100
    waiting: Cause | None = None
    returning: Cause | None = None
    blocked_since: date | None = None
    blocked: Cause | None = None


def illness_on(entries: Iterable[SessionLog], as_of: date, rules: AdaptationRules) -> Illness:
    """How a patient stands on a day, after the entries up to it.

    A symptom-free day is a whole day after the infection, before `as_of`, of which somebody wrote that there were no
    symptoms; an empty cell says nothing.

    Source: herlev-haematology (at least one symptom-free day, then slowly); the graded steps are a local decision.
    """
    rows = sorted(entries, key=lambda entry: (entry.date, entry.key))
    blocked_since, blocked = _blocked(rows, rules)
    ill = [entry for entry in rows if _has(entry, "infection", rules)]
    if not ill:
        return Illness(blocked_since=blocked_since, blocked=blocked)
    last, needed = ill[-1], rules["symptom_free_days"]
    free = _free_days([entry for entry in rows if last.date < entry.date < as_of])
    about: dict[str, object] = {"key": last.key, "date": last.date, "days": needed, "free": free}
    if free < needed:
        return Illness(0, Cause("infection", "symptom_free_days", about), None, blocked_since, blocked)
    back = [e for e in rows if e.key != DAY and e.date > last.date and e.done == "yes" and not e.signs]
    names = ("return_first_percent", "return_second_percent")
    if len(back) >= len(names):
        return Illness(blocked_since=blocked_since, blocked=blocked)
    name = names[len(back)]
    share = Cause("return", name, about | {"percent": rules[name], "done": len(back)})
    return Illness(rules[name], None, share, blocked_since, blocked)


def _free_days(rows: list[SessionLog]) -> int:
    days = {entry.date for entry in rows if entry.symptoms == ()}
    return len(days - {entry.date for entry in rows if entry.signs})


def _blocked(rows: list[SessionLog], rules: AdaptationRules) -> tuple[date | None, Cause | None]:
    """The symptom that waits for a screening; a later session that was trained without one has had it."""
    stopped = [entry for entry in rows if _has(entry, "block", rules)]
    if not stopped:
        return None, None
    last = stopped[-1]
    if any(e.key != DAY and e.trained and e.date > last.date and not _has(e, "block", rules) for e in rows):
        return None, None
    symptoms = rules.everyone.symptoms
    named = sorted(name for name in last.signs if symptoms[name].effect == "block")
    labels = {lang: ", ".join(symptoms[name].label[lang] for name in named) for lang in ("da", "en")}
    return last.date, Cause("block", "block-until-screened", {"key": last.key, "date": last.date, "what": labels})


def _has(entry: SessionLog, effect: str, rules: AdaptationRules) -> bool:
    return any(rules.everyone.symptoms[name].effect == effect for name in entry.signs)
