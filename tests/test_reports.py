"""Reports for people: the first line says what to do, nothing doubtful is hidden, nothing is wider than 80 columns."""

from __future__ import annotations

import json
import re
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from exrx.fields import load_dictionary
from exrx.patient import Patient
from exrx.protocol import load_protocol
from exrx.protocol.form import form_patient
from exrx.report import PHRASES, Phrases, first_sentence, problem_text, shown_count, shown_date
from exrx.report.cohort_text import bar
from exrx.report.decision_text import decision_report, first_line
from exrx.report.explain_text import explain_report, protocol_report
from exrx.report.first_step import next_step
from exrx.report.notes import note_words
from exrx.report.plan_text import plan_report
from exrx.report.problem_text import danish_problem
from exrx.report.worklist_text import worklist
from exrx.screening import screen
from exrx.screening.advice import explain
from exrx.training import prescribe

NAMES = load_dictionary()
PROTOCOL = load_protocol("krop-og-kraeft")
DAY = "2026-11-23"
DATED = {"platelets": {"value": 180, "date": "2026-11-22"}, "last_chemotherapy": "2026-11-14",
         "last_transfusion": "never"}  # fmt: skip


def decided(stage: str = "session", fill: str = "typical", **facts):
    """The decision for a typical patient, with `facts` instead of the healthy values."""
    given = {**form_patient(PROTOCOL, stage, fill), "id": "P-1", **DATED, **facts}
    real = {name: _stated(value) for name, value in given.items()}
    return screen(Patient.from_dict(real), PROTOCOL, stage=stage, as_of=DAY)


def _stated(value):
    """A value without the stamp that marks it as an example."""
    return {**value, "origin": "stated"} if isinstance(value, dict) and "origin" in value else value


def printed(report, width: int = 80) -> str:
    """The report as a terminal without colour shows it."""
    text = StringIO()
    Console(file=text, width=width, color_system=None, highlight=False).print(report)
    return text.getvalue()


def shown(lang: str = "en", **facts) -> str:
    """The printed decision."""
    return printed(decision_report(decided(**facts).to_dict(), lang, NAMES))


SITUATIONS = {
    "clear": {},
    "emergency": {"temperature": {"value": 38.6, "date": DAY}},
    "defer": {"platelets": {"value": 45, "date": "2026-11-22"}},
    "consult": {"bone_or_back_pain_new": "yes"},
    "stop": {"treating_clearance": "refused"},
    "scope": {"age": 16},
    "assess": {"leukocytes": None},
    "modify": {"lymphoedema": "yes"},
}


@pytest.mark.parametrize(("clearance", "facts"), SITUATIONS.items(), ids=SITUATIONS)
@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_first_line_says_what_to_do(clearance, facts, lang):
    """Each clearance has its own first words, in both languages, and they are the first line printed."""
    decision = decided(**facts).to_dict()
    assert decision["clearance"] == ("stop" if clearance == "scope" else clearance)
    line = first_line(decision, lang, NAMES)
    assert line.startswith(PHRASES[lang][f"head {clearance}"])
    assert printed(decision_report(decision, lang, NAMES)).startswith(line[:60])


@pytest.mark.parametrize("facts", SITUATIONS.values(), ids=SITUATIONS)
@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("width", [80, 60])
def test_nothing_is_wider_than_the_terminal(facts, lang, width):
    """Every report of every situation keeps within its columns, in both languages."""
    decision = decided(**facts).to_dict()
    text = printed(decision_report(decision, lang, NAMES), width)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("lang", ["da", "en"])
def test_both_languages_have_the_same_phrases(lang):
    """No phrase is missing in one language."""
    assert PHRASES[lang].keys() == PHRASES["en"].keys()


def test_unknown_facts_that_may_be_an_emergency_stand_first():
    """What must be ruled out is in the first lines, with the facts that settle it."""
    text = shown(saddle_numbness=None, bladder_bowel_disturbance=None)
    head = "\n".join(text.splitlines()[:6])
    assert head.startswith("RULE OUT AN EMERGENCY FIRST")
    assert "numbness in the saddle area" in head


def test_an_emergency_says_who_is_rung_before_anything_else():
    """The rule's own instruction stands under the first line, and no training advice is given."""
    text = shown(**SITUATIONS["emergency"])
    assert "Ring the treating" in " ".join(text.split()[:60])
    assert "How to train" not in text


