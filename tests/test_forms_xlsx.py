"""Forms in Excel, from the empty workbook to signed answers: what a cell may say, and what it must never say."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from exrx.cli.main import main
from exrx.errors import InputFileError
from exrx.fields import NO, YES
from exrx.io.form_cells import ANSWERS, RowReader
from exrx.io.forms_xlsx import forms_workbook, is_forms_workbook, read_forms
from exrx.io.joined_forms import join_forms
from exrx.knowledge import know
from exrx.patient import Patient
from exrx.protocol import load_protocol
from exrx.protocol.paper import PaperForm, paper_forms
from tests.strategies import AS_OF, DICTIONARY, FORMS

DAY = AS_OF.isoformat()
PAPERS = {
    name: PaperForm(form, tuple(DICTIONARY.fields[field] for field in form.measure)) for name, form in FORMS.items()
}
MIDNIGHT = datetime(AS_OF.year, AS_OF.month, AS_OF.day)  # noqa: DTZ001 - how openpyxl gives a date
SIGNED = {"date": DAY, "role": "nurse"}
YES_NO = {"da": ("ja", "nej"), "en": ("yes", "no")}


def read(form: str, **cells) -> tuple[Patient, list[str]]:
    """The patient of one row, and the codes of what was wrong."""
    reader = RowReader(PAPERS[form], {key.replace("__", ":"): cell for key, cell in cells.items()}, "row 5")
    reader.read()
    return Patient.from_dict(reader.content), [problem.code for problem in reader.problems]


def states(patient: Patient) -> dict:
    return know(patient, DICTIONARY, AS_OF).state


@st.composite
def rows(draw):
    """A door form, filled in by somebody in a hurry: form cells by key."""
    cells = {}
    for question in FORMS["door"].questions:
        labels = list(PAPERS["door"].details(question, "da"))
        cells[f"q:{question.id}"] = draw(st.sampled_from(["ja", "no", "ved ikke", "", None, "måske", " JA ", 1]))
        cells[f"which:{question.id}"] = "; ".join(draw(st.lists(st.sampled_from([*labels, "andet"]), max_size=2)))
    cells["date"] = draw(st.sampled_from([DAY, AS_OF, MIDNIGHT, None, "i dag"]))
    cells["role"] = draw(st.sampled_from(["nurse", "sygeplejerske", "", "doctor", None]))
    return cells


# ---- what a row may mean ----------------------------------------------------------------------------------------


@pytest.mark.hazard("unknown-read-as-no")
@settings(max_examples=50)
@given(rows())
def test_only_an_answered_item_of_a_signed_form_says_no(cells):
    """No is said where the item was answered, the form has date and role, and nothing speaks against it."""
    reader = RowReader(PAPERS["door"], cells, "row 5")
    reader.read()
    state = states(Patient.from_dict(reader.content))
    signed = cells["date"] not in (None, "i dag") and cells["role"] in ("nurse", "sygeplejerske")
    for question in FORMS["door"].questions:
        answer = ANSWERS.get(str(cells[f"q:{question.id}"]).strip().casefold())
        named = bool(cells[f"which:{question.id}"])
        for name in question.covers:
            if state[name] == NO:
                assert signed
                assert (answer == "no" and not named) or (answer == "yes" and named)
            if answer == "no" and not named and signed:
                assert state[name] == NO
    assert signed == ("unsigned-form" not in [problem.code for problem in reader.problems] or not reader.is_filled)


@settings(max_examples=40)
@given(rows())
def test_what_is_reported_is_never_lost(cells):
    """A fact that is named, or a yes to an item, is never read as no, signed or not."""
    reader = RowReader(PAPERS["door"], cells, "row 5")
    reader.read()
    state = states(Patient.from_dict(reader.content))
    for question in FORMS["door"].questions:
        details = PAPERS["door"].details(question, "da")
        named = {details[label][0] for label in cells[f"which:{question.id}"].split("; ") if label in details}
        assert all(state[name] == YES for name in named)
        if ANSWERS.get(str(cells[f"q:{question.id}"]).strip().casefold()) == "yes":
            assert any(state[name] != NO for name in question.covers)


@pytest.mark.parametrize("form", PAPERS)
@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_answer_offered_is_understood(form, lang):
    """Each drop-down's entries read back without a problem, in both languages."""
    yes, no = YES_NO[lang]
    for question in FORMS[form].questions:
        role = FORMS[form].roles[0]
        for label, (name, option) in PAPERS[form].details(question, lang).items():
            reader = RowReader(PAPERS[form], {"date": DAY, "role": role, f"q:{question.id}": yes,
                                              f"which:{question.id}": label}, "row 5")  # fmt: skip
            reader.read()
            found = know(Patient.from_dict(reader.content), DICTIONARY, AS_OF)
            assert not found.problems
            assert not reader.problems
            if option:
                assert found.state[name] == DICTIONARY.fields[name].mask(option)
        for answer in (yes, no):
            reader = RowReader(PAPERS[form], {"date": DAY, "role": role, f"q:{question.id}": answer}, "row 5")
            reader.read()
            assert not reader.problems


