"""The sessions of a plan by key, as logs name them: `w03-2` is the second session of the third week."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from exrx.errors import PlanError
from exrx.training.plan import Plan
from exrx.training.plan_parts import PlanDay
from exrx.training.session import Session


@frozen
class KeyedSession:
    """A planned session: its key, its week, and which of its kind it is in the week (`place`, from 0)."""

    key: str
    week: int
    place: int
    day: PlanDay
    session: Session

    @property
    def kind(self) -> str:
        """`class` or `home`."""
        return self.session.kind

    @property
    def date(self) -> date:
        """The planned date."""
        return self.day.date


def keyed_sessions(plan: Plan) -> dict[str, KeyedSession]:
    """Every session of the plan by its key, in the order of dates.

    A session without a key gets the one that the prescriber would give: the week, and its number in the week from 1.

    Raises:
        PlanError: a key stands twice.
    """
    found: dict[str, KeyedSession] = {}
    for week in plan.weeks:
        places: dict[str, int] = {}
        days = sorted((day for day in week.days if day.session is not None), key=lambda day: day.date)
        for number, day in enumerate(days, start=1):
            session = day.session
            if session is None:
                continue
            key = day.key or f"w{week.number:02d}-{number}"
            if key in found:
                raise PlanError(f"the plan of {plan.patient or 'a patient'} has the session '{key}' twice")
            place = places.get(session.kind, 0)
            places[session.kind] = place + 1
            found[key] = KeyedSession(key, week.number, place, day, session)
    return found
