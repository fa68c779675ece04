"""Next week from what was done: nothing rises without a session done in full, and worse never gives more."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from adapt_builders import (
    KEYS,
    LOADED,
    PLAN,
    RULES,
    VIGOROUS,
    monday,
    moves,
    week,
    weeks,
)
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from test_training_plan import AS_OF, LUMBAR, decided, planned

from exrx.errors import PlanError
from exrx.rules.restriction import Again, Clearance, Intensity, Progression, Restriction, Supervision
from exrx.training.adaptations import load_adaptations
from exrx.training.adapting.adapt import adapt
from exrx.training.adapting.dose import amounts
from exrx.training.exercises import load_exercises
from exrx.training.logs.keys import keyed_sessions
from exrx.training.logs.log import DAY, ExerciseDone, LogReading, SessionLog, read_log
from exrx.training.plan_parts import PlanPhase


@pytest.mark.parametrize("restriction", [Restriction.none(), LUMBAR, Restriction(supervision=Supervision.ONE_TO_ONE)])
@pytest.mark.parametrize("rules", RULES)
def test_an_empty_log_before_the_first_session_gives_the_plans_own_first_week(
    restriction: Restriction, rules: str
) -> None:
    """Unchanged, and every target is held."""
    plan = planned(decided(restriction), weeks=4)
    answer = adapt(plan, [], as_of=plan.start, rules=rules)
    assert [day.session for day in answer.sessions] == [d.session for d in plan.weeks[0].days if d.session]
    assert {move.direction for move in answer.moves} == {"hold"}
    assert answer.week == 1


def test_a_week_as_planned_earns_the_plans_next_week() -> None:
    """Borg within the range: the plan's own week 3, its sessions unchanged."""
    answer = adapt(PLAN, weeks(PLAN, 1, 2), as_of=monday(3))
    assert [day.session for day in answer.sessions] == [d.session for d in PLAN.weeks[2].days if d.session]
    up = moves(answer, "aerobic-minutes")[0]
    assert (up.before, up.after, up.direction) == (15, 20, "up")
    assert "w02-" in up.why["en"]
    assert "Borg 12" in up.why["da"]


def test_an_abandoned_week_stays_where_it_was() -> None:
    """Partly done, with KL's reason in the line; class and home are counted apart."""
    log = [*week(PLAN, 1), *week(PLAN, 2, done="partly", stop_reason="opt-out-transport-logistics")]
    answer = adapt(PLAN, log, as_of=monday(3))
    held = moves(answer, "aerobic-minutes")
    assert {(move.after, move.direction) for move in held} == {(15, "hold")}
    assert all("transport" in move.why["en"] for move in held)


def test_an_exertion_that_is_not_written_down_raises_nothing() -> None:
    """Unknown is not below the range."""
    answer = adapt(PLAN, weeks(PLAN, 1, 2, rpe=None), as_of=monday(3))
    assert {move.after for move in moves(answer, "aerobic-minutes")} == {15}
    assert "exertion is not written down" in moves(answer, "aerobic-minutes", "class")[0].why["en"]


def test_two_easy_sessions_running_go_one_step_before_the_plan_and_no_further() -> None:
    """Week 2 repeats week 1's minutes in the plan; after an easy week 1 it takes week 3's, five minutes more."""
    easy = adapt(PLAN, week(PLAN, 1, rpe=10), as_of=monday(2))
    step = moves(easy, "aerobic-minutes", "class")[0]
    assert (step.before, step.after, step.planned) == (15, 20, 15)
    assert step.rule == "during-treatment.minutes_step"
    once = [entry if n else evolve(entry, rpe=12) for n, entry in enumerate(week(PLAN, 1, rpe=10))]
    assert moves(adapt(PLAN, once, as_of=monday(2)), "aerobic-minutes", "class")[0].after == 15


def test_a_step_before_the_plan_that_outlives_a_missed_session_says_so() -> None:
    """After an easy week, the week's other class stays a step ahead although the first was missed, and is explained."""
    classes = [each for each in keyed_sessions(PLAN).values() if each.week == 2 and each.kind == "class"]
    missed = SessionLog(classes[0].key, classes[0].date, "no")
    answer = adapt(PLAN, [*week(PLAN, 1, rpe=10), missed], as_of=classes[1].date)
    step = next(move for move in moves(answer, "aerobic-minutes", "class") if move.key == classes[1].key)
    assert step.after > step.planned
    assert "reached early" in step.why["en"]


