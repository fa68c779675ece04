"""`exrx demo`: the main job on a made-up morning, readable, repeatable, and never mistaken for real patients."""

from __future__ import annotations

import csv
import json
from datetime import date

import numpy as np
import pytest

from exrx.cli.main import main
from exrx.study.example_cohort import draw_counts, draw_treatment, example_cohort

DAY = date(2026, 11, 23)
FILES = ["cohort.csv", "decision.json", "decisions.csv", "patient.json", "plan.csv", "plan.json", "summary.json"]


@pytest.fixture(scope="module")
def columns():
    """The demo's cohort."""
    return example_cohort(2000, as_of=DAY)


@pytest.fixture
def run(tmp_path, capsys):
    """Run a small demo in a language; returns what was printed and the folder."""

    def _run(lang: str = "en", folder: str = "out", *more: str):
        out = tmp_path / folder
        code = main(["demo", "--patients", "600", "--as-of", DAY.isoformat(), "--lang", lang, "--out", str(out), *more])
        assert code == 0
        return capsys.readouterr().out, out

    return _run


@pytest.mark.parametrize("lang", ["da", "en"])
def test_nothing_is_wider_than_80_columns(run, lang):
    """The whole demo fits an ordinary terminal, in both languages."""
    text, _ = run(lang)
    assert max(map(len, text.splitlines())) <= 80


def test_it_says_first_that_the_patients_are_made_up(run):
    """EXAMPLE and "made up" stand in the first lines, and in every file about a patient."""
    text, folder = run()
    assert "EXAMPLE: all patients are made up" in text.splitlines()[1]
    for name in ("decision.json", "plan.json", "plan.csv"):
        assert "EXAMPLE" in (folder / name).read_text(encoding="utf-8")
    assert json.loads((folder / "patient.json").read_text(encoding="utf-8"))["origin"] == "example"


def test_the_files_are_all_there_and_nothing_else(run):
    """Seven files, no leftovers of writing aside; a second run replaces them."""
    _, folder = run()
    run()
    assert sorted(path.name for path in folder.iterdir()) == FILES


def test_the_same_seed_gives_the_same_files(run):
    """Deterministic: byte for byte, and another seed differs."""
    _, one = run("en", "one")
    _, two = run("en", "two")
    _, other = run("en", "other", "--seed", "7")
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in FILES)
    assert (one / "cohort.csv").read_bytes() != (other / "cohort.csv").read_bytes()


def test_patients_in_are_decisions_out(run):
    """N rows of the cohort, N rows of decisions, in the same order, and the summary adds up."""
    _, folder = run()
    with (folder / "cohort.csv").open(encoding="utf-8", newline="") as file:
        cohort = [row["id"] for row in csv.DictReader(file)]
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file:
        decided = [row["patient"] for row in csv.DictReader(file)]
    assert decided == cohort
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert sum(summary["places"].values()) == len(cohort) == 600


def test_the_written_patient_screens_as_the_demo_said(run, capsys):
    """The command that the demo prints gives the decision that it wrote."""
    _, folder = run()
    code = main(["screen", str(folder / "patient.json"), "--protocol", "krop-og-kraeft", "--stage", "session",
                 "--as-of", DAY.isoformat(), "--format", "json"])  # fmt: skip
    assert code == 0
    assert json.loads(capsys.readouterr().out) == json.loads((folder / "decision.json").read_text(encoding="utf-8"))


def test_the_written_cohort_screens_as_the_demo_said(run, capsys):
    """The CSV reads back: every row gets the clearance that the demo wrote."""
    _, folder = run()
    main(["screen", str(folder / "cohort.csv"), "--protocol", "krop-og-kraeft", "--stage", "session",
          "--as-of", DAY.isoformat(), "--format", "jsonl"])  # fmt: skip
    screened = [json.loads(line)["clearance"] for line in capsys.readouterr().out.splitlines()]
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file:
        assert screened == [row["clearance"] for row in csv.DictReader(file)]


def test_with_complete_forms_at_most_a_tenth_is_ask_first(run):
    """The calibration of the morning list, on the made-up cohort."""
    _, folder = run()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert 0 < summary["places"]["assess"] <= 60


def test_a_cohort_of_one_or_without_adaptations_still_has_its_patient(tmp_path, capsys):
    """The demo does not depend on finding the right patient."""
    for seed in ("1", "2", "3"):
        assert main(["demo", "--patients", "1", "--seed", seed, "--as-of", DAY.isoformat(),
                     "--out", str(tmp_path / seed)]) == 0  # fmt: skip
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "x", "300000"])
def test_an_impossible_size_is_exit_2(number):
    """The number of patients has bounds."""
    with pytest.raises(SystemExit) as stopped:
        main(["demo", "--patients", number])
    assert stopped.value.code == 2


def test_a_folder_that_cannot_be_made_is_exit_2(tmp_path, capsys):
    """A file in the way is named."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert main(["demo", "--patients", "5", "--as-of", DAY.isoformat(), "--out", str(tmp_path / "taken")]) == 2
    assert "taken" in capsys.readouterr().err


def test_counts_fall_to_a_lowest_point_and_recover():
    """Neutrophils are lower in the middle of a course than at either end, platelets too."""
    rng = np.random.default_rng(1)
    treatment = draw_treatment(rng, 20_000)
    counts = draw_counts(rng, treatment, DAY)
    part = treatment.day / treatment.length
    middle, ends = (part > 0.45) & (part < 0.7), (part < 0.15) | (part > 0.95)
    for name in ("neutrophils", "platelets", "leukocytes"):
        assert np.median(counts[name][middle]) < 0.75 * np.median(counts[name][ends])


def test_no_count_is_older_than_the_latest_infusion(columns):
    """A count from before the infusion would have expired; the demo's have not."""
    taken = np.array(columns["platelets.date"], dtype="datetime64[D]")
    infused = np.array(columns["last_chemotherapy"], dtype="datetime64[D]")
    assert (taken >= infused).all()
    assert (taken <= np.datetime64(DAY)).all()


def test_forms_are_dated_and_a_few_are_missing(columns):
    """Door forms are today's; about one in a hundred is missing."""
    door = columns["form.door"]
    assert set(door) == {"", DAY.isoformat()}
    assert 0 < np.mean(door == "") < 0.03


def test_values_are_plausible(columns):
    """Every number lies within the dictionary's plausible range."""
    from exrx.fields import load_dictionary

    fields = load_dictionary().fields
    for header, column in columns.items():
        entry = fields.get(header.split(" ")[0])
        if entry is not None and entry.kind == "quantity":
            values = column[~np.isnan(column)] if column.dtype.kind == "f" else column
            assert values.min() >= float(entry.ticks.low), header
            assert values.max() <= float(entry.ticks.high), header


def test_the_cohort_depends_on_its_seed_alone():
    """Same seed, same cohort; a longer cohort is another draw."""
    one, two = example_cohort(50, seed=3, as_of=DAY), example_cohort(50, seed=3, as_of=DAY)
    assert all((one[name] == two[name]).all() or column.dtype.kind == "f" for name, column in one.items())
    assert example_cohort(50, seed=4, as_of=DAY)["age"].tolist() != one["age"].tolist()
