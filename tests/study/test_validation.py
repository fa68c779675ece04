"""The engine against professionals: no row is lost, and every figure is what a plain count of the rows gives."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Clearance, Cohort, Patient, load_protocol, screen
from exrx.cli.main import main
from exrx.errors import InputFileError
from exrx.io.synthetic import write_blocks
from exrx.io.verdicts import read_events_file, read_verdicts_file
from exrx.study.statistics import kappas
from exrx.study.synth import synthesise
from exrx.study.validation import read_reference, validate
from exrx.study.validation.calibration import calibrate
from exrx.study.validation.events import read_events
from exrx.study.validation.sessions import Engine
from exrx.study.validation.sheet import Sheet
from exrx.study.validation.verdicts import COLUMNS, LEVELS, NEEDED, OF_CLEARANCE, panel

DAY = date(2026, 11, 23)
WORDS = ["go", "Adapt", "ask first", "ikke i dag", "defer", "modify"]
PATIENTS = [f"SYNTHETIC-{number:07d}" for number in range(1, 13)]


@pytest.fixture(scope="module")
def engine():
    """Forty synthetic patients and two of whom nothing, or too much, is known."""
    columns = {name: np.asarray(column, object) for name, column in synthesise(40, seed=8, as_of=DAY).items()}
    columns = {name: np.append(column, [None, None]) for name, column in columns.items() if "synthetic" not in name}
    columns["id"][40:] = ["blank", PATIENTS[0]]
    return Engine(Cohort.from_columns(columns), load_protocol("krop-og-kraeft"), "session")


def sheet_of(rows, columns=("patient", "date", "rater", "verdict", "reason", "given", "blinded")):
    return Sheet.of("verdicts.csv", columns, list(zip(*rows, strict=True)), COLUMNS, NEEDED)


def checked(engine, rows, **options):
    return validate(engine, read_reference(sheet_of(rows), DAY), times=100, **options)


ROWS = st.tuples(
    st.sampled_from([*PATIENTS[:6], "blank", "nobody", ""]),
    st.sampled_from(["2026-11-23", "2026-11-22", "23-11-2026", "2026-11-24", "soon", ""]),
    st.sampled_from(["R1", "R2", "R3", ""]),
    st.sampled_from([*WORDS, "maybe", ""]),
    st.just(""),
    st.sampled_from(["", "2026-11-20", "2026-11-30"]),
    st.sampled_from(["yes", "ja", "", "no"]),
)


@settings(max_examples=60)
@given(rows=st.lists(ROWS, min_size=1, max_size=30))
def test_every_verdict_and_every_patient_is_accounted_for(engine, rows):
    """Read is refused and unmatched and compared; the input is with and without a verdict; each loss is named."""
    found = checked(engine, rows)
    flow = found.flow
    assert flow.read == len(rows)
    assert flow.read == sum(flow.refused.values()) + flow.unknown + flow.ambiguous + flow.no_data + flow.compared
    assert flow.compared == sum(len(session.verdicts) for session in found.sessions)
    named = [fault.row for fault in found.reference.faults] + [each["row"] for each in found.unmatched]
    assert sorted([*named, *(v.row for s in found.sessions for v in s.verdicts)]) == list(range(1, len(rows) + 1))
    assert flow.input_rows == engine.cohort.n >= flow.input_with_verdict


@settings(max_examples=15)
@given(rows=st.lists(st.tuples(st.sampled_from(PATIENTS[1:]), st.just("2026-11-23"), st.sampled_from(["R1", "R2"]),
                               st.sampled_from(WORDS), st.just(""), st.just(""), st.just("yes")),
                     min_size=4, max_size=40, unique_by=lambda row: (row[0], row[2])))  # fmt: skip
def test_the_figures_are_plain_counts(engine, rows):
    """Triage, bounds and kappa as counted session by session from the one-patient engine."""
    found = checked(engine, rows)
    pairs, trains, bounds = [], [], []
    said = {}
    for patient, _, rater, word, *_ in rows:
        level = {"go": 0, "Adapt": 1, "modify": 1, "ask first": 2}.get(word, 3)
        said.setdefault(patient, {})[rater] = level
    for patient, verdicts in said.items():
        row = list(engine.cohort.ids).index(patient)
        decision = screen(engine.cohort.source(row), engine.protocol, stage="session", as_of=DAY)
        pairs.append((panel(list(verdicts.values())), OF_CLEARANCE[decision.clearance]))
        trains.append(decision.clearance <= Clearance.MODIFY)
        bounds.append((decision.worst_clearance <= Clearance.MODIFY, decision.definite_clearance <= Clearance.MODIFY))
    by_name = {figure.name: figure for figure in found.figures}
    n = len(pairs)
    assert by_name["under-triage.any"].value == sum(b < a for a, b in pairs) / n
    assert by_name["over-triage.any"].value == sum(b > a for a, b in pairs) / n
    held = [b for a, b in pairs if a >= 2]
    assert by_name["under-triage.missed"].n == len(held)
    if held:
        assert by_name["under-triage.missed"].value == sum(b < 2 for b in held) / len(held)
    assert by_name["cleared.certain"].value == sum(a for a, _ in bounds) / n == sum(trains) / n
    assert by_name["cleared.possible"].value == sum(b for _, b in bounds) / n >= by_name["cleared.certain"].value
    table = np.zeros((4, 4))
    for a, b in pairs:
        table[a, b] += 1
    assert (found.table == table).all()
    expected = float(kappas(table, "linear"))
    assert by_name["kappa.engine-panel.linear"].value == pytest.approx(expected, nan_ok=True)
    both = [each for each in said.values() if len(each) == 2]
    raters = np.zeros((4, 4))
    for each in both:
        raters[each["R1"], each["R2"]] += 1
    mine = by_name["kappa.rater-rater.linear"]
    assert mine.n == len(both)
    assert mine.value == pytest.approx(float(kappas(raters, "linear")), nan_ok=True)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=7), st.randoms())
def test_a_panel_says_what_most_say_and_of_equals_the_most_cautious(levels, random):
    """Whatever the order; one rater alone is the panel."""
    said = panel(levels)
    counted = Counter(levels)
    assert counted[said] == max(counted.values())
    assert all(said >= level for level in counted if counted[level] == counted[said])
    random.shuffle(levels)
    assert panel(levels) == said


def test_a_session_is_answered_on_its_own_day():
    """The same patient's platelets on two days: the answer of each day stands beside that day's verdict."""
    told = {
        "id": "a", "on_chemotherapy": "yes", "enrolment_cleared": "yes", "treating_clearance": "cleared", "age": 55,
        "deceased": "no", "last_chemotherapy": "2026-11-10", "last_transfusion": "never",
        "platelets": [{"value": 150, "date": "2026-11-16"}, {"value": 30, "date": "2026-11-23"}],
    }  # fmt: skip
    engine = Engine(Cohort.from_patients([Patient.from_dict(told)]), load_protocol("krop-og-kraeft"), "session")
    rows = [("a", day, "R1", "not today", "", "", "yes") for day in ("2026-11-23", "2026-11-17")]
    found = checked(engine, rows)
    answers = {session.answer.day: session.answer.definite for session in found.sessions}
    assert answers[date(2026, 11, 23)] == Clearance.DEFER > answers[date(2026, 11, 17)]


def test_sessions_of_one_patient_are_drawn_together():
    """Rows of the input are matched by session; the sheet says which belong to one patient, and they count as one."""
    columns = synthesise(20, seed=8, as_of=DAY)
    engine = Engine(Cohort.from_columns(columns), load_protocol("krop-og-kraeft"), "session")
    heads = ("patient", "session", "date", "rater", "verdict")

    def asked(patients):
        rows = [(patients[row], name, "2026-11-23", "R1", WORDS[row % 4]) for row, name in enumerate(columns["id"])]
        return validate(engine, read_reference(sheet_of(rows, heads), DAY), times=200)

    alone, together = asked([f"p{row}" for row in range(20)]), asked([f"p{row // 10}" for row in range(20)])
    assert (alone.flow.patients, together.flow.patients) == (20, 2)
    assert alone.flow.sessions == together.flow.sessions == 20
    one, other = ({f.name: f for f in found.figures} for found in (alone, together))
    assert one["under-triage.any"] == other["under-triage.any"]
    assert one["under-triage.any.by-patient"] != other["under-triage.any.by-patient"]


def test_where_nothing_could_be_compared_the_flow_still_says_why(tmp_path, capsys):
    """No figure is invented, and the lost row is named."""
    write_blocks(tmp_path / "p.csv", [synthesise(3, seed=8, as_of=DAY)])
    (tmp_path / "v.csv").write_text("patient,date,rater,verdict\nx,2026-11-23,R,go\n")
    call = ["validate", str(tmp_path / "p.csv"), "--reference", str(tmp_path / "v.csv"), *CALL]
    assert main([*call, "--out", str(tmp_path / "out")]) == 1
    out, err = capsys.readouterr()
    assert "the patient is not in the input: 1" in out
    assert "Agreement" not in out
    assert "row 1: the patient is not in the input" in err
    assert json.loads((tmp_path / "out" / "record.json").read_text(encoding="utf-8"))["figures"] == []


def test_the_worst_misses_come_first_with_what_each_says(engine):
    """Where the engine lets train whom raters would not stands before all else; reasons are the decision's own."""
    clear = [row for row in range(1, 40) if engine.decision(row, DAY).clearance <= Clearance.MODIFY]
    others = [row for row in range(1, 40) if row not in clear]
    ids = engine.cohort.ids
    rows = [(ids[others[0]], "2026-11-23", "R1", "go", "", "", "yes")]
    rows += [(ids[row], "2026-11-23", "R1", "not today", "grey in the face", "", "yes") for row in clear[:2]]
    misses = checked(engine, rows).misses()
    assert [miss.gap > 0 for miss in misses] == [True, True, False]
    decision = engine.decision(list(ids).index(misses[0].session), DAY)
    assert [each["rule"] for each in misses[0].reasons] == [reason.rule for reason in decision.reasons[:3]]
    assert misses[0].verdicts[0]["reason"] == "grey in the face"


