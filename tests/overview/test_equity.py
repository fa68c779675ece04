"""Gaps between groups: counted as one would by hand, hidden with their numbers, and readable in both languages."""

import json

import numpy as np
import pytest
from test_cli_cohort_report import DAY as DAY_TEXT
from test_cli_cohort_report import SHORT, report, write
from test_overview import DAY

from exrx.cli.main import main
from exrx.cohort import Cohort
from exrx.fields import load_dictionary
from exrx.io.overview_files import read_sessions
from exrx.pathway.vocabulary import load_vocabulary
from exrx.protocol import load_protocol
from exrx.report.overview_csv import overview_csv
from exrx.report.overview_html import overview_html
from exrx.report.overview_tables import Teller
from exrx.report.plots.gaps import gaps_of
from exrx.report.plots.overview import pictures
from exrx.screening import screen_cohort
from exrx.study.overview.disclosure import possible_values
from exrx.study.overview.equity import GROUPS, INDICATORS, gap
from exrx.study.overview.monitoring import Monitoring, grouping_of, monitoring_answers
from exrx.study.overview.overview import cohort_overview, count_overview
from exrx.study.overview.programme import HELD, OPEN, UNSAID, Sessions
from exrx.study.synth import synthesise
from exrx.training.adaptations import everyone

LIMIT = 10
REASONS = ("no-further-need-citizen", "no-show", "opt-out-transport-cost", "pain")
ASKED = {
    "assessed": ["yes", "no", None], "need": ["yes", "yes", "no", None], "referred": ["yes", "no", None],
    "effect_change": ["better", "unchanged", "worse", None], "goal_attained": ["yes", "partly", "no", None],
    "income": ["low", "middle", "high", None], "region": ["Nord", "Syd", "Øst"],
}  # fmt: skip


def people(n, seed):
    """A cohort with its education, and what a log and a monitoring file would say of it, much of it unknown."""
    rng = np.random.default_rng(seed)
    said = {name: [words[place] for place in rng.integers(0, len(words), n)] for name, words in ASKED.items()}
    said["education"] = [["short", "medium", "long", None][place] for place in rng.integers(0, 4, n)]
    columns = {**synthesise(n, seed=seed, as_of=DAY), "education": said["education"]}
    decisions = screen_cohort(Cohort.from_columns(columns), load_protocol("krop-og-kraeft"), stage="session", as_of=DAY)
    known = rng.integers(0, 5, n)
    sessions = Sessions(rng.integers(0, known + 1), known, rng.integers(OPEN, len(REASONS), n), REASONS)
    facts = {name: grouping_of(name, said[name]) for name in ASKED}
    measured = grouping_of("effect", ["yes" if each else None for each in rng.random(n) < 0.5])
    return decisions, {"sessions": sessions, "monitoring": Monitoring(facts, measured)}, said


def answers_of(said, sessions, measured):
    """What each indicator says of each patient, by hand: True, False, None for not known, `...` for not asked."""
    def of(words, yes, no):
        return [True if word in yes else False if word in no else None for word in words]

    held, known, stopped = sessions.held, sessions.known, sessions.stopped
    logged = [bool(each) for each in known]
    last = [None if not log or why in (OPEN, UNSAID) else why != HELD and REASONS[why] != "no-further-need-citizen"
            for log, why in zip(logged, stopped.tolist(), strict=True)]  # fmt: skip
    return {
        "assessed": of(said["assessed"], {"yes"}, {"no"}),
        "referred_of_need": [
            ... if need == "no" else None if need is None or word is None else word == "yes"
            for need, word in zip(said["need"], said["referred"], strict=True)
        ],
        "attended": [bool(a) if log else None for a, log in zip(held, logged, strict=True)],
        "attended_most": [bool(4 * a >= 3 * b) if b else None for a, b in zip(held, known, strict=True)],
        "stopped_early": last,
        "effect_measured": [bool(each) for each in measured],
        "effect_better": of(said["effect_change"], {"better"}, {"unchanged", "worse"}),
        "goal_attained": of(said["goal_attained"], {"yes"}, {"no", "partly"}),
    }


def test_every_indicator_is_counted_in_every_group_as_one_would_by_hand():
    """R72, A81-1: known, missing and yes of each group are those of a count over the patients' own answers."""
    decisions, beside, said = people(150, 4)
    content = cohort_overview(decisions, smallest=0, **beside)["equity"]
    by_hand = answers_of(said, beside["sessions"], beside["monitoring"].effect.known)
    assert set(content["groups"]) == set(GROUPS) - {"lives_alone"}
    for name in ("education", "income", "region"):
        group = content["groups"][name]
        assert [each["indicator"] for each in group["indicators"]] == [each.name for each in INDICATORS]
        for each in group["indicators"]:
            for row in each["rows"]:
                mine = [answer for answer, key in zip(by_hand[each["indicator"]], said[name], strict=True)
                        if key == row["key"]]  # fmt: skip
                assert row["yes"] == sum(answer is True for answer in mine), (name, each["indicator"])
                assert row["n"] == sum(answer in (True, False) for answer in mine)
                assert row["missing"] == mine.count(None)