@pytest.mark.parametrize("lang", ["da", "en"])
def test_nobody_is_told_to_ask_a_dead_person(lang):
    """The first line says it, and no question, form, contact or plan follows, whatever else is unknown."""
    decision = decided(fill="blank", deceased="yes", on_chemotherapy="yes").to_dict()
    text = printed(decision_report(decision, lang, NAMES))
    assert text.startswith(PHRASES[lang]["head deceased"])
    assert PHRASES[lang]["ask"] not in text
    assert PHRASES[lang]["contact"] not in text
    listed = printed(worklist([decision, decision], lang, NAMES))
    assert PHRASES[lang]["head deceased"] in listed


def test_a_patient_outside_every_protocol_is_told_so():
    """No frame for training is shown that no protocol stands for."""
    text = shown(on_chemotherapy="no", on_immunotherapy="no")
    assert "this protocol is not made for this patient" in text
    assert "How to train" not in text


def test_a_reason_shows_value_date_limit_source_and_what_is_not_verified():
    """Everything that a professional needs to disagree stands beside the reason."""
    text = " ".join(shown(**SITUATIONS["defer"]).split())
    for part in ("45 ×10⁹/L", "22 Nov 2026", "below 50 ×10⁹/L", "recalled-body-cancer-day-list", "limit not verified"):
        assert part in text


def test_danish_numbers_have_a_comma_and_danish_dates():
    """Danish output is Danish down to the decimal sign."""
    text = " ".join(shown("da", temperature={"value": "38,6 °C", "date": DAY}).split())
    assert "38,6 °C" in text
    assert "23. nov. 2026" in text
    assert "38.6" not in text


def test_a_missing_fact_says_who_answers_and_what_each_answer_would_do():
    """The question, the person to ask, and the consequence of each answer."""
    text = " ".join(shown(**SITUATIONS["assess"]).split())
    assert "leukocytes (white cells) (blood test)" in text
    assert "below 1 ×10⁹/L → not today; at least 1 ×10⁹/L → may train" in text


def test_many_missing_facts_become_one_form_to_hand_out():
    """A patient without today's door form gets one thing to do, not thirty questions."""
    decision = decided(fill="blank", on_chemotherapy="yes").to_dict()
    text = printed(decision_report(decision, "en", NAMES))
    assert "Hand out: Door form before today's training" in text
    listed = printed(worklist([decision, decision], "en", NAMES))
    assert "Hand out" in listed


def test_stale_refused_and_undated_values_are_all_named():
    """A value that does not count in full is shown with what it counts as."""
    text = " ".join(shown(
        platelets={"value": 180, "date": "2026-10-01"}, leukocytes="<20", temperature="98.6 K",
    ).split())  # fmt: skip
    assert "platelets 180 ×10⁹/L (1 Oct 2026) counts as at most 180 ×10⁹/L" in text
    assert "leukocytes (white cells) below 20" in text
    assert "body temperature counts as unknown" in text
    assert "98.6 K" in text
    assert "taken as measured today" in text


def test_an_example_is_marked_in_the_first_line_of_every_report():
    """EXAMPLE stands in the decision, the explanation, the list and the plan."""
    patient = Patient.from_dict(form_patient(PROTOCOL, "enrolment", "typical"))
    decision = screen(patient, PROTOCOL, stage="enrolment", as_of=DAY)
    explained = explain(patient, PROTOCOL, stage="enrolment", as_of=DAY)
    plan = prescribe(patient, decision, "dk-2015-group", target="acsm-150-75", start=date(2026, 11, 23), weeks=2,
                     draft=True)  # fmt: skip
    content = decision.to_dict()
    for lang in ("da", "en"):
        assert printed(decision_report(content, lang, NAMES)).startswith("EXAMPLE")
        assert printed(explain_report(explained, content, lang, NAMES)).startswith("EXAMPLE")
        assert printed(plan_report(plan, lang, NAMES)).startswith("EXAMPLE")
        listed = printed(worklist([content], lang, NAMES))
        assert listed.splitlines()[2].startswith("EXAMPLE")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_every_report_says_that_it_is_a_proposal(lang):
    """The professional decides, whatever the output."""
    word = {"da": "forslag", "en": "proposal"}[lang]
    decision = decided().to_dict()
    assert word in printed(decision_report(decision, lang, NAMES))
    assert word in printed(worklist([decision], lang, NAMES))


