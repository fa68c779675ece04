"""A trial's table under limits: no effort above a cap, nothing rises while held, and slips of the pen are found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_training_builder import measured, no_larger, restrictions

from exrx.errors import ProtocolError
from exrx.rules.restriction import Intensity, Progression, Restriction, Supervision
from exrx.training.session import Effort, Part, Session
from exrx.training.table import TableCourse, TableTraining, load_table, read_table, shipped_tables, totals

PAGE = Path(__file__).parents[2] / "docs" / "writing-training.md"
tables = st.sampled_from(shipped_tables())


def example(tmp_path: Path, *changes: tuple[str, str]) -> TableTraining:
    """The example of the page with some of its text replaced."""
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    text = found[1]
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def every_part(course: TableCourse, number: int) -> Iterator[Part]:
    """All parts of a week."""
    for session in course.week(number).values():
        yield from session.parts


def efforts(part: Part) -> Iterator[Effort]:
    """Every effort that a part states for work."""
    work = part.intervals.work if part.intervals else None
    for effort in (part.effort, work, *(exercise.effort for exercise in part.exercises)):
        if effort is not None:
            yield effort


@settings(max_examples=80)
@given(tables, restrictions, measured, st.integers(1, 40))
def test_no_stated_effort_lies_above_a_limit(name: str, asked: Restriction, maximum: int | None, number: int) -> None:
    """Borg and pulse are cut to the limit; work near the maximum gives way to Borg under any limit below 20."""
    for part in every_part(TableCourse(load_table(name), asked, maximum), number):
        for effort in efforts(part):
            if asked.rpe_max is not None:
                assert effort.metric != "borg" or effort.high <= asked.rpe_max
                assert effort.metric != "rm" or asked.rpe_max == 20
                harder = part.intensity == Intensity.VIGOROUS and effort.metric != "borg"
                assert not harder or asked.rpe_max == 20
            if asked.heart_rate_max is not None and effort.metric == "hrmax":
                assert maximum is not None
                assert effort.high * maximum <= 100 * asked.heart_rate_max


@settings(max_examples=80)
@given(tables, restrictions, measured, st.integers(1, 40), st.sampled_from([Progression.HOLD, Progression.REDUCE]))
def test_a_held_progression_gives_no_more_than_the_first_week(
    name: str, asked: Restriction, maximum: int | None, number: int, progression: Progression
) -> None:
    """Minutes at or above each intensity, sets, days and load are at most those of the table's own first week."""
    table = load_table(name)
    held = TableCourse(table, asked | Restriction(progression=progression), maximum)
    assert no_larger(held.week(number), TableCourse(table, Restriction.none()).week(1))


@given(tables, st.integers(1, 40))
def test_no_stated_effort_rises_while_the_progression_is_held(name: str, number: int) -> None:
    """In each measure nothing is harder than in the first week; repetitions fall as loads rise."""
    course = TableCourse(load_table(name), Restriction(progression=Progression.HOLD))

    def hardest(week: int) -> dict[str, float]:
        most: dict[str, float] = {}
        main = [part for part in every_part(course, week) if part.kind in ("aerobic", "strength")]
        for effort in (effort for part in main for effort in efforts(part)):
            hard = -effort.low if effort.metric in ("rm", "reserve") else effort.high
            most[effort.metric] = max(most.get(effort.metric, -1000), hard)
        return most

    first = hardest(1)
    assert all(hard <= first.get(metric, -1000) for metric, hard in hardest(number).items())


def test_effect_keeps_its_first_load_while_held_and_gap4_its_first_exertion() -> None:
    """80-85 % h1RM and RPE 6 come later in these tables, and stay away."""
    held = Restriction(progression=Progression.HOLD)
    effect, gap4 = (TableCourse(load_table(name), held) for name in ("effect-2022", "interval-gap4-cycle-0"))
    loads = {e for part in every_part(effect, 5) if part.kind == "strength" for e in efforts(part)}
    assert loads == {Effort("h1rm", 70, 75)}
    assert {e.high for part in every_part(gap4, 3) if part.kind == "aerobic" for e in efforts(part)} <= {4, 5}


@pytest.mark.parametrize("name", ["effect-2022", "mikkelsen-2022", "erase-2021"])
def test_who_may_not_train_aerobically_does_not_warm_up_on_a_bicycle(name: str) -> None:
    """Cycling and walking at no intensity are no warm-up."""
    course = TableCourse(load_table(name), Restriction(aerobic_max=Intensity.NONE))
    used = {exercise.id for number in (1, 5) for part in every_part(course, number) for exercise in part.exercises}
    assert not used & {"stationary-cycling", "treadmill-walking"}