def test_each_class_is_compared_with_the_named_one_and_a_region_with_the_others():
    """Short education against long; a region against all others whose region is known, not against itself."""
    decisions, beside, _ = people(150, 5)
    groups = cohort_overview(decisions, smallest=0, **beside)["equity"]["groups"]
    short, medium, long = groups["education"]["indicators"][0]["rows"]
    assert [row["key"] for row in (short, medium, long)] == ["short", "medium", "long"]
    assert "difference" not in long
    assert short["difference"]["value"] == round(100 * (short["yes"] / short["n"] - long["yes"] / long["n"]), 1)
    assert medium["ratio"]["value"] == round(medium["yes"] / medium["n"] / (long["yes"] / long["n"]), 2)
    regions = groups["region"]["indicators"][0]["rows"]
    for row in regions:
        rest = [each for each in regions if each is not row]
        assert row["others"] == {key: sum(each[key] for each in rest) for key in ("n", "yes")}


@pytest.mark.parametrize("hidden", [0, 1, 2, 3])
def test_a_gap_needs_all_four_of_its_counts(hidden):
    """One hidden count is enough to hide difference and ratio; nothing is made of what is left."""
    counts = [20, 40, 30, 50]
    counts[hidden] = None
    one, other = ({"yes": counts[0], "n": counts[1]}, {"yes": counts[2], "n": counts[3]})
    assert gap(one, other) == (None, None)


@pytest.fixture(scope="module")
def hidden():
    """A report on few people, in which much is hidden, with its ledger and what is printed of it."""
    decisions, beside, _ = people(160, 6)
    ledger, open_ = count_overview(decisions, LIMIT, None, beside["sessions"], beside["monitoring"])
    content = cohort_overview(decisions, smallest=LIMIT, mark="synthetic", **beside)
    return ledger, open_, ledger.sheet.settle(LIMIT), content


def rows_of(content):
    """Every row of the equity part with where it stands."""
    for name, group in content["equity"]["groups"].items():
        for each in group["indicators"]:
            yield from (((name, each["indicator"], row["key"]), row) for row in each["rows"])


def test_a_gap_is_hidden_exactly_where_one_of_its_counts_is(hidden):
    """R73: a share or gap stands where its counts stand, and every printed count is 0 or at least the limit."""
    *_, content = hidden
    seen = {True: 0, False: 0}
    for where, row in rows_of(content):
        group = content["equity"]["groups"][where[0]]
        rows = next(each["rows"] for each in group["indicators"] if each["indicator"] == where[1])
        base = row.get("others") or next(each for each in rows if each["key"] == group["reference"])
        counts = [row["n"], row["yes"], base["n"], base["yes"]]
        assert (row["share"] is None) == (None in counts[:2])
        if "difference" in row:
            assert (row["difference"] is None) == (row["ratio"] is None) == (None in counts)
            seen[None in counts] += 1
        assert all(count is None or count == 0 or count >= LIMIT for count in (*counts, row["missing"]))
    assert min(seen.values()) > 5


def test_whoever_solves_the_report_finds_no_small_count_of_a_group(hidden):
    """Small counts, and those who have not (n less yes), keep 0 and the limit by all that the report prints."""
    ledger, open_, printed, _ = hidden
    small = []
    for _, row in rows_of(open_):
        counts = {key: ledger.sheet.numbers[row[key].number] for key in ("n", "yes", "missing")}
        without = ledger.sheet.number(set(counts["n"].cells) - set(counts["yes"].cells), shown=False)
        places = [*(row[key].number for key in counts), without]
        small += [place for place in places if 0 < ledger.sheet.numbers[place].value < LIMIT]
    assert len(ledger.sheet.numbers) == len(printed.values)  # every such rest was protected as a number of its own
    assert len(small) > 25
    for place in np.random.default_rng(1).choice(small, 8, replace=False).tolist():
        low, high = possible_values(ledger.sheet, printed, place)
        assert low == 0
        assert high >= LIMIT


@pytest.mark.parametrize(("lang", "words"), [
    ("da", ("Uddannelse, sammenlignet med lang", "henvist, af dem med behov", "Ikke justeret")),
    ("en", ("Education, compared with long", "referred, of those in need", "Not adjusted")),
])  # fmt: skip
def test_the_page_and_the_table_tell_a_gap_with_its_interval(hidden, lang, words):
    """Difference and ratio stand with both ends, a hidden one has the mark, and CSV has the ends in columns."""
    *_, content = hidden
    page = overview_html(content, [], lang, load_dictionary())
    equity = page[page.index('<section id="equity">') :]
    assert all(word in equity for word in words)
    row = next(row for _, row in rows_of(content) if row.get("difference") and row["difference"]["value"] < 0)
    told = f"−{-row['difference']['value']:.1f}"
    assert (told.replace(".", ",") if lang == "da" else told) in equity
    assert "•" in equity
    lines = overview_csv(content, lang, load_dictionary()).splitlines()
    low = [line for line in lines if line.startswith("equity-by-education") and " fra" * (lang == "da") in line]
    ends = {"da": "procentpoint fra", "en": "percentage points from"}[lang]
    assert [line for line in low if ends in line]
    assert any(line.endswith({"da": "skjult", "en": "hidden"}[lang]) for line in low)


