"""The six-minute walk in percent of a norm: the named one, the person beside it, and a reason where there is none."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx.cli.main import main
from exrx.outcomes.change import effect
from exrx.training.capacity.walk_norm import needed_fields, norm_formula, walked_percent
from exrx.training.capacity.walking import WALK_NORMS, percent_predicted_walk

UNKNOWN = st.just(math.nan)
PERSON = st.fixed_dictionaries({
    "age": st.one_of(st.integers(18, 100).map(float), UNKNOWN),
    "sex": st.sampled_from(["female", "male", "other", ""]),
    "height": st.one_of(st.integers(110, 240).map(float), UNKNOWN),
    "weight": st.one_of(st.integers(20, 320).map(float), UNKNOWN),
})  # fmt: skip
WALK = st.tuples(st.integers(0, 4), st.sampled_from(["pre", "post"]), st.integers(50, 900), PERSON)
ROWS = st.lists(WALK, max_size=9, unique_by=lambda row: row[:2])
DAYS = {"pre": "2026-08-01", "post": "2026-11-01"}


def percent_of(rows, norm):
    marks = [when for _, when, *_ in rows]
    found = effect([f"p{who}" for who, *_ in rows], [DAYS[when] for when in marks], ["six-minute-walk"] * len(rows),
                   [float(metres) for *_, metres, _ in rows], marks)  # fmt: skip
    people = {name: np.array([person[name] for *_, person in rows]) for name in ("age", "sex", "height", "weight")}
    return found.changes[0], walked_percent(found.changes[0], norm, people)


def alone(metres, norm, person):
    """The percentage of one walk by itself; NaN where the norm has none."""
    sex = person["sex"] if person["sex"] in ("female", "male") else None
    needed = needed_fields(norm)
    return percent_predicted_walk(
        metres, norm, person["age"], sex, height=person["height"] if "height" in needed else None,
        mass=person["weight"] if "weight" in needed else None, outside="nan",
    )  # fmt: skip


@settings(max_examples=60)
@given(ROWS.filter(bool), st.sampled_from(WALK_NORMS))
def test_each_walk_has_the_percentage_of_its_own_row_or_a_named_reason(rows, norm):
    """Whatever stands in other rows; and as many problems as walks without a percentage, each at its row."""
    change, found = percent_of(rows, norm)
    places = {(f"p{who}", when): place for place, (who, when, *_) in enumerate(rows)}
    without = set()
    for when, percents in (("pre", found.before), ("post", found.after)):
        for name, percent in zip(change.ids, percents.tolist(), strict=True):
            place = places.get((name, when))
            expected = math.nan if place is None else alone(rows[place][2], norm, rows[place][3])
            assert percent == pytest.approx(expected, nan_ok=True)
            if place is not None and math.isnan(expected):
                without.add(place)
    assert {row for row, _ in found.problems} == without
    assert all(problem.message.split(": ", 1)[1] for _, problem in found.problems)


@pytest.mark.parametrize("norm", WALK_NORMS)
def test_a_person_just_outside_the_ages_of_a_norm_has_no_percentage(norm):
    """At both ends of its ages the norm answers, one year beyond it does not and says which ages it has."""
    ages = norm_formula(norm).ranges[0]
    person = {"sex": "female", "height": 165.0, "weight": 70.0}
    for age, there in ((ages.low, True), (ages.high, True), (ages.low - 1, False), (ages.high + 1, False)):
        _, found = percent_of([(1, "pre", 400, person | {"age": age})], norm)
        assert math.isnan(found.before[0]) is not there
        said = f"age is outside {ages.low:g} to {ages.high:g} years"
        assert [said in problem.message for _, problem in found.problems] == ([] if there else [True])


WALKS = """\
id;date;measure;value;when;alder;køn;højde;vægt
p1;2026-08-01;six_minute_walk;412;pre;60;kvinde;165;70
p1;2026-11-01;6mwt;0,455 km;post;60 år;female;1,65 m;72
p2;2026-08-01;six_minute_walk;300;pre;38;male;180;80
p3;2026-08-01;six_minute_walk;500;pre;60;hane;160;80
p4;2026-08-01;handgrip;25;;60;male;160;80
"""


@pytest.fixture
def ask(tmp_path, capsys):
    path = tmp_path / "walks.csv"

    def run(content, *arguments):
        path.write_text(content, encoding="utf-8")
        code = main(["effect", str(path), *arguments])
        return code, *capsys.readouterr()

    return run


def test_the_norm_stands_beside_each_percentage_and_units_are_read(ask):
    """412 m and 0.455 km of a woman of 60, 165 cm and 1.65 m; no norm beside a handgrip, and N rows in, N rows out."""
    code, out, err = ask(WALKS, "--norm", "troosters", "--format", "csv")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
    assert (code, list(rows)) == (1, ["p1", "p2", "p3", "p4"])
    woman = 218 + 5.14 * 165 - 5.32 * 60
    assert float(rows["p1"]["norm_percent_before"]) == pytest.approx(41200 / (woman - 1.80 * 70))
    assert float(rows["p1"]["norm_percent_after"]) == pytest.approx(45500 / (woman - 1.80 * 72))
    assert (rows["p1"]["norm"], rows["p1"]["norm.verified"]) == ("troosters", "secondary")
    assert (rows["p2"]["before"], rows["p2"]["norm_percent_before"], rows["p4"]["norm"]) == ("300.0", "", "")
    assert "row 3: no percentage of the norm troosters: age is outside 50 to 85 years" in err
    assert "row 4: 'sex' is none of: female, male, other" in err
    assert "38" not in err


@pytest.mark.parametrize(("lang", "said"), [
    ("da", "% af normen hill for raske: 970.7 - 5.5 age + 56.3 male, alder 45-85 [ikke kontrolleret]"),
    ("en", "% of the norm hill of healthy people: 970.7 - 5.5 age + 56.3 male, age 45-85 [unverified]"),
])  # fmt: skip
def test_the_table_names_the_norm_its_equation_ages_and_who_has_no_percentage(ask, lang, said):
    """An age range that was only recalled is marked; those outside it are counted."""
    _, out, _ = ask(WALKS, "--norm", "hill", "--lang", lang)
    text = " ".join(out.split())
    assert said in text
    assert {"da": "før: 1 med procent, middel 64,3 %; 2 uden procent",
            "en": "before: 1 with a percentage, mean 64.3 %; 2 without a percentage"}[lang] in text  # fmt: skip


@pytest.mark.parametrize(("content", "arguments", "said"), [
    (WALKS, ["--norm"], "name the norm of the six-minute walk: enright-1998"),
    (WALKS, ["--norm", "best"], "There is no default"),
    (WALKS.replace("højde", "shoe"), ["--norm", "troosters"], "has no column 'height', which this norm needs"),
    ("id,date,measure,value,age,sex\np,2026-08-01,handgrip,30,60,male\n", ["--norm", "hill"], "the file has none"),
    (WALKS, ["--norm", "hill", "--measures"], "--norm is for the six-minute walks of a file"),
])  # fmt: skip
def test_a_norm_that_cannot_be_used_is_refused_with_what_to_write(ask, content, arguments, said):
    """No name, another name, a column too few, no walk, another question: exit 2 and no answer."""
    code, out, err = ask(content, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_without_a_norm_there_is_no_percentage_of_one(ask):
    """The columns alone ask for nothing: no norm is chosen in silence."""
    _, out, _ = ask(WALKS, "--format", "csv")
    assert "norm" not in out.splitlines()[0]