def test_a_load_that_may_not_rise_fast_follows_the_policys_slow_stages() -> None:
    """Light for eight weeks, then moderate, and never heavy."""
    course = TableCourse(load_table("effect-2022"), Restriction(avoid=frozenset({"rapid-load-increase"})))
    loads = [
        {part.intensity for part in every_part(course, week) if part.kind == "strength"} for week in (1, 8, 9, 36)
    ]
    assert loads == [{Intensity.LIGHT}, {Intensity.LIGHT}, {Intensity.MODERATE}, {Intensity.MODERATE}]


@pytest.mark.parametrize("supervision", Supervision)
def test_strength_training_at_home_follows_the_policy_of_what_is_done_alone(supervision: Supervision) -> None:
    """Who needs somebody near all the time has none at home."""
    course = TableCourse(load_table("exact-2019"), Restriction(supervision=supervision))
    most = course.base.home_by_supervision[supervision]
    assert all(part.intensity >= most for part in every_part(course, 8))
    assert bool(course.week(8)) == (most < Intensity.NONE)


def test_intervals_under_a_limit_are_steered_by_borg() -> None:
    """Eight minutes at all the watts there are become eight minutes at Borg 14; the rests stay."""
    course = TableCourse(load_table("effect-2022"), Restriction(rpe_max=14))
    blocks = [part.intervals for part in every_part(course, 5) if part.intervals]
    assert {(block.repeats, block.work) for block in blocks} == {(8, Effort("borg", 14, 14))}


def test_a_limit_at_the_top_of_vigorous_still_takes_work_near_the_maximum_away() -> None:
    """95 % of VO2peak may be harder than Borg 17, so Borg 14-17 is what stays."""
    course = TableCourse(load_table("erase-2021"), Restriction(rpe_max=17))
    assert {block.work for part in every_part(course, 1) if (block := part.intervals)} == {Effort("borg", 14, 17)}


def test_a_limit_on_pulse_cuts_the_share_of_a_measured_maximum() -> None:
    """75-80 % of 180 under a limit of 140 is 75-77 %."""
    course = TableCourse(load_table("pace-al-2013"), Restriction(heart_rate_max=140), 180)
    assert {block.work for part in every_part(course, 1) if (block := part.intervals)} == {Effort("hrmax", 75, 77)}


def test_a_held_progression_keeps_the_minutes_and_not_the_intensity_of_later_weeks() -> None:
    """EFFECT's intervals of week 4 become the moderate cycling of its first week, and slow loads stay light."""
    held = Restriction(progression=Progression.HOLD, avoid=frozenset({"rapid-load-increase"}))
    parts = list(every_part(TableCourse(load_table("effect-2022"), held), 12))
    assert {(part.intensity, part.minutes) for part in parts if part.kind == "aerobic"} == {(Intensity.MODERATE, 15)}
    assert {part.intensity for part in parts if part.kind == "strength"} == {Intensity.LIGHT}


@pytest.mark.parametrize(("moderate", "vigorous"), [(0, 20), (35, 5), (15, 25)])
def test_no_kind_of_minutes_rises_while_held(tmp_path: Path, moderate: int, vigorous: int) -> None:
    """Twice 15 moderate and 5 vigorous minutes, and a walk of 20, are not exceeded in vigorous minutes nor in all."""
    source = "source: local-decision, verified: unverified"
    weeks = {"1": (15, 5), "2-8": (moderate, vigorous)}
    parts = "".join(
        f"      - {{part: aerobic, exercises: [stationary-cycling], weeks: {when}, minutes: {minutes}, "
        f"effort: [hrr, {effort}], {source}}}\n"
        for when, both in weeks.items()
        for minutes, effort in zip(both, ("40, 59", "60, 80"), strict=True)
        if minutes
    )
    before, usual = "  - id: own walk", "exercises: [stationary-cycling], minutes: [20, 25]"
    table = example(tmp_path, (before, parts + before), ("weeks: 1-4, " + usual, "weeks: 5-8, " + usual))
    course = TableCourse(table, Restriction(progression=Progression.HOLD))
    done = [(part.intensity, part.minutes) for part in every_part(course, 3) if part.kind == "aerobic"]
    assert 0 < sum(minutes for level, minutes in done if level == Intensity.VIGOROUS) <= 2 * 5
    assert sum(minutes for _, minutes in done) <= 2 * 20 + 20


