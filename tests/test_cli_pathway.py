"""`exrx pathway` and `exrx letter`: from a course to what is due, in two languages, as text, page and JSON."""

from __future__ import annotations

import json

import pytest
from pathway_builders import PLAN, WELL, asked

from exrx.cli.main import main
from exrx.pathway.state import COLUMNS

ON = ("--as-of", "2026-11-23")
V8 = {
    "id": "V8",
    "patient": WELL | {"age": 66, "sex": "male", "cancer_type": "rectal", "functional_loss": 2,
                       "language_support_needed": "yes", "last_surgery": "2026-10-05", "surgical_wound_healed": "yes"},
    "events": [{"date": "2026-11-18", "event": "discharge"}],
    "referrals": [
        {"date": "2026-11-18", "type": "gop", "sender": "hospital", "needs": ["re-training"], "level": "almen-basal",
         "discharge": "2026-11-18"},
        {"date": "2026-11-18", "type": "gop", "sender": "hospital", "schedule": ["2 x 10"]},
    ],
}  # fmt: skip
V9 = {
    "id": "V9",
    "patient": WELL | {"age": 81, "cancer_type": "lung", "palliative_phase": "late", "ecog": 3, "lives_alone": "yes",
                       "disease_status": "chronic-treatment-finished", "spo2": 93, "sit_to_stand_30s": 6,
                       "oncologist_clearance": "cleared"},
    "assessments": [asked(physical={"problem": "yes", "wants_help": "yes"})],
    "goals": [{"text": "Walk to the harbour", "type": "quality-of-life", "before": -1}],
    "plan": PLAN | {"what_matters_most": "Walk to the harbour"},
}  # fmt: skip


def words_of(answer):
    """The code, the output as words without line breaks, and the messages."""
    code, out, err = answer
    return code, " ".join(out.split()), err


def test_v8_a_gop_the_clock_and_a_referral_without_a_programme(ask):
    """V8: GOP because function is lost, the first offer by 25 November, the referral with a schedule refused."""
    code, out, err = words_of(ask([V8], "pathway", "FILE", "--patient", "V8", "--lang", "en", *ON))
    assert code == 1
    assert "re-training plan (GOP): loss of function" in out
    assert "the first offer is due by 25 Nov 2026 (retraining-7-days)" in out
    assert "interpreter and pictures" in out
    assert "holds the need and no programme" in err


def test_v8_from_a_general_practitioner_the_answer_is_xref15_and_that_a_gop_needs_the_hospital(ask):
    """Test idea 6 of the fact base."""
    _, out, _ = words_of(ask([V8], "pathway", "FILE", "--patient", "V8", "--sender", "gp", "--lang", "da", *ON))
    assert "henvisning XREF15: der er funktionstab, men en GOP kræver hospitalet" in out


def test_v9_the_late_palliative_phase_is_placed_and_her_own_goal_stands_first(ask):
    """V9: not refused; consider a palliative needs assessment, never a prognosis; evaluate earlier, evidence low."""
    code, out, _ = words_of(ask([V9], "pathway", "FILE", "--patient", "V9", "--lang", "en", *ON))
    assert code == 0
    assert out.index("What matters most now Walk to the harbour") < out.index("The way here")
    assert "no phase excludes from rehabilitation" in out
    assert "consider a palliative needs assessment (says nothing of prognosis)" in out
    assert "knowledge of effect: low; evaluate earlier" in out
    assert "Walk to the harbour (quality of life)" in out


@pytest.mark.parametrize(("score", "words"), [(2, "Distress Thermometer 2: none"), (3, "3: possible problem")])
def test_the_distress_thermometer_is_read_under_its_named_danish_cut_off(ask, score, words):
    """R35: 3 or more, with the source beside it."""
    course = V9 | {"assessments": [asked() | {"distress": score}]}
    out = words_of(ask([course], "pathway", "FILE", "--patient", "V9", "--lang", "en", *ON))[1]
    assert words in out
    assert "(danish-rule-out, bidstrup-2012)" in out


@pytest.mark.parametrize(("lang", "words"), [("da", "Vejen hertil"), ("en", "The way here")])
def test_a_course_is_one_printable_page_in_two_languages(ask, tmp_path, lang, words):
    """HTML without scripts and without anything from the network, every text escaped."""
    page = tmp_path / "p.html"
    course = V9 | {"goals": [{"text": "<script>alert(1)</script>", "type": "function", "before": 0}]}
    code, _, _ = words_of(ask([course], "pathway", "FILE", "--patient", "V9", "--out", str(page), "--lang", lang, *ON))
    html = page.read_text(encoding="utf-8")
    assert code == 0
    assert words in html
    assert "<script" not in html
    assert "http" not in html


