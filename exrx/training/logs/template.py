"""An empty session log for a week of a plan, as a spreadsheet that a physiotherapist fills in."""

from __future__ import annotations

import csv
import io

from exrx.errors import PlanError
from exrx.formulas import harmless
from exrx.training.logs.keys import KeyedSession, keyed_sessions
from exrx.training.plan import Plan
from exrx.training.session import Part
from exrx.training.targets import Words

HEADINGS: dict[str, Words] = {
    "patient": {"da": "patient", "en": "patient"},
    "key": {"da": "nøgle", "en": "key"},
    "date": {"da": "dato", "en": "date"},
    "weekday": {"da": "ugedag", "en": "weekday"},
    "planned": {"da": "planlagt", "en": "planned"},
    "done": {"da": "gennemført", "en": "done"},
    "minutes": {"da": "minutter", "en": "minutes"},
    "rpe": {"da": "anstrengelse", "en": "rpe"},
    "scale": {"da": "skala", "en": "scale"},
    "intervals_done": {"da": "intervaller", "en": "intervals_done"},
    "symptoms": {"da": "symptomer", "en": "symptoms"},
    "pain": {"da": "smerte", "en": "pain"},
    "stop_reason": {"da": "stopårsag", "en": "stop_reason"},
    "pre_lowered": {"da": "lettet fra start", "en": "pre_lowered"},
    "note": {"da": "note", "en": "note"},
}
LOAD: Words = {"da": "belastning:", "en": "load:"}
_DELIMITER = {"da": ";", "en": ","}
_WEEKDAYS = {
    "da": ("man", "tir", "ons", "tor", "fre", "lør", "søn"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_PARTS: dict[str, Words] = {
    "aerobic": {"da": "kondition", "en": "aerobic"},
    "strength": {"da": "styrke", "en": "strength"},
    "impact": {"da": "hop og stød", "en": "impact"},
    "balance": {"da": "balance", "en": "balance"},
}


def log_template(plan: Plan, week: int, lang: str = "en") -> str:
    """CSV with a row a session of this week: what was planned, and empty cells for what was done.

    In Danish the cells are divided by semicolons, as a Danish spreadsheet expects. `read_log` reads either back.

    Raises:
        PlanError: the plan has no such week, or there is no such language.
    """
    if lang not in _DELIMITER:
        raise PlanError(f"there is no language '{lang}'. Use one of: da, en")
    weeks = [each.number for each in plan.weeks]
    if week not in weeks:
        raise PlanError(f"the plan has no week {week}; it has weeks {weeks[0]} to {weeks[-1]}")
    sessions = [each for each in keyed_sessions(plan).values() if each.week == week]
    lifted = {e.id: None for s in sessions for p in s.session.parts for e in p.exercises if e.sets is not None}
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_DELIMITER[lang], lineterminator="\n")
    columns = [name for name in HEADINGS if name != "note"]
    loads = [LOAD[lang] + name for name in lifted]
    writer.writerow([*(HEADINGS[name][lang] for name in columns), *loads, HEADINGS["note"][lang]])
    for session in sessions:
        known = _known(plan, session, lang)
        writer.writerow([*(harmless(known.get(name, "")) for name in columns), *("" for _ in loads), ""])
    return out.getvalue()


def _known(plan: Plan, keyed: KeyedSession, lang: str) -> dict[str, str]:
    return {
        "patient": plan.patient,
        "key": keyed.key,
        "date": keyed.date.isoformat(),
        "weekday": _WEEKDAYS[lang][keyed.date.weekday()],
        "planned": ", ".join(_said(part, lang) for part in keyed.session.parts if part.kind in _PARTS),
        "scale": "borg",
    }


def _said(part: Part, lang: str) -> str:
    borg = f" Borg {part.borg[0]}-{part.borg[1]}" if part.borg else ""
    sets = sum(exercise.sets or 0 for exercise in part.exercises)
    many = f" {sets} {'sæt' if lang == 'da' else 'sets'}" if sets else ""
    return f"{_PARTS[part.kind][lang]} {part.minutes} min{many}{borg}"
