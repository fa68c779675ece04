"""FHIR in, patients out: the newest result decides, absence is unknown, and nobody is lost."""

from __future__ import annotations

import gzip
import json
from datetime import date

import pytest
from fhir_builders import (
    ICD10CM,
    LOINC,
    PLATELETS,
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


# ---- people ----------------------------------------------------------------------------------------


def test_death_is_known_from_its_day_on(read):
    """Dead on the day or before: yes. A later death has not happened yet, and later results are nobody's."""
    dead = person(deceasedDateTime="2026-11-10T12:00:00Z")
    late = observation(20, "2026-11-12")
    patient = read(dead, observation(180, "2026-11-09"), late)
    assert state(patient, "deceased") == YES
    assert platelets(patient) == ("180", "2026-11-09")
    before = read(dead, observation(180, "2026-11-09"), late, as_of=date(2026, 11, 9))
    assert state(before, "deceased", date(2026, 11, 9)) == NO


@pytest.mark.parametrize("said", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-02-30"}])
def test_a_death_without_a_usable_date_is_a_death(read, said):
    """Whoever wrote a death down meant one."""
    assert state(read(person(**said)), "deceased") == YES


def test_a_patient_resource_that_cannot_be_read_leaves_death_unknown(read):
    """A damaged patient resource must not read as alive."""
    patient = read(person(deceasedBoolean="perhaps"))
    assert state(patient, "deceased") == NO | YES


def test_identifiers_of_the_civil_register_are_refused_and_never_repeated(read):
    """A CPR-shaped id is refused; the digits are nowhere in what comes out."""
    digits = "0405601234"
    patient = read(person(digits), observation(45, subject=f"Patient/{digits}"))
    assert patient.id == "row-1"
    assert "identifier-refused" in [problem.code for problem in patient.problems]
    assert patient.observations["platelets"].shown == "45"
    assert digits not in repr(patient)
    assert digits not in json.dumps(patient.to_dict())


def test_names_and_addresses_are_never_read(read):
    """What identifies a person stays in the file."""
    patient = read(person(name=[{"family": "Xyzzy"}], address=[{"city": "Xyzzy"}], identifier=[{"value": "Xyzzy"}]))
    assert "Xyzzy" not in repr(patient)


def test_references_of_every_shape_reach_the_person(tmp_path):
    """urn:uuid, relative, absolute and versioned references are the same person."""
    references = ["urn:uuid:p1", "Patient/p1", "https://x.example/fhir/Patient/p1", "Patient/p1/_history/3"]
    for reference in references:
        path = write(tmp_path / "b.json", bundle(observation(45, subject=reference), person()))
        (patient,) = read_fhir(path, as_of=AS_OF)
        assert platelets(patient)[0] == "45"


def test_a_result_of_nobody_is_a_problem(tmp_path):
    """A result that does not say whose it is is named and not used."""
    path = write(tmp_path / "b.json", bundle(person(), observation(45, subject="#contained")))
    intake = read_input(path, as_of=AS_OF)
    assert [problem.code for problem in intake.problems] == ["no-patient"]
    assert "platelets" not in intake.patients[0].observations


# ---- files -----------------------------------------------------------------------------------------


def test_a_folder_keeps_everybody_and_names_what_is_broken(tmp_path):
    """Two bundles and a broken file are three patients; the broken one is known by nothing but its problem."""
    write(tmp_path / "a.json", bundle(person("a"), observation(45, subject="Patient/a")))
    write(tmp_path / "b.json.gz", gzip.compress(json.dumps(bundle(person("b"))).encode()))
    write(tmp_path / "c.json", b'{"resourceType": "Bundle", "entry": [')
    write(tmp_path / "notes.txt", b"not FHIR")
    intake = read_input(tmp_path, as_of=AS_OF)
    assert [patient.id for patient in intake.patients] == ["a", "b", "row-3"]
    assert [(problem.row, problem.code) for problem in intake.problems] == [(3, "unreadable-file")]
    assert intake.patients[2].problems[0].code == "unreadable-file"


def test_ndjson_by_resource_type_is_put_together_again(tmp_path):
    """In a bulk export a person lies in one file and their results in others."""
    lines = [person("a"), person("b")]
    write(tmp_path / "Patient.ndjson", "\n".join(map(json.dumps, lines)).encode())
    made = [observation(45, subject="Patient/b"), observation(180, subject="Patient/a")]
    write(tmp_path / "Observation.ndjson.gz", gzip.compress("\n".join(map(json.dumps, made)).encode()))
    found = {patient.id: platelets(patient)[0] for patient in read_fhir(tmp_path, as_of=AS_OF)}
    assert found == {"a": "180", "b": "45"}


def test_ndjson_with_a_broken_line_keeps_the_rest_and_says_so(tmp_path):
    """One bad line is named by its number, and the others count."""
    lines = [json.dumps(person()), "{broken", json.dumps(observation(45))]
    intake = read_input(write(tmp_path / "mixed.ndjson", "\n".join(lines).encode()), as_of=AS_OF)
    assert platelets(intake.patients[0])[0] == "45"
    assert [problem.place for problem in intake.problems] == ["mixed.ndjson, line 2"]


def test_one_id_with_two_birth_dates_is_two_people(tmp_path):
    """Two servers may both have a Patient/1: they are not mixed, and both are warned about."""
    for name, born, count in (("a", "1960-01-01", 45), ("b", "1971-01-01", 180)):
        write(
            tmp_path / f"{name}.json",
            bundle(person("1", birthDate=born), observation(count, subject="Patient/1")),
        )
    patients = read_fhir(tmp_path, as_of=AS_OF)
    assert [platelets(patient)[0] for patient in patients] == ["45", "180"]
    assert all("duplicate-id" in [problem.code for problem in patient.problems] for patient in patients)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"entry": []}', b'{"resourceType": "Bundle"}', b"\xff\xfe\x00"]
)
def test_a_file_that_is_not_fhir_is_refused_as_a_whole(tmp_path, content):
    """Nothing can be answered from it, so nothing is."""
    with pytest.raises(InputFileError):
        read_fhir(write(tmp_path / "b.json", content), as_of=AS_OF)


