"""FHIR in, patients out: the newest result decides, absence is unknown, and nobody is lost."""

from __future__ import annotations

from datetime import date

import pytest
from fhir_builders import (
    ICD10CM,
    LOINC,
    SKS,
    SNOMED,
    bundle,
    coded,
    condition,
    observation,
    person,
    quantity,
    write,
)
from hypothesis import given
from hypothesis import strategies as st

from exrx.errors import InputFileError
from exrx.fields import NO, YES, Span, load_dictionary
from exrx.io import read_fhir, read_input
from exrx.io.fhir_codes import index_codes, normal_diagnosis
from exrx.knowledge import know

AS_OF = date(2026, 11, 23)
DICTIONARY = load_dictionary()


@pytest.fixture
def read(tmp_path):
    """Read one bundle of the given resources, with a person unless one is among them."""

    def one(*resources, as_of=AS_OF, assume_no=frozenset()):
        people = () if any(r["resourceType"] == "Patient" for r in resources) else (person(),)
        path = write(tmp_path / "bundle.json", bundle(*people, *resources))
        (patient,) = read_fhir(path, as_of=as_of, assume_no=assume_no)
        return patient

    return one


def state(patient, name, as_of=AS_OF):
    """What is possible for a field on the day."""
    return know(patient, DICTIONARY, as_of).state[name]


def platelets(patient):
    """The platelet observation as (text in 10^9/L, date)."""
    observed = patient.observations["platelets"]
    return observed.shown, observed.date.text if observed.date else None


# ---- codes ---------------------------------------------------------------------------------------


@given(st.sampled_from(["C79.5", "C795", "DC795", "DC79.5", "dc795", " C79.5 "]), st.sampled_from(["", "B", "1"]))
def test_icd_and_sks_spellings_are_one_code(code, tail):
    """Dots, case and the Danish D make no difference; what follows the code stays."""
    assert normal_diagnosis(code.strip() + tail) == "C795" + tail


@given(st.text(max_size=12))
def test_any_text_can_be_asked_for_as_a_code(text):
    """A code is found or not; it never raises, and text that is no diagnosis means nothing."""
    index = index_codes(DICTIONARY)
    assert index.meanings(SKS, text) is not None
    assert index.meanings(text, "C79.5") == ()


@pytest.mark.parametrize(
    ("system", "code", "expected"),
    [
        (ICD10CM, "C79.5", YES),
        (ICD10CM, "C79.51", YES),
        (SKS, "DC795", YES),
        (SKS, "DC795B", YES),
        (SKS, "DC79.5B", YES),
        (SNOMED, "94222008", YES),
        (SNOMED + "/554471000005108", "94222008", YES),
        (ICD10CM, "C79.52", None),
        (ICD10CM, "C79.3", None),
        ("http://example.org/own", "C79.5", None),
        (LOINC, "C79.5", None),
    ],
)
def test_bone_metastases_are_found_in_every_terminology_and_marrow_is_not_bone(read, system, code, expected):
    """C79.5 = C795 = DC795B is bone; C79.52 is marrow; a terminology that is not known is not guessed at."""
    found = read(condition((system, code))).observations.get("bone_metastases")
    assert (found.possible if found else None) == expected


def test_marrow_metastases_are_not_assumed_to_be_no_bone_metastases(read):
    """Assuming no from silence does not go as far as a diagnosis that lies next to it."""
    patient = read(condition((ICD10CM, "C79.52")), assume_no={"conditions"})
    assert "bone_metastases" not in patient.observations
    assert patient.observations["brain_metastases"].possible == NO


# ---- observations ----------------------------------------------------------------------------------


@given(
    values=st.lists(
        st.tuples(st.integers(1, 900), st.integers(-400, 5)), min_size=1, max_size=6, unique_by=lambda v: v[1]
    ),
    shuffle=st.randoms(use_true_random=False),
)
def test_the_newest_result_at_or_before_the_day_decides_in_any_order(tmp_path_factory, values, shuffle):
    """Later results are not known yet, older ones no longer count, and the order of the file says nothing."""
    made = [observation(value, date.fromordinal(AS_OF.toordinal() + days).isoformat()) for value, days in values]
    shuffle.shuffle(made)
    path = write(tmp_path_factory.mktemp("fhir") / "b.json", bundle(person(), *made))
    (patient,) = read_fhir(path, as_of=AS_OF)
    known = [(days, value) for value, days in values if days <= 0]
    if known:
        assert patient.observations["platelets"].given == str(max(known)[1])
    else:
        assert "platelets" not in patient.observations