def test_a_date_stands_for_its_own_fact_and_says_nothing_of_the_others():
    """"Yes, operated on 1 November" says when, and leaves open whether the wound has healed."""
    patient, problems = read("enrolment", q__surgery_ever="ja", date__last_surgery="2026-11-01", **SIGNED)
    assert problems == []
    state = states(patient)
    assert state["last_surgery"].low == state["last_surgery"].high
    assert state["open_surgical_wound"] == DICTIONARY.fields["open_surgical_wound"].unknown


def test_a_no_with_a_date_beside_it_is_asked_again():
    """A contradiction within a row: the date counts, the no does not, and it is a problem."""
    patient, problems = read("enrolment", q__seizure_ever="nej", date__last_seizure=date(2026, 11, 1), **SIGNED)
    assert problems == ["contradiction"]
    assert "last_seizure" in patient.observations


def test_a_blood_count_needs_the_day_it_was_taken():
    """The day of the form is not the day of the blood test: without that day a count is not used."""
    patient, problems = read("cycle", value__platelets="180", q__admitted="nej", **SIGNED)
    assert problems == ["undated-value"]
    assert "platelets" not in patient.observations
    patient, problems = read("cycle", value__platelets=180, value__haemoglobin="7,9", sampled="2026-11-20", **SIGNED)
    assert problems == []
    assert patient.observations["platelets"].date.text == "2026-11-20"
    assert patient.observations["haemoglobin"].shown == "7.9"
    assert patient.problems == ()


def test_the_values_of_an_unsigned_form_are_not_used():
    """Without a role nobody answers for the temperature; a reported symptom still counts."""
    patient, problems = read("door", q__heart="ja", value__temperature=36.8, date=DAY)
    assert problems == ["unsigned-form"]
    assert "temperature" not in patient.observations
    assert states(patient)["chest_pain"] == DICTIONARY.fields["chest_pain"].unknown


# ---- the workbook -------------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    """A door form for three, and a function that fills cells of it: {row: {key: value}}."""
    path = tmp_path / "door.xlsx"
    protocol = load_protocol("dk-2015")
    path.write_bytes(forms_workbook(paper_forms(protocol, "session", "door"), "da", patients=["a", "=b", "c"]))

    def _fill(cells: dict[int, dict]) -> Path:
        workbook = load_workbook(path)
        sheet = workbook.worksheets[0]
        columns = {cell.value: cell.column for cell in sheet[3]}
        for row, content in cells.items():
            for key, value in content.items():
                sheet.cell(row, columns[key]).value = value
        workbook.save(path)
        return path

    return _fill


