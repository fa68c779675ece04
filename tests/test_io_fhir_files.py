"""FHIR files: whoever is in comes out, the dead stay dead, and damage never makes anybody look safer."""

from __future__ import annotations

import gzip
import json
from datetime import date

import pytest
from fhir_builders import PLATELETS, SKS, bundle, condition, observation, person, write
from hypothesis import given
from hypothesis import strategies as st

from exrx import Clearance, load_protocol, screen
from exrx.errors import InputFileError
from exrx.fields import NO, YES, Span, load_dictionary
from exrx.io import read_fhir, read_input
from exrx.knowledge import know
from exrx.patient import Patient

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


def test_the_dead_of_the_sixty_are_stopped(shared_data):
    """Whoever has died gets no plan, and nobody is cleared on what a register says alone."""
    protocol = load_protocol("dk-2015")
    for patient in read_fhir(shared_data / "synthea", as_of=AS_OF, assume_no={"conditions"}):
        decision = screen(patient, protocol, stage="enrolment", as_of=AS_OF)
        if know(patient, DICTIONARY, AS_OF).deceased:
            assert decision.clearance == Clearance.STOP
        assert decision.clearance >= Clearance.ASSESS


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