def test_a_course_as_json_holds_the_steps_the_tasks_and_the_whole_decision(ask, tmp_path):
    """Links to decision and plan: the decision stands in it as `exrx screen` writes it."""
    out = tmp_path / "p.json"
    ask([V9], "pathway", "FILE", "--patient", "V9", "--out", str(out), *ON)
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["schema"] == "exrx/pathway/1"
    assert [step["node"] for step in content["steps"]][:2] == ["needs-assessment", "need"]
    assert content["decision"]["schema"] == "exrx/decision/1"
    assert content["palliation"]["excludes"] is False


def test_the_planners_tables_count_everybody_and_hide_small_cells(ask):
    """Six people and one entry that is no course: seven counted, none dropped, no count below five to be worked out."""
    people = [V9 | {"id": f"p{place}"} for place in range(6)]
    code, out, err = words_of(ask([*people, 5], "pathway", "FILE", "--lang", "en", *ON))
    assert code == 1
    assert "persons: 7" in out
    assert "* Measures before" in out
    assert "assessed: * / 7" in out
    assert "<5 Needs assessment" in out
    assert "row-7, course: a course is one object" in err


def test_a_cohort_table_says_where_everybody_stands(tmp_path, capsys):
    """Three columns of the course beside the facts; the counts add up, and a table without them is refused."""
    table = tmp_path / "cohort.csv"
    head = "id,age,need,assessed\n"
    table.write_text(head + "".join(f"p{row},{17 if row < 6 else 60},no,yes\n" for row in range(20)), encoding="utf-8")
    assert main(["pathway", str(table), "--lang", "en", *ON]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "persons: 20" in out
    assert "14 Needs assessment again" in out
    assert "6 A task for specialist paediatric oncology" in out
    table.write_text("id,age\np,60\n", encoding="utf-8")
    assert main(["pathway", str(table), *ON]) == 2
    err = capsys.readouterr().err
    assert all(name in err for name in COLUMNS)


def test_a_cell_of_a_course_table_that_cannot_be_used_is_named_and_the_others_are_answered(tmp_path, capsys):
    """Danish words count; an odd cell, an odd age and a CPR number are problems (exit 1), and nobody is lost."""
    table = tmp_path / "cohort.csv"
    table.write_text("id,age,need,assessed\np1,60,JA,ja\np2,60,maybe,yes\n010170-1234,60,nej,ja\np4,abc,no,yes\n")
    assert main(["pathway", str(table), "--format", "json", *ON]) == 1
    out, err = capsys.readouterr()
    assert [row["because"] for row in json.loads(out)] == ["ask-first", "need-unknown", "again", "age-unknown"]
    assert "row 2: 'need' is yes, no or unknown" in err
    assert "identifier-refused" in err
    assert "not-a-number" in err
    assert "010170" not in out + err
    assert main(["pathway", str(table), "--out", str(tmp_path / "x.html"), *ON]) == 2


def test_the_planners_tables_begin_with_those_who_need_somebody_now(ask):
    """A positive item 9 and an acute finding stand by name before any count."""
    low = V9 | {"id": "p1", "questionnaires": [{"form": "phq-9", "date": "2026-11-20", "answers": [0] * 8 + [1]}]}
    acute = V9 | {"id": "p2", "patient": V9["patient"] | {"chest_pain": "yes"}}
    out = ask([low, acute, V9], "pathway", "FILE", "--lang", "en", *ON)[1]
    assert out.index("TALK WITH THE PATIENT NOW: item 9 has an answer above 0: p1") < out.index("persons: 3")


def test_a_person_with_two_courses_gets_no_answer_from_one_of_them(ask):
    """Which of the two holds is not for the file's order to say."""
    code, out, err = ask([V9, V9 | {"patient": {}}], "pathway", "FILE", "--patient", "V9", *ON)
    assert (code, out) == (2, "")
    assert "2 courses have the id 'V9'" in err


def test_a_fault_of_the_patients_own_facts_is_said_and_ends_with_1(ask):
    """As `exrx screen` does: a field that does not exist is no silence."""
    code, _, err = ask([V9 | {"patient": WELL | {"bone_mets_x": "yes"}}], "pathway", "FILE", *ON)
    assert code == 1
    assert "bone_mets_x" in err


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [("need", "behovsvurdering, kræft", "fysisk funktion: ønsker hjælp"),
     ("gp", "Orientering til egen læge: GOP og behov", "Lægelige begrænsninger"),
     ("transfer", "Overdragelse fra hospital til kommune", "Walk to the harbour")],
)  # fmt: skip
def test_the_messages_between_sectors_are_ready_to_paste_and_hold_no_programme(ask, kind, subject, words):
    """A5-6, A5-12, A72-15: the subject first, the need in words, and no minutes or sets."""
    code, out, _ = words_of(ask([V9], "pathway", "FILE", "--patient", "V9", "--letter", kind, "--lang", "da", *ON))
    assert code == 0
    assert out.startswith(subject)
    assert words in out
    assert "min/uge" not in out


