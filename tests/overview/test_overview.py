"""A cohort's overview: the counts are right, hidden ones are nowhere, and what was not collected is not zero."""

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date

import numpy as np
import pytest

from exrx.cohort import Cohort
from exrx.errors import InputFileError
from exrx.fields import load_dictionary
from exrx.protocol import load_protocol
from exrx.report.overview_csv import overview_csv, overview_csvs
from exrx.report.overview_html import overview_html
from exrx.report.plots.overview import pictures
from exrx.screening import screen_cohort
from exrx.study.overview.disclosure import possible_values
from exrx.study.overview.monitoring import Monitoring, grouping_of
from exrx.study.overview.overview import cohort_overview, count_overview
from exrx.study.overview.programme import Sessions
from exrx.study.synth import synthesise
from exrx.training.cohort import prescribe_cohort

DAY = date(2026, 11, 26)


def screened(n, seed=7):
    cohort = Cohort.from_columns(synthesise(n, seed=seed, as_of=DAY))
    return screen_cohort(cohort, load_protocol("krop-og-kraeft"), stage="session", as_of=DAY)


def beside(n, seed=1):
    """A session log and monitoring facts for n people, some of them unknown."""
    rng = np.random.default_rng(seed)
    known = rng.integers(0, 9, n)
    held = rng.integers(0, known + 1)
    sessions = Sessions(held, known, np.where(rng.random(n) < 0.2, 0, -1), ("no-show",))
    places = [str(each) for each in rng.choice(["Nord", "Syd", "Øst"], n)]
    routes = [None if each == "-" else str(each) for each in rng.choice(["gop", "self-referral", "-"], n)]
    needs = [str(each) for each in rng.choice(["yes", "no"], n)]
    referred = [None if each == "-" else str(each) for each in rng.choice(["yes", "no", "-"], n)]
    found = {"region": places, "referral_route": routes, "need": needs, "referred": referred}
    return sessions, Monitoring({name: grouping_of(name, answers) for name, answers in found.items()})


def plans_of(decisions):
    return prescribe_cohort(decisions, "dk-2015-group", target="acsm-150-75", start=DAY, weeks=8)


def options(decisions):
    sessions, monitoring = beside(len(decisions))
    return {"plans": plans_of(decisions), "sessions": sessions, "monitoring": monitoring}


@pytest.fixture(scope="module")
def full():
    """The overview of 3,000 people with everything that can be given, open and with so much hidden that it shows."""
    decisions = screened(3000)
    return {
        limit: cohort_overview(decisions, smallest=limit, mark="synthetic", **options(decisions)) for limit in (0, 150)
    }


@pytest.fixture(scope="module")
def written(full):
    """The hidden overview as the page that is written of it in both languages, with the figures of the Danish one."""
    names = load_dictionary()
    drawn = {"da": pictures(full[150], "da", names), "en": []}
    return {lang: (each, overview_html(full[150], each, lang, names)) for lang, each in drawn.items()}