@pytest.mark.parametrize(("row", "code"), [
    (("010190-1234", "2026-11-23", "R1", "go", "", "", "yes"), "identifier"),
    ((PATIENTS[1], "2026-11-23", "R1", "perhaps", "", "", "yes"), "no-verdict"),
    ((PATIENTS[1], "2026-13-23", "R1", "go", "", "", "yes"), "impossible-date"),
    ((PATIENTS[1], "2026-11-24", "R1", "go", "", "", "yes"), "after-the-day"),
    ((PATIENTS[1], "2026-11-22", "R1", "go", "", "2026-11-23", "yes"), "after-the-day"),
    ((PATIENTS[1], "2026-11-23", "R1", "go", "", "", "nej"), "unblinded"),
    ((PATIENTS[1], "2026-11-23", "", "go", "", "", "yes"), "no-name"),
])  # fmt: skip
def test_a_verdict_that_cannot_be_used_says_why(row, code):
    """In both languages, without repeating what stood in the cell."""
    reference = read_reference(sheet_of([row]), DAY)
    assert reference.verdicts == ()
    [fault] = reference.faults
    assert fault.code == code
    assert set(fault.text) == {"da", "en"}
    assert not any(cell and len(cell) > 3 and cell in text for cell in row for text in fault.text.values())


