"""OMOP CDM 5.4: rows become what is known about a person, and what is not there stays unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

pytest.importorskip("duckdb", reason="OMOP needs duckdb: python -m pip install exrx[omop]")

from hypothesis import given, settings
from hypothesis import strategies as st
from omop_builders import HAEMOGLOBIN, PLATELETS, a_condition, a_measurement, a_person, concepts, write_omop

from exrx.cli.main import main
from exrx.errors import InputFileError
from exrx.io import read_input
from exrx.io.omop import omop_blocks
from exrx.io.omop_codes import proven_coding

DAY = date(2026, 11, 23)


@pytest.fixture
def read(tmp_path):
    """Write tables and read them back as of the day."""

    def _read(ending="parquet", mapping=None, as_of=DAY, **tables):
        path = write_omop(tmp_path, ending, **{"person": [a_person()], **tables})
        return read_input(path, as_of=as_of, mapping=mapping)

    return _read


def only(intake):
    """The one patient, as what was observed by field."""
    (patient,) = intake.patients
    return patient.observations


@pytest.mark.parametrize("ending", ["parquet", "csv", "duckdb"])
def test_parquet_csv_and_duckdb_say_the_same(read, ending):
    """A number keeps its text, unit, day and row; sex and birth date come from person."""
    found = only(read(ending, measurement=[a_measurement(49.96)], condition_occurrence=[a_condition()],
                      concept=concepts()))  # fmt: skip
    platelets = found["platelets"]
    assert (platelets.given, platelets.date.text, platelets.origin) == ("49.96", "2026-11-20", "measurement/7")
    assert platelets.shown == ">49.9 <50"
    assert (found["sex"].given, found["age"].given) == ("female", "1960-05-04")
    assert found["bone_metastases"].given == "yes"


def test_the_patient_is_called_by_person_id_and_the_source_value_is_never_read(read):
    """What may be a person's own number does not come in."""
    (patient,) = read().patients
    assert patient.id == "1"
    assert "010190" not in str(patient)


def test_an_operator_makes_a_bound(read):
    """A laboratory's "<20" is everything below 20."""
    assert only(read(measurement=[a_measurement(20, operator_concept_id=4171756)]))["platelets"].shown == "<20"


def test_an_unknown_operator_leaves_the_value_unknown(read):
    """An operator that nobody looked up is never taken for an equals sign."""
    found = only(read(measurement=[a_measurement(20, operator_concept_id=12345)]))["platelets"]
    assert (found.possible, found.problem.code) == (None, "not-a-number")


def test_the_newest_decides_usable_or_not_and_later_ones_are_left_out(read):
    """A newest row without a number leaves the field unknown; a row after the day does not exist yet."""
    rows = [a_measurement(150, "2026-11-01"), a_measurement(None, "2026-11-20"), a_measurement(12, "2026-11-24")]
    assert only(read(measurement=rows))["platelets"].problem.code == "no-result"
    assert only(read(measurement=rows, as_of=date(2026, 11, 10)))["platelets"].given == "150"
    assert only(read(measurement=rows, as_of=date(2026, 11, 30)))["platelets"].given == "12"


def test_two_values_at_one_time_are_both_possible(read):
    """Where the time is midnight nobody knows which came last."""
    rows = [a_measurement(40, measurement_datetime="2026-11-20 00:00:00"), a_measurement(60)]
    assert only(read(measurement=rows))["platelets"].shown == "40-60"
    known = [a_measurement(40, measurement_datetime="2026-11-20 08:00:00"),
             a_measurement(60, measurement_datetime="2026-11-20 09:00:00")]  # fmt: skip
    assert only(read(measurement=known))["platelets"].given == "60"


def test_a_number_without_a_unit_is_refused(read):
    """Units come from the unit concept or the source's text, and from nowhere else."""
    row = a_measurement(13, measurement_concept_id=HAEMOGLOBIN, unit_source_value=None)
    assert only(read(measurement=[row]))["haemoglobin"].problem.code == "needs-unit"
    row["unit_concept_id"] = 4
    assert only(read(measurement=[row], concept=concepts()))["haemoglobin"].unit == "g/dL"


def test_units_that_do_not_agree_are_refused(read):
    """A unit concept of one kind beside a source unit of another means that one of them is wrong."""
    row = a_measurement(150, unit_concept_id=10)
    assert only(read(measurement=[row], concept=concepts()))["platelets"].problem.code == "contradiction"


