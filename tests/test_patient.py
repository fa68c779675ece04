"""Patient JSON: everything given is used or named, nothing raises, nothing is filled in."""

from __future__ import annotations

import copy
import json
import pickle
import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.dates import DateSpan, read_date
from exrx.errors import PatientError
from exrx.fields import NO, YES, Members, Span
from exrx.patient import Patient
from exrx.values import WITHHELD, has_identifier
from tests.strategies import DICTIONARY, FIELDS, junk, observed, patients

CPR = ["010180-1234", "0101801234", "010180 1234", "311299-0000", "CPR 010180-1234", "cpr:0101801234", "xx0101801234"]


def reading(**fields) -> Patient:
    return Patient.from_dict(fields)


def only(patient: Patient):
    """The patient's single observation."""
    (observation,) = patient.observations.values()
    return observation


def codes(patient: Patient) -> list[str]:
    return [problem.code for problem in patient.problems]


# ---- properties -------------------------------------------------------------------------------------------------


@given(patients(broken=True))
@settings(max_examples=200)
def test_any_mapping_becomes_a_patient_whose_json_reads_back_equal(given_):
    """Junk of every kind never raises, survives JSON, and reads back as the same patient."""
    patient = Patient.from_dict(given_)
    text = json.dumps(patient.to_dict(), allow_nan=False)
    assert Patient.from_dict(json.loads(text)) == patient
    assert pickle.loads(pickle.dumps(patient)) == patient


@given(patients())
@settings(max_examples=50)
def test_the_mapping_is_neither_changed_nor_kept(given_):
    """What the caller does with the mapping afterwards does not reach the patient."""
    before = copy.deepcopy(given_)
    patient = Patient.from_dict(given_)
    assert given_ == before
    for value in given_.values():
        if isinstance(value, (dict, list)):
            value.clear()
    assert Patient.from_dict(before) == patient
    assert Patient.from_dict(patient.to_dict()) == patient


@given(patients(broken=True))
@settings(max_examples=150)
def test_every_key_is_used_or_named(given_):
    """A key ends in the observations, the forms or the problems, unless its value says that nothing is known."""
    patient = Patient.from_dict(given_)
    named = {problem.field for problem in patient.problems}
    for key, value in given_.items():
        if key in ("id", "origin", "forms") or value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            name = "age" if key == "birth_date" else DICTIONARY.field(key).name
        except KeyError:
            assert key in named or WITHHELD in named
            continue
        says_unknown = value in ("unknown", []) or (isinstance(value, dict) and value.get("value", 0) in (None, [], ""))
        all_missing = isinstance(value, list) and not any(item not in (None, "", {"value": None}) for item in value)
        assert name in patient.observations or name in named or says_unknown or all_missing, (key, value)


