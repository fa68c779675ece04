"""The simulation: same seed, same bytes; nobody trains uncleared; variants meet the same world; every row counted."""

from __future__ import annotations

import csv
import json
from datetime import date
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.cli.main import main
from exrx.errors import InputFileError
from exrx.io.synthetic import read_columns, write_blocks
from exrx.protocol import load_protocol
from exrx.protocol.sources import load_sources
from exrx.report.simulation_text import CAUSE_WORDS
from exrx.rules.restriction import Clearance, Restriction
from exrx.screening import screen_cohort
from exrx.study.simulation import results
from exrx.study.simulation.behaviour import load_behaviour
from exrx.study.simulation.follow import CAUSES, HELD, IN_PART, MISSING, NOT_CLEARED, Follower
from exrx.study.simulation.plans import Planner
from exrx.study.simulation.results import simulate, tables
from exrx.study.simulation.sessions import Library, log_row
from exrx.study.simulation.start import draw_start
from exrx.study.simulation.summary import published, summary
from exrx.study.simulation.world import World
from exrx.study.synth import synthesise
from exrx.training.adaptations import load_adaptations
from exrx.training.builder import Baseline
from exrx.training.delivered.group import delivered_many
from exrx.training.programme import load_programme
from exrx.training.targets import load_target

MONDAY = date(2026, 1, 5)
PROGRAMME, TARGET = "dk-2015-group", "acsm-150-75"
CALL = ["simulate", "--protocol", "krop-og-kraeft", "--training", PROGRAMME, "--target", TARGET, "--seed", "5"]


def run(protocols=("krop-og-kraeft",), patients=120, weeks=4, seed=1, cohort=None, **assumed):
    """A small simulation."""
    return simulate(
        {name: load_protocol(name) for name in protocols}, load_programme(PROGRAMME), load_target(TARGET), weeks=weeks,
        start=MONDAY, seed=seed, behaviour=load_behaviour(assumed), patients=patients, cohort=cohort,
    )  # fmt: skip


@pytest.fixture(scope="module")
def pair():
    """Two protocols on the same patients."""
    return run(("krop-og-kraeft", "dk-2015"), patients=150, weeks=3)


@pytest.fixture(scope="module")
def days():
    """Every day of a small world, with what a follower made of it."""
    world = World(draw_start(np.random.default_rng(3), 150, 0, MONDAY), MONDAY, 4, load_behaviour(),
                  np.random.default_rng(4))  # fmt: skip
    planner = Planner(load_programme(PROGRAMME), load_target(TARGET), 4, Library())
    follower = Follower(load_protocol("krop-og-kraeft"), planner, world.behaviour, world.will)
    seen = []
    for today in world.days():
        if today.number == 0:
            follower.enrol(today)
        seen.append((today, follower.follow_day(today)))
    return seen


def test_a_session_is_held_only_where_that_days_screening_clears_it(days):
    """Missing, stale or bad facts never become a trained session."""
    held = 0
    for today, sessions in days:
        if sessions is None:
            continue
        decisions = screen_cohort(today.cohort, load_protocol("krop-og-kraeft"), stage="session", as_of=today.date)
        trained = sessions.rows[sessions.part > 0]
        assert (decisions.clearance[trained] <= Clearance.MODIFY).all()
        assert (decisions.clearance[sessions.rows[sessions.cause == MISSING]] == Clearance.ASSESS).all()
        assert (decisions.clearance[sessions.rows[sessions.cause == NOT_CLEARED]] > Clearance.ASSESS).all()
        held += trained.size
    assert held > 500


def test_every_planned_session_has_one_cause_and_only_held_ones_a_dose(days):
    """Nothing is lost between planned and done."""
    for _, sessions in days:
        if sessions is not None:
            assert ((sessions.cause >= 0) & (sessions.cause < len(CAUSES))).all()
            assert ((sessions.part > 0) == np.isin(sessions.cause, (HELD, IN_PART))).all()
            assert (sessions.done[sessions.part > 0] >= 0).all()