def test_duration_and_intensity_never_rise_together_before_the_plan() -> None:
    """However easy it was, an early step changes minutes or intensity."""
    for number in range(1, 12):
        log = weeks(VIGOROUS, *range(1, number + 1), rpe=6)
        early = adapt(VIGOROUS, log, as_of=monday(number + 1))
        normal = {day.key: day.session for day in VIGOROUS.weeks[number].days}
        for day in early.sessions:
            own = keyed_sessions(VIGOROUS)[day.key].session
            assert day.session is not None
            more_minutes = amounts(day.session, "aerobic")[2] > amounts(own, "aerobic")[2]
            more_vigorous = amounts(day.session, "aerobic")[0] > amounts(own, "aerobic")[0]
            assert not (more_minutes and more_vigorous)
        assert normal is not None


def test_far_above_the_range_lowers_and_one_above_holds() -> None:
    """Borg 14 holds 15 minutes, Borg 16 takes a tenth off."""
    above = adapt(PLAN, weeks(PLAN, 1, rpe=14), as_of=monday(2))
    far = adapt(PLAN, weeks(PLAN, 1, rpe=16), as_of=monday(2))
    assert {move.after for move in moves(above, "aerobic-minutes")} == {15}
    assert max(move.after or 0 for move in moves(far, "aerobic-minutes")) < 15
    assert all(move.direction == "down" for move in moves(far, "aerobic-minutes"))


def test_symptoms_in_class_lower_the_training_at_home_too() -> None:
    """A symptom goes with the patient, not with the room."""
    log = week(PLAN, 1)
    log = [evolve(e, symptoms=("dizziness",)) if KEYS[e.key].kind == "class" else e for e in log]
    answer = adapt(PLAN, log, as_of=monday(2))
    assert all((move.after or 0) < 15 for move in moves(answer, "aerobic-minutes"))
    assert "svimmelhed" in moves(answer, "aerobic-minutes", "home")[0].why["da"]


def test_pain_in_an_exercise_lowers_that_exercise_alone() -> None:
    """Leg press 20 kg hurt: 18 kg; chest press stays, and so do the minutes."""
    done = {"leg-press": ExerciseDone(20, 1, 12, 4), "chest-press": ExerciseDone(8, 1, 12, 0)}
    log = [evolve(e, loads=done if KEYS[e.key].kind == "class" else {}) for e in week(LOADED, 1)]
    answer = adapt(LOADED, log[:1], as_of=log[0].date + timedelta(days=1))
    loads = {move.exercise: move for move in answer.moves if move.target == "load"}
    assert (loads["leg-press"].before, loads["leg-press"].after, loads["leg-press"].direction) == (20, 18, "down")
    assert loads["chest-press"].after == 8
    assert {move.after for move in moves(answer, "aerobic-minutes")} == {15}


@pytest.mark.parametrize(
    ("rules", "after"),
    [("during-treatment", 20.5), ("healthy-adults", 20.5), ("lymphoedema-pal", 20.5), ("plus-minus-2", 22.0)],
)
def test_a_load_that_was_easy_twice_rises_by_the_rules_smallest_step(rules: str, after: float) -> None:
    """Borg 9 and 15 + 2 repetitions in two classes running."""
    done = {"leg-press": ExerciseDone(20, 1, 17)}
    log = [evolve(e, loads=done if KEYS[e.key].kind == "class" else {}) for e in week(LOADED, 1, rpe=9)]
    answer = adapt(LOADED, log, as_of=monday(2), rules=rules)
    load = next(move for move in answer.moves if move.exercise == "leg-press")
    assert (load.before, load.after, load.direction) == (20, after, "up")
    once = adapt(LOADED, log[:1], as_of=log[0].date + timedelta(days=1), rules=rules)
    assert next(move for move in once.moves if move.exercise == "leg-press").after == 20


def test_a_step_of_the_weight_that_is_more_than_the_rule_allows_is_not_taken() -> None:
    """Half a kilogram on 8 kg is 6 %, the rule allows 5 %: held, and the line says why."""
    done = {"chest-press": ExerciseDone(8, 1, 17)}
    log = [evolve(e, loads=done if KEYS[e.key].kind == "class" else {}) for e in week(LOADED, 1, rpe=9)]
    load = next(m for m in adapt(LOADED, log, as_of=monday(2)).moves if m.exercise == "chest-press")
    assert (load.after, load.direction) == (8, "hold")
    assert "5 %" in load.why["en"]


