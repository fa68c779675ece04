"""A plan as JSON of schema `exrx/plan/1`, and back: what `parts_of` writes, `plan_parts` reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from attrs import asdict

from exrx.errors import PlanError
from exrx.rules.restriction import Clearance, Intensity, Track
from exrx.training.details import Details
from exrx.training.plan_parts import (
    Change,
    Confirmation,
    Fact,
    LeftOut,
    PlanDay,
    PlanPhase,
    PlanWeek,
    Reach,
    TreatmentNote,
)
from exrx.training.session import Dose, Effort, Intervals, Part, PlannedExercise, Session
from exrx.training.targets import Shortfall, TargetResult

SCHEMA = "exrx/plan/1"


def parts_of(plan: Any) -> dict[str, Any]:
    """The parts of a plan below its head, as JSON."""
    return {
        "phase": _phase(plan.phase),
        "steering": [dict(reason) for reason in plan.steering],
        "limits": {"heart_rate_max": plan.heart_rate_max, "borg_max": plan.borg_max},
        "treatment": _treatment(plan.treatment),
        "details": plan.details.to_dict(),
        "facts": [asdict(fact) for fact in plan.facts],
        "confirmations": [asdict(each) for each in plan.confirmations],
        "changes": [_change(change) for change in plan.changes],
        "reaches": [_reach(reach) for reach in plan.reaches],
        "avoid": list(plan.avoid),
        "monitor": list(plan.monitor),
        "notes": [dict(note) for note in plan.notes],
        "unverified": list(plan.unverified),
        "weeks": [_week(week) for week in plan.weeks],
    }


def _phase(phase: PlanPhase | None) -> dict[str, Any] | None:
    return asdict(phase) | {"evaluation": phase.evaluation.isoformat()} if phase else None


def _treatment(note: TreatmentNote | None) -> dict[str, Any] | None:
    if note is None:
        return None
    days = {name: [day.isoformat() for day in getattr(note, name)] for name in ("infusions", "blood_tests")}
    return {"label": dict(note.label), **days}


def _change(change: Change) -> dict[str, Any]:
    replaced = [{"instead_of": dict(old), "now": dict(new) if new else None} for old, new in change.replaced]
    return {
        "part": change.part,
        "text": dict(change.text),
        "rules": list(change.rules),
        "because": [dict(text) for text in change.because],
        "replaced": replaced,
    }


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "target": reach.target,
        "label": dict(reach.label),
        "met_from_week": reach.met_from_week,
        "within_plan": reach.within,
        "binding": list(reach.binding),
        "best": asdict(reach.best),
        "shortfalls": [shortfall.to_dict() for shortfall in reach.shortfalls],
        "text": dict(reach.text),
    }


def _week(week: PlanWeek) -> dict[str, Any]:
    return {
        "week": week.number,
        "from": week.days[0].date.isoformat(),
        "days": [day_to_dict(day) for day in week.days],
        "dose": asdict(week.dose),
        "minutes": {kind: week.minutes(kind) for kind in ("class", "home")},
        "change": dict(week.change),
        "checks": [check.to_dict() for check in week.checks],
        "left_out": [{"key": each.key, "why": dict(each.why)} for each in week.left_out],
        "notes": [dict(note) for note in week.notes],
    }


def day_to_dict(day: PlanDay) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "key": day.key,
        "treatment": day.treatment,
        "notes": [dict(note) for note in day.notes],
        "session": session_to_dict(day.session) if day.session else None,
    }


def session_to_dict(session: Session) -> dict[str, Any]:
    return {
        "kind": session.kind,
        "minutes": session.minutes,
        "heart_rate_max": session.heart_rate_max,
        "in_company": session.in_company,
        "notes": [dict(note) for note in session.notes],
        "parts": [_part(part) for part in session.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "part": part.kind,
        "intensity": part.intensity.word,
        "minutes": part.minutes,
        "most_bouts": part.bouts,
        "borg": list(part.borg) if part.borg else None,
        "effort": asdict(part.effort) if part.effort else None,
        "intervals": asdict(part.intervals) if part.intervals else None,
        "personal": dict(part.personal) if part.personal else None,
        "exercises": [_exercise(exercise) for exercise in part.exercises],
    }


def _exercise(exercise: PlannedExercise) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": exercise.id, "name": dict(exercise.name)}
    if exercise.sets is not None:
        plain["sets"] = exercise.sets
        plain["repetitions"] = list(exercise.repetitions or ())
        plain["load"] = dict(exercise.load or {})
        plain["effort"] = asdict(exercise.effort) if exercise.effort else None
        plain["kilograms"] = exercise.kilograms
    return plain


def plan_parts(plain: Any) -> dict[str, Any]:
    """What `Plan` is made of, from its JSON.

    Raises:
        PlanError: it is no plan of this schema; the message names the part.
    """
    if not isinstance(plain, dict) or plain.get("schema") != SCHEMA:
        raise PlanError(f"this is no plan: its schema should be '{SCHEMA}'. Give the JSON that prescribe wrote")
    try:
        training, decision, limits = plain["training"], plain["decision"], plain["limits"]
        return {
            "patient": plain["patient"],
            "training": training["id"],
            "training_version": training["version"],
            "training_sha256": training["sha256"],
            "target": plain["target"],
            "start": date.fromisoformat(plain["start"]),
            "weeks": _each(plain["weeks"], _read_week),
            "clearance": Clearance.from_word(decision["clearance"]),
            "track": Track.from_word(decision["track"]),
            "format": decision["format"],
            "as_of": date.fromisoformat(decision["as_of"]),
            "stage": decision["stage"],
            "protocols": tuple(dict(use) for use in decision["protocols"]),
            "dictionary_sha256": decision["dictionary_sha256"],
            "engine": plain["engine"],
            "draft": bool(plain["draft"]),
            "example": bool(plain["example"]),
            "changes": _each(plain["changes"], _read_change),
            "reaches": _each(plain["reaches"], _read_reach),
            "avoid": tuple(plain["avoid"]),
            "monitor": tuple(plain["monitor"]),
            "notes": tuple(plain["notes"]),
            "unverified": tuple(plain["unverified"]),
            "notice": plain["notice"],
            "phase": _read_phase(plain["phase"]),
            "steering": tuple(plain["steering"]),
            "details": Details.of(plain["details"]),
            "facts": _each(plain["facts"], lambda fact: Fact(**fact)),
            "confirmations": _each(plain["confirmations"], lambda each: Confirmation(**each)),
            "treatment": _read_treatment(plain["treatment"]),
            "heart_rate_max": limits["heart_rate_max"],
            "borg_max": limits["borg_max"],
        }
    except KeyError as error:
        raise PlanError(f"the plan cannot be read: {error.args[0]!r} is missing or not a word of the plan") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise PlanError(f"the plan cannot be read: {error}") from error


def _each(items: Any, read: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(read(item) for item in items)


def _read_phase(plain: Any) -> PlanPhase | None:
    return PlanPhase(**plain | {"evaluation": date.fromisoformat(plain["evaluation"])}) if plain else None


def _read_treatment(plain: Any) -> TreatmentNote | None:
    if not plain:
        return None
    infusions, blood_tests = (_each(plain[name], date.fromisoformat) for name in ("infusions", "blood_tests"))
    return TreatmentNote(plain["label"], infusions, blood_tests)


def _read_change(plain: Any) -> Change:
    replaced = _each(plain["replaced"], lambda pair: (pair["instead_of"], pair["now"]))
    return Change(plain["part"], plain["text"], tuple(plain["rules"]), tuple(plain["because"]), replaced)


def _read_reach(plain: Any) -> Reach:
    return Reach(
        plain["target"], plain["label"], plain["met_from_week"], plain["within_plan"], tuple(plain["binding"]),
        Dose(**plain["best"]), _each(plain["shortfalls"], lambda each: Shortfall(**each)), plain["text"],
    )  # fmt: skip


def _read_week(plain: Any) -> PlanWeek:
    return PlanWeek(
        plain["week"], _each(plain["days"], _read_day), Dose(**plain["dose"]), plain["change"],
        _each(plain["checks"], _read_check), _each(plain["left_out"], lambda each: LeftOut(each["key"], each["why"])),
        tuple(plain["notes"]),
    )  # fmt: skip


def _read_check(plain: Any) -> TargetResult:
    shortfalls = _each(plain["shortfalls"], lambda each: Shortfall(**each))
    return TargetResult(plain["target"], plain["met"], shortfalls, plain["minutes"])


def _read_day(plain: Any) -> PlanDay:
    session = _read_session(plain["session"]) if plain["session"] else None
    return PlanDay(
        date.fromisoformat(plain["date"]), session, plain["key"], tuple(plain["notes"]), plain["treatment"]
    )


def _read_session(plain: Any) -> Session:
    return Session(
        plain["kind"], _each(plain["parts"], _read_part), plain["heart_rate_max"], plain["in_company"],
        notes=tuple(plain["notes"]),
    )  # fmt: skip


def _read_effort(plain: Any) -> Effort | None:
    return Effort(**plain) if plain else None


def _read_intervals(plain: Any) -> Intervals | None:
    if not plain:
        return None
    efforts = {name: _read_effort(plain[name]) for name in ("work", "rest")}
    return Intervals(plain["repeats"], plain["work_seconds"], plain["rest_seconds"], **efforts)


def _read_part(plain: Any) -> Part:
    return Part(
        plain["part"], Intensity.from_word(plain["intensity"]), plain["minutes"],
        tuple(plain["borg"]) if plain["borg"] else None, _each(plain["exercises"], _read_exercise),
        plain["most_bouts"], _read_effort(plain["effort"]), _read_intervals(plain["intervals"]), plain["personal"],
    )  # fmt: skip


def _read_exercise(plain: Any) -> PlannedExercise:
    if "sets" not in plain:
        return PlannedExercise(plain["id"], plain["name"])
    return PlannedExercise(
        plain["id"], plain["name"], plain["sets"], tuple(plain["repetitions"]) or None, plain["load"] or None,
        _read_effort(plain["effort"]), plain["kilograms"],
    )  # fmt: skip