def test_a_count_is_known_from_its_sample_and_no_younger(days):
    """The hospital knows the newest result with the day it was taken, never one from the future, and some are old."""
    ages = []
    for today, _ in days:
        ordinals = today.cohort.dates["platelets"].ordinals
        known = ordinals[ordinals > 0]
        ages += (today.date.toordinal() - known).tolist()
    assert min(ages) == 0
    assert 5 < max(ages) < 22


def test_sessions_add_up_in_every_table(pair):
    """Patients, counts by cause and doses are the same sessions."""
    found = tables(pair)
    for variant in pair.variants:
        people, sessions = ({name: column[table["variant"] == variant.name] for name, column in table.items()}
                            for table in (found["patients"], found["sessions"]))  # fmt: skip
        assert people["planned"].sum() == sessions["sessions"].sum() == variant.planned
        for cause in CAUSES:
            assert people[cause].sum() == sessions["sessions"][sessions["cause"] == cause].sum()
        dose = {name: column[found["dose"]["variant"] == variant.name] for name, column in found["dose"].items()}
        minutes = dose["measure"] == "minutes"
        assert dose["done"][minutes].sum() == people["done_minutes"].sum()
        assert dose["planned"][minutes].sum() == people["planned_minutes"].sum()
        assert len(people["id"]) == pair.n
    for table in found.values():
        assert set(table["origin"]) == {"synthetic"}


def test_who_is_not_enrolled_has_no_session(pair):
    """Only a cleared enrolment gives a plan."""
    for variant in pair.variants:
        people = variant.patients
        assert (people["planned"][~people["enrolled"]] == 0).all()
        assert set(people["enrolment"][people["enrolled"]]) <= {"clear", "modify"}
        assert 0 < variant.enrolled < pair.n


def test_attendance_and_rdi_are_the_houses_measures(pair):
    """RDI is each patient's minutes done by minutes planned, and never above what was planned."""
    people = pair.variants[0].patients
    one = np.flatnonzero(people["planned"] > 0)[0]
    whole = delivered_many([[people["planned_minutes"][one]]], [[people["done_minutes"][one]]])
    assert people["rdi"][one] == pytest.approx(whole.rdi[0])
    assert people["attendance"][one] == pytest.approx((people["held"] + people["held-in-part"])[one]
                                                      / people["planned"][one])  # fmt: skip


def test_the_same_protocol_under_another_order_gives_the_same_patients(pair):
    """Common random numbers: what came of a protocol does not depend on what it is held against."""
    alone = run(("dk-2015",), patients=150, weeks=3).variants[0]
    beside = pair.variants[1]
    assert alone.sessions == beside.sessions
    for name, column in alone.patients.items():
        np.testing.assert_array_equal(column, beside.patients[name])


def test_differences_are_paired(pair):
    """A difference is the mean over patients of the other minus the first."""
    rows = tables(pair)["differences"]
    first, other = (variant.patients["held"] for variant in pair.variants)
    at = rows["measure"].tolist().index("held")
    assert rows["mean_difference"][at] == pytest.approx((other - first).mean())
    assert rows["monte_carlo_error"][at] < np.hypot(first.std(), other.std()) / np.sqrt(pair.n)


def test_another_seed_gives_other_patients_and_the_same_seed_the_same():
    """The seed is the only chance there is."""
    one, same, other = run(patients=40, weeks=1), run(patients=40, weeks=1), run(patients=40, weeks=1, seed=2)
    assert one.variants[0].sessions == same.variants[0].sessions != other.variants[0].sessions


def test_threads_and_their_order_change_nothing(monkeypatch):
    """Blocks made by one thread or by two are the same patients, each once and in order."""
    monkeypatch.setattr(results, "BLOCK", 16)
    two = run(patients=40, weeks=1).variants[0]
    monkeypatch.setattr(results, "_THREADS", 1)
    one = run(patients=40, weeks=1).variants[0]
    assert one.patients["id"].tolist() == [f"SYNTHETIC-{row:07d}" for row in range(1, 41)]
    assert one.sessions == two.sessions
    for name, column in one.patients.items():
        np.testing.assert_array_equal(column, two.patients[name])