def test_repeated_verdicts_count_once_and_contradicting_ones_not_at_all():
    """The same twice is a duplicate; two different ones are nobody's verdict."""
    same = (PATIENTS[1], "2026-11-23", "R1", "go", "", "", "yes")
    twice = read_reference(sheet_of([same, same]), DAY)
    assert (len(twice.verdicts), twice.refused) == (1, {"duplicate": 1})
    against = read_reference(sheet_of([same, (*same[:3], "ask", *same[4:])]), DAY)
    assert (len(against.verdicts), against.refused) == (0, {"contradiction": 2})


def test_blinding_must_be_stated_of_everyone():
    """An empty cell is kept and said; only yes everywhere is blinded."""
    rows = [(PATIENTS[1], "2026-11-23", "R1", "go", "", "", "yes"), (PATIENTS[2], "2026-11-23", "R1", "go", "", "", "")]
    assert not read_reference(sheet_of(rows), DAY).blinding_stated
    assert read_reference(sheet_of(rows[:1]), DAY).blinding_stated


EVENT = ("patient", "exposure_hours", "date", "term", "grade", "relation")


def events_of(rows):
    return read_events(Sheet.of("events.csv", EVENT, list(zip(*rows, strict=True)),
                                dict.fromkeys(EVENT, ()), EVENT[:2] + EVENT[3:5]))  # fmt: skip


