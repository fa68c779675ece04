"""Delivered dose: the published figures that can be recomputed, the unknown both ways, one person as many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from test_training_plan import AS_OF, planned

from exrx.errors import PlanError
from exrx.training.delivered.dose import METRICS, Delivered, Share, delivered, delivered_many, group_rdi
from exrx.training.logs.keys import keyed_sessions
from exrx.training.logs.log import ExerciseDone, SessionLog

PLAN = planned(weeks=6)
SESSIONS = list(keyed_sessions(PLAN).values())
END = AS_OF + timedelta(weeks=7)


def rows(*done: str, **said: Any) -> list[SessionLog]:
    """The first sessions, one a word: yes in the planned minutes, partly in half of them, no; `-` has no row."""
    made = []
    for keyed, word in zip(SESSIONS, done, strict=False):
        if word != "-":
            minutes = {"yes": keyed.session.minutes, "partly": keyed.session.minutes // 2, "no": None}[word]
            made.append(SessionLog(keyed.key, keyed.date, word, minutes=minutes, **said))
    return made


def until(number: int) -> Any:
    """The day after the n-th session."""
    return SESSIONS[number - 1].date + timedelta(days=1)


def person(done: float, dose: float) -> Delivered:
    """Somebody who did so much of so much."""
    return evolve(delivered(PLAN, [], AS_OF), volume_load=Share(done, dose, dose), minutes=Share(done, dose, dose))


@pytest.mark.parametrize(
    ("done", "dose", "percent"),
    [
        (112_835, 139_886, 80.66),  # Fairman 2020, kilograms
        (153.8, 200.7, 76.63),  # Nilsen 2018, MET hours
        (72 * 0.836, 72, 83.6),  # STRRIDE: 60.19 of 72 sets
        (593, 612, 96.90),  # ERASE, sessions
        (43, 49, 87.76), (40, 49, 81.63), (39, 50, 78.0),  # CARE
    ],
)  # fmt: skip
def test_published_ratios_of_sums_come_out(done: float, dose: float, percent: float) -> None:
    """As printed, to two decimals."""
    assert group_rdi([person(done, dose)]).ratio_of_sums == pytest.approx(percent / 100, abs=5e-5)
    assert delivered_many([[dose]], [[done]]).ratio_of_sums == pytest.approx(percent / 100, abs=5e-5)


def test_the_mean_of_ratios_and_the_ratio_of_sums_differ_and_both_are_named() -> None:
    """Fairman's sums give 80.7 %, the mean of her people's ratios 77.4 %: two people with the same two figures."""
    small = 20_000.0
    large = 139_886 - small
    first = (112_835 - 2 * 0.774 * large) / (small - large)  # r1 + r2 = 2 x 0.774 and r1 a + r2 b = the sum done
    both = [person(first * small, small), person((2 * 0.774 - first) * large, large)]
    group = group_rdi(both, "volume_load")
    assert group.ratio_of_sums == pytest.approx(0.807, abs=5e-4)
    assert group.mean_of_ratios == pytest.approx(0.774, abs=5e-4)
    many = delivered_many([[small], [large]], [[first * small], [(2 * 0.774 - first) * large]])
    assert many.ratio_of_sums == pytest.approx(group.ratio_of_sums)
    assert many.mean_of_ratios == pytest.approx(group.mean_of_ratios)


def test_lees_attendance_does_not_follow_from_its_own_sessions() -> None:
    """19.2 of 24 sessions is 80.0 %, not the 82.3 % printed; 78 of 90 minutes is 86.7 % (trap X10)."""
    assert Share(19.2, 24, 24).known == pytest.approx(0.800)
    assert Share(19.2, 24, 24).known != pytest.approx(0.823, abs=0.01)
    assert Share(78, 90, 90).known == pytest.approx(0.867, abs=5e-4)


def test_erase_as_people_and_sessions() -> None:
    """Seventeen people with 36 sessions each, 19 of them missed somewhere."""
    done = np.ones((17, 36))
    done[:, 0] = 0
    done[:2, 35] = 0
    many = delivered_many(np.ones((17, 36)), done)
    assert many.ratio_of_sums == pytest.approx(593 / 612)
    assert many.short_misses.sum() == 19
    assert many.interruptions.sum() == 0


def test_three_missed_in_a_row_are_an_interruption_and_two_are_a_short_miss() -> None:
    """Nilsen's and Fairman's definitions."""
    found = delivered(PLAN, rows("yes", "no", "no", "yes", "no", "no", "no", "yes"), until(8))
    assert (found.misses.interruptions, found.misses.short) == (1, 1)
    assert (found.due, found.attended, found.missed, found.not_known) == (8, 3, 5, 0)
    assert found.attendance.known == pytest.approx(3 / 8)


def test_what_is_not_logged_is_given_both_ways() -> None:
    """Three sessions without a row: left out of the known figure, missed in the cautious one."""
    found = delivered(PLAN, rows("yes", "-", "-", "-", "yes"), until(5))
    assert (found.not_known, found.missed) == (3, 0)
    assert (found.attendance.known, found.attendance.cautious) == (1.0, pytest.approx(2 / 5))
    assert (found.misses.interruptions, found.misses_cautious.interruptions) == (0, 1)
    assert found.minutes.known == 1.0
    assert found.minutes.cautious is not None
    assert found.minutes.cautious == pytest.approx(found.minutes.done / found.minutes.planned)
    assert found.minutes.cautious < 0.6


def test_minutes_that_are_not_written_are_not_the_planned_ones() -> None:
    """Attended, but the dose is not known: never filled in."""
    found = delivered(PLAN, [evolve(entry, minutes=None) for entry in rows("yes", "yes")], until(2))
    assert found.attendance.known == 1.0
    assert (found.minutes.known, found.minutes.cautious) == (None, 0.0)


def test_sessions_after_the_day_count_nowhere() -> None:
    """Nothing is due before the first session, and a later row waits for its day."""
    found = delivered(PLAN, rows("yes", "yes", "yes"), SESSIONS[1].date)
    assert (found.due, found.attended, found.planned) == (2, 2, len(SESSIONS))
    assert delivered(PLAN, [], AS_OF).attendance.known is None


def test_modified_terminated_early_and_lowered_before_the_start_are_counted_apart() -> None:
    """Half the minutes with a reason; a lighter start; fewer repetitions; all of it as planned."""
    keyed = SESSIONS[0]
    log = rows("partly", "yes", "yes", "yes")
    press = {e.id: e for part in SESSIONS[1].session.parts for e in part.exercises}["leg-press"]
    assert press.repetitions is not None
    log[0] = evolve(log[0], stop_reason="dizziness")
    log[1] = evolve(log[1], loads={"leg-press": ExerciseDone(20, press.sets, press.repetitions[0] - 3)})
    log[2] = evolve(log[2], pre_lowered=True)
    found = delivered(PLAN, log, until(4))
    assert (found.modified, found.terminated_early, found.pre_lowered) == (3, 1, 1)
    assert found.stop_reasons == {"dizziness": 1}
    assert keyed.key == "w01-1"


def test_a_final_reason_or_missing_to_the_end_is_discontinuation() -> None:
    """And an end without rows is unknown."""
    early = rows("yes", "no")
    early[1] = evolve(early[1], stop_reason="no-further-need-citizen")
    assert delivered(PLAN, early, until(2)).discontinued == "yes"
    assert delivered(PLAN, [*early, *rows("-", "-", "yes")], until(5)).discontinued == "no"
    gone = rows("yes", *["no"] * (len(SESSIONS) - 1))
    assert delivered(PLAN, gone, END).discontinued == "yes"
    assert delivered(PLAN, rows("yes"), END).discontinued == "unknown"


def test_met_hours_need_every_met_and_volume_needs_a_planned_load() -> None:
    """Minutes x MET / 60; without a MET the figure is None and the exercise named."""
    used = {e.id for s in SESSIONS for part in s.session.parts if part.kind == "aerobic" for e in part.exercises}
    log = rows(*["yes"] * 4)
    full = delivered(PLAN, log, until(4), met_of=dict.fromkeys(used, 4.0))
    aerobic = sum(p.minutes for s in SESSIONS[:4] for p in s.session.parts if p.kind == "aerobic")
    assert full.met_hours is not None
    assert full.met_hours.planned == pytest.approx(aerobic * 4 / 60)
    assert full.met_hours.known == 1.0
    short = delivered(PLAN, log, until(4), met_of=dict.fromkeys(sorted(used)[1:], 4.0))
    assert short.met_hours is None
    assert short.without_met == (sorted(used)[0],)
    assert full.volume_load is None


def test_phys_cans_five_count_apart() -> None:
    """Attended 3 of 4, one above the range, one half as long."""
    log = rows("yes", "yes", "partly", "no")
    log = [evolve(entry, rpe=rpe) if rpe else entry for entry, rpe in zip(log, (12, 16, 13, None), strict=True)]
    found = delivered(PLAN, log, until(4)).phys_can
    assert list(found) == ["frequency", "intensity", "time", "type", "volume"]
    assert found["frequency"].known == pytest.approx(3 / 4)
    assert found["intensity"].known == pytest.approx(2 / 3)
    assert found["time"].known is not None
    assert found["volume"].known is not None
    assert found["volume"].known < found["time"].known < 1


def test_the_cert_line_says_what_was_delivered_in_both_languages() -> None:
    """Item 16b, and all of it as JSON."""
    found = delivered(PLAN, rows("yes", "-", "no"), until(3))
    plain = found.to_dict()
    assert plain["schema"] == "exrx/delivered/1"
    assert "1 of 3" in plain["cert_16b"]["en"]
    assert "1 af 3" in plain["cert_16b"]["da"]
    assert set(METRICS) <= set(plain)
    with pytest.raises(PlanError, match="no metric"):
        group_rdi([found], "steps")


@given(st.lists(st.sampled_from(["yes", "partly", "no", "-"]), min_size=1, max_size=len(SESSIONS)))
def test_many_at_once_equal_one_by_one(done: list[str]) -> None:
    """The same attendance, RDI and misses, beside somebody else and with sessions that others do not have."""
    found = delivered(PLAN, rows(*done), until(len(done)))
    plan = [float(s.session.minutes) for s in SESSIONS[: found.due]]
    value = {"yes": 1.0, "partly": None, "no": 0.0, "-": float("nan")}
    words = [*done, *["-"] * (found.due - len(done))]
    got = [m // 2 if w == "partly" else m * (value[w] or 0.0) if w != "-" else float("nan")
           for m, w in zip(plan, words, strict=True)]  # fmt: skip
    many = delivered_many([[*plan, np.nan], [np.nan, *plan]], [[*got, 7.0], [7.0, *got]])
    for row in (0, 1):
        for name, share in (("attendance", found.attendance), ("rdi", found.minutes)):
            expected = np.nan if share.known is None else share.known
            assert getattr(many, name)[row] == pytest.approx(expected, nan_ok=True)
            assert getattr(many, f"{name}_cautious")[row] == pytest.approx(share.cautious)
        assert many.interruptions[row] == found.misses.interruptions
        assert many.short_misses[row] == found.misses.short
        assert many.interruptions_cautious[row] == found.misses_cautious.interruptions


@given(st.lists(st.sampled_from(["yes", "partly", "no", "-"]), min_size=1, max_size=len(SESSIONS)))
def test_the_cautious_figure_never_exceeds_the_known_one(done: list[str]) -> None:
    """The unknown as nothing can only lower a share."""
    found = delivered(PLAN, rows(*done), until(len(done)))
    for share in (found.attendance, found.minutes, *found.phys_can.values()):
        assert share.known is None or (share.cautious or 0) <= share.known + 1e-12
    assert found.attended + found.missed + found.not_known == found.due


def test_tables_of_different_shape_and_negative_doses_are_refused() -> None:
    """A clear error each."""
    with pytest.raises(PlanError, match="one shape"):
        delivered_many([[1.0]], [[1.0, 2.0]])
    with pytest.raises(PlanError, match="negative"):
        delivered_many([[1.0]], [[-1.0]])