def test_an_override_is_shown_and_changes_nothing():
    """The departure stands beside the answer that still holds."""
    given = {**form_patient(PROTOCOL, "session", "typical"), **DATED, **SITUATIONS["defer"]}
    override = {"rule": "bleeding.platelets-below-session-minimum", "by": "dr X", "reason": "stable", "date": DAY}
    decision = screen(Patient.from_dict(given), PROTOCOL, stage="session", as_of=DAY, overrides=[override])
    text = " ".join(printed(decision_report(decision.to_dict(), "en", NAMES)).split())
    assert "stable (dr X, 23 Nov 2026); the rule still counts" in text
    assert "NOT TODAY" in text


def test_a_report_reads_the_saved_json():
    """A decision that went through a file prints as the fresh one."""
    decision = decided(**SITUATIONS["defer"]).to_dict()
    again = json.loads(json.dumps(decision))
    assert printed(decision_report(again, "da", NAMES)) == printed(decision_report(decision, "da", NAMES))


def test_the_explanation_walks_through_every_rule():
    """Each rule is either shown with its answer or named among those that do not hold."""
    given = {**form_patient(PROTOCOL, "session", "typical"), **DATED, "lymphoedema": "yes", "leukocytes": None}
    patient = Patient.from_dict(given)
    explained = explain(patient, PROTOCOL, stage="session", as_of=DAY)
    decision = explained.decision.to_dict()
    text = "".join(printed(explain_report(explained, decision, "en", NAMES)).split())
    assert all(answer.rule in text for answer in explained.rules)
    full = printed(explain_report(explained, decision, "en", NAMES, every=True))
    assert full.count("when: ") == len(explained.rules)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_a_protocol_in_words_names_every_rule_and_number(lang):
    """`exrx protocol show` leaves nothing out and stays within 80 columns."""
    text = printed(protocol_report(PROTOCOL, lang, NAMES))
    assert max(map(len, text.splitlines())) <= 80
    joined = "".join(text.split())
    assert all(rule.id in joined for rule in PROTOCOL.rules)
    assert all(name in joined for name in PROTOCOL.parameters)
    assert not re.search(r"Traceback|None", text)


def test_a_list_puts_the_most_urgent_first():
    """The order of a morning list is by consequence, not by id."""
    names = ["clear", "emergency", "defer", "modify"]
    decisions = [decided(**SITUATIONS[name]).to_dict() | {"patient": name} for name in names]
    lines = printed(worklist(decisions, "en", NAMES)).splitlines()[3:]
    order = [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in names]
    assert order == ["emergency", "defer", "modify", "clear"]


def test_numbers_and_dates_follow_the_language():
    """Thousands separators, dates, and partial dates."""
    assert shown_count(5000, "da") == "5.000"
    assert shown_count(5000, "en") == "5,000"
    assert shown_date("2026-11-05", "da") == "5. nov. 2026"
    assert shown_date("2026-11", "en") == "2026-11"


def test_a_bar_shows_anything_above_nothing():
    """One patient of five thousand is still seen; a full share fills the bar."""
    assert bar(0, 20) == ""
    assert bar(0.0002, 20) == "▏"
    assert bar(1, 20) == "█" * 20


@pytest.mark.parametrize(
    ("facts", "en", "da"),
    [
        ({"age": 16}, "NOT UNDER THIS PROTOCOL: The patient is under 18.", "IKKE UNDER DENNE PROTOKOL: Patienten er"),
        (
            {"unstable_angina": "yes"},
            "DO NOT TRAIN, CONTRAINDICATED: Unstable angina.",
            "TRÆN IKKE, KONTRAINDICERET: U",
        ),
        ({"unstable_angina": "yes", "age": 16}, "DO NOT TRAIN, CONTRAINDICATED: Unst", "TRÆN IKKE, KONTRAINDICERET: U"),
    ],
)
def test_a_stop_says_which_kind_and_why(facts, en, da):
    """Contraindicated or outside the protocol's scope, with the reason; a contraindication outranks the scope."""
    decision = decided(**facts).to_dict()
    assert first_line(decision, "en", NAMES).startswith(en)
    assert first_line(decision, "da", NAMES).startswith(da)


