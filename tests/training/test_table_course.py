"""A trial's table for one patient: every cap is obeyed, and more caution never gives more training."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_training_builder import measured, no_larger, restrictions, size
from test_training_plan import AS_OF, LUMBAR, PATIENT, decided, planned

from exrx.rules.restriction import Intensity, Progression, Restriction
from exrx.training import load_programme, prescribe
from exrx.training.exercises import load_exercises
from exrx.training.session import Dose
from exrx.training.table import TableCourse, load_table, shipped_tables

tables = st.sampled_from(shipped_tables())


@settings(max_examples=80)
@given(tables, restrictions, measured, st.integers(1, 40))
def test_no_week_exceeds_a_cap_or_holds_an_avoided_exercise(
    name: str, asked: Restriction, maximum: int | None, number: int
) -> None:
    """Minutes, intensity, exertion, pulse, load, format and every exercise obey the restriction."""
    known = load_exercises().by_id
    course = TableCourse(load_table(name), asked, maximum)
    for session in course.week(number).values():
        assert session.minutes > 0
        assert asked.session_minutes_max is None or session.minutes <= asked.session_minutes_max
        assert session.heart_rate_max == asked.heart_rate_max
        assert session.kind == "class" or "home" not in asked.formats_forbidden
        assert session.kind == "home" or not {"group", "individual"} <= asked.formats_forbidden
        assert session.kind == "class" or "training-alone" not in asked.avoid or session.in_company
        for part in session.parts:
            strength = part.kind == "strength"
            assert part.minutes > 0
            assert part.intensity >= (asked.strength_max if strength else asked.aerobic_max) or part.kind == "balance"
            if part.intensity < Intensity.NONE:
                band = (course.base.loads if strength else course.base.zones)[part.intensity]
                assert not band.loads & asked.avoid
                assert part.borg is not None
                assert part.borg[0] <= part.borg[1] <= (asked.rpe_max or 20)
            assert all(known[exercise.id].allowed(asked.avoid) for exercise in part.exercises)
            assert len({exercise.id for exercise in part.exercises}) == len(part.exercises)


@settings(max_examples=120)
@given(tables, restrictions, restrictions, measured, st.integers(1, 40))
def test_more_caution_never_gives_a_larger_dose(
    name: str, one: Restriction, other: Restriction, maximum: int | None, number: int
) -> None:
    """The join of two restrictions gives no more of anything than either, in any week of any table."""
    table = load_table(name)
    joined = TableCourse(table, one | other, maximum).week(number)
    for alone in (one, other):
        assert no_larger(joined, TableCourse(table, alone, maximum).week(number))


@given(tables, st.sampled_from([Progression.HOLD, Progression.REDUCE]), st.integers(1, 40))
def test_a_held_or_reduced_progression_never_rises(name: str, progression: Progression, number: int) -> None:
    """No week has more minutes or sets than the first, nor anything harder."""
    course = TableCourse(load_table(name), Restriction(progression=progression))
    first, now = Dose.of(course.week(1)), Dose.of(course.week(number))
    assert now.light + now.moderate + now.vigorous <= first.light + first.moderate + first.vigorous
    assert now.sets <= first.sets
    assert bool(now.vigorous) <= bool(first.vigorous)
    assert progression == Progression.HOLD or not now.vigorous


@pytest.mark.parametrize("name", shipped_tables())
def test_without_restrictions_a_table_is_followed_as_it_is_published(name: str) -> None:
    """Sets and aerobic minutes of every week are those of the table's own totals."""
    from exrx.training.table import totals

    table, course = load_table(name), TableCourse(load_table(name), Restriction.none())
    found = totals(table)
    for number in range(1, table.weeks + 1):
        dose = Dose.of(course.week(number))
        assert dose.sets == found.sets_by_week[number - 1]
        assert dose.light + dose.moderate + dose.vigorous == found.aerobic_minutes_by_week[number - 1]
        assert len(course.week(number)) == found.sessions_by_week[number - 1]
    assert course.week(table.weeks + 5) == course.week(table.weeks)


def test_effect_with_a_lumbar_lesion_keeps_ten_to_twelve_repetitions_and_the_bicycle() -> None:
    """Heavy sets become moderate ones of twelve or more, and the spine is spared."""
    course = TableCourse(load_table("effect-2022"), LUMBAR)
    known = load_exercises().by_id
    for number in (1, 6, 20, 36):
        for session in course.week(number).values():
            for part in session.parts:
                assert all(known[exercise.id].allowed(LUMBAR.avoid) for exercise in part.exercises)
                for exercise in part.exercises:
                    assert exercise.repetitions is None or exercise.repetitions[0] >= 10