PATIENT = {"id": "p1"} | WELL | {
    "bone_metastases": "yes", "bone_metastasis_sites": ["pelvis"], "oncologist_clearance": "not-asked",
}  # fmt: skip
LETTER = ("--protocol", "dk-2015", "--stage", "enrolment", *ON)


def test_a_consult_becomes_a_letter_whose_reply_is_that_roles_gate(ask, tmp_path, capsys):
    """The oncologist's 'limited' until Christmas comes back as a gate, and the patient may then train."""
    asked_first = words_of(ask([PATIENT], "screen", "FILE", "--format", "json", *LETTER))[1]
    assert json.loads(asked_first)[0]["consult"] == ["oncologist"]
    code, letter, _ = words_of(ask([PATIENT], "letter", "FILE", "--lang", "da", *LETTER))
    assert code == 0
    assert "Forespørgsel til onkolog" in letter
    assert "[ ] Ja, med grænser" in letter
    assert letter.count("[ ]") == 3  # one answer of three; day and name are filled in, not ticked
    replies, after = tmp_path / "replies.csv", tmp_path / "after.json"
    replies.write_text(
        "id;role;answer;date;by;until;limits\n"
        "p1;oncologist;Ja, med grænser;2026-11-22;Dr A;2026-12-24;no heavy lifting\n"
        "p1;oncologist;cleared;;Dr A;;\n"
        "p9;oncologist;cleared;2026-11-22;Dr A;;\n",
        encoding="utf-8",
    )
    code, _, err = words_of(ask([PATIENT], "letter", "FILE", "--replies", str(replies), "--out", str(after), *ON))
    assert code == 1
    assert "row 2: a reply needs the day and the name" in err
    assert "row 3: there is no patient 'p9'" in err
    assert main(["screen", str(after), "--format", "json", *LETTER]) == 0
    [decision] = json.loads(capsys.readouterr().out)
    assert decision["clearance"] == "modify"


@pytest.mark.parametrize(
    ("rows", "value", "words"),
    [(("refused;2026-11-20;;", "cleared;2026-11-20;;"), "refused", "row 2: another reply of that day is 'refused'"),
     (("cleared;2026-11-20;;", "refused;2026-11-22;;"), "refused", ""),
     (("cleared;2026-11-22;;", "refused;2026-11-20;;"), "cleared", ""),
     (("cleared;2026-11-22;;only light",), "not-asked", "ask which holds"),
     (("cleared;2026-11-20;;", "limited;2026-11-22;;"), "not-asked", "row 1: another reply about this patient"),
     (("cleared;2026-11-20;;", "refsed;2026-11-22;;"), "not-asked", "cleared, limited or refused"),
     (("cleared;2026-11-22;2026-11-01;",), "not-asked", "ends before its own day"),
     (("cleared;2026-11-22;;", "limited;2026-11-22;;call 010170-1234"), "not-asked", "a CPR number"),
     (("Ja, uden grænser;2026-11-22;;",), "cleared", "")],
)  # fmt: skip
def test_of_contradictory_replies_the_newest_and_then_the_stricter_holds(ask, tmp_path, rows, value, words):
    """A yes never wins by its place in the file, and never over a reply that could not be used."""
    replies, after = tmp_path / "replies.csv", tmp_path / "after.json"
    lines = "".join(f"p1;oncologist;{row.replace(';', ';Dr A;', 2).replace(';Dr A;', ';', 1)}\n" for row in rows)
    replies.write_text("id;role;answer;date;by;until;limits\n" + lines, encoding="utf-8")
    code, out, err = ask([PATIENT], "letter", "FILE", "--replies", str(replies), "--out", str(after), *ON)
    [patient] = json.loads(after.read_text(encoding="utf-8"))
    gate = patient["oncologist_clearance"]
    assert (gate if isinstance(gate, str) else gate["value"]) == value
    assert (code, words in err) == (1 if words else 0, True)
    assert "010170" not in out + err


@pytest.mark.parametrize("record", ["refused", {"value": "refused", "date": "2026-11-22"},
                                    {"value": "limited", "date": "2026-11-23", "limits": "no lifting"}])  # fmt: skip
def test_a_reply_does_not_undo_what_the_record_says_later_or_without_a_day(ask, tmp_path, record):
    """The record's refusal stands until a reply is newer than it; an undated one is asked about."""
    replies, after = tmp_path / "replies.csv", tmp_path / "after.json"
    replies.write_text("id,role,answer,date,by\np1,oncologist,cleared,2026-11-22,Dr A\n", encoding="utf-8")
    given = PATIENT | {"oncologist_clearance": record}
    code, _, err = ask([given], "letter", "FILE", "--replies", str(replies), "--out", str(after), *ON)
    assert (code, json.loads(after.read_text(encoding="utf-8"))[0]["oncologist_clearance"]) == (1, record)
    assert "the record" in err