IMPACT = (
    "      - {part: impact, exercises: [heel-drop, small-jumps], sets: 3, repetitions: 10, intensity: moderate,"
    " source: local-decision, verified: unverified}\n"
)


def test_impact_training_is_planned_counted_and_ruled_out(tmp_path: Path) -> None:
    """Two exercises of three sets twice a week; gone where impact is avoided or only light training is allowed."""
    before = "  - id: own walk"
    own_sets = ("sets_by_week: [16, 16, 16, 8, 16, 16, 16, 16], ", "")
    table = example(tmp_path, (before, IMPACT + before), own_sets)
    assert totals(table).sets_by_week[0] == 16 + 12
    free = [part for part in every_part(TableCourse(table, Restriction.none()), 1) if part.kind == "impact"]
    assert [[exercise.sets for exercise in part.exercises] for part in free] == [[3, 3], [3, 3]]
    for asked in (
        Restriction(avoid=frozenset({"impact"})),
        Restriction(aerobic_max=Intensity.LIGHT),
        Restriction(strength_max=Intensity.NONE),
    ):
        assert not [part for part in every_part(TableCourse(table, asked), 1) if part.kind == "impact"]


@given(restrictions, restrictions, st.integers(1, 10))
def test_more_caution_never_gives_more_where_a_table_has_impact_and_tapers(
    tmp_path_factory: pytest.TempPathFactory, one: Restriction, other: Restriction, number: int
) -> None:
    """The same law for a table of a researcher's own as for the shipped ones."""
    before = "  - id: own walk"
    own_sets = ("sets_by_week: [16, 16, 16, 8, 16, 16, 16, 16], ", "")
    table = example(tmp_path_factory.mktemp("table"), (before, IMPACT + before), own_sets)
    joined = TableCourse(table, one | other).week(number)
    for alone in (one, other):
        assert no_larger(joined, TableCourse(table, alone).week(number))


@given(st.integers(1, 60))
def test_a_limit_on_minutes_holds_where_sets_have_no_rest(
    tmp_path_factory: pytest.TempPathFactory, minutes: int
) -> None:
    """Rounding never lifts a session above its limit."""
    load = "[1rm, 60, 70],\n         rest: "
    table = example(tmp_path_factory.mktemp("table"), (load + "60", load + "0"))
    sessions: list[Session] = list(TableCourse(table, Restriction(session_minutes_max=minutes)).week(1).values())
    assert all(session.minutes <= minutes for session in sessions)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("effort: [borg, 12, 13]", "effort: [borg, 12, 99]", "out-of-range"),
        ("[8, 12], effort: [1rm, 60, 70]", "120, effort: [1rm, 60, 70]", "out-of-range"),
        ("[8, 12], effort: [1rm, 60, 70]", "12, effort: [rm, 120]", "out-of-range"),
        ("sets: 2", "sets: 999999999999", "out-of-range"),
        ("minutes: [20, 25]", "minutes: 0", "out-of-range"),
        ("bouts: 2", "bouts: 0", "out-of-range"),
        ("exercises: [walking]", "exercises: []", "missing-key"),
        ("exercises: [walking]", "exercises: [leg-press]", "wrong-exercise"),
        ("exercises: [walking]", "exercises: [treadmill-walking]", "wrong-exercise"),
        ("seated-row, crunch", "seated-row, walking", "wrong-exercise"),
        ("seated-row, crunch", "seated-row, seated-row", "contradiction"),
        ("[hrr, 40, 59],", "[hrr, 70, 80], intensity: light,", "contradiction"),
        ("intervals: {repeats: 4", "minutes: 3, intervals: {repeats: 4", "contradiction"),
        ("id: own walk", "id: supervised", "contradiction"),
        ("verified: unverified, note: deload", "verified: primary, note: deload", "contradiction"),
        ("unit: wk", "unit: month", "wrong-unit"),
        ("title: {da: Mit forsøg, en: My trial}", "title: {en: My trial}", "missing-key"),
        ("minutes: 10, bouts", "sessions: 50-56, minutes: 10, bouts", "never"),
        (", source: local-decision, verified: unverified}\n```"[:-4], ", verified: unverified}\n", "missing-key"),
    ],
)
def test_a_slip_of_the_pen_is_found(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Exercises that do not fit, impossible numbers, two statements of one thing, parts that stand nowhere."""
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    head, _, tail = found[1].rpartition(old)
    path = tmp_path / "slip.yaml"
    path.write_text(head + new + tail, encoding="utf-8")
    with pytest.raises(ProtocolError) as error:
        read_table(path)
    assert code in {fault.code for fault in error.value.diagnostics}