def test_absent_conditions_are_unknown_and_ended_or_provisional_ones_too(read):
    """Open world: only what stands there, present and sure, is a yes."""
    assert "bone_metastases" not in only(read(condition_occurrence=[a_condition(8)], concept=concepts()))
    for row in (a_condition(condition_end_date="2026-03-01"), a_condition(condition_status_concept_id=5)):
        assert "bone_metastases" not in only(read(condition_occurrence=[row], concept=concepts()))
    assert "bone_metastases" not in only(read(condition_occurrence=[a_condition(9)], concept=concepts()))


def test_source_codes_count_only_where_their_check_digit_proves_them(read):
    """Without a concept table LOINC and SNOMED source codes are read, others never."""
    proven = a_condition(0, condition_source_value="94222008.0")
    assert only(read(condition_occurrence=[proven]))["bone_metastases"].given == "yes"
    for text in ("C79.51", "94222009"):
        assert "bone_metastases" not in only(read(condition_occurrence=[a_condition(0, condition_source_value=text)]))
    loinc = a_measurement(45, measurement_concept_id=0, measurement_source_value="777-3")
    assert only(read(measurement=[loinc]))["platelets"].given == "45"


def test_a_mapping_names_the_databases_own_concepts_and_what_lies_below_them(read):
    """An infusion is the last chemotherapy where the mapping says which concepts are chemotherapy."""
    drug = {"drug_exposure_id": 5, "person_id": 1, "drug_concept_id": 900, "drug_exposure_start_date": "2026-11-03",
            "drug_exposure_end_date": "2026-11-10"}  # fmt: skip
    ancestor = [{"ancestor_concept_id": 800, "descendant_concept_id": 900}]
    mapping = {"concepts": {"last_chemotherapy": [800], "cancer_type=breast": [1]}}
    found = only(read(drug_exposure=[drug], concept_ancestor=ancestor, condition_occurrence=[a_condition()],
                      mapping=mapping))  # fmt: skip
    assert found["last_chemotherapy"].given == "2026-11-10"
    assert found["cancer_type"].given == "breast"
    assert "last_chemotherapy" not in only(read(drug_exposure=[drug], concept_ancestor=[
        {"ancestor_concept_id": 1, "descendant_concept_id": 2}], mapping=mapping))  # fmt: skip


@pytest.mark.parametrize(
    ("mapping", "says"),
    [({"concepts": {"last_chemoterapy": [1]}}, "Did you mean"), ({"concepts": {"cancer_type": [1]}}, "needs an option"),
     ({"concepts": {"next_chemotherapy": [1]}}, "lies ahead"), ({"columns": {}}, "not a key"),
     ({"concepts": {"bone_metastases": ["C79"]}}, "whole numbers")],
)  # fmt: skip
def test_a_wrong_mapping_says_what_to_write(read, mapping, says):
    """Every fault of a mapping is named before anything is read."""
    with pytest.raises(InputFileError, match=says):
        read(mapping=mapping)


def test_the_dead_are_dead_and_what_follows_is_left_out(read):
    """A row in death is a death, with or without a date; a value after it does not count."""
    rows = [a_measurement(150, "2026-11-01"), a_measurement(12, "2026-11-20")]
    found = only(read(measurement=rows, death=[{"person_id": 1, "death_date": "2026-11-05"}]))
    assert (found["deceased"].given, found["deceased"].date.text) == ("yes", "2026-11-05")
    assert found["platelets"].given == "150"
    assert only(read(death=[{"person_id": 1, "death_date": None}]))["deceased"].given == "yes"


def test_rows_about_nobody_are_a_problem_and_everybody_comes_out(read):
    """As many patients as rows in person, whatever the other tables hold."""
    intake = read(person=[a_person(3), a_person(1), a_person(2, year_of_birth=None)],
                  measurement=[a_measurement(person_id=person) for person in (2, 9, None)])  # fmt: skip
    assert [patient.id for patient in intake.patients] == ["1", "2", "3"]
    assert ["2 rows are about nobody" in problem.message for problem in intake.problems] == [True]
    assert "platelets" in intake.patients[1].observations


def test_a_birth_year_alone_stays_a_year(read):
    """Nothing is filled in where month or day are missing."""
    person = a_person(month_of_birth=None, day_of_birth=None)
    assert only(read(person=[person]))["age"].given == "1960"


@pytest.mark.parametrize(
    ("tables", "says"),
    [({"measurement": [{"person_id": 1, "measurement_concept_id": 1}]}, "no column measurement_date"),
     ({"person": [{"gender_concept_id": 1}]}, "no column person_id")],
)  # fmt: skip
def test_a_table_without_a_column_it_must_have_is_refused_by_name(read, tables, says):
    """The message names the table and the column."""
    with pytest.raises(InputFileError, match=says):
        read(**tables)