def test_decimals_arrive_as_they_were_written(read):
    """49.96 is below 50, and no float comes between."""
    assert read(observation(quantity(49.96))).observations["platelets"].given == "49.96"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (quantity(45, "10*3/uL"), "45"),
        (quantity(45000, "/uL"), "45"),
        ({"value": 45, "unit": "x10^9/L"}, "45"),
        (quantity(20, comparator="<"), "<20"),
        (quantity(400, comparator=">="), ">=400"),
    ],
)
def test_units_and_comparators_are_read_and_never_guessed(read, value, shown):
    """The unit of the result counts, in UCUM or in words, and "<20" is everything below 20."""
    assert platelets(read(observation(value)))[0].replace("≥", ">=") == shown


@pytest.mark.parametrize(
    ("newest", "code"),
    [
        (observation(None, "2026-11-22", dataAbsentReason=coded(("x", "unknown"))), "no-result"),
        (observation(None, "2026-11-22"), "no-result"),
        (observation({"value": 45}, "2026-11-22"), "needs-unit"),
        (observation(quantity(45, "K/uL"), "2026-11-22"), "kelvin-unit"),
        (observation(quantity(45, "mmol/L"), "2026-11-22"), "wrong-dimension"),
        (observation(quantity(45000), "2026-11-22"), "implausible"),
        (observation(quantity(45, comparator="ad"), "2026-11-22"), "not-a-number"),
        (observation(quantity("many"), "2026-11-22"), "not-a-number"),
        (observation(quantity({}), "2026-11-22"), "not-a-number"),
        (observation(45, "2026-02-30"), "impossible-date"),
        (observation(None, "2026-11-22", valueQuantity={"value": 45, "unit": 9}), "unreadable-resource"),
        (observation(None, "2026-11-22", valueString="45"), "needs-unit"),
    ],
)
def test_an_unusable_newest_result_does_not_uncover_an_older_one(read, newest, code):
    """Yesterday's unreadable count leaves platelets unknown, with a problem; last week's 180 is not used."""
    patient = read(observation(180, "2026-11-15"), newest)
    assert patient.observations["platelets"].possible is None
    assert [problem.code for problem in patient.problems] == [code]
    assert state(patient, "platelets") == DICTIONARY.fields["platelets"].unknown


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_results_that_were_withdrawn_do_not_count(read, status):
    """A withdrawn result is as if it had never been there."""
    patient = read(observation(180, "2026-11-15"), observation(20, "2026-11-22", status=status))
    assert platelets(patient) == ("180", "2026-11-15")


def test_different_results_of_one_time_are_all_possible(read):
    """Nobody knows whether 45 or 90 is right, so every count between is possible."""
    when = "2026-11-22T08:00:00+01:00"
    patient = read(observation(90, when), observation(45, when), observation(45, when))
    ticks = DICTIONARY.fields["platelets"].ticks
    assert patient.observations["platelets"].possible == Span(ticks.tick(45), ticks.tick(90))
    assert patient.problems == ()


def test_times_are_compared_across_time_zones(read):
    """07:30 in Greenwich is later than 08:00 in Copenhagen."""
    patient = read(observation(90, "2026-11-22T08:00:00+01:00"), observation(45, "2026-11-22T07:30:00Z"))
    assert platelets(patient)[0] == "45"


def test_a_result_that_may_be_the_newest_counts_as_possible(read):
    """A result of "November" may be newer than that of the 20th: both are possible."""
    patient = read(observation(90, "2026-11-20"), observation(45, "2026-11"))
    ticks = DICTIONARY.fields["platelets"].ticks
    assert patient.observations["platelets"].possible == Span(ticks.tick(45), ticks.tick(90))


def test_a_result_without_any_date_may_be_the_newest(read):
    """An undated count of 45 is not passed over for a dated one of 180."""
    patient = read(observation(180, "2026-11-20"), observation(45, None))
    assert patient.observations["platelets"].possible.low == DICTIONARY.fields["platelets"].ticks.tick(45)


@pytest.mark.parametrize("panel", ["85354-9", "55284-4"])
def test_blood_pressure_panels_give_both_pressures(read, panel):
    """The components carry the values; one without a value is unknown, not the old one."""
    systolic = {"code": coded((LOINC, "8480-6")), "valueQuantity": quantity(150, "mm[Hg]")}
    diastolic = {"code": coded((LOINC, "8462-4")), "dataAbsentReason": coded(("x", "error"))}
    old = observation(None, "2026-11-01", (LOINC, panel), component=[
        {"code": coded((LOINC, "8480-6")), "valueQuantity": quantity(120, "mm[Hg]")},
        {"code": coded((LOINC, "8462-4")), "valueQuantity": quantity(80, "mm[Hg]")},
    ])  # fmt: skip
    patient = read(old, observation(None, "2026-11-22", (LOINC, panel), component=[systolic, diastolic]))
    assert patient.observations["systolic_bp"].shown == "150"
    assert patient.observations["diastolic_bp"].possible is None
    failed = read(old, observation(None, "2026-11-22", (LOINC, panel)))
    assert failed.observations["systolic_bp"].possible is None


