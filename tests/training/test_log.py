"""The session log: every row is answered, what cannot be used is named with row and column, and nothing loosens."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from test_training_plan import AS_OF, planned

from exrx.errors import InputFileError, PlanError, ProtocolError
from exrx.fields import load_dictionary
from exrx.library import library_root
from exrx.training.adaptations import everyone, load_adaptations, read_adaptations
from exrx.training.logs.keys import keyed_sessions
from exrx.training.logs.log import DAY, ExerciseDone, SessionLog, log_template, read_log
from exrx.training.plan import Plan

PLAN = planned(weeks=3)
ROW = {"key": "w01-1", "date": "2026-11-24", "done": "yes", "minutes": 40, "rpe": 12, "scale": "borg"}

cells = st.none() | st.text(max_size=8) | st.integers(-5, 700) | st.floats(width=32) | st.booleans()
columns = st.sampled_from(
    ["key", "date", "done", "minutes", "rpe", "scale", "symptoms", "pain", "stop_reason", "pre_lowered", "note",
     "intervals_done", "loads", "load:leg-press", "patient", "planned", "colour"]
)  # fmt: skip
any_row = st.dictionaries(columns, cells, max_size=8).map(lambda odd: {**ROW, **odd}) | st.dictionaries(columns, cells)


@given(st.lists(any_row | st.none() | st.text(max_size=3), max_size=6))
def test_every_row_is_used_blank_or_named(rows: list[Any]) -> None:
    """N rows in, N rows answered, whatever stands in them."""
    reading = read_log(rows, PLAN)
    named = {problem.row for problem in reading.problems}
    assert reading.rows == len(rows)
    assert len(reading.entries) + len(reading.blank) + len(named) == len(rows)
    assert all(set(problem.message) == {"da", "en"} for problem in reading.problems)
    assert all(problem.say("da") and problem.say("en") for problem in reading.problems)


@given(st.lists(st.sampled_from(sorted(keyed_sessions(PLAN))), min_size=1, max_size=5, unique=True), st.data())
def test_an_entry_written_as_json_reads_back_the_same(keys: list[str], data: st.DataObject) -> None:
    """Through JSON text, whatever is said."""
    entries = [
        SessionLog(
            key, date(2026, 11, 25), data.draw(st.sampled_from(["yes", "partly"])),
            rpe=data.draw(st.sampled_from([None, 3.5, 8])), scale="cr10",
            minutes=data.draw(st.none() | st.integers(1, 90)),
            loads=data.draw(st.sampled_from([{}, {"leg-press": ExerciseDone(22.5, 2, 12, 1)}])),
            symptoms=data.draw(st.sampled_from([None, (), ("dizziness", "nausea")])),
            pain=data.draw(st.none() | st.integers(0, 10)), pre_lowered=data.draw(st.sampled_from([None, True])),
            stop_reason=data.draw(st.sampled_from(["", "event", "pain"])),
        )
        for key in keys
    ]  # fmt: skip
    entries = [evolve(entry, scale="borg") if entry.rpe is None else entry for entry in entries]
    reading = read_log(json.dumps([entry.to_dict() for entry in entries]), PLAN)
    assert reading.problems == ()
    assert list(reading.entries) == entries


def faulty(**cells: Any) -> tuple[str, str, str]:
    """Column, code and English message of a row that differs from a good one in these cells."""
    reading = read_log([{**ROW, **cells}], PLAN)
    assert reading.entries == ()
    (problem,) = reading.problems
    assert problem.row == 1
    return problem.column, problem.code, problem.message["en"]


@pytest.mark.parametrize(
    ("cells", "column", "code", "named"),
    [
        ({"minutes": -5}, "minutes", "negative", "-5 is below 0"),
        ({"minutes": 4000}, "minutes", "too-large", "more than 600"),
        ({"minutes": "forty"}, "minutes", "not-a-number", "'forty'"),
        ({"minutes": 40.5}, "minutes", "not-a-number", "not a whole number"),
        ({"date": "2026-02-30"}, "date", "impossible-date", "not a date that exists"),
        ({"date": "11/24/2026"}, "date", "impossible-date", "write 2026-11-24"),
        ({"date": "2026-11-01"}, "date", "before-plan", "2026-11-23"),
        ({"date": None}, "date", "impossible-date", "missing"),
        ({"key": "w09-1"}, "key", "unknown-key", "does not belong to the plan of 'p1'"),
        ({"patient": "p2"}, "patient", "another-patient", "its patient is 'p2', the plan's 'p1'"),
        ({"rpe": 3}, "rpe", "outside-scale", "borg runs from 6 to 20"),
        ({"rpe": 12, "scale": "cr10"}, "rpe", "outside-scale", "cr10 runs from 0 to 10"),
        ({"rpe": float("nan")}, "rpe", "outside-scale", "outside"),
        ({"scale": None}, "scale", "missing", "name the scale"),
        ({"scale": "feelings"}, "scale", "unknown-word", "borg or cr10"),
        ({"done": "maybe"}, "done", "unknown-word", "yes, partly or no"),
        ({"done": None}, "done", "missing", "yes, partly or no"),
        ({"done": "no", "rpe": None}, "minutes", "contradiction", "not done"),
        ({"stop_reason": "opt-out-transport-costs"}, "stop_reason", "unknown-stop-reason", "'opt-out-transport-cost'"),
        ({"symptoms": "dizzyness"}, "symptoms", "unknown-symptom", "did you mean 'dizziness'"),
        ({"pain": 11}, "pain", "too-large", "more than 10"),
        ({"load:leg-pres": "30 kg"}, "load:leg-pres", "unknown-exercise", "did you mean 'leg"),
        ({"load:leg-press": "heavy"}, "load:leg-press", "wrong-shape", "30 kg 2x12"),
        ({"load:leg-press": "5000 kg"}, "load:leg-press", "impossible-load", "between 0 and 500"),
        ({"loads": {"leg-press": {"kilos": 3}}}, "load:leg-press", "unknown-key", "'kilos'"),
        ({"colour": "red"}, "colour", "unknown-key", "'colour'"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_column(cells: dict[str, Any], column: str, code: str, named: str) -> None:
    """And the closest word where there is one."""
    found = faulty(**cells)
    assert found[:2] == (column, code)
    assert named in found[2]


def test_a_key_in_several_rows_makes_all_of_them_problems() -> None:
    """So no row wins by its place."""
    reading = read_log([ROW, {**ROW, "rpe": 15}, {**ROW, "key": "w01-2"}], PLAN)
    assert [entry.key for entry in reading.entries] == ["w01-2"]
    assert [(problem.row, problem.code) for problem in reading.problems] == [(1, "duplicate-key"), (2, "duplicate-key")]


def test_symptoms_of_a_row_that_cannot_be_used_are_kept_for_its_day() -> None:
    """Also the pain, and the planned day where the date cannot be read; a good row keeps nothing."""
    rows = [
        {**ROW, "minutes": -1, "symptoms": "chest-pain", "pain": 4},
        {**ROW, "key": "w01-2", "date": "soon", "stop_reason": "feber"},
        {**ROW, "key": "w01-3", "date": "2026-11-28"},
    ]
    kept = read_log(rows, PLAN).warnings_kept
    assert [(entry.key, entry.date, entry.symptoms) for entry in kept] == [
        (DAY, date(2026, 11, 24), ("chest-pain", "pain")),
        (DAY, date(2026, 11, 26), ("fever-signs",)),
    ]


def test_an_empty_cell_is_not_a_no() -> None:
    """Only a written none is a symptom-free day."""
    said = [read_log([{**ROW, "symptoms": word}], PLAN).entries[0].symptoms for word in ("", None, "none", "ingen", [])]
    assert said == [None, None, (), (), ()]


def test_a_day_without_a_session_can_be_logged() -> None:
    """Its key is `day`; it may stand often, needs no done, and holds no minutes."""
    rows = [{"key": "day", "date": day, "symptoms": "none"} for day in ("2026-11-25", "2026-11-27")]
    assert [entry.key for entry in read_log(rows, PLAN).entries] == [DAY, DAY]
    assert read_log([{**rows[0], "minutes": 30}], PLAN).problems[0].code == "contradiction"


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_template_reads_back_blank_and_filled_in(lang: str, tmp_path: Path) -> None:
    """In both languages, from text, bytes and a file, with a mark for spreadsheets."""
    text = log_template(PLAN, 1, lang)
    reading = read_log(text, PLAN)
    assert (reading.blank, reading.entries, reading.problems) == (("w01-1", "w01-2", "w01-3"), (), ())
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    assert read_log(path, PLAN) == read_log(str(path), PLAN) == read_log(text.encode("cp1252"), PLAN) == reading
    assert "leg-press" in text.splitlines()[0]


def test_a_danish_sheet_is_read_as_it_is_written() -> None:
    """Semicolons, Danish headings, dates, decimal commas and words."""
    text = (
        "nøgle;dato;gennemført;minutter;anstrengelse;skala;symptomer;smerte;stopårsag;belastning:leg-press;note\n"
        "w01-1;24-11-2026;ja;40;12;Borg 6-20;ingen;0;;22,5 kg 2x12;\n"
        'w01-2;26.11.2026;delvist;25;6,5;CR10;svimmelhed, kvalme;;hændelse;2x8 smerte 3;"gik\nhjem"\n'
    )
    first, second = read_log(text, PLAN).entries
    assert first.loads == {"leg-press": ExerciseDone(22.5, 2, 12)}
    assert (first.symptoms, first.pain, first.date) == ((), 0, date(2026, 11, 24))
    assert (second.done, second.rpe, second.scale) == ("partly", 6.5, "cr10")
    assert (second.symptoms, second.stop_reason) == (("dizziness", "nausea"), "event")
    assert second.loads == {"leg-press": ExerciseDone(None, 2, 8, 3)}
    assert (second.note, second.worst_pain) == ("gik\nhjem", 3)


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        ("", InputFileError, "empty"),
        ("key,date,dne\n", InputFileError, "did you mean 'done'"),
        ("key,date,key\n", InputFileError, "'key' twice"),
        ("[1", InputFileError, "not valid JSON"),
        ('{"sessions": 3}', InputFileError, "list of rows"),
        ('{"patient": "p2", "sessions": []}', PlanError, "does not belong to the plan"),
        ('key,date\n"w01', InputFileError, "not valid CSV"),
    ],
)
def test_what_is_no_log_is_refused_as_a_whole(given: str, error: type[Exception], named: str) -> None:
    """One sentence that says why."""
    with pytest.raises(error, match=named):
        read_log(given + "\n" if given == "" else given, PLAN)


def test_a_row_of_another_length_is_named() -> None:
    """Nobody knows which column its cells belong to."""
    reading = read_log("key,date,done\nw01-1,2026-11-24\nw01-2,2026-11-26,no\n", PLAN)
    assert [(problem.row, problem.code) for problem in reading.problems] == [(2, "wrong-shape")]
    assert [entry.key for entry in reading.entries] == ["w01-2"]


@pytest.mark.parametrize("said", [{"minutes": -1}, {"rpe": 3}, {"done": "maybe"}, {"stop_reason": "tired of it"}])
def test_an_entry_made_by_hand_is_checked_too(said: dict[str, Any]) -> None:
    """The record itself refuses what no session can have."""
    with pytest.raises(PlanError, match=next(iter(said))):
        SessionLog("w01-1", AS_OF, **said)


def test_sessions_without_keys_get_the_weeks_and_their_number() -> None:
    """And keys of the plan are kept, wherever the day lies."""
    bare = evolve(PLAN, weeks=tuple(evolve(w, days=tuple(evolve(day, key="") for day in w.days)) for w in PLAN.weeks))
    assert [key for key in keyed_sessions(bare) if key.startswith("w01")] == ["w01-1", "w01-2", "w01-3"]
    named = [evolve(day, key="a" if day.session else "") for day in PLAN.weeks[0].days]
    once = next(n for n, day in enumerate(named) if day.session)
    one = evolve(PLAN.weeks[0], days=tuple(d if n == once else evolve(d, key="", session=None) for n, d in
                                           enumerate(named)))  # fmt: skip
    assert list(keyed_sessions(evolve(PLAN, weeks=(one,)))) == ["a"]
    with pytest.raises(PlanError, match="'a' twice"):
        keyed_sessions(evolve(PLAN, weeks=(evolve(PLAN.weeks[0], days=tuple(named)),)))


def test_a_template_asks_for_a_week_and_a_language_that_exist() -> None:
    """And no cell of it is a formula."""
    with pytest.raises(PlanError, match="weeks 1 to 3"):
        log_template(PLAN, 4)
    with pytest.raises(PlanError, match="no language"):
        log_template(PLAN, 1, "fr")
    risky = Plan.from_dict(PLAN.to_dict() | {"patient": "=cmd"})
    assert "\n'=cmd," in log_template(risky, 1)
    assert read_log(log_template(risky, 1), risky).problems == ()


# the data file


def test_every_number_of_the_rules_has_a_source_and_a_flag() -> None:
    """And the symptoms are those of the vocabulary; the codes are KL's eight."""
    for rules in load_adaptations().values():
        assert all(p.source and p.verified and p.unit is not None for p in rules.numbers.values())
        local = [p for p in rules.numbers.values() if p.source == "local-decision"]
        assert all(p.verified == "unverified" for p in local)
    assert set(everyone().symptoms) <= set(load_dictionary().vocabulary["monitor"])
    assert len(everyone().stop_reasons) == 8
    assert everyone().numbers["symptom_free_days"].verified == "primary"
    assert everyone().numbers["interruption_sessions"].value == "3"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("minutes_step: {value: 10,", "minutes_stop: {value: 10,", "unknown-key"),
        ("minutes_step: {value: 10,", "minutes_step: {value: ten,", "wrong-shape"),
        ("source: two-for-two-page, verified: unverified}", "source: nowhere, verified: unverified}", "unknown-source"),
        ("chest-pain: {effect: block", "chest-pains: {effect: block", "unknown-word"),
        ("dyspnoea: {effect: lower, domains: [aerobic, strength]", "dyspnoea: {effect: lower", "missing-key"),
        ("lowest_percent: {value: 50", "lowest_percent: {value: 150", "out-of-range"),
        ("infektion: fever-signs", "infektion: flu", "unknown-word"),
        ("  during-treatment:\n", "  after-treatment:\n", "missing-key"),
    ],
)  # fmt: skip
def test_a_faulty_file_of_rules_names_the_fault(old: str, new: str, code: str, tmp_path: Path) -> None:
    """With its place, and the others as well."""
    text = (library_root() / "training" / "adaptation.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "adaptation.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProtocolError) as refused:
        read_adaptations(path)
    assert code in {fault.code for fault in refused.value.diagnostics}