def test_what_came_from_fhir_reads_back_from_patient_json_at_least_as_cautiously(read):
    """Written as patient JSON and read again, no field is known better than before."""
    from exrx.patient import Patient

    when = "2026-11-22T08:00:00+01:00"
    patient = read(observation(90, when), observation(45, when), condition(), condition((SKS, "DC509")))
    again = Patient.from_dict(patient.to_dict())
    assert again.observations["bone_metastases"] == patient.observations["bone_metastases"]
    one, other = state(patient, "platelets"), state(again, "platelets")
    assert other.low <= one.low <= one.high <= other.high


# ---- the sixty bundles -----------------------------------------------------------------------------


def newest_platelets(path, as_of):
    """The newest platelet count of a bundle at or before a day, and not after the death: by plain JSON alone."""
    resources = [entry["resource"] for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]]
    died = next(r for r in resources if r["resourceType"] == "Patient").get("deceasedDateTime", "9999")[:10]
    found = [
        (r["effectiveDateTime"], r["valueQuantity"]["value"])
        for r in resources
        if r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] == PLATELETS[1]
    ]
    counted = [(when, value) for when, value in found if when[:10] <= min(died, as_of.isoformat())]
    return max(counted, default=(None, None))


@pytest.mark.parametrize("as_of", [AS_OF, date(2012, 6, 1)])
def test_sixty_bundles_in_sixty_patients_out_with_every_newest_platelet_count(shared_data, as_of):
    """Each person is there once, and the newest count is found again in `inputs` with its number and its day."""
    folder = shared_data / "synthea"
    patients = read_fhir(folder, as_of=as_of)
    files = sorted(folder.glob("*.json.gz"))
    assert [patient.id for patient in patients] == [path.name.removesuffix(".json.gz") for path in files]
    assert len(patients) == 60
    for patient, path in zip(patients, files, strict=True):
        when, value = newest_platelets(path, as_of)
        found = know(patient, DICTIONARY, as_of).inputs.get("platelets")
        assert (found is None) == (when is None)
        if found and when:
            assert (float(found.given), found.date) == (value, when[:10])


def test_the_dead_of_the_sixty_are_known_to_be_dead(shared_data):
    """26 of the 60 had died; on a day before their death they had not."""
    folder = shared_data / "synthea"
    assert sum(know(p, DICTIONARY, AS_OF).deceased for p in read_fhir(folder, as_of=AS_OF)) == 26
    early = date(1930, 1, 1)
    assert sum(know(p, DICTIONARY, early).deceased for p in read_fhir(folder, as_of=early)) == 0


# ---- damage ----------------------------------------------------------------------------------------

JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 10**20), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "coding", "value"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def damaged(content, where, junk):
    """The content with one of its parts, chosen by `where`, replaced."""
    if isinstance(content, dict) and content and where:
        key = sorted(content)[where[0] % len(content)]
        return content | {key: damaged(content[key], where[1:], junk)}
    if isinstance(content, list) and content and where:
        index = where[0] % len(content)
        return [*content[:index], damaged(content[index], where[1:], junk), *content[index + 1 :]]
    return junk


@given(where=st.lists(st.integers(0, 9), min_size=1, max_size=8), junk=JUNK, late=st.booleans())
def test_a_damaged_resource_never_makes_a_patient_look_safer(tmp_path_factory, where, junk, late):
    """With any one part replaced by nonsense everybody is still there, and the newest count is known or unknown,
    but the old one of 180 comes back only if the damage took the new one away from the person or the day."""
    made = [person(), condition(), observation(180, "2026-11-01", id="old"), observation(20, "2026-11-20", id="new")]
    target = 3 if late else where[0] % 4
    made[target] = damaged(made[target], where, junk)
    path = write(tmp_path_factory.mktemp("fhir") / "b.json", bundle(*made))
    try:
        intake = read_input(path, as_of=AS_OF)
    except InputFileError:
        return
    assert intake.n >= 1
    if not late:
        return
    (patient, *_) = intake.patients
    whole = made[3] if isinstance(made[3], dict) else {}
    same = {key: whole.get(key) for key in ("resourceType", "code", "subject", "status", "effectiveDateTime")}
    if same == {key: observation(20, "2026-11-20", id="new").get(key) for key in same}:
        assert patient.observations["platelets"].possible != Span(*[DICTIONARY.fields["platelets"].ticks.tick(180)] * 2)
