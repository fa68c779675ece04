"""The synthetic cohort: a marrow that behaves, true nadirs, the same bytes, and never taken for real patients."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from exrx.cli.main import main
from exrx.cohort import Cohort
from exrx.errors import InputFileError
from exrx.fields import load_dictionary
from exrx.io import read_input
from exrx.io.synthetic import write_blocks
from exrx.protocol import load_protocol
from exrx.screening import screen
from exrx.study.marrow import Course, Marrow
from exrx.study.synth import BLOCK, LINEAGES, draw_people, follow, parameters, synthesise
from exrx.study.synth_course import check, courses, long_blocks, nadir_day
from exrx.training import prescribe

DAY = date(2026, 11, 23)
marrows = st.builds(
    lambda *numbers: Marrow(*(np.array([number]) for number in numbers)),
    st.floats(0.5, 500), st.floats(50, 400), st.floats(0.05, 0.8), st.floats(0.2, 3),
)  # fmt: skip


@pytest.fixture(scope="module")
def columns():
    """A cohort of more than one block."""
    return synthesise(BLOCK + 1000, seed=3, as_of=DAY)


def lowest(marrow: Marrow, effect: float, days: int = 40) -> float:
    """The lowest count after one dose."""
    course = Course(marrow)
    course.dose(np.array([effect]))
    found = []
    for _ in range(days):
        course.day()
        found.append(course.count[0])
    return min(found)


@given(marrows, st.integers(1, 60))
def test_without_a_drug_the_baseline_stays(marrow, days):
    """Steady state: a course without a dose is the baseline, to one part in a million."""
    course = Course(marrow)
    for _ in range(days):
        course.day()
    assert course.count == pytest.approx(marrow.baseline, rel=1e-6)


@given(marrows, st.floats(0, 200), st.floats(0, 200))
def test_a_larger_first_dose_never_gives_a_higher_nadir(marrow, one, other):
    """Same patient, one dose from steady state: more drug, no less fall."""
    small, large = sorted((one, other))
    assert lowest(marrow, large) <= lowest(marrow, small) * (1 + 1e-9)


@given(marrows, st.lists(st.floats(0, 300), min_size=1, max_size=6))
def test_counts_stay_positive(marrow, doses):
    """Whatever is given, no compartment reaches zero or overflows."""
    course = Course(marrow)
    for effect in doses:
        course.dose(np.array([effect]))
        for _ in range(14):
            course.day()
            assert (course.state > 0).all()
            assert np.isfinite(course.state).all()


def solved(marrow: Marrow, row: int, effects: np.ndarray) -> np.ndarray:
    """The same course by scipy: counts at the start of each day."""
    rate, c0, feedback = marrow.rate[row], marrow.baseline[row], marrow.feedback[row]

    def slope(_, y):
        p, t1, t2, t3, c = y
        return rate * np.array([p * ((c0 / c) ** feedback - 1), p - t1, t1 - t2, t2 - t3, t3 - c])

    state, found = np.full(5, c0), []
    for effect in effects:
        found.append(state[4])
        state[0] *= np.exp(-rate / 24 * effect * marrow.sensitivity[row] * (c0 / state[4]) ** feedback)
        state = solve_ivp(slope, (0, 1), state, method="LSODA", rtol=1e-9, atol=1e-12).y[:, -1]
    return np.array(found)


@pytest.mark.parametrize("lineage", [0, 1])
def test_the_step_agrees_with_a_fine_solver(lineage):
    """Six-hour steps stay within 1 % of scipy's solution on drawn patients through three cycles."""
    people = draw_people(np.random.default_rng(5), 12)
    marrow = people.marrow[lineage]
    effects = np.zeros(63)
    effects[[0, 21, 42]] = 80
    course, found = Course(marrow), []
    for effect in effects:
        found.append(course.count.copy())
        if effect:
            course.dose(np.full(12, effect))
        course.day()
    truth = np.stack([solved(marrow, row, effects) for row in range(12)], axis=1)
    assert np.abs(np.array(found) / truth - 1).max() < 0.01


@pytest.mark.parametrize("entry", parameters().content["nadir_days"], ids=lambda e: e["regimen"])
def test_the_lowest_day_lies_in_the_published_range(entry):
    """The median day of the lowest true count of the first cycle."""
    least, most = (float(day) for day in entry["days"])
    assert least <= nadir_day(entry["regimen"], entry["what"], 500) <= most


def test_counts_recover_before_the_next_dose():
    """After the first cycle the median neutrophils are back above 1.5, having been below 1.0."""
    first = courses("chop", 800, 1)["neutrophils"][:22]
    middle = np.median(first, axis=1)
    assert middle.min() < 1.0
    assert middle[21] > 1.5


def test_the_published_shares_are_met():
    """Every published figure of the file is met by another seed than the one it was calibrated with."""
    assert [row for row in check(1500, seed=11) if not row.met] == []


def test_the_check_can_fail():
    """With no slack at all some share is missed, so the check is no rubber stamp."""
    assert any(not row.met for row in check(300, seed=2, slack=0.0))


def test_deep_counts_occur_at_the_lowest_days(columns):
    """Platelets below 50 and neutrophils below 0.5 occur, neutrophils most in the middle of three-week cycles."""
    assert (columns["platelets"] < 50).any()
    three = columns["chemotherapy_cycle_length"] == 21
    taken = np.array(columns["platelets.date"], dtype="datetime64[D]")
    infused = np.array(columns["last_chemotherapy"], dtype="datetime64[D]")
    day = (taken - infused).astype(int)
    low = columns["neutrophils"] < 0.5
    assert low[three & (day >= 7) & (day <= 14)].mean() > 5 * max(low[three & (day <= 2)].mean(), 1e-3)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    """Each format twice: byte for byte; another seed differs."""
    for ending in ("csv", "jsonl", "parquet"):
        for name, seed in (("one", "5"), ("two", "5"), ("other", "6")):
            out = str(tmp_path / f"{name}.{ending}")
            assert (
                main(["cohort", "synth", "--patients", "300", "--seed", seed, "--as-of", "2026-11-23", "--out", out])
                == 0
            )
        one, two, other = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two", "other"))
        assert one == two != other


