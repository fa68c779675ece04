"""Trials as tables: what their sources state is what they add up to, and a broken file is never used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from exrx.errors import PlanError, ProtocolError
from exrx.library import library_root
from exrx.rules.restriction import Intensity
from exrx.training.session import Effort
from exrx.training.table import load_table, read_table, shipped_tables, totals
from exrx.training.table.efforts import load_efforts

WRONG = sorted((Path(__file__).parents[1] / "bad_trainings").glob("*.yaml"))
PAGE = Path(__file__).parents[2] / "docs" / "writing-training.md"


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("effect-2022", {"sessions": 72, "supervised_sessions": 72}),
        ("interval-gap4-cycle-0", {"sets_by_week": [12, 24, 36, 24], "sessions": 12}),
        ("exact-2019", {"aerobic_minutes_by_week": [20, 30, 50, 50, 50, 100, 100, 100], "supervised_sessions": 0}),
        ("mikkelsen-2022", {"sessions": 24, "hours": 24, "sets": 462}),
        ("exist-2010", {"sessions": 30, "hours": 30, "sessions_by_week": [2] * 12 + [1] * 6}),
        ("acsm-2019-fatigue", {"aerobic_minutes_by_week": [90] * 12, "sessions": 36}),
        ("pace-al-2013", {"sessions": 36}),
        ("glass-2015", {"sessions": 36, "sessions_by_week": [3] * 12}),
        ("erase-2021", {"sessions": 36}),
        ("morielli-2021", {"intervals_by_session": [5, 5, 6, 6, 7, 7, *[8] * 12]}),
        ("umbrella-fit-2017", {"sets_by_week": [18] * 3 + [28] * 5 + [0] * 4}),
    ],
)
def test_a_table_adds_up_to_what_its_source_states(name: str, stated: dict[str, Any]) -> None:
    """Sessions, hours, minutes and sets, as published or computed from what is."""
    found = totals(load_table(name)).to_dict()
    assert {key: found[key] for key in stated} == stated


def test_every_exercise_of_mikkelsens_plan_has_66_sets() -> None:
    """Two sets in sessions 1 to 6 and three in 7 to 24, for seven exercises."""
    assert set(totals(load_table("mikkelsen-2022")).sets_per_exercise.values()) == {66}
    assert len(totals(load_table("mikkelsen-2022")).sets_per_exercise) == 7


def test_mikkelsens_load_follows_the_session_and_not_the_week() -> None:
    """15RM in sessions 1-2, 12RM in 3-13, 10RM in 14-24; session 13 and 14 lie in one week."""
    table = load_table("mikkelsen-2022")
    by_session = [
        (part.repetitions, part.sets)
        for week in range(1, 13)
        for _, _, parts in table.sessions_of(week)
        for part in parts
        if part.kind == "strength"
    ]
    assert by_session == [((15, 15), 2)] * 2 + [((12, 12), 2)] * 4 + [((12, 12), 3)] * 7 + [((10, 10), 3)] * 11


def test_effect_alternates_its_loads_every_month() -> None:
    """10-12 repetitions in weeks 1-4, 6-8 in weeks 5-8, and so on."""
    table = load_table("effect-2022")
    reps = [
        {part.repetitions for _, _, parts in table.sessions_of(week) for part in parts if part.kind == "strength"}
        for week in range(1, 37)
    ]
    assert reps == [{(10, 12)} if (week // 4) % 2 == 0 else {(6, 8)} for week in range(36)]


def test_gap4_is_corrected_and_says_so() -> None:
    """The misprint of 120RM is kept beside what is used, with the reason, and week 4 is a deload."""
    table = load_table("interval-gap4-cycle-0")
    (correction,) = table.corrections
    assert "120RM" in correction.printed
    assert correction.because["da"]
    strength = [p for _, _, parts in table.sessions_of(2) for p in parts if p.kind == "strength"]
    assert {part.repetitions for part in strength} == {(8, 8), (12, 12)}
    repeats = [sum(totals(table).intervals_by_session[3 * week : 3 * week + 3]) for week in range(4)]
    assert repeats == [6, 8, 6, 6]


def test_erase_lasts_28_to_40_minutes() -> None:
    """Five intervals with ten minutes around them are 28 minutes, eight are 40."""
    from exrx.rules.restriction import Restriction
    from exrx.training.table import TableCourse

    course = TableCourse(load_table("erase-2021"), Restriction.none())
    lengths = [session.minutes for week in range(1, 13) for session in course.week(week).values()]
    assert (min(lengths), max(lengths)) == (28, 40)


@pytest.mark.parametrize("name", shipped_tables())
def test_what_was_not_read_is_never_verified(name: str) -> None:
    """Everything that is ours is unverified, and each table says for whom it is and what to know."""
    text = (library_root() / "training" / f"{name}.yaml").read_text(encoding="utf-8")
    assert "source: local-decision, verified: primary" not in text
    table = load_table(name)
    assert table.population["da"] != table.population["en"]
    assert table.caveat["da"]
    assert table.unverified


@pytest.mark.parametrize(
    ("effort", "level"),
    [
        (Effort("hrr", 40, 60), Intensity.MODERATE),
        (Effort("hrr", 60, 60), Intensity.VIGOROUS),
        (Effort("hrr", 30, 39), Intensity.LIGHT),
        (Effort("hrmax", 75, 80), Intensity.VIGOROUS),
        (Effort("vo2peak", 55, 60), Intensity.MODERATE),
        (Effort("borg", 11, 13), Intensity.MODERATE),
        (Effort("rm", 12, 12), Intensity.VIGOROUS),
        (Effort("rm", 15, 15), Intensity.MODERATE),
        (Effort("reserve", 2, 3), Intensity.MODERATE),
        (Effort("1rm", 60, 75), Intensity.VIGOROUS),
    ],
)
def test_in_doubt_an_effort_is_the_harder_class(effort: Effort, level: Intensity) -> None:
    """Reaching into a class by more than its edge is enough; repetitions fall as they get harder."""
    assert load_efforts().intensity(effort) == level


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_table_is_refused_with_its_code_and_place(path: Path) -> None:
    """Each file holds one mistake, and its last line says which and where."""
    expected = re.findall(r"^# expect: (\S+) (\d+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    with pytest.raises(ProtocolError) as error:
        read_table(path)
    found = [(fault.code, str(fault.location.line)) for fault in error.value.diagnostics]
    assert sorted(found) == sorted(expected)


def test_there_are_wrong_files() -> None:
    """The folder is not empty."""
    assert len(WRONG) >= 10


def test_the_example_of_the_page_is_read_and_adds_up(tmp_path: Path) -> None:
    """From the page to totals without Python."""
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    path = tmp_path / "my-trial.yaml"
    path.write_text(example[1], encoding="utf-8")
    found = totals(read_table(path))
    assert found.sessions == 24
    assert found.aerobic_minutes_by_week == (60, 60, 60, 60, 70, 70, 70, 70)
    from exrx.training import load_programme

    assert load_programme(path).id == "my-trial"


@pytest.mark.parametrize("name", ["effekt", "dk-2015-group", "nowhere.yaml"])
def test_an_unknown_table_names_the_shipped_ones(name: str) -> None:
    """A ladder is no table."""
    with pytest.raises(PlanError, match="effect-2022"):
        load_table(name)