def numbers_of(content):
    """Every number of the content with the path to it; None is hidden."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from ((f"{key}.{path}", number) for path, number in numbers_of(value))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from ((f"{place}.{path}", number) for path, number in numbers_of(value))
    elif content is None or (isinstance(content, int) and not isinstance(content, bool)):
        yield "", content


def test_every_table_counts_the_patients_as_their_own_decisions_do():
    """With nothing hidden, each cell is the number of single decisions of that group with that answer."""
    decisions = screened(80)
    content = cohort_overview(decisions, smallest=0)
    single = [decisions.explain(row).to_dict() for row in range(len(decisions))]
    sexes = Counter(zip(synthesise(80, seed=7, as_of=DAY)["sex"], (each["clearance"] for each in single), strict=True))
    for row in content["tables"]["sex"]["rows"]:
        assert row["clearance"] == {key: sexes[row["key"], key] for key in row["clearance"]}
    for part in ("clearance", "track"):
        counts = Counter(each[part] for each in single)
        assert {key: n for key, n in content["all"][part].items() if n} == dict(counts)
        for table in content["tables"].values():
            for key in counts:
                assert sum(row[part][key] for row in table["rows"]) == counts[key]
    assert sum(row["n"] for row in content["tables"]["cancer_type"]["rows"]) == 80
    ages = content["tables"]["age"]["rows"]
    known = [decisions.today.column("age").possible(row).low // 2 for row in range(80)]
    assert [row["n"] for row in ages[:3]] == [
        sum(low <= age < high for age in known) for low, high in ((0, 40), (40, 50), (50, 60))
    ]


def test_reasons_and_missing_facts_are_those_of_the_single_decisions():
    """A reason's number is how many have its rule firing at their own answer; facts are counted once a patient."""
    decisions = screened(120)
    content = cohort_overview(decisions, smallest=0)
    single = [decisions.explain(row).to_dict() for row in range(120)]
    for step in content["flow"]["leaving"][:-1]:
        here = [each for each in single if each["clearance"] == step["step"]]
        assert len(here) == step["n"]
        fired = Counter(
            reason["rule"] for each in here for reason in each["reasons"]
            if reason["state"] == "fires" and reason["clearance"] == step["step"]
        )  # fmt: skip
        for reason in step["reasons"]:
            assert fired[reason["rule"]] == reason["n"]
            assert all(fired[other] == reason["n"] for other in reason["same"])
    missing = content["missing"]
    assert missing["waiting"] == sum(each["clearance"] == "assess" for each in single)
    parts = [fact["alone"] for fact in missing["facts"]]
    parts += [missing[key] for key in ("others_alone", "several", "unnamed")]
    assert sum(parts) == missing["waiting"]


def test_everybody_is_somewhere(full):
    """The steps of the flow, the combinations of reasons and the groups of attendance each add up to their whole."""
    content = full[0]
    flow = content["flow"]
    assert sum(step["n"] for step in flow["leaving"]) + flow["may_train"] == content["patients"] == 3000
    assert flow["clear"] + flow["modify"] == flow["may_train"] == sum(flow["tracks"].values())
    assert flow["trained"] + flow["not_trained"] + flow["no_log"] == flow["may_train"]
    overlap = content["overlaps"]
    assert sum(row["n"] for row in overlap["combinations"]) + overlap["other"] == overlap["n"]
    assert sum(row["n"] for row in content["attendance"]["bands"]) == 3000
    for item in content["monitoring"]:
        if item["collected"] and item["item"] != "referred_of_need_pct":
            assert item["n"] + item["missing"] == 3000
            for place in item.get("places", ()):
                row = next(row for row in content["tables"]["region"]["rows"] if row["key"] == place["key"])
                assert place["n"] + place["missing"] == row["n"]


def test_the_target_is_counted_as_each_plan_meets_it(full):
    """By each week as many have met the target as have a plan with such a week up to then."""
    plans = plans_of(screened(3000))
    met = np.logical_or.accumulate(plans.met, axis=1).sum(axis=0)
    assert [row["all"] for row in full[0]["target"]["weeks"]] == met.tolist()


def texts_of(content, written, lang):
    """Everything a reader can get: the page with its figures, the tables and the JSON, as text without drawings."""
    names, (drawn, page) = load_dictionary(), written[lang]
    yield from (" ".join(ET.fromstring(each.picture.svg).itertext()) for each in drawn)
    yield from (each.picture.alt for each in drawn)
    yield re.sub(
        r'\bd="[^"]*"|\b(?:x|y|points|transform|style|viewBox)="[^"]*"|<style.*?</style>', "", page, flags=re.S
    )
    yield overview_csv(content, lang, names)
    yield from overview_csvs(content, lang, names).values()
    yield json.dumps(content)