@pytest.mark.parametrize(("rules", "after"), [("during-treatment", 22.0), ("lymphoedema-pal", 20.0)])
def test_a_break_takes_back_the_weeks_worth_of_load_of_its_population(rules: str, after: float) -> None:
    """20, 22, 24, 26 kg in weeks 1 to 4, then a week off: one week's worth back (24, at least a tenth off), or two."""
    log = []
    for number, kilograms in enumerate((20.0, 20.5, 21.0, 21.5), start=1):
        done = {"leg-press": ExerciseDone(kilograms, 1, 12)}
        log += [evolve(e, loads=done if KEYS[e.key].kind == "class" else {}) for e in week(LOADED, number)]
    answer = adapt(LOADED, log, as_of=monday(6), rules=rules)
    load = next(move for move in answer.moves if move.exercise == "leg-press")
    assert load.after is not None
    assert load.after <= min(after, 21.5 * 0.9)
    assert load.direction == "down"
    assert "Week 5 without training" in load.why["en"]
    assert load.rule == f"{rules}.strength_weeks_back"


def test_the_two_weeks_back_rule_is_primary_and_bound_to_its_population() -> None:
    """And chosen by default only where the plan knows of lymphoedema or a slow load."""
    rules = load_adaptations()["lymphoedema-pal"]
    assert rules.rule("strength_weeks_back") == ("lymphoedema-pal.strength_weeks_back", "primary")
    assert rules["strength_weeks_back"] == 2
    assert adapt(PLAN, [], as_of=AS_OF).rules == "during-treatment"
    slow = planned(decided(Restriction(avoid=frozenset({"rapid-load-increase"}))), weeks=2)
    assert adapt(slow, [], as_of=AS_OF).rules == "lymphoedema-pal"


def test_an_infection_waits_for_a_symptom_free_day_and_then_comes_back_slowly() -> None:
    """Blocked, then half, then three quarters, then the whole."""
    ill = [*week(PLAN, 1), SessionLog("w02-1", date(2026, 12, 1), "no", stop_reason="fever-signs")]
    waiting = adapt(PLAN, ill, as_of=date(2026, 12, 3))
    assert waiting.waiting is not None
    assert waiting.sessions == ()
    assert waiting.today.refused == waiting.waiting
    same_day = [*ill, SessionLog(DAY, date(2026, 12, 3), symptoms=())]
    assert adapt(PLAN, same_day, as_of=date(2026, 12, 3)).sessions == ()
    silent = [*ill, SessionLog(DAY, date(2026, 12, 2))]
    assert adapt(PLAN, silent, as_of=date(2026, 12, 3)).sessions == ()
    free = [*ill, SessionLog(DAY, date(2026, 12, 2), symptoms=())]
    shares = []
    for _ in range(3):
        answer = adapt(PLAN, free, as_of=date(2026, 12, 3))
        shares.append(next(m.after for m in answer.moves if m.target == "aerobic-minutes"))
        coming = answer.sessions[0]
        free.append(SessionLog(coming.key, date(2026, 12, 3), "yes", rpe=12))
        free = [evolve(e, date=date(2026, 12, 2)) if e.key == coming.key else e for e in free]
    assert shares == [7, 11, 15]


def test_a_red_flag_waits_for_a_screening_of_a_later_day() -> None:
    """Chest pain: nothing, until a screening clears or somebody trained the patient again."""
    log = [evolve(week(PLAN, 1)[0], symptoms=("chest-pain",))]
    later = log[0].date + timedelta(days=2)
    assert adapt(PLAN, log, as_of=later).sessions == ()
    cleared = adapt(PLAN, log, as_of=later, decision=decided(as_of=later, stage="session"))
    assert cleared.sessions
    refused = decided(as_of=later, clearance=Clearance.DEFER, worst_clearance=Clearance.DEFER)
    assert adapt(PLAN, log, as_of=later, decision=refused).sessions == ()


def test_todays_screening_refuses_todays_session_and_says_what_to_get() -> None:
    """Deferred: no session today; the coming ones stand."""
    today = date(2026, 11, 24)
    restriction = Restriction(clearance=Clearance.DEFER, again=Again(frozenset({"new platelet count"})))
    no = decided(restriction, as_of=today, clearance=Clearance.DEFER, worst_clearance=Clearance.DEFER)
    answer = adapt(PLAN, [], as_of=today, decision=no)
    assert answer.today.session is None
    assert answer.today.refused is not None
    assert "may not train" in answer.today.refused["en"]
    assert any("platelet" in each["en"] for each in answer.today.get)
    assert any("blodplade" in each["da"] for each in answer.today.get)
    assert answer.sessions