@given(st.lists(st.tuples(
    st.sampled_from(["a", "b", "c", ""]), st.sampled_from(["", "10", "2,5", "-1", "many", "nan"]),
    st.sampled_from(["", "2026-11-01", "2026-11-02"]), st.sampled_from(["", "Fall", "fall", "Pain"]),
    st.sampled_from(["", "1", "2", "3", "6"]), st.sampled_from(["", "possible", "unlikely", "ingen"])),
    min_size=1, max_size=25))  # fmt: skip
def test_every_row_of_an_event_log_is_used_or_named(rows):
    """Events are those with a term and a grade, hours those stated alike; what is not stated counts as related."""
    log = events_of(rows)
    faulty = {fault.row for fault in log.faults}
    used = {event.row for event in log.events} | {row for row, each in enumerate(rows, 1) if each[1]}
    assert faulty | used == set(range(1, len(rows) + 1))
    assert all(event.related == (event.relation in ("", "possible")) for event in log.events)
    by_name = {figure.name: figure for figure in log.figures()}
    every = by_name["events.all.grade-1+"]
    if log.exposure:
        assert every.value == pytest.approx(len(log.events) / log.exposure * 1000)
    else:
        assert np.isnan(every.value)
    assert by_name["events.related.grade-1+"].low <= every.low
    assert 0 <= log.exposure == sum(log.hours.values())


def test_hours_that_contradict_each_other_are_not_used():
    """Nobody knows which is right; the events stay and the rate is rather too high."""
    log = events_of([("a", "10", "", "", "", ""), ("a", "20", "", "Fall", "2", ""), ("b", "100", "", "", "", "")])
    assert log.hours == {"b": 100}
    assert [fault.code for fault in log.faults] == ["contradiction"]
    assert log.without_hours == 1


def test_calibration_names_the_rules_that_make_the_difference():
    """Blanket rules are told apart from findings, and every share lies where it must."""
    found = calibrate(300, seed=1, as_of=DAY)
    shares = {(line.protocol, line.figure): line for line in found.lines if line.of == "ace"}
    for protocol in ("dk-verified", "dk-2015", "trek-toolkit"):
        every, finding = (shares[protocol, name].ours for name in ("more-clearance", "more-clearance-by-finding"))
        assert 0 < finding.value <= every.value <= 1
        assert shares[protocol, "supervised"].ours.value + shares[protocol, "community"].ours.value == 1
    assert [rule.rule for rule in found.rules["dk-verified", ""] if rule.blanket]
    assert not [rule.rule for rule in found.rules["trek-toolkit", ""] if rule.blanket]
    active = {line.scenario: line.ours.value for line in found.lines if line.figure == "before-any"}
    assert active["active-yes"] <= active["active-no"]
    assert {line.published for line in found.lines if line.of == "acsm"} == {54.2, 2.6}


@pytest.fixture
def files(tmp_path):
    """Patients, verdicts with faults, and events, as files."""
    patients, verdicts, events = (tmp_path / name for name in ("p.csv", "v.csv", "e.csv"))
    write_blocks(patients, [synthesise(40, seed=8, as_of=DAY)])
    rows = [f"{patient};23.11.2026;{rater};{WORDS[(number * 7 + len(rater) * 3) % 4]};ja"
            for number, patient in enumerate(PATIENTS) for rater in ("R1", "R22", "R333")]  # fmt: skip
    head = "Patient;Dato;Bedømmer;Vurdering;Blindet"
    verdicts.write_text("\n".join([head, *rows, "x;23.11.2026;R1;go;nej", ""]))
    events.write_text("patient,hours,term,grade\nSYNTHETIC-0000001,40,,\nSYNTHETIC-0000001,,Fall,1\n")
    return [str(path) for path in (patients, verdicts, events)]


CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", "2026-11-23", "--samples", "100"]