@settings(max_examples=4, deadline=None)
@given(st.floats(0, 1), st.integers(1, 5))
def test_nobody_comes_where_nobody_would(comes, seed):
    """More willingness never means fewer held sessions, patient by patient in the first week; none, none at all."""
    low, high = sorted((comes, 1.0))
    few, many = (run(patients=40, weeks=1, seed=seed, comes=share, comes_spread=0.0) for share in (low, high))
    none = run(patients=40, weeks=1, seed=seed, comes=0.0, comes_spread=0.0)
    assert (few.variants[0].patients["did-not-come"] >= many.variants[0].patients["did-not-come"]).all()
    assert none.variants[0].count("held", "held-in-part") == 0


def test_a_cohort_file_is_followed_from_where_it_stands(tmp_path):
    """Age, cancer and habits are the file's, its ids stay, and the courses go on from their own cycle."""
    columns = synthesise(80, seed=4, as_of=MONDAY)
    for ending in ("parquet", "csv"):
        write_blocks(tmp_path / f"c.{ending}", [columns])
    read = read_columns(tmp_path / "c.parquet")
    first = run(patients=0, weeks=2, cohort=read).variants[0]
    assert first.patients["id"].tolist() == columns["id"].tolist()
    again = run(patients=0, weeks=2, cohort=read_columns(tmp_path / "c.csv")).variants[0]
    assert first.sessions == again.sessions
    assert first.count("held") > 50


@pytest.mark.parametrize(
    ("change", "says"),
    [({"origin": ""}, "row 1 is not synthetic"), ({"synthetic.regimen": "tea"}, "row 1: the regimen"),
     ({"chemotherapy_cycle": 99.0}, "no cycle of that number"), ({"age": np.nan}, "'age' is missing"),
     ({"ecog": None}, "no column 'ecog'")],
)  # fmt: skip
def test_a_table_that_is_no_synthetic_cohort_is_refused_whole(tmp_path, capsys, change, says):
    """Real patients are not simulated, and a table with a hole says which row."""
    columns = synthesise(20, seed=4, as_of=MONDAY)
    for name, value in change.items():
        if value is None:
            del columns[name]
        else:
            columns[name] = columns[name].copy()
            columns[name][0] = value
    write_blocks(tmp_path / "c.csv", [columns])
    assert main([*CALL, "--cohort", str(tmp_path / "c.csv"), "--out", str(tmp_path / "o")]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--assume", "come=1"], "did you mean 'comes'?"), (["--assume", "comes=2"], "comes must be a number from 0 to 1"),
     (["--assume", "comes_spread=0.6"], "more than shares around"), (["--weeks", "0"], "weeks must be"),
     (["--assume", "ill_days=0"], "ill_days must be whole days from 1"), (["--start", "2026-01-06"], "no Monday"),
     (["--assume", "easy=1"], "must not exceed 1"), (["--against", "krop-og-kraeft"], "simulated already"),
     (["--against", "aha-core-2019"], "no stage 'enrolment'"), (["--cohort", "nowhere.csv"], "nowhere.csv"),
     (["--cohort", "nowhere.json"], ".parquet or .csv"), (["--training", "dk-2105-group"], "dk-2015-group")],
)  # fmt: skip
def test_a_call_that_cannot_be_followed_says_what_and_what_to_do(tmp_path, capsys, more, says):
    """Exit 2, one message, nothing written."""
    assert main([*CALL, "--out", str(tmp_path / "o"), *more]) == 2
    assert says in capsys.readouterr().err
    assert not list(tmp_path.glob("o/*.csv"))


@pytest.fixture
def no_figures(monkeypatch):
    """Without the seconds that drawing takes."""
    monkeypatch.setattr("exrx.report.plots.simulation.simulation_figures", lambda *_: iter(()))


def test_the_same_seed_writes_the_same_bytes(tmp_path, no_figures):
    """Tables, summary and manifest, in both formats of tables."""
    for ending in ("csv", "parquet"):
        for name in ("one", "two"):
            call = [*CALL, "--against", "dk-2015", "--patients", "40", "--weeks", "1", "--tables", ending]
            assert main([*call, "--out", str(tmp_path / ending / name)]) == 0
        files = sorted(path.name for path in (tmp_path / ending / "one").iterdir())
        assert f"differences.{ending}" in files
        for name in files:
            one, two = ((tmp_path / ending / each / name).read_bytes() for each in ("one", "two"))
            assert one == two, name