def all_no(**more) -> dict:
    return {f"q:{question.id}": "nej" for question in FORMS["door"].questions} | {
        "date": MIDNIGHT, "role": "sygeplejerske"
    } | {key.replace("__", ":"): cell for key, cell in more.items()}  # fmt: skip


def test_a_workbook_reads_back_as_signed_forms(book):
    """Who was not asked is there and unknown; who was asked has a signed form; extras of the protocol are read."""
    path = book({5: all_no(value__exclusion_list_checked_today="ja", value__temperature="36,8")})
    assert is_forms_workbook(path)
    first, second, third = read_forms(path).patients
    assert [patient.id for patient in (first, second, third)] == ["a", "=b", "c"]
    assert states(first)["chest_pain"] == NO
    assert states(first)["exclusion_list_checked_today"] == YES
    assert first.observations["temperature"].shown == "36.8"
    assert second.forms == third.forms == ()
    assert not any(patient.problems for patient in (first, second, third))


def test_what_is_odd_in_a_workbook_is_listed(book):
    """A row too many, an unknown answer, a missing signature and a patient twice: each named, nobody lost."""
    path = book({5: all_no(q__heart="måske"), 6: all_no(role=None), 7: all_no(id="a"), 8: all_no(id="stranger"),
                 9: all_no(q__tired="ja")})  # fmt: skip
    found = {patient.id: [problem.code for problem in patient.problems] for patient in read_forms(path).patients}
    assert found["a"] == ["not-on-form", "duplicate-id"]
    assert found["=b"] == ["unsigned-form"]
    assert found["stranger"] == ["unknown-patient"]
    assert len(found) == 4


def test_a_cpr_number_in_a_form_is_refused(book):
    """The id is withheld, the row stays a row, and the message says what to write."""
    path = book({5: all_no(id="010190-1234"), 8: all_no(id=101901234)})
    patients = read_forms(path).patients
    assert [patient.id for patient in patients] == ["door-row-5", "=b", "c", "door-row-8"]
    for patient in (patients[0], patients[3]):
        assert "1234" not in repr(patient)
        assert [problem.code for problem in patient.problems] == ["identifier-refused", "no-patient"]


@pytest.mark.hazard("wrong-patient")
def test_a_nameless_row_is_joined_to_nobody(book):
    """A row without an id stays a patient of its own, also where the record has a nameless patient."""
    path = book({5: all_no(id=None)})
    filled = read_forms(path).patients
    record = Patient.from_dict({"id": "row-1", "age": 50})
    joined = join_forms([record], filled, AS_OF)
    assert joined[0] == record
    assert [patient.id for patient in joined] == ["row-1", "door-row-5", "=b", "c"]


def test_columns_may_be_moved_and_hidden(book):
    """The hidden row says what a column is, so that a team may arrange its sheet."""
    path = book({5: all_no()})
    workbook = load_workbook(path)
    workbook.worksheets[0].insert_cols(2)
    workbook.save(path)
    assert states(read_forms(path).patients[0])["chest_pain"] == NO


@pytest.mark.parametrize(("damage", "said"), [
    (lambda workbook: workbook.__delitem__("_exrx"), "hidden sheet"),
    (lambda workbook: setattr(workbook.worksheets[0], "title", "Mine"), "renamed"),
    (lambda workbook: workbook.worksheets[0].delete_rows(3), "row 3"),
    (lambda workbook: setattr(workbook["_exrx"]["D3"], "value", "1999.1"), "version"),
])  # fmt: skip
def test_a_damaged_workbook_is_refused_with_what_to_do(book, damage, said):
    """Nothing is guessed: the whole file is refused."""
    path = book({})
    workbook = load_workbook(path)
    damage(workbook)
    workbook.save(path)
    with pytest.raises(InputFileError, match=said):
        read_forms(path)


def test_no_workbook_at_all_is_refused(tmp_path):
    """A text called .xlsx is no workbook."""
    path = tmp_path / "x.xlsx"
    path.write_text("id,q\\n")
    assert not is_forms_workbook(path)
    with pytest.raises(InputFileError, match="not an Excel workbook"):
        read_forms(path)