@given(patients(broken=True), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_order_of_keys_does_not_matter(given_, chance):
    """Shuffled keys give an equal patient."""
    items = list(given_.items())
    chance.shuffle(items)
    assert Patient.from_dict(dict(items)) == Patient.from_dict(given_)


@given(patients())
@settings(max_examples=100)
def test_usable_answers_raise_no_problem(given_):
    """Everything the strategies call usable is used."""
    patient = Patient.from_dict(given_)
    assert patient.problems == ()
    assert set(patient.observations) == set(given_) - {"forms"}
    assert len(patient.forms) == len(given_.get("forms", []))


@given(st.sampled_from(FIELDS), junk())
@settings(max_examples=300)
def test_an_unusable_value_is_unknown_and_named(entry, value):
    """An observation without a possible value has a problem, and one with has none."""
    patient = Patient.from_dict({entry.name: value})
    for observation in patient.observations.values():
        assert (observation.possible is None) == (observation.problem is not None)
        if observation.problem:
            assert observation.problem in patient.problems
            assert entry.name in observation.problem.message or observation.problem.code == "identifier-refused"


@given(st.sampled_from(FIELDS), st.data())
@settings(max_examples=100)
def test_a_value_alone_and_a_value_with_its_date_say_the_same(entry, data):
    """The date stands beside the value and does not change it."""
    value = data.draw(observed(entry))
    bare = value["value"] if isinstance(value, dict) and "value" in value else value
    dated = {"value": bare, "date": "2026-11-01"}
    assert only(Patient.from_dict({entry.name: dated})).possible == only(Patient.from_dict({entry.name: bare})).possible


@given(st.sampled_from(CPR), st.sampled_from(FIELDS), st.integers(0, 12))
@settings(max_examples=150)
def test_a_cpr_number_is_never_repeated_wherever_it_stands(cpr, entry, place):
    """As id, key, value, origin, tick, free text or in an unknown key: refused and withheld everywhere."""
    where = [
        {"id": cpr},
        {cpr: "yes"},
        {entry.name: cpr},
        {"comment": [{"text": cpr}]},
        {"origin": cpr},
        {"forms": [{"form": "door", "date": "2026-11-23", "yes": [cpr]}]},
        {"gp_clearance": {"value": "limited", "limits": {"avoid": [cpr]}}},
        {entry.name: {"value": "yes", "by": cpr}},
        {entry.name: {"value": "yes", "origin": cpr}},
        {entry.name: {"value": "yes", "date": cpr}},
        {entry.name: {"value": "yes", cpr: 5}},
        {"systolic_bp": [cpr, 140]},
        {"systolic_bp": 140, "sbp": {"value": 120, "unit": cpr}},
    ][place]
    patient = Patient.from_dict(where)
    assert codes(patient) == ["identifier-refused"]
    assert cpr not in repr(patient) + json.dumps(patient.to_dict())
    assert "8012" not in repr(patient)
    assert Patient.from_dict(patient.to_dict()) == patient


# ---- identifiers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given_", [101801234, 1010801234, np.int64(1010801234)])
def test_a_cpr_number_as_a_number_is_refused_too(given_):
    """A spreadsheet drops the leading zero; the number is still one."""
    patient = Patient.from_dict({"id": given_})
    assert (patient.id, codes(patient)) == ("", ["identifier-refused"])


@pytest.mark.parametrize(
    "pseudonym",
    [
        "p1",
        "9912345678",
        "0113801234",
        "3210801234",
        "12345-67890",
        "2026-11-23",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    ],
)
def test_a_pseudonym_is_kept(pseudonym):
    """Ten digits that begin with no day and month are no CPR number, and neither is a UUID."""
    patient = Patient.from_dict({"id": pseudonym})
    assert (patient.id, patient.problems) == (pseudonym, ())
    assert Patient.from_dict({"id": 7}).id == "7"


def test_random_uuids_are_not_taken_for_cpr_numbers():
    """One in a hundred thousand would already spoil a cohort."""
    chance = random.Random(1)
    for _ in range(20_000):
        text = f"{chance.getrandbits(128):032x}"
        assert not has_identifier(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def test_what_is_no_mapping_is_no_patient():
    """The only thing that from_dict raises."""
    for given_ in (None, [], "id", 5, [("id", "p1")]):
        with pytest.raises(PatientError, match="one object"):
            Patient.from_dict(given_)
    assert Patient.from_dict({}) == Patient("", {})


# ---- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "possible"),
    [
        ("platelets", 45, Span(900, 900)),
        ("platelets", "45 10^9/L", Span(900, 900)),
        ("platelets", "<20 10^9/L", Span(0, 399)),
        ("blodplader", "49,96", Span(999, 999)),
        ("haemoglobin", "8.5 mmol/L", Span(1700, 1700)),
        ("ecog", "2", Span(4, 4)),
        ("age", 17, Span(34, 34)),
        ("chest_pain", "yes", YES),
        ("chest_pain", True, YES),
        ("chest_pain", "Nej", NO),
        ("line", "picc", 0b10),
        ("cancer_type", "Head neck", 1 << 5),
        ("gp_clearance", "not asked", 0b1000),
        ("bone_metastasis_sites", [], Members(0, 0)),
        ("bone_metastasis_sites", "none", Members(0, 0)),
        ("bone_metastasis_sites", ["lumbar", "lumbar"], Members(0b100, 0b100)),
        ("bone_metastasis_sites", {"at_least": ["lumbar"]}, Members(0b100, 0b1111111)),
        ("last_surgery", "2026-10", read_date("2026-10")),
        ("last_surgery", "Never", Span(200_000, 200_000)),
        ("birth_date", "1974", read_date("1974")),
        ("age", "1974-03-02", read_date("1974-03-02")),
    ],
)
def test_a_value_says_what_it_says(name, value, possible):
    """One case a way of writing."""
    patient = Patient.from_dict({name: value})
    assert patient.problems == ()
    assert only(patient).possible == possible
    assert only(patient).given == value


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("platelets", 30_000, "implausible"),
        ("platelets", "180 K/uL", "kelvin-unit"),
        ("platelets", "45 mmol/L", "wrong-dimension"),
        ("platelets", "many", "not-a-number"),
        ("platelets", True, "not-a-number"),
        ("platelets", float("nan"), "not-a-number"),
        ("platelets", {"value": 45, "unit": "bananas"}, "unknown-unit"),
        ("haemoglobin", 8.5, "needs-unit"),
        ("ecog", 1.5, "implausible"),
        ("chest_pain", 1, "not-an-option"),
        ("chest_pain", "maybe", "not-an-option"),
        ("chest_pain", ["yes"], "wrong-shape"),
        ("line", "yes", "not-an-option"),
        ("line", False, "not-an-option"),
        ("bone_metastasis_sites", "lumbar", "wrong-shape"),
        ("bone_metastasis_sites", ["lumbar", "left toe"], "not-an-option"),
        ("bone_metastasis_sites", {"at_least": ["lumbar"], "sure": True}, "unknown-key"),
        ("last_surgery", "2026-02-30", "impossible-date"),
        ("last_surgery", 49, "impossible-date"),
        ("last_surgery", "<2026-10", "impossible-date"),
        ("last_surgery", ["2026-10-01", "2026-09-01"], "wrong-shape"),
        ("birth_date", 1974, "impossible-date"),
        ("age", "1974", "implausible"),
        ("platelets", {"value": 45, "dat": "2025-01-01"}, "unknown-key"),
        ("platelets", {"value": 45, "date": "yesterday"}, "impossible-date"),
        ("platelets", {"value": 45, "scope": "all"}, "unknown-key"),
        ("gp_clearance", {"value": "cleared", "until": "soon"}, "impossible-date"),
        ("gp_clearance", {"value": "limited", "limits": 5}, "wrong-shape"),
        ("systolic_bp", [120, {"value": 118, "time": "8 o'clock"}], "impossible-date"),
        ("nonsense", 45, "unknown-field"),
        ("forms", "door", "wrong-shape"),
        ("origin", ["example"], "wrong-shape"),
        ("id", ["p1"], "wrong-shape"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_code(name, value, code):
    """One case a way of being wrong; the value is never used."""
    patient = Patient.from_dict({name: value})
    assert codes(patient) == [code]
    assert all(observation.possible is None for observation in patient.observations.values())


def test_a_misspelt_date_key_does_not_make_an_old_value_new():
    """`dat` would leave the value undated, and undated counts as today's."""
    patient = reading(platelets={"value": 180, "dat": "2020-01-01"})
    assert only(patient).possible is None
    assert "'dat'" in patient.problems[0].message


@pytest.mark.parametrize("word", [None, "", "  ", {"value": None}, []])
def test_null_and_empty_are_not_given(word):
    """They say nothing and are no problem."""
    assert reading(platelets=word, chest_pain=word if word != [] else None) == Patient("", {})


@pytest.mark.parametrize("word", ["unknown", "Ved ikke", {"value": "unknown"}])
@pytest.mark.hazard("unknown-read-as-no")
def test_a_written_unknown_is_an_answer_that_no_form_overrules(word):
    """Somebody says that nobody knows: everything stays possible, though an unticked form covers it."""
    form = {"form": "door", "date": "2026-11-23", "role": "nurse", "yes": []}
    patient = reading(platelets=word, chest_pain=word, forms=[form])
    assert patient.observations["platelets"].possible == Span(0, 60000)
    assert patient.observations["chest_pain"].possible == NO | YES
    assert patient.problems == ()


@pytest.mark.hazard("unknown-read-as-no")
def test_a_misspelt_risk_leaves_the_risk_it_probably_meant_unknown():
    """`chest_pian: yes` is a problem, and no unticked form answers it with no."""
    patient = reading(chest_pian="yes")
    assert codes(patient) == ["unknown-field"]
    assert patient.observations["chest_pain"].possible is None


def test_a_dated_unknown_is_an_answer_of_that_day():
    """Somebody asked that day and nobody knew: it can be newer than a form."""
    assert only(reading(chest_pain={"value": "unknown", "date": "2026-11-23"})).possible == NO | YES


def test_two_names_of_one_field_contradict_and_leave_it_unknown():
    """Whichever came first must not win; null beside a value is no second answer."""
    patient = reading(platelets=180, trombocytter=12)
    assert codes(patient) == ["contradiction"]
    assert only(patient).possible is None
    assert only(reading(platelets=None, trombocytter=12)).possible == Span(240, 240)


def test_an_unknown_key_proposes_the_nearest_names():
    """A slip of the pen is found at once."""
    (problem,) = reading(platelest=45).problems
    assert (problem.code, problem.given) == ("unknown-field", 45)
    assert "platelets" in problem.message


def test_a_number_too_long_to_print_is_refused():
    """Python itself will not print it."""
    assert codes(Patient.from_dict({"platelets": 10**5000, "chest_pain": -(10**5000), "id": "p1"})) == [
        "not-an-option",
        "not-a-number",
    ]


def test_numpy_values_are_numbers():
    """Rows of a table come with NumPy's own types."""
    patient = reading(platelets=np.float64(45.5), ecog=np.int16(2), chest_pain=np.bool_(True))
    assert [observation.possible for observation in patient.observations.values()] == [Span(910, 910), Span(4, 4), YES]


# ---- what stands beside a value ---------------------------------------------------------------------------------


def test_everything_beside_a_value_is_kept():
    """Date, unit, origin and what a physician added."""
    value = {
        "value": "limited", "date": "2026-11-16T09:30", "origin": "letter", "by": "oncologist", "scope": "strength",
        "until": "2026-12", "limits": {"avoid": ["heavy-lifting"]},
    }  # fmt: skip
    observation = only(reading(oncologist_clearance=value))
    assert observation.date == DateSpan.on(date(2026, 11, 16))
    assert (observation.origin, observation.given) == ("letter", "limited")
    note = observation.note
    assert (note.by, note.scope, note.until) == ("oncologist", "strength", read_date("2026-12"))
    assert note.limits == {"avoid": ["heavy-lifting"]}
    assert only(reading(haemoglobin={"value": 13.7, "unit": "g/dL"})).unit == "g/dL"


def test_the_origin_of_the_patient_is_that_of_every_value():
    """One stamp marks the whole example; a value's own origin wins."""
    patient = Patient.from_dict({"origin": "example", "chest_pain": "no", "ecog": {"value": 1, "origin": "record"}})
    assert patient.example
    assert {name: said.origin for name, said in patient.observations.items()} == {
        "chest_pain": "example",
        "ecog": "record",
    }
    assert reading(chest_pain={"value": "no", "origin": "example"}).example
    assert not reading(chest_pain="no").example


def test_the_newest_reading_decides_and_its_days_readings_are_counted():
    """By day, then by time where all have one, then by place; only usable readings of that day count."""
    given_ = [
        {"value": 140, "time": "08:20"},
        {"value": 210, "time": "08:15"},
    ]
    observation = only(reading(systolic_bp=given_))
    assert (observation.possible, observation.readings) == (Span(280, 280), 2)
    observation = only(reading(systolic_bp=[210, {"value": 140, "date": "2026-11-01"}, 205]))
    assert (observation.possible, observation.readings, observation.date) == (Span(410, 410), 2, None)
    observation = only(reading(systolic_bp={"value": [210, 205], "date": "2026-11-23"}))
    assert (observation.readings, observation.date) == (2, read_date("2026-11-23"))
    newest = only(
        reading(systolic_bp=[{"value": 210, "date": "2026-11-23T09:00"}, {"value": 120, "date": "2026-11-22T10:00"}])
    )
    assert (newest.possible, newest.readings) == (Span(420, 420), 1)


def test_an_unusable_newest_reading_leaves_the_field_unknown():
    """Falling back on the older one would hide that something was measured since."""
    patient = reading(systolic_bp=[140, 14000])
    assert (only(patient).possible, codes(patient)) == (None, ["implausible"])
    patient = reading(systolic_bp=[14000, 140])
    assert (only(patient).possible, only(patient).readings, codes(patient)) == (Span(280, 280), 1, ["implausible"])


def test_answers_may_be_readings_only_if_each_has_its_date():
    """`["yes", "no"]` looks like a set and has no newest."""
    dated = [{"value": "yes", "date": "2026-11-20"}, {"value": "no", "date": "2026-11-10"}]
    assert only(reading(chest_pain=dated)).possible == YES
    assert codes(reading(chest_pain=["yes", "no"])) == ["wrong-shape"]
