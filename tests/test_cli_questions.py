"""`exrx explain` and `exrx questions`: what people read says what to do next, and programs read the same."""

from __future__ import annotations

import json

import pytest

from exrx.cli.main import main

DAY = "2026-11-23"
CALL = ["--protocol", "krop-og-kraeft", "--stage", "session", "--as-of", DAY]
LOW = {
    "id": "P-1", "on_chemotherapy": "yes", "enrolment_cleared": "yes", "treating_clearance": "cleared", "age": 55,
    "platelets": {"value": 42, "date": "2026-11-21"}, "leukocytes": {"value": 4, "date": "2026-11-21"},
    "last_chemotherapy": "2026-11-10", "last_transfusion": "never", "deceased": "no",
    "forms": [{"form": name, "date": DAY, "role": "nurse", "yes": []} for name in ("enrolment", "cycle", "door")],
}  # fmt: skip
SAYS = {
    "da": ["Skaf først", "Hvad ville ændre svaret", "Blodplader på mindst 50 ×10⁹/L (nu 42 ×10⁹/L, for 2 dage siden)",
           "først: nyt blodpladetal"],
    "en": ["Get first", "What would change the answer", "Platelets of at least 50 ×10⁹/L (now 42 ×10⁹/L, 2 days ago)",
           "first: new platelet count"],
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path as text."""

    def _write(content, name: str = "patients.json") -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return str(path)

    return _write


@pytest.fixture
def table(write) -> str:
    """Three hundred patients: some with few platelets, some of whom nobody asked today."""
    head = "id,age,on_chemotherapy,enrolment_cleared,treating_clearance,platelets,platelets.date,last_chemotherapy," \
           "last_transfusion,form.door,form.cycle,form.enrolment,dizziness"  # fmt: skip
    rows = [
        f"p{n},55,yes,yes,cleared,{30 + n % 40},2026-11-22,2026-11-10,never,{DAY if n % 3 else ''},{DAY},{DAY},"
        f"{'yes' if n % 11 == 0 else ''}"
        for n in range(300)
    ]
    return write("\n".join([head, *rows]) + "\n", "many.csv")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_explain_says_what_to_get_and_what_would_change_the_answer(write, capsys, lang):
    """Value, limit, age and the next step stand in plain words, within 80 columns."""
    main(["explain", write(LOW), *CALL, "--lang", lang])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    flat = " ".join(out.split())
    assert [words for words in SAYS[lang] if words not in flat] == []


def test_explain_as_json_holds_all_of_it(write, capsys):
    """The schema's five parts; the words stand in both languages."""
    main(["explain", write(LOW), *CALL, "--format", "json"])
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == "exrx/explanation/1"
    assert set(content) == {"schema", "decision", "rules", "settling", "counterfactuals", "apart"}
    platelets = next(
        found for found in content["counterfactuals"]["found"]
        if [change["field"] for change in found["changes"]] == ["platelets"]
    )  # fmt: skip
    assert platelets["changes"][0]["now"] == {
        "value": "42", "unit": "10^9/L", "date": "2026-11-21", "days_ago": 2,
    }  # fmt: skip
    assert set(platelets["words"]) == {"da", "en"}


def test_explain_of_joined_protocols_says_what_each_says(write, capsys):
    """Each protocol with its own answer and the rule behind it, where they differ."""
    call = ["--protocol", "dk-2015,krop-og-kraeft", "--stage", "session", "--as-of", DAY, "--lang", "da"]
    main(["explain", write({**LOW, "on_chemotherapy": "no"}), *call])
    flat = " ".join(capsys.readouterr().out.split())
    assert "Hver protokol for sig" in flat
    assert "Krop og Kræft (krop-og-kraeft): er ikke lavet til denne patient" in flat


@pytest.mark.parametrize("lang", ["da", "en"])
def test_questions_are_answered_in_lines_of_eighty_columns(table, capsys, lang):
    """What is waited for, what holds back, and what if; each in the language that was asked for."""
    main(["questions", table, *CALL, "--lang", lang, "--limit", "platelets_session_min=40"])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    asked = {"da": "Hvad hvis platelets_session_min var 40?", "en": "What if platelets_session_min were 40?"}
    assert asked[lang] in out


def test_the_totals_of_the_questions_add_up_to_the_decisions(table, capsys):
    """Every patient stands in each total once, and the counts are those of the decisions one by one."""
    main(["screen", table, *CALL, "--format", "jsonl"])
    decisions = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    main(["questions", table, *CALL, "--format", "json", "--limit", "platelets_session_min=40"])
    content = json.loads(capsys.readouterr().out)
    clearances = [decision["clearance"] for decision in decisions]
    blocking, single, (limit,) = content["blocking"], content["single_rules"], content["limits"]
    assert blocking["waiting"] == clearances.count("assess")
    assert blocking["waiting"] == sum(fact["alone"] for fact in blocking["facts"]) + blocking["waiting_for_several"]
    assert single["not_training"] == sum(clearance not in ("clear", "modify") for clearance in clearances)
    assert single["not_training"] == sum(rule["would_train"] for rule in single["rules"]) + single["held_by_several"]
    for key in ("clearance", "track"):
        assert sum(line["patients"] for line in limit[key]) == len(decisions) == 300
    before = dict.fromkeys(clearances, 0)
    for line in limit["clearance"]:
        before[line["from"]] += line["patients"]
    assert before == {word: clearances.count(word) for word in before}
    assert limit["freer"] > 0
    assert limit["stricter"] == 0


def test_questions_can_be_written_to_a_file(table, tmp_path, capsys):
    """Nothing but the file, and the file is whole."""
    path = tmp_path / "answers.json"
    assert main(["questions", table, *CALL, "--format", "json", "--out", str(path)]) == 0
    assert json.loads(path.read_text(encoding="utf-8"))["patients"] == 300
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("platelets_session_min", "write it as"),
        ("platelet_min=40", "Did you mean"),
        ("adult_age=none", "Write one plain number"),
    ],
)
def test_a_limit_that_makes_no_sense_is_named(table, capsys, limit, words):
    """Nothing is answered, and the message says what to write."""
    try:
        code = main(["questions", table, *CALL, "--limit", limit])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