def test_damaged_parquet_is_one_clear_message(tmp_path):
    """A truncated file is refused as a whole, naming the input."""
    write_omop(tmp_path, person=[a_person()], measurement=[a_measurement()])
    whole = (tmp_path / "measurement.parquet").read_bytes()
    (tmp_path / "measurement.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputFileError, match="cannot be read as OMOP"):
        read_input(tmp_path, as_of=DAY)


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 400), st.sampled_from(["2026-11-19", "2026-11-20"])),
                max_size=20), st.integers(1, 6))  # fmt: skip
def test_blocks_of_any_size_hold_the_same_people(tmp_path_factory, rows, block):
    """Where the people are cut into blocks changes nothing about any of them."""
    folder = tmp_path_factory.mktemp("omop")
    made = [a_measurement(value, day, person_id=person) for person, value, day in rows]
    write_omop(folder, person=[a_person(n) for n in range(1, 6)], measurement=made or [a_measurement(person_id=9)])
    whole = read_input(folder, as_of=DAY).patients
    parts = list(omop_blocks(folder, as_of=DAY, block=block))
    assert tuple(patient for part in parts for patient in part.patients) == whole
    for patient in whole:
        mine = [(day, value) for person, value, day in rows if str(person) == patient.id]
        assert ("platelets" in patient.observations) == bool(mine)
        if mine:
            newest = [value for day, value in mine if day == max(mine)[0]]
            shown = patient.observations["platelets"].shown
            assert shown == (str(newest[0]) if len(set(newest)) == 1 else f"{min(newest)}-{max(newest)}")


def test_screen_and_describe_take_omop(tmp_path, capsys):
    """The command line reads the folder as it reads any other input, and says what the tables held."""
    write_omop(tmp_path, person=[a_person()], measurement=[a_measurement(Decimal("12.000"))])
    call = ["--as-of", "2026-11-23"]
    code = main(["screen", str(tmp_path), "--protocol", "krop-og-kraeft", "--stage", "session", *call])
    assert code == 0
    assert "OMOP measurement: 1 of 1 rows" in " ".join(capsys.readouterr().out.split())
    assert main(["cohort", "describe", str(tmp_path), *call]) == 0
    assert "platelets" in capsys.readouterr().out


def test_the_public_synthea_database_is_read(shared_data):
    """28 people of Synthea27Nj: every value has a unit that fits, and nothing is refused."""
    folder = shared_data / "omop_mini"
    intake = read_input(folder, as_of=date(2022, 12, 31))
    assert len(intake.patients) == 28
    assert sum("platelets" in patient.observations for patient in intake.patients) == 28
    assert [problem for patient in intake.patients for problem in patient.problems] == []


@given(st.integers(10000, 10**9))
def test_one_wrong_digit_never_passes_as_a_code(number):
    """Check digits catch every slip of a single digit."""
    for code in ("777-3", "94222008"):
        digits = str(number)
        place, digit = int(digits[0]) % len(code), digits[1]
        slipped = code[:place] + digit + code[place + 1 :]
        if slipped != code and slipped.replace("-", "").isdigit() and slipped.count("-") == code.count("-"):
            assert proven_coding(slipped) is None


def test_the_concept_ids_of_the_facts_are_the_fields(read):
    """OMOP ids that stand in the dictionary need no concept table."""
    assert only(read(measurement=[a_measurement(measurement_concept_id=PLATELETS)]))["platelets"].given == "45"


def test_answers_as_a_table_are_those_of_each_patient_whatever_the_block(tmp_path, monkeypatch):
    """`exrx screen --out FILE.csv` streams people in blocks, and says the same of each as one by one."""
    import csv
    import json

    from exrx.io import omop

    write_omop(tmp_path, person=[a_person(n) for n in (1, 2, 3)],
               measurement=[a_measurement(n * 30, person_id=n) for n in (1, 2, 3)])  # fmt: skip
    call = ["screen", str(tmp_path), "--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23"]
    monkeypatch.setattr(omop, "BLOCK", 2)
    assert main([*call, "--out", str(tmp_path / "out.csv")]) == 0
    assert main([*call, "--out", str(tmp_path / "out.jsonl")]) == 0
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        table = [(row["patient"], row["clearance"]) for row in csv.DictReader(file)]
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    single = [(one["patient"], one["clearance"]) for one in map(json.loads, lines)]
    assert table == single
    assert len(table) == 3