def test_a_score_given_as_an_integer_needs_no_unit(read):
    """ECOG comes as valueInteger in mCODE."""
    patient = read(observation(None, code=(LOINC, "89247-1"), valueInteger=2))
    assert patient.observations["ecog"].shown == "2"


# ---- conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (condition(), YES),
        (condition(clinical="recurrence"), YES),
        (condition(clinical=None, verified=None), YES),
        (condition(clinical=None, verified="refuted"), NO),
        (condition(clinical=None, verified="entered-in-error"), None),
        (condition(verified="provisional"), None),
        (condition(verified="differential"), None),
        (condition(clinical="resolved"), None),
        (condition(clinical="inactive"), None),
        (condition(clinical="remission"), None),
        (condition(abatementDateTime="2026-06-01"), None),
        (condition(clinical="resolved", abatementDateTime="2027-02-01"), YES),
        (condition(onset="2027-01-01"), None),
        (condition(onset=None, recordedDate="2026-03-01"), YES),
        (condition(onset=None), YES),
        (condition(onset="2026-02-31"), None),
    ],
)
def test_a_diagnosis_is_yes_refuted_is_no_and_history_is_unknown(read, made, expected):
    """Present is yes; refuted is no; over, uncertain or not yet known leaves the field unknown."""
    found = read(made).observations.get("bone_metastases")
    assert (found.possible if found else None) == expected


def test_refuting_one_of_several_meanings_leaves_the_field_open(read):
    """Meningeal metastases refuted (C79.32) do not mean that there are none in the brain."""
    refuted = {"verified": "refuted", "clinical": None}
    assert "brain_metastases" not in read(condition((ICD10CM, "C79.32"), **refuted)).observations
    assert read(condition((ICD10CM, "C79.3"), **refuted)).observations["brain_metastases"].possible == NO


def test_present_and_refuted_contradict_each_other(read):
    """Two diagnoses that exclude each other are a problem, and the field is unknown."""
    patient = read(condition(), condition((SNOMED, "94222008"), verified="refuted", clinical=None))
    assert patient.observations["bone_metastases"].possible is None
    assert [problem.code for problem in patient.problems] == ["contradiction"]


def test_absent_diagnoses_are_unknown_unless_the_caller_says_otherwise(tmp_path):
    """Silence is not an answer; read as no it is marked in every value and in the notes."""
    path = write(tmp_path / "b.json", bundle(person()))
    plain = read_input(path, as_of=AS_OF)
    assert state(plain.patients[0], "bone_metastases") == NO | YES
    assert plain.notes == ()
    assumed = read_input(path, as_of=AS_OF, assume_no={"conditions"})
    found = assumed.patients[0].observations["bone_metastases"]
    assert (found.possible, found.origin) == (NO, "assumed")
    assert "read as no" in assumed.notes[0]
    with pytest.raises(InputFileError, match="conditions"):
        read_input(path, as_of=AS_OF, assume_no={"everything"})


@pytest.mark.parametrize("made", [condition(clinical="resolved"), condition(verified="provisional")])
def test_history_and_suspicion_are_never_assumed_away(read, made):
    """What was there once, or may be, is not absent."""
    assert "bone_metastases" not in read(made, assume_no={"conditions"}).observations


@pytest.mark.parametrize(
    "made",
    [
        condition(("http://example.org/own", "bone")),
        condition() | {"code": {"text": "something in the bones"}},
        condition() | {"code": 7},
        condition() | {"onsetDateTime": 7},
    ],
)
def test_nothing_is_assumed_of_those_with_a_diagnosis_that_cannot_be_read(read, made):
    """An uncoded or damaged diagnosis may be any, so absence of the others proves nothing."""
    assert "bone_metastases" not in read(made, assume_no={"conditions"}).observations


def test_a_finding_counts_from_when_it_was_recorded(read):
    """A physician who answered between onset and record did not know of it."""
    patient = read(condition(onset="2026-01-02", recordedDate="2026-03-04"))
    assert patient.observations["bone_metastases"].date.text == "2026-03-04"


def test_several_cancers_are_all_possible_and_a_past_one_still_names_the_type(read):
    """Two present diagnoses leave both types possible; a resolved one is still the cancer one has had."""
    lung, breast = condition((ICD10CM, "C34.1")), condition((SKS, "DC509"))
    both = read(lung, breast).observations["cancer_type"]
    assert both.shown == "breast or lung"
    assert read(condition((SKS, "DC509"), clinical="resolved")).observations["cancer_type"].shown == "breast"
