"""The hand-over sheet: what it must hold, whom it must not mislead, and that nothing in it runs."""

from __future__ import annotations

import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
import zlib
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given, settings
from hypothesis import strategies as st
from test_training_plan import LUMBAR, decided, planned

from exrx.errors import MissingDependencyError, ProtocolError
from exrx.fields import load_dictionary
from exrx.report import plan_pdf
from exrx.report.dose_picture import dose_svg, dose_words
from exrx.report.plan_html import sheet_html
from exrx.report.plan_sheet import sheet_of
from exrx.report.sheet_blocks import Grid, Items, Line, Log, Pairs, Sheet
from exrx.report.stop_rules import URGENCIES, load_stop_rules, read_stop_rules
from exrx.rules.restriction import Intensity, Restriction, Supervision
from exrx.training import Plan
from exrx.training.details import Details
from exrx.training.plan_parts import Confirmation, Fact
from exrx.training.weeks.schedule import Frame
from exrx.training.wishes import FRAME_KEYS, Wishes
from exrx.yamlread import read_yaml_text

NAMES = load_dictionary()
DETAILS = Details.of(
    {
        "goals": [{"text": "Gå til havnen med hunden", "type": "function"}],
        "what_matters_most": "At klare mig selv derhjemme",
        "responsible": "Anna Ås",
        "purpose": "Bevare funktion",
        "evaluation": "2027-01-04",
        "informed": ["egen læge"],
        "coordinator": "Egen læge",
        "contact": "Birthe Bæk",
        "interpreter": "farsi",
        "transport": "flextrafik",
        "continuation": "motionshold",
        "phones": [{"urgency": "same-day", "name": "Afdelingen", "number": "11 22 33 44"}],
        "tested_loads": {"leg-press": {"kilograms": 42.5, "repetitions": 8, "date": "2026-11-20"}},
    }
)
FRAME = Frame.of({"treatment": {"infusions": ["2026-11-24", "2026-12-15", "2027-01-05"], "cycle_days": 21}})
HOSTILE = '</style><script>alert(1)</script> #read("/x") $x$ *b* @ref <lbl> `r` \\u{41} & \' \x00\x07\u202egoal'


def fact(name: str, value: str, unit: str, state: str = "known") -> Fact:
    return Fact(name, dict(NAMES.field(name).label), value, unit, "2026-11-20", state)


def full(**more: Any) -> Plan:
    """A final plan with everything in it, around chemotherapy."""
    plan = planned(decided(LUMBAR), details=DETAILS, frame=FRAME)
    facts = (
        fact("affected_side", "left", ""),
        fact("line", "port", ""),
        fact("platelets", "145", "10^9/L"),
        fact("neutrophils", "<0.5", "10^9/L", "expired"),
        fact("six_minute_walk", "420", "m"),
    )
    answers = (
        Confirmation("oncologist", "limited", "Dr. Berg", "2026-11-16", "2027-01-10", "ingen tunge løft"),
        Confirmation("gp", "cleared", "", "2026-11-16", "2027-12-01", ""),
    )
    plan = evolve(plan, facts=facts, confirmations=answers, monitor=("bone-pain",), borg_max=15, heart_rate_max=130)
    return evolve(plan, **more)


FULL, BARE = full(), planned()