def test_forms_join_the_record_and_the_newest_counts():
    """Two readings of one day are two; an older value gives way; who has forms alone is listed."""
    record = Patient.from_dict({"id": "a", "systolic_bp": 190, "platelets": {"value": 40, "date": "2026-11-01"}})
    filled = Patient.from_dict({
        "id": "a", "systolic_bp": {"value": 150, "date": DAY}, "platelets": {"value": 90, "date": DAY},
    })  # fmt: skip
    stranger = Patient.from_dict({"id": "z", "temperature": {"value": 37, "date": DAY}})
    joined, left = join_forms([record], [filled, stranger], AS_OF)
    found = know(joined, DICTIONARY, AS_OF)
    assert found.readings["systolic_bp"] == 2
    assert joined.observations["systolic_bp"].shown == "150"
    assert joined.observations["platelets"].shown == "90"
    assert [problem.code for problem in left.problems] == ["unknown-patient"]


# ---- the command ------------------------------------------------------------------------------------------------


def test_screen_reads_a_filled_workbook(book, tmp_path, capsys):
    """`exrx screen filled.xlsx` answers every row of it, and a problem is exit 1."""
    path = book({5: all_no(), 6: all_no(role=None)})
    call = ["screen", str(path), "--protocol", "dk-2015", "--stage", "session", "--as-of", DAY, "--format", "json"]
    assert main(call) == 1
    out, err = capsys.readouterr()
    assert [decision["patient"] for decision in json.loads(out)] == ["a", "=b", "c"]
    assert "unsigned-form" in err


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_form_on_paper_has_every_item(tmp_path, lang):
    """Each question, its choices and each value with its unit stand there, a page a patient."""
    (tmp_path / "ids.csv").write_text("id\na1\na2\n")
    (tmp_path / "names.csv").write_text("id,name\na1,<Karen>\n")
    out = tmp_path / "form.html"
    assert main(["form", "--form", "door", "--protocol", "dk-2015", "--patients", str(tmp_path / "ids.csv"), "--names",
                 str(tmp_path / "names.csv"), "--lang", lang, "--out", str(out)]) == 0  # fmt: skip
    html = out.read_text()
    assert html.count("<section>") == 2
    assert "&lt;Karen&gt;" in html
    assert "://" not in html
    assert "<script" not in html
    for question in FORMS["door"].questions:
        assert html.count(question.text[lang].replace("'", "&#x27;")) == 2
    assert "mmHg" in html
    assert "°C" in html


def test_a_form_as_pdf_is_a_page_a_patient_and_the_same_each_time(tmp_path):
    """The PDF is set without a clock; with names refused in Excel, where they would be read back."""
    pytest.importorskip("typst")
    (tmp_path / "ids.csv").write_text("id\na1\na2\n")
    call = ["form", "--form", "door", "--patients", str(tmp_path / "ids.csv"), "--out"]
    made = []
    for name in ("one.pdf", "two.pdf"):
        assert main([*call, str(tmp_path / name)]) == 0
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert b"/Count 2" in made[0]


@pytest.mark.parametrize(("call", "said"), [
    (["--form", "nose", "--out", "x.xlsx"], "no form 'nose'"), (["--out", "x.xlsx"], "say which stage"),
    (["--form", "door", "--out", "x.doc"], "end in"), (["--form", "door", "--names", "n", "--out", "x.xlsx"], "names"),
    (["--protocol", "dk-2015", "--stage", "x", "--out", "x.pdf"], "no stage 'x'"),
])  # fmt: skip
def test_a_call_that_cannot_be_answered_says_what_to_write(call, said, capsys, tmp_path, monkeypatch):
    """Exit 2, nothing written."""
    monkeypatch.chdir(tmp_path)
    assert main(["form", *call]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