def test_the_command_writes_tables_figures_and_a_manifest_that_holds(tmp_path, capsys):
    """Every file is named with its hash, everything says synthetic, and no path of the machine is written."""
    out = tmp_path / "o"
    call = [*CALL, "--against", "dk-2015", "--patients", "40", "--weeks", "1", "--tables", "csv"]
    assert main([*call, "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "SYNTHETIC" in said.out
    assert "SYNTHETIC" in said.err
    files = {path.name for path in out.iterdir()}
    assert files == {"patients.csv", "sessions.csv", "dose.csv", "target.csv", "differences.csv", "manifest.json",
                     "summary.json", "sessions-by-week.png", "sessions-by-cycle-day.png", "dose.png",
                     "target.png"}  # fmt: skip
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["synthetic"] is True
    assert set(manifest["files"]) == files - {"manifest.json"}
    for name, digest in manifest["files"].items():
        assert sha256((out / name).read_bytes()).hexdigest() == digest
    assert str(tmp_path) not in (out / "manifest.json").read_text()
    with (out / "patients.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 80


def test_a_broken_off_run_leaves_no_manifest_of_the_last_one(tmp_path):
    """Where a manifest stands, the files beside it are whole and its own."""
    out = tmp_path / "o"
    out.mkdir()
    (out / "manifest.json").write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("exrx.io.synthetic.write_blocks", lambda *_: (_ for _ in ()).throw(OSError(28, "disk is full")))
        assert main([*CALL, "--patients", "5", "--weeks", "1", "--out", str(out)]) == 2
    assert not (out / "manifest.json").exists()


def test_the_danish_summary_says_synthetic_and_prints_every_assumption(tmp_path, capsys, no_figures):
    """Every assumption is printed with its value and whose it is."""
    assert main([*CALL, "--patients", "20", "--weeks", "1", "--lang", "da", "--out", str(tmp_path / "o"),
                 "--assume", "comes=0.8"]) == 0  # fmt: skip
    said = " ".join(capsys.readouterr().out.split())
    assert "SYNTETISKE PATIENTER" in said
    for name, each in load_behaviour().assumptions.items():
        assert f"{name} " in said
        assert " ".join(each.label["da"].split())[:30] in said
    assert "comes 0,8: " in said
    assert "givet med kaldet" in said


def test_assumptions_and_published_figures_name_a_source_and_a_flag():
    """A number without a source is ours and says unverified."""
    known = load_sources()
    for each in load_behaviour().assumptions.values():
        assert each.source in known
        assert (each.source == "local-decision") == (each.verified == "unverified")
        assert set(each.label) == {"da", "en"}
    for entry in published():
        assert entry["source"] in known
        assert entry["verified"] in ("primary", "secondary")


def test_words_exist_for_every_cause():
    """No cause is printed as its code."""
    for lang in ("da", "en"):
        assert list(CAUSE_WORDS[lang]) == list(CAUSES)


def test_an_empty_week_is_a_summary_without_shares():
    """Where nobody is enrolled nothing is divided by nothing."""
    content = summary(run(patients=1, weeks=1, seed=30), None)
    assert json.dumps(content, allow_nan=False)


def test_a_log_row_of_every_outcome_is_one_that_the_log_accepts():
    """The rows that a simulation writes are rows that people could write."""
    rules = load_adaptations()["during-treatment"]
    session = next(iter(load_programme(PROGRAMME).course(*course_of()).week(1).values()))
    rows = [log_row("w01-1", MONDAY, outcome, session, rules, None) for outcome in range(8)]
    assert [row.trained for row in rows] == [False, False, True, True, True, True, True, True]


def course_of():
    """What a course of the programme starts from, where nothing is known and nothing restricted."""
    return Restriction.none(), Baseline(), load_target(TARGET), None, 1


def test_a_protocol_without_sessions_is_refused():
    """A programme is followed from enrolment through its sessions."""
    with pytest.raises(InputFileError, match="no stage 'session'"):
        run(("bmjopen-enrolment",), patients=5)