class Reading(HTMLParser):
    """What a browser would make of a page: its tags, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.said)


def words_of(sheet: Sheet) -> str:
    """Every word of a sheet, in its order."""
    return json.dumps(sheet.to_plain(), ensure_ascii=False)


@pytest.mark.parametrize(
    "said",
    [
        "Navn", "CPR-nummer", "pseudonym p1",
        "At klare mig selv derhjemme", "Gå til havnen med hunden (funktion i hverdagen)",
        "under behandling", "stærk anbefaling (ASCO 2022)", "Anna Ås", "Bevare funktion", "Egen læge", "Birthe Bæk",
        "egen læge", "4. jan. 2027", "farsi", "flextrafik", "motionshold",
        "styrketræning højst moderat", "undgå foroverbøjning af ryggen", "puls højst 130/min", "Borg højst 15",
        "onkolog", "godkendt med begrænsninger", "Dr. Berg", "ingen tunge løft", "10. jan. 2027: FØR planen slutter",
        "venstre", "port under huden", "145 ×10⁹/L, 20. nov. 2026", "forældet", "420 m", "42,5 kg × 8",
        "patientens egne datoer", "ti 24/11, ti 15/12, ti 5/1", "Blodprøve senest", "knoglesmerter",
        "smerter eller trykken i brystet", "smerte i en øvelse", "hårdere end det Borg-tal", "11 22 33 44",
        "23/11-29/11", "Kondition, hjemme", "Konditionstræning, minutter om ugen", "Uge 1 i detaljer", "Borg 12-13",
        "benpres", "Sid med ryggen mod lænet", "Se en ny blodprøve, før der trænes", "Udeladt", "Hvad der ændrer sig",
        "150 minutter moderat eller 75", "Fordi: Lænden. (bone.lumbar)", "i stedet for gang: kondicykel",
        "Fremmøde og dagbog", "Afbrudt, hvorfor", "w02-1", "dk-2015-group 2026.1", "ikke er efterprøvet",
        "dk-2015 2026.1",
    ],
)  # fmt: skip
def test_the_sheet_holds_what_the_next_professional_needs(said: str) -> None:
    """Each thing that the hand-over asks for, in words of the patient's language."""
    assert said in words_of(sheet_of(FULL, "da", NAMES))


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("plan", [FULL, BARE], ids=["full", "bare"])
def test_both_languages_say_everything(plan: Plan, lang: str) -> None:
    """Every section has its words, and no placeholder, key or Python value shows through."""
    sheet = sheet_of(plan, lang, NAMES)
    assert all(section.title and section.blocks for section in sheet.sections)
    assert len(sheet.sections) == 11
    assert not re.search(r"\bNone\b|\{\w*\}|Fact\(", words_of(evolve(sheet, page="")))


def test_an_english_sheet_holds_no_danish() -> None:
    """Of a plan without anything in somebody's own words, every letter is English."""
    assert not re.search("[æøåÆØÅ]", sheet_html(BARE, "en", NAMES))
    assert re.search("[æøåÆØÅ]", sheet_html(BARE, "da", NAMES))


def test_the_patients_own_goal_comes_first() -> None:
    """Before the plan, the restrictions and the weeks."""
    first = sheet_of(FULL, "da", NAMES).sections[0]
    assert isinstance(first.blocks[0], Line)
    assert first.blocks[0].text == "At klare mig selv derhjemme"
    page = sheet_html(FULL, "da", NAMES)
    assert page.index("Gå til havnen") < page.index("Planen kort") < page.index("Begrænsninger")


def test_what_is_not_given_is_a_line_to_fill_in_and_never_invented() -> None:
    """Goal, people, physicians' answers and telephone numbers are left blank, not left out."""
    sheet = sheet_of(BARE, "da", NAMES)
    blocks = [block for section in sheet.sections for block in section.blocks]
    blank = {label for block in blocks if isinstance(block, Pairs) for label, text in block.rows if not text}
    assert blank >= {"Mål", "Ansvarlig", "Formål", "Tovholder", "Kontaktperson", "Informeret", "Tolk", "Transport"}
    by_hand = [block for block in blocks if isinstance(block, Grid) and block.by_hand]
    phones = next(block for block in by_hand if "Telefon" in block.heads)
    assert [row[1:] for row in phones.rows] == [("", "")] * 3
    assert "Ingen læge har bekræftet" in words_of(sheet)
    assert not re.search(r"(?<![\w-])\d\d \d\d \d\d \d\d\b|\b\d{8}\b", words_of(sheet))


def test_an_answer_that_ends_before_the_plan_is_said_and_a_longer_one_is_not() -> None:
    """Nobody trains on a clearance that has run out without having been told."""
    rows = [b.rows for s in sheet_of(FULL, "en", NAMES).sections for b in s.blocks if isinstance(b, Grid)]
    until = {row[0]: row[4] for table in rows for row in table if len(row) == 6}
    assert until == {"oncologist": "10 Jan 2027: BEFORE the plan ends, ask again", "general practitioner": "1 Dec 2027"}