def test_a_cap_turns_intervals_into_continuous_work() -> None:
    """The same minutes at the cap, with the Borg range of that intensity."""
    free = TableCourse(load_table("erase-2021"), Restriction.none()).week(1)[0]
    capped = TableCourse(load_table("erase-2021"), Restriction(aerobic_max=Intensity.MODERATE)).week(1)[0]
    (hard,) = [part for part in free.parts if part.kind == "aerobic"]
    (easy,) = [part for part in capped.parts if part.kind == "aerobic"]
    assert hard.intervals is not None
    assert (easy.intervals, easy.minutes, easy.borg) == (None, hard.minutes, (12, 13))


def plan_of(name: str, **more: Any) -> Any:
    """A plan that follows a table."""
    return prescribe(PATIENT, decided(**more), name, target="acsm-150-75", start=AS_OF, weeks=8)


@pytest.mark.parametrize("name", shipped_tables())
def test_every_table_gives_a_plan_that_says_what_it_is(name: str) -> None:
    """Its own sessions, population and caveat, and the numbers that nobody has verified."""
    plan = plan_of(name, restriction=Restriction.none())
    assert plan.training == name
    assert sum(day.session is not None for day in plan.weeks[0].days) >= 2
    table = load_table(name)
    assert any(note["da"].startswith(table.population["da"]) for note in plan.notes)
    assert set(table.unverified) <= {entry.removeprefix(f"{name}.") for entry in plan.unverified}
    assert not any("Ukendt udgangspunkt" in note["da"] for note in plan.notes)
    from exrx.training import Plan

    assert Plan.from_dict(plan.to_dict()) == plan


def test_a_table_keeps_its_own_days_beside_a_treatment_and_takes_those_of_a_class() -> None:
    """PACE-AL trains on three days a week; a class of two days has no room for the third."""
    from exrx.training.weeks.classes import load_class
    from exrx.training.weeks.schedule import Frame
    from exrx.training.weeks.treatment import Treatment

    table = load_table("pace-al-2013")
    treated = Frame(treatment=Treatment.from_dates([AS_OF], 28))
    asked = {"target": "acsm-150-75", "start": AS_OF, "weeks": 4}
    plan = prescribe(PATIENT, decided(restriction=Restriction.none()), table.id, frame=treated, **asked)
    days = {day.date.weekday() for day in plan.weeks[2].days if day.session}
    assert days == set(table.weekdays("class"))
    in_class = Frame(klass=load_class("municipal-default"))
    plan = prescribe(PATIENT, decided(restriction=Restriction.none()), table.id, frame=in_class, **asked)
    assert {day.date.weekday() for week in plan.weeks for day in week.days if day.session} == {1, 3}
    assert all(len(week.left_out) == 1 for week in plan.weeks)


def test_a_plan_says_what_of_its_table_was_not_read_or_is_corrected() -> None:
    """EXACT ends after week 8 here, and the misprint of GAP4 stands beside what is used."""
    asked = {"target": "acsm-150-75", "start": AS_OF}
    exact = prescribe(PATIENT, decided(), "exact-2019", weeks=10, **asked)
    notes = [note["da"] for note in exact.notes]
    assert any(note.startswith("Ikke læst i kilden: Uge 9 til 12") for note in notes)
    assert any("slutter efter uge 8" in note for note in notes)
    gap4 = prescribe(PATIENT, decided(), "interval-gap4-cycle-0", weeks=4, **asked)
    assert any("120RM" in note["en"] for note in gap4.notes)
    assert not any("slutter efter" in note["da"] for note in gap4.notes)


def test_a_misspelt_programme_names_the_nearest() -> None:
    """Tables and ladders in one list."""
    from exrx.errors import PlanError

    with pytest.raises(PlanError, match="Did you mean 'effect-2022'"):
        load_programme("efect-2022")


def test_a_programme_keeps_its_restrictions_apart() -> None:
    """Two courses of one table do not share what they have made."""
    free, held = plan_of("effect-2022", restriction=Restriction.none()), plan_of("effect-2022", restriction=LUMBAR)
    assert size({0: next(d.session for d in free.weeks[0].days if d.session)}) != size(
        {0: next(d.session for d in held.weeks[0].days if d.session)}
    ) or free.weeks[4] != held.weeks[4]
    assert planned().training == "dk-2015-group"