restrictions = st.builds(
    Restriction,
    aerobic_max=st.sampled_from(Intensity), strength_max=st.sampled_from(Intensity),
    supervision=st.sampled_from(Supervision), progression=st.sampled_from(Progression),
    session_minutes_max=st.none() | st.integers(0, 90), rpe_max=st.none() | st.integers(6, 20),
    heart_rate_max=st.none() | st.integers(60, 180),
    formats_forbidden=st.frozensets(st.sampled_from(["group", "individual", "home"])),
    avoid=st.frozensets(
        st.sampled_from(["trunk-resistance", "weight-bearing-aerobic", "high-intensity", "heavy-resistance",
                         "valsalva", "spine-flexion", "training-alone", "resistance-of-affected-limb"]), max_size=4),
)  # fmt: skip


@given(restrictions, restrictions, st.integers(1, 12), st.integers(0, 6))
def test_todays_session_obeys_every_cap_and_more_caution_never_leaves_more(
    one: Restriction, other: Restriction, number: int, weekday: int
) -> None:
    """Minutes, intensity, exertion, pulse and avoidances of the day; the join leaves no more minutes than either."""
    as_of = monday(number) + timedelta(days=weekday)
    log = weeks(VIGOROUS, *range(1, number))
    log += [e for e in week(VIGOROUS, number) if e.date < as_of]
    left = []
    for asked in (one, other, one | other):
        decision = decided(asked, as_of=as_of)
        session = adapt(VIGOROUS, log, as_of=as_of, decision=decision).today.session
        left.append((session.minutes, amounts(session, "aerobic")) if session else (0, (0, 0, 0, 0)))
        if session is None:
            continue
        assert asked.session_minutes_max is None or session.minutes <= asked.session_minutes_max
        assert asked.heart_rate_max is None or (session.heart_rate_max or 999) <= asked.heart_rate_max
        for part in session.parts:
            assert part.kind != "aerobic" or part.intensity >= asked.aerobic_max
            assert part.kind != "strength" or part.intensity >= asked.strength_max
            assert part.borg is None or part.borg[1] <= (asked.rpe_max or 20)
            assert all(load_exercises().by_id[e.id].allowed(asked.avoid) for e in part.exercises)
    assert left[2][1][0] <= min(left[0][1][0], left[1][1][0])


def test_a_log_that_does_not_belong_to_the_plan_is_refused_by_name() -> None:
    """Another plan's key, a session twice, a plan that is over, another patient's screening, one of another day."""
    with pytest.raises(PlanError, match=r"plan of 'p1'.*'w99-1'"):
        adapt(PLAN, [SessionLog("w99-1", AS_OF)], as_of=AS_OF)
    with pytest.raises(PlanError, match="'w01-1' twice"):
        adapt(PLAN, [SessionLog("w01-1", AS_OF)] * 2, as_of=AS_OF)
    with pytest.raises(PlanError, match="no session left"):
        adapt(PLAN, [], as_of=AS_OF + timedelta(weeks=20))
    with pytest.raises(PlanError, match="'p2'"):
        adapt(PLAN, [], as_of=AS_OF, decision=decided(patient="p2"))
    with pytest.raises(PlanError, match="screen on the day"):
        adapt(PLAN, [], as_of=AS_OF + timedelta(days=1), decision=decided())
    with pytest.raises(PlanError, match="did you mean 'plus-minus-2'"):
        adapt(PLAN, [], as_of=AS_OF, rules="plus-minus-two")


def test_a_row_that_cannot_be_used_still_counts_with_its_fever() -> None:
    """An error of the pen beside a fever does not hide the fever."""
    reading = read_log([{"key": "w01-1", "date": "2026-11-24", "done": "no", "minutes": -5, "symptoms": "fever"}], PLAN)
    assert reading.entries == ()
    answer = adapt(PLAN, reading, as_of=date(2026, 11, 26))
    assert answer.waiting is not None
    assert any("1 rows of the log could not be used" in note["en"] for note in answer.notes)
    assert isinstance(reading, LogReading)


def test_rules_made_for_others_say_so_and_the_json_names_its_schema() -> None:
    """The healthy adult's steps in a plan during treatment; every move with rule and verified flag."""
    words = {"da": "under behandling", "en": "during treatment"}
    phased = evolve(PLAN, phase=PlanPhase("during", words, words, words, monday(6)))
    answer = adapt(phased, [], as_of=AS_OF, rules="healthy-adults")
    plain = json.loads(json.dumps(answer.to_dict()))
    assert plain["schema"] == "exrx/adaptation/1"
    assert all(move["rule"] and move["verified"] for move in plain["moves"])
    assert all(set(move["why"]) == {"da", "en"} and "\n" not in move["why"]["da"] for move in plain["moves"])
    assert any("made for: healthy adults" in note["en"] for note in answer.notes)
    usual = adapt(phased, [], as_of=AS_OF)
    assert not any("made for" in note["en"] for note in usual.notes)