@pytest.mark.parametrize(
    ("plan", "mark"),
    [
        (FULL, ""),
        (full(details=Details()), "PROPOSAL, not final"),
        (full(draft=True), "DRAFT, not to be used"),
        (full(draft=True, example=True), "EXAMPLE · DRAFT, not to be used"),
    ],
)
def test_a_plan_that_is_not_final_is_marked_on_each_page(plan: Plan, mark: str) -> None:
    """In the page margin, across the page and at the top; a final plan has no mark anywhere."""
    page = sheet_html(plan, "en", NAMES)
    assert sheet_of(plan, "en", NAMES).mark == mark
    margin = re.search(r'@top-right\{content:"([^"]*)"', page)
    assert margin is not None
    assert unescaped(margin[1]) == mark
    assert ('<div class="ghost" aria-hidden="true">' in page) == bool(mark)
    assert ("DRAFT" in page or "PROPOSAL" in page) == bool(mark)


def unescaped(css: str) -> str:
    return re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), css)


def test_the_foot_of_each_page_says_what_the_plan_is_and_rests_on() -> None:
    """Notice, versions with hashes, and how many numbers nobody has verified."""
    foot = re.search(r'@bottom-left\{content:"([^"]*)"', sheet_html(FULL, "en", NAMES))
    assert foot is not None
    notice, versions, rests_on = unescaped(foot[1]).split("\n")
    assert notice == FULL.notice["en"]
    assert versions == f"{FULL.engine} · dk-2015-group 2026.1 ({FULL.training_sha256[:8]}) · dk-2015 2026.1 (abc123)"
    assert re.match(r"Rests on \d+ numbers that are not verified", rests_on)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_runs_nothing_and_asks_nothing_of_the_network(lang: str) -> None:
    """No script, frame, link, picture file or address but the names of XML."""
    page = sheet_html(FULL, lang, NAMES)
    reading = Reading(page)
    assert dict(reading.tags[0:1]) == {"html": {"lang": lang}}
    assert not {tag for tag, _ in reading.tags} & {"script", "iframe", "link", "img", "object", "embed", "base", "form"}
    assert not [name for _, given in reading.tags for name in given if name.startswith("on") or name in ("src", "href")]
    assert set(re.findall(r"\b\w+://[^\"' )]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_can_be_read_by_a_screen_reader() -> None:
    """Headings without a gap, a scope for every table heading, words for the picture, labelled tables."""
    reading = Reading(sheet_html(FULL, "da", NAMES))
    levels = [int(tag[1]) for tag, _ in reading.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(given.get("scope") for tag, given in reading.tags if tag == "th")
    picture = next(given for tag, given in reading.tags if tag == "svg")
    assert picture["role"] == "img"
    assert picture["aria-label"] == dose_words(FULL, "da")


@settings(max_examples=20)
@given(st.text(max_size=60))
def test_no_text_of_the_plan_can_become_markup(text: str) -> None:
    """Whatever stands in a goal, a name or an answer: the page keeps its own tags and no others."""
    kept = [tag for tag, _ in Reading(sheet_html(with_text("x"), "da", NAMES)).tags]
    page = sheet_html(with_text(f"x{text}"), "da", NAMES)
    assert [tag for tag, _ in Reading(page).tags] == kept
    assert page.count("</style>") == 1


def with_text(text: str) -> Plan:
    details = evolve(DETAILS, what_matters_most=text, responsible=text, goals=(evolve(DETAILS.goals[0], text=text),))
    answer = Confirmation("gp", "cleared", text, "2026-11-16", "", text)
    return full(details=details, confirmations=(answer,), patient=text, notice={"da": text, "en": text})


def test_a_hostile_goal_is_shown_as_it_was_written() -> None:
    """Tags and quotes are text; what nobody sees (control characters, turned text) is taken out."""
    page = sheet_html(with_text(HOSTILE), "da", NAMES)
    assert "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search("[\x00-\x08\u202e]", page)


def test_the_diary_has_a_line_for_each_session_and_each_session_once() -> None:
    """By its key, in the order of the plan, with the days that need a blood test marked."""
    logs = [b for s in sheet_of(FULL, "da", NAMES).sections for b in s.blocks if isinstance(b, Log)]
    rows = [row for week in logs[0].weeks for row in week]
    days = [day for week in FULL.weeks for day in week.days if day.session]
    assert [key for key, _ in rows] == [day.key for day in days]
    marked = {key for key, said in rows if said.endswith(" B")}
    assert marked == {day.key for day in days if day.treatment.endswith("nadir")}
    assert marked


def test_the_weeks_count_class_and_home_minutes_apart() -> None:
    """The minutes in the table are those of the plan's sessions."""
    tables = [b for s in sheet_of(FULL, "da", NAMES).sections for b in s.blocks if isinstance(b, Grid)]
    [table] = [each for each in tables if "Datoer" in each.heads]
    for week, row in zip(FULL.weeks, table.rows, strict=True):
        by_hand = [[int(minutes) for minutes in cell.split(" · ")] for cell in row[4:6]]
        dose = [week.dose.light, week.dose.moderate, week.dose.vigorous]
        assert [sum(each) for each in zip(*by_hand, strict=True)] == dose


def test_a_plan_without_sessions_still_gives_a_sheet() -> None:
    """A patient for whom the restrictions leave nothing is told so."""
    nothing = Restriction(supervision=Supervision.CONTINUOUS, strength_max=Intensity.NONE, aerobic_max=Intensity.NONE)
    sheet = sheet_of(planned(decided(nothing)), "da", NAMES)
    assert "Der er ingen træninger i planen." in words_of(sheet)


@pytest.mark.parametrize("plan", [FULL, BARE, planned(weeks=104)], ids=["full", "bare", "104 weeks"])
def test_the_picture_shows_the_dose_of_each_week(plan: Plan) -> None:
    """The bars' heights stand to each other as the minutes do, and the words say the same."""
    drawn = ET.fromstring(dose_svg(plan, "da"))
    bars = [each for each in drawn if each.tag.endswith("rect")][3:]
    heights = sum(float(bar.get("height", "0")) for bar in bars)
    minutes = sum(week.dose.light + week.dose.moderate + week.dose.vigorous for week in plan.weeks)
    one = next(float(bar.get("height", "0")) / plan.weeks[0].dose.moderate for bar in bars)
    assert heights == pytest.approx(minutes * one, rel=0.02)
    assert f"Uge {len(plan.weeks)}: 0, {plan.weeks[-1].dose.moderate}" in dose_words(plan, "da")


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_same_plan_gives_the_same_page(lang: str) -> None:
    """Byte for byte."""
    assert sheet_html(full(), lang, NAMES) == sheet_html(full(), lang, NAMES)


def test_every_stop_rule_says_what_to_do_and_where_it_comes_from() -> None:
    """All urgencies in their order; what is not verified is marked on the sheet."""
    rules = load_stop_rules()
    assert tuple(rule.urgency for rule in rules) == URGENCIES
    assert all(rule.do["da"] and rule.do["en"] and rule.signs for rule in rules)
    shown = [
        item for s in sheet_of(BARE, "en", NAMES).sections for b in s.blocks if isinstance(b, Items) for item in b.items
    ]
    for rule in rules:
        for sign in rule.signs:
            mark = " (not verified)" if sign.verified == "unverified" else ""
            assert sign.text["en"] + mark in shown


def test_a_faulty_file_of_stop_rules_names_every_fault(tmp_path: Any) -> None:
    """An unknown source, a missing language and a missing group at once."""
    path = tmp_path / "sheet.yaml"
    sign = "{text: {da: feber}, source: nobody, verified: primary}"
    path.write_text(f"stop:\n  emergency: {{do: {{da: a, en: b}}, signs: {{fever: {sign}}}}}\n", encoding="utf-8")
    with pytest.raises(ProtocolError) as caught:
        read_stop_rules(path)
    assert {fault.code for fault in caught.value.diagnostics} >= {"unknown-source", "missing-key"}
    assert "same-day" in str(caught.value)


def test_without_typst_the_install_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF is optional; whoever lacks it is told what to install."""
    plan_pdf._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingDependencyError, match=r"exrx\[pdf\]"):
        plan_pdf.sheet_pdf(FULL, "da", NAMES)
    plan_pdf._compiler.cache_clear()


def test_the_same_plan_gives_the_same_pdf_and_another_plan_another() -> None:
    """The date in it is the plan's, not today's."""
    pytest.importorskip("typst")
    one = plan_pdf.sheet_pdf(FULL, "da", NAMES)
    other = plan_pdf.sheet_pdf(full(patient="p2"), "da", NAMES)
    assert one.startswith(b"%PDF")
    assert one != other
    assert plan_pdf.sheet_pdf(full(), "da", NAMES) == one
    assert str(date.fromisoformat("2026-11-23").year).encode() in one


def test_typst_markup_in_a_goal_is_only_text() -> None:
    """A goal that would read a file or break the template is set like any other."""
    pytest.importorskip("typst")
    for text in (HOSTILE, '#read("/etc/passwd")', "#panic()", "$", "*", "]", "x" * 400):
        assert plan_pdf.sheet_pdf(with_text(text), "da", NAMES).startswith(b"%PDF")


@pytest.mark.parametrize(("plan", "marked"), [(FULL, False), (full(draft=True), True)], ids=["final", "draft"])
def test_each_page_of_the_pdf_is_marked_when_the_plan_is_not_final(plan: Plan, marked: bool) -> None:
    """The top right corner of every page is empty when it is final and framed when it is not; 2 to 4 pages."""
    pytest.importorskip("typst")
    pages = plan_pdf.typeset(plan, "da", NAMES, "png")
    assert 2 <= len(pages) <= 4
    assert [has_ink_at_top_right(page) for page in pages] == [marked] * len(pages)


def has_ink_at_top_right(png: bytes) -> bool:
    """Whether anything dark stands in the upper right corner (right third, above the text) of a PNG."""
    width, height = struct.unpack(">II", png[16:24])
    depth, colour = png[24], png[25]
    channels = {2: 3, 6: 4}[colour]
    assert depth == 8
    packed = b"".join(png[start : start + length] for start, length in chunks(png) if png[start - 4 : start] == b"IDAT")
    raw, stride = zlib.decompress(packed), width * channels
    before = bytearray(stride)
    for y in range(height // 25):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for x in range(stride):
            left = row[x - channels] if x >= channels else 0
            corner = before[x - channels] if x >= channels else 0
            row[x] = (row[x] + predicted(kind, left, before[x], corner)) & 255
        if min(row[stride * 2 // 3 :: channels]) < 100:
            return True
        before = row
    return False


def chunks(png: bytes) -> list[tuple[int, int]]:
    """Where the data of each chunk of a PNG begins, and its length."""
    found, at = [], 8
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        found.append((at + 8, length))
        at += length + 12
    return found


def predicted(kind: int, left: int, above: int, corner: int) -> int:
    """What a PNG filter predicts a byte to be (PNG specification, 9.2)."""
    if kind == 4:
        guess = left + above - corner
        return min((left, above, corner), key=lambda value: abs(guess - value))
    return {0: 0, 1: left, 2: above, 3: (left + above) // 2}[kind]


@pytest.mark.parametrize("page", ["plan-sheet.md", "plans.md"])
def test_the_details_files_in_the_documentation_can_be_used(page: str) -> None:
    """The example names every key, and gives a final plan."""
    text = (Path(__file__).parent.parent / "docs" / page).read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    given = read_yaml_text(example[1]).plain()
    wishes = Wishes.of(given)
    known = {*(part.name for part in fields(Details)), *FRAME_KEYS, "phase", "times"}
    assert known - {"times"} <= set(given) <= known
    assert planned(details=wishes.details, frame=wishes.frame, phase=wishes.phase).status == "final"