def test_a_programme_that_only_does_not_take_a_patient_says_nothing_against_training():
    """A reason of any domain that begins with "Not in this programme" is a limit of scope."""
    trial = load_protocol("body-cancer-trial-2009")
    given = {**form_patient(trial, "enrolment", "typical"), "bone_metastases": "yes"}
    decision = screen(Patient.from_dict(given), trial, stage="enrolment", as_of=DAY).to_dict()
    line = first_line(decision, "en", NAMES).removeprefix("EXAMPLE · ")
    assert line == "NOT UNDER THIS PROTOCOL: Not in this programme: the trial took no one with bone metastases."


@pytest.mark.parametrize(("lang", "kind"), [("en", "utside this protocol: "), ("da", "den for denne protokol: ")])
def test_a_list_says_a_certain_stop_beside_what_must_be_ruled_out(lang, kind):
    """The emergency to rule out stands first, and the stop is not hidden behind it."""
    decision = decided(age=16, saddle_numbness=None).to_dict()
    assert decision["rule_out"]
    step = next_step(decision, lang, NAMES)
    assert step.startswith(PHRASES[lang]["rule out first"])
    assert kind in step
    assert PHRASES[lang]["head scope"] in first_line(decision, lang, NAMES)
    assert next_step(decided(age=16).to_dict(), lang, NAMES)[1:].startswith(kind)


def test_a_stop_says_where_to_refer():
    """Nobody is sent away without the place that takes them."""
    assert "specialist paediatric oncology" in shown(age=16)


def test_the_form_of_training_is_said_once():
    """Individual training is not said to take place in a group further down."""
    text = " ".join(shown(bone_metastases="yes", bone_metastasis_sites=None, oncologist_clearance="cleared").split())
    assert "individually" not in text or "; in a group" not in text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A. B.", "A."),
        ("Under 8,0 g/dL. Ring 112.", "Under 8,0 g/dL."),
        ("ca. 5 dage. Vent.", "ca. 5 dage."),
        ("A", "A"),
    ],
)
def test_the_first_sentence_ends_at_its_full_stop(text, first):
    """Neither a decimal nor an abbreviation ends it."""
    assert first_sentence(text) == first


def test_danish_problems_give_the_value_and_a_danish_sentence():
    """Field, value as given, and why; no English is left of a known code."""
    text = " ".join(shown("da", platelets=99999, temperature="98.6 K", haemoglobin=7, sex="hest").split())
    assert "ikke brugt: blodplader «99999»: værdien er ikke mulig (0 til 3000 ×10⁹/L)" in text
    assert "temperatur «98.6 K»" in text
    assert "Skriv den: mmol/L eller g/dL." in text
    assert "Skriv et af: female, male, other." in text
    assert not re.search(r"plausible|is not an answer|has no unit", text)


def test_a_problem_with_an_unknown_code_keeps_its_english_message():
    """A sentence that is not in the table is said as it came, and an unknown field's value is never repeated."""
    p = Phrases("da", NAMES)
    strange = {"field": "platelets", "given": "x", "code": "brand-new", "message": "platelets: something new."}
    assert danish_problem(p, strange) == "ikke brugt: blodplader «x»: something new."
    name = {"field": "navn", "given": "Jens Hansen", "code": "unknown-field", "message": "no such field"}
    assert "Hansen" not in danish_problem(p, name)
    assert "«navn»" in danish_problem(p, name)


def test_every_code_of_a_problem_has_a_danish_sentence():
    """The codes that readers write in their sources stand in the table."""
    package = Path(problem_text.__file__).parents[1]
    sources = [*package.glob("*.py"), *(package / "io").glob("*.py"), *(package / "quantities").glob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "forms.py")
    codes = set(re.findall(r'code="([a-z-]+)"', text)) | set(re.findall(r'_Refusal\(\s*"([a-z-]+)"', text))
    codes -= {"condition", "limit-out-of-range", "provisional"}  # of a protocol's author or of FHIR, no problem
    assert codes <= problem_text.CODES


def test_notes_of_the_input_are_danish():
    """What was left aside or assumed while reading."""
    assert note_words("Columns that were not read: a, b.", "da") == "Kolonner, der ikke er læst: a, b."
    assert note_words("Columns that were not read: a, b.", "en") == "Columns that were not read: a, b."
    assumed = note_words("Absent conditions were read as no, because the caller said so: stroke.", "da")
    assert assumed.startswith("Tilstande, der ikke står i journalen")
    assert note_words("Something else.", "da") == "Something else."