@pytest.mark.parametrize(("lang", "words"), [
    ("da", ["Hvor blev rækkerne af?", "ikke brugt, ikke blindet: 1", "loftet", "De værste forskelle", "pr. 1.000"]),
    ("en", ["Where did the rows go?", "not used, not blinded: 1", "the ceiling", "The worst differences", "per 1,000"]),
])  # fmt: skip
def test_it_reads_in_both_languages(files, capsys, lang, words):
    """In 80 columns, marked as EXAMPLE, and the refused row is named on stderr with exit code 1."""
    patients, verdicts, events = files
    call = ["validate", patients, "--reference", verdicts, "--events", events, *CALL, "--lang", lang]
    assert main(call) == 1
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    text = " ".join(out.split())
    for word in [*words, "EXAMPLE"]:
        assert word in text
    assert "(unblinded)" in err
    assert "nan" not in text


def test_what_is_written_says_what_was_read(files, tmp_path, capsys):
    """JSON and files hold the same figures, with hashes of all inputs; the same call gives the same bytes."""
    patients, verdicts, events = files
    call = ["validate", patients, "--reference", verdicts, "--events", events, *CALL, "--format", "json"]
    for folder in ("one", "two"):
        assert main([*call, "--out", str(tmp_path / folder)]) == 1
    printed = capsys.readouterr().out
    content = json.loads((tmp_path / "one" / "record.json").read_text(encoding="utf-8"))
    assert printed == 2 * (json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    assert content["schema"] == "exrx/validate/1"
    assert {len(content[name]["sha256"]) for name in ("input", "reference")} == {64}
    assert content["flow"]["read"] == 37
    assert all(line["panel"] in LEVELS for line in content["table"])
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize(("call", "said"), [
    ([], "--reference FILE, --events FILE or --calibration"),
    (["p.csv"], "--reference FILE, --events FILE or --calibration"),
    (["--reference", "v.csv"], "give both INPUT and --reference"),
    (["p.csv", "--calibration"], "makes its own synthetic patients"),
    (["--calibration", "--patients", "3"], "not a number of patients"),
])  # fmt: skip
def test_half_a_call_says_what_is_lacking(capsys, call, said):
    """Nothing is answered."""
    try:
        code = main(["validate", *call])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize(("text", "said"), [
    ("patient,date\na,2026-11-23\n", "no column 'rater'"),
    ("patient,rater,verdict\n", "no rows below its header"),
    ("patient,id,rater,verdict\na,a,R,go\n", "two columns mean 'patient'"),
])  # fmt: skip
def test_a_sheet_that_is_none_is_refused_whole(tmp_path, text, said):
    """With what it has and what it lacks."""
    path = tmp_path / "v.csv"
    path.write_text(text)
    with pytest.raises(InputFileError, match=said):
        read_verdicts_file(path, DAY)


def test_a_row_that_cannot_be_read_is_still_a_row(tmp_path):
    """A ragged row is a problem of the file and a row without a verdict."""
    path = tmp_path / "v.csv"
    path.write_text("patient,date,rater,verdict\na,2026-11-23,R1,go\nb,2026-11-23\n")
    reference, problems = read_verdicts_file(path, DAY)
    assert (reference.rows, len(reference.verdicts), reference.refused) == (2, 1, {"no-name": 1})
    assert [problem.code for problem in problems] == ["ragged-row"]
    path.write_text("patient,hours,term,grade\na,1\n")
    assert read_events_file(path)[0].rows == 1


def test_the_page_shows_the_figures_of_today():
    """The tables of docs/validate.md are what the command gives, within what another sample of patients would do."""
    page = (Path(__file__).parents[2] / "docs" / "validate.md").read_text(encoding="utf-8")
    ours = {}
    for line in calibrate(1500, seed=2, as_of=DAY).lines:
        ours.setdefault(line.figure, []).append(100 * line.ours.value)
    rows = {
        "| needs more clearance": "more-clearance", "| of these by a finding": "more-clearance-by-finding",
        "| supervised in person": "supervised", "| community there": "community",
        "| a doctor before any": "before-any", "| a doctor only before": "before-vigorous",
    }  # fmt: skip
    for start, figure in rows.items():
        [row] = [line for line in page.splitlines() if line.startswith(start)]
        shown = [float(cell) for cell in row.strip("|").split("|")[2:]]
        assert shown == pytest.approx(ours[figure], abs=4), start