def test_a_failed_write_leaves_the_old_file_and_no_scrap(tmp_path):
    """A fault in the middle leaves what was there."""
    out = tmp_path / "cohort.csv"
    out.write_text("old", encoding="utf-8")

    def broken():
        yield {"id": np.array(["a"], dtype=object)}
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        write_blocks(out, broken())
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["cohort.csv"]


def test_an_ending_that_says_no_format_is_refused(tmp_path):
    """The message names the three endings."""
    with pytest.raises(InputFileError, match=r"\.parquet, \.csv, \.jsonl"):
        write_blocks(tmp_path / "cohort.xls", [])


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_every_row_reads_back_as_an_example_and_no_final_plan_accepts_it(tmp_path, ending):
    """The origin survives each format; `prescribe` refuses all but a draft."""
    out = tmp_path / f"cohort.{ending}"
    assert main(["cohort", "synth", "--patients", "40", "--as-of", "2026-11-23", "--out", str(out)]) == 0
    intake = read_input(out, as_of=DAY)
    patients = intake.patients or [intake.cohort.source(row) for row in range(40)]
    assert len(patients) == 40
    assert all(patient.example and patient.origin == "synthetic" for patient in patients)
    decision = screen(patients[0], load_protocol("krop-og-kraeft"), stage="enrolment", as_of=DAY)
    assert decision.example
    with pytest.raises(Exception, match="no plan"):
        prescribe(patients[0], decision, "dk-2015-group", target="acsm-150-75", start=DAY, weeks=12)


def test_screening_says_that_no_row_is_real(tmp_path, capsys):
    """`exrx screen` on the file: as many decisions as rows, each with the EXAMPLE notice, deep counts deferred."""
    out = tmp_path / "cohort.csv"
    main(["cohort", "synth", "--patients", "300", "--as-of", "2026-11-23", "--out", str(out)])
    capsys.readouterr()
    main(["screen", str(out), "--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23",
          "--format", "jsonl"])  # fmt: skip
    decisions = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(decisions) == 300
    assert all("EXAMPLE" in decision["notice"]["en"] for decision in decisions)
    assert any(decision["clearance"] == "defer" for decision in decisions)


def test_values_are_plausible(columns):
    """Every number lies within the dictionary's plausible range, and the cohort has no unusable cell."""
    fields = load_dictionary().fields
    for header, column in columns.items():
        entry = fields.get(header.split(" ")[0])
        if entry is not None and entry.kind == "quantity":
            numbers = column[~np.isnan(column.astype(float))].astype(float)
            assert numbers.min() >= float(entry.ticks.low), header
            assert numbers.max() <= float(entry.ticks.high), header
    assert len(Cohort.from_columns(columns).ids) == len(columns["id"])


def test_tests_are_missing_where_there_is_little_reason_to_test(columns):
    """Missing by indication: more counts are missing on days 1-5; CRP stands only with a suspected infection."""
    infused = np.array(columns["last_chemotherapy"], dtype="datetime64[D]")
    day = (np.datetime64(DAY) - infused).astype(int)
    gone = np.isnan(columns["neutrophils"])
    early = (day >= 1) & (day <= 5)
    assert gone[early].mean() > 2 * gone[~early].mean() > 0
    ill = (columns["infection_requiring_treatment"] == "yes") | (columns["temperature"] >= 38)
    assert not np.isnan(columns["crp"][ill]).any()
    assert np.isnan(columns["crp"][~ill]).all()


def test_whole_courses_are_in_order_and_depend_on_their_seed():
    """`--long`: days ascend within a patient, dates follow them, counts are positive, and a seed repeats."""
    one, two = (next(iter(long_blocks(60, seed=4, as_of=DAY))) for _ in range(2))
    same = one["id"][1:] == one["id"][:-1]
    assert (np.diff(one["day"])[same] > 0).all()
    assert (np.array(one["date"], dtype="datetime64[D]") == np.datetime64(DAY) + one["day"]).all()
    assert min(one["neutrophils"].min(), one["platelets"].min()) >= 0
    assert all((one[name] == two[name]).all() for name in one)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 30))
def test_everybody_is_followed_to_their_own_day(seed, count):
    """Each row's last day is yielded once with that row still in it."""
    rng = np.random.default_rng(seed)
    until = np.sort(rng.integers(0, 40, count))
    seen = np.zeros(count, dtype=int)
    for day in follow(draw_people(rng, count), until):
        seen[day.first :] += 1
    assert (seen == until + 1).all()


def test_every_number_says_its_source_and_how_well_it_was_seen():
    """The parameter file: each source is in the bibliography, nothing is called primary."""
    from exrx.library import library_root
    from exrx.yamlread import read_plain_yaml

    known = read_plain_yaml(library_root() / "sources.yaml")
    content = parameters().content
    groups = [*content["lineages"].values(), content["covariates"], content["effects"], content["support"]]
    entries = [entry for group in groups for entry in group.values()] + content["published"] + content["nadir_days"]
    assert len(entries) > 40
    for entry in entries:
        assert entry["source"] in known
        assert entry["verified"] in ("secondary", "unverified")
    assert set(content["lineages"]) == set(LINEAGES)


def test_without_an_out_file_or_check_nothing_is_done(capsys):
    """The message says what to add."""
    assert main(["cohort", "synth"]) == 2
    assert "--out" in capsys.readouterr().err