@pytest.mark.parametrize("lang", ["da", "en"])
def test_no_hidden_number_stands_anywhere(full, written, lang):
    """With a limit of 150 every hidden number is searched for in all that is written, and none is found."""
    decisions = screened(3000)
    ledger, _ = count_overview(decisions, 150, **options(decisions))
    printed = ledger.sheet.settle(150)
    secret = {number.value for number, seen in zip(ledger.sheet.numbers, printed.values, strict=True) if seen is None}
    secret -= {seen for seen in printed.values if seen is not None}
    secret = {number for number in secret if number > 100 and number % 5}  # ticks of axes and ages are no counts
    assert len(secret) > 20
    for text in texts_of(full[150], written, lang):
        found = re.findall(r"(?<![\w.,#])\d{1,3}(?:[.,]\d{3})+|\b\d+\b", text)
        assert not {int(re.sub(r"[.,]", "", each)) for each in found} & secret


def test_no_printed_number_is_small(full):
    """Every number that is a count of people is 0 or at least the limit."""
    for path, number in numbers_of(full[150]):
        if number is not None and path.rstrip(".").split(".")[-1] not in (
            "smallest",
            "week",
            "rules",
            "unverified_rules",
        ):
            assert number == 0 or number >= 150, path


def test_a_reader_with_a_solver_does_not_find_a_hidden_number_of_a_whole_report():
    """All tables of one report as one system of equations: hidden numbers keep 0 and the limit, or two values."""
    decisions = screened(90, seed=3)
    ledger, _ = count_overview(decisions, 5, **options(decisions))
    printed = ledger.sheet.settle(5)
    hidden = [place for place, value in enumerate(printed.values) if value is None]
    chosen = np.random.default_rng(0).choice(hidden, 12, replace=False)
    for place in chosen.tolist():
        number = ledger.sheet.numbers[place]
        low, high = possible_values(ledger.sheet, printed, place)
        assert low <= number.value <= high
        if number.is_small(5):
            assert (low, high >= 5) == (0, True)
        elif number.shown:
            assert low < high


def test_rows_stand_in_the_order_of_what_is_printed(full):
    """Hidden rows come last and by name: an order by true counts would tell which of them is larger."""
    rows = full[150]["tables"]["cancer_type"]["rows"][:-2]
    printed = [row["n"] for row in rows if row["n"] is not None]
    assert printed == sorted(printed, reverse=True)
    assert [row["n"] is None for row in rows] == sorted(row["n"] is None for row in rows)


def test_what_was_not_collected_is_not_zero():
    """An item without a column says so and has no number; one with a column and no answers has n 0."""
    plain = {item["item"]: item for item in cohort_overview(screened(50), smallest=0)["monitoring"]}
    for name in ("n_referred", "education", "attendance_pct", "dropout", "effect", "goal_attainment", "assessed_pct"):
        assert plain[name] == {"item": name, "collected": False}
    columns = {**synthesise(50, seed=7, as_of=DAY), "education": [None] * 50}
    cohort = Cohort.from_columns(columns)
    decisions = screen_cohort(cohort, load_protocol("krop-og-kraeft"), stage="session", as_of=DAY)
    asked = {item["item"]: item for item in cohort_overview(decisions, smallest=0)["monitoring"]}
    assert (asked["education"]["collected"], asked["education"]["n"], asked["education"]["missing"]) == (True, 0, 50)


def test_too_few_people_are_no_report():
    """Four patients cannot be reported with a limit of five, and the message says what can be done."""
    with pytest.raises(InputFileError, match="4 patients are too few"):
        cohort_overview(screened(4))


def test_a_cohort_of_real_patients_is_not_called_synthetic():
    """The mark follows the origin of the patients, whatever form they came in."""
    columns = synthesise(20, seed=7, as_of=DAY)
    assert Cohort.from_columns(columns).mark == "synthetic"
    assert Cohort.from_columns({key: value for key, value in columns.items() if key != "origin"}).mark == ""
    patients = [Cohort.from_columns(columns).source(row) for row in range(3)]
    assert Cohort.from_patients(patients).mark == "synthetic"
