"""A simulated patient is the patient that `screen`, `prescribe`, `read_log` and `adapt` would have followed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from exrx.protocol import load_protocol
from exrx.screening import screen
from exrx.study.simulation.behaviour import load_behaviour
from exrx.study.simulation.follow import Follower
from exrx.study.simulation.plans import Planner
from exrx.study.simulation.sessions import NONE, Library, log_row
from exrx.study.simulation.start import draw_start
from exrx.study.simulation.world import World
from exrx.training import prescribe
from exrx.training.adaptations import load_rules
from exrx.training.adapting.adapt import adapt
from exrx.training.logs.entry import DAY, SessionLog
from exrx.training.logs.keys import keyed_sessions
from exrx.training.programme import load_programme
from exrx.training.targets import load_target

MONDAY = date(2026, 1, 5)
EVENTFUL = {"easy": 0.35, "symptom_in_session": 0.1, "stops_early": 0.08, "does_less": 0.08, "falls_ill": 0.05,
            "ill_with_infection": 0.6, "comes": 0.85}  # fmt: skip


def dose(session):
    """What of a session counts: minutes by part, intensity and sets."""
    if session is None:
        return None
    return [(part.kind, int(part.intensity), part.minutes, sum(e.sets or 0 for e in part.exercises))
            for part in session.parts]  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "training", "weeks", "count", "seed"),
    [("krop-og-kraeft", "dk-2015-group", 7, 12, 1), ("dk-2015", "dk-2015-group", 4, 9, 2),
     ("krop-og-kraeft", "effect-2022", 4, 8, 3)],
)  # fmt: skip
def test_every_day_of_every_patient_is_what_the_single_path_gives(protocol, training, weeks, count, seed):
    """Clearance, the session asked and the session left by today's restriction are those of screen and adapt."""
    rules, programme, target = load_protocol(protocol), load_programme(training), load_target("acsm-150-75")
    library = Library()
    world = World(draw_start(np.random.default_rng([seed, 3]), count, 0, MONDAY), MONDAY, weeks,
                  load_behaviour(EVENTFUL), np.random.default_rng([seed, 4]))  # fmt: skip
    follower = Follower(rules, Planner(programme, target, weeks, library), world.behaviour, world.will)
    plans, logs, compared = {}, {}, 0
    for today in world.days():
        if today.number == 0:
            follower.enrol(today)
            for row in np.flatnonzero(follower.plans.of >= 0).tolist():
                patient = today.cohort.source(row)
                decision = screen(patient, rules, stage="enrolment", as_of=today.date)
                plans[row] = prescribe(
                    patient, decision, programme, target=target, start=MONDAY, weeks=weeks, draft=True
                )
                logs[row] = []
        held = follower.follow_day(today)
        for at, row in enumerate(held.rows.tolist() if held is not None else ()):
            sessions = {each.date: each for each in keyed_sessions(plans[row]).values()}
            keyed = sessions[today.date]
            assert dose(keyed.session) == dose(library.session(held.planned[at]))
            decision = screen(today.cohort.source(row), rules, stage="session", as_of=today.date)
            answer = adapt(plans[row], logs[row], as_of=today.date, decision=decision)
            asked = {day.key: day.session for day in answer.sessions}.get(keyed.key)
            if answer.waiting is None:
                assert dose(asked) == dose(library.session(held.asked[at])), (row, today.date)
            if held.part[at] > 0:
                assert decision.may_train
                assert dose(answer.today.session) == dose(library.session(held.done[at])), (row, today.date)
                compared += 1
            if held.outcome[at] != NONE:
                measured = library.session(held.measured[at])
                row_rules, borg = load_rules(None, plans[row]), plans[row].borg_max
                logs[row].append(log_row(keyed.key, today.date, int(held.outcome[at]), measured, row_rules, borg))
        for row in np.flatnonzero(follower.well_today).tolist():
            if row in logs:
                logs[row].append(SessionLog(DAY, today.date, symptoms=()))
    assert compared > 4 * count