def test_a_figure_of_gaps_has_every_comparison_and_no_hidden_number(hidden):
    """Printed differences stand in its words as in the table, hidden ones as the mark; nobody is no line."""
    *_, content = hidden
    few = {**content, "tables": {}, "overlaps": {"sets": []}, "attendance": None}  # the other figures are not asked for
    few["missing"] = {**content["missing"], "facts": []}
    drawn = {each.picture.name: each.picture for each in pictures(few, "en", load_dictionary())}
    group = content["equity"]["groups"]["education"]
    rows = [row for each in group["indicators"] for row in each["rows"] if "difference" in row]
    shown = [row["difference"] for row in rows if row["difference"] is not None]
    alt = drawn["equity-by-education"].alt
    assert alt.count("•") == len(rows) - len(shown) > 0
    for each in shown:
        ends = [f"{each[key]:.1f}".replace("-", "−") for key in ("value", "low", "high")]
        assert f" {ends[0]} ({ends[1]} to {ends[2]})" in alt
    assert len(gaps_of(group, Teller(content, "en", load_dictionary()))) == len(rows)
    nobody = {"key": "x", "label": {"en": "x"}, "difference": {"value": None, "low": -100.0, "high": 100.0}}
    empty = {"indicators": [{"indicator": "assessed", "rows": [nobody]}]}
    assert gaps_of(empty, Teller(content, "en", load_dictionary())) == []


def test_nothing_to_compare_says_what_is_needed():
    """Without facts of the course there is no gap, and the report says which files it takes."""
    decisions, *_ = people(20, 7)
    content = cohort_overview(decisions, smallest=0)
    assert all(group["indicators"] == [] for group in content["equity"]["groups"].values())
    assert "--monitoring, --sessions" in overview_html(content, [], "en", load_dictionary())


def test_a_last_session_is_held_or_has_a_reason_or_none_or_is_not_known(tmp_path):
    """Of each patient the last session counts; a cell that says nothing of it is not taken for a session held."""
    log = write(tmp_path, "log.csv", "patient,done,date,stop_reason", "a,no,2026-11-01,no-show", "a,yes,2026-11-02,",
                "b,yes,2026-11-01,", "b,no,2026-11-02,", "c,,2026-11-02,", "c,yes,2026-11-01,",
                "d,no,2026-11-02,opt-out-transport-cost")  # fmt: skip
    sessions, _ = read_sessions(log, ["a", "b", "c", "d", "e"])
    assert sessions.stopped.tolist() == [HELD, UNSAID, OPEN, 0, OPEN]
    assert sessions.reasons == ("opt-out-transport-cost",)


def test_stop_reasons_and_routes_stand_in_one_list(tmp_path):
    """R70, 2.13: the log reads KL's codes, the report uses their words; the routes are the pathway's own."""
    reasons = everyone().stop_reasons
    assert "stop_reasons" not in load_vocabulary().lists
    log = write(tmp_path, "log.csv", "patient,done,stop_reason", *(f"{key},no,{key}" for key in reasons))
    sessions, notes = read_sessions(log, list(reasons))
    assert (set(sessions.reasons), notes) == (set(reasons), [])
    assert set(monitoring_answers()["referral_route"]) == set(load_vocabulary().keys("routes"))


def test_the_command_compares_groups_from_a_file_in_danish(tmp_path, capsys):
    """A cohort with education and a monitoring file in Danish words give the gap; the file is all that is needed."""
    cohort = tmp_path / "cohort.csv"
    assert main(["cohort", "synth", "--patients", "120", "--as-of", DAY_TEXT, "--out", str(cohort)]) == 0
    lines = cohort.read_text(encoding="utf-8").splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("id,") or ",id," in f",{line},")
    lines[head] += ",uddannelse"
    lines[head + 1 :] = [f"{line},{('long', 'short')[n % 2]}" for n, line in enumerate(lines[head + 1 :])]
    cohort.write_text("\n".join(lines) + "\n", encoding="utf-8")
    facts = write(tmp_path, "facts.csv", "id;assessed;effect_change",
                  *(f"SYNTHETIC-{n + 1:07d};{'ja' if n % 4 else 'nej'};{'bedre' if n % 3 else 'værre'}"
                    for n in range(120)))  # fmt: skip
    capsys.readouterr()
    assert report(cohort, *SHORT, "--monitoring", facts, "--lang", "da") == 0
    steps = json.loads(capsys.readouterr().out)["equity"]["groups"]["education"]["indicators"]
    short = next(row for row in steps[0]["rows"] if row["key"] == "short")
    assert [each["indicator"] for each in steps] == ["assessed", "effect_better"]
    assert (short["n"], short["yes"], short["difference"]["value"]) == (60, 60, 50.0)