def test_replies_lose_no_patient_and_answer_none_of_two_with_one_id(ask, tmp_path):
    """Three patients in, three out, two of them with the same id."""
    replies, after = tmp_path / "replies.csv", tmp_path / "after.json"
    replies.write_text("id,role,answer,date,by\np1,oncologist,cleared,2026-11-22,Dr A\n", encoding="utf-8")
    code, _, err = ask([PATIENT, PATIENT, WELL], "letter", "FILE", "--replies", str(replies), "--out", str(after), *ON)
    assert (code, len(json.loads(after.read_text(encoding="utf-8")))) == (1, 3)
    assert "2 patients have the id 'p1'" in err


def test_a_message_to_the_municipality_names_who_refused_and_the_limits_that_were_written(ask):
    """A physician's no is not hidden behind another one's yes, and neither are the words of a limit."""
    gates = {"oncologist_clearance": {"value": "refused", "date": "2026-11-20"},
             "treating_clearance": {"value": "limited", "date": "2026-11-20", "limits": "no lifting"}}  # fmt: skip
    signed = {"value": "yes", "signed_by": "oncologist", "date": "2026-11-20"}
    course = V9 | {"patient": V9["patient"] | gates, "medical_need": signed}
    out = ask([course], "pathway", "FILE", "--patient", "V9", "--letter", "transfer", "--lang", "en", *ON)[1]
    assert "REFUSED BY A PHYSICIAN: oncologist's clearance, 20 Nov 2026" in out
    assert "within limits: no lifting" in out
    assert "yes: the need is signed by oncologist" in out


def test_a_letter_is_written_only_to_a_role_that_the_decision_asks_for(ask):
    """Nobody to ask, or another role: one message, exit 2."""
    code, _, err = words_of(ask([PATIENT], "letter", "FILE", "--to", "surgeon", *LETTER))
    assert (code, "it asks for: oncologist" in err) == (2, True)
    code, _, err = words_of(ask([{"id": "p2"} | WELL], "letter", "FILE", *LETTER))
    assert (code, "no letter to write" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--patient", "V"), "Did you mean"), (("--letter", "gp"), "add --patient"),
     (("--patient", "V9", "--protocol", "body-cancer-trial-2009"), "does not ask"),
     (("--format", "html"), "add --patient")],
)  # fmt: skip
def test_a_wrong_call_says_what_to_write(ask, arguments, words):
    """Exit 2 and one message."""
    code, _, err = words_of(ask([V9, V8], "pathway", "FILE", *arguments, *ON))
    assert code == 2
    assert words in err


@pytest.mark.parametrize("finding", [{"chest_pain": "yes"}, {"chest_pain": "unknown"}])
def test_an_emergency_or_one_to_rule_out_stands_in_the_first_lines(ask, finding):
    """Whatever box the person stands in: what may be acute is read before the course."""
    course = V9 | {"patient": V9["patient"] | finding, "medical_need": []}
    out = ask([course], "pathway", "FILE", "--patient", "V9", "--lang", "en", *ON)[1]
    first = out.split("What matters most now")[0].upper()
    assert "EMERGENCY" in first or "CALL 112" in first


def test_a_letter_about_a_patient_of_whom_something_could_not_be_used_says_so(ask):
    """The letter is written, the fault named, and the code is 1."""
    code, out, err = ask([PATIENT | {"platelets": "many"}], "letter", "FILE", "--lang", "en", *LETTER)
    assert (code, "A question to the oncologist" in out) == (1, True)
    assert "platelets" in err


def test_a_patient_given_as_a_course_is_told_where_the_facts_belong(ask):
    """Somebody hands in the file for `exrx screen`: one hint a field, and nobody is placed."""
    code, _, err = ask([{"id": "p1"} | WELL], "pathway", "FILE", *ON)
    assert code == 1
    assert "p1, gp_clearance: no part of a course is called that; facts of the patient stand under 'patient'" in err


def test_the_letters_to_several_roles_are_one_document(ask, tmp_path):
    """A patient of whom little is known asks several roles: one HTML document, a letter a page."""
    page = tmp_path / "letters.html"
    assert ask([{"id": "p2", "age": 60}], "letter", "FILE", "--out", str(page), *LETTER)[0] == 0
    html = page.read_text(encoding="utf-8")
    assert html.count("<!doctype") == 1
    assert html.count("<article>") == html.count("<h1>") > 1
