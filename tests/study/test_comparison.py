"""Two protocols on one cohort: nobody is lost, whoever moves is moved by named rules, figures are the answers'."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_strategies import patients
from scipy import stats

import exrx
from exrx import Clearance, Cohort, Patient, Track
from exrx.cli.main import main
from exrx.errors import ProtocolError
from exrx.screening.many import screen_cohort
from exrx.study.comparison.movers import STARTS_FROM, movers
from exrx.study.comparison.places import seats
from exrx.study.comparison.sides import ANSWERS, answers_of, population_of
from exrx.study.statistics import kappas
from exrx.study.synth import synthesise

DAY = date(2026, 11, 23)
PAIRS = [
    ("krop-og-kraeft", "dk-2015", "session"),
    ("trek-toolkit", "dk-verified", "enrolment"),
    ("ibmewg-2022", "krop-og-kraeft", "session"),
]


@pytest.fixture(scope="module")
def cohort():
    """Three hundred synthetic patients."""
    return Cohort.from_columns(synthesise(300, seed=11, as_of=DAY))


@pytest.fixture(scope="module")
def compared(cohort):
    """Comparisons by their protocols, made once."""
    made = {}

    def _compared(first, second, stage="session", **options):
        key = (first, second, stage, *sorted(options.items()))
        if key not in made:
            made[key] = exrx.compare(first, second, cohort, stage=stage, as_of=DAY, times=300, **options)
        return made[key]

    return _compared


def by_name(comparison, name, protocol):
    [found] = [each for each in comparison.figures if (each.name, each.protocol) == (name, protocol)]
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_every_patient_stands_once_in_every_table(compared, cohort, pair):
    """The tables add up to all, and their edges are what each protocol says alone."""
    found = compared(*pair)
    for table in (found.clearance, found.track, found.population):
        assert table.sum() == cohort.n
    assert cohort.n - np.trace(found.clearance) <= found.rows.size <= cohort.n
    for side, axis in ((found.first, 1), (found.second, 0)):
        alone = screen_cohort(cohort, side.protocol, stage=pair[2], as_of=DAY)
        assert (found.track.sum(axis) == np.bincount(alone.track, minlength=len(Track))).all()
        shown = found.clearance.sum(axis)
        assert shown[Clearance.CONSULT] + shown[-1] == (alone.clearance == Clearance.CONSULT).sum()


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_mover_is_a_rule_that_alone_gives_the_stricter_answer(compared, pair):
    """For every moved patient the named rules are those of the one-patient decision at its answer, and there is one."""
    found = compared(*pair)
    content = found.moved()
    sides = {"A": found.first.decisions, "B": found.second.decisions}
    for place, row in enumerate(found.rows.tolist()):
        named = set(content["rules"][place].split())
        assert named
        answers = {letter: side.clearance[row] for letter, side in sides.items()}
        if answers["A"] == answers["B"]:
            continue
        letter = max(answers, key=lambda each: answers[each])
        decision = sides[letter].explain(row)
        deciding = {f"{letter}:{r.rule}" for r in decision.reasons if _alone(r) == decision.clearance}
        clearance_rules = {name for name in named if name.startswith(letter)} - {f"{letter}:{STARTS_FROM}"}
        assert deciding <= clearance_rules


def _alone(reason):
    if reason.clearance >= Clearance.CONSULT and reason.state != "fires":
        return Clearance.ASSESS
    return reason.clearance


def test_who_is_moved_by_one_rule_alone_is_freer_without_it(compared, cohort):
    """`alone` counts the patients whose answer no other rule gives."""
    found = compared("krop-og-kraeft", "dk-2015")
    planes = {}
    for mover, plane in zip(found.movers.found, found.movers.planes, strict=True):
        if mover.part == "clearance":
            assert mover.moved == int(np.bitwise_count(plane).sum())
            planes[mover.side, mover.rule] = np.unpackbits(plane.view(np.uint8), bitorder="little")[: cohort.n]
    for side in (0, 1):
        several = np.sum([rows for (at, _), rows in planes.items() if at == side], axis=0)
        for mover in found.movers.found:
            if mover.part == "clearance" and mover.side == side:
                assert mover.alone == int((planes[side, mover.rule] & (several == 1)).sum())


def test_the_other_way_round_everything_is_turned(compared):
    """Tables are transposed, differences change their sign, movers their side."""
    there, back = compared("krop-og-kraeft", "dk-2015"), compared("dk-2015", "krop-og-kraeft")
    assert (there.clearance == back.clearance.T).all()
    assert {(m.rule, m.side, m.alone, m.together) for m in there.movers.found} == {
        (m.rule, 1 - m.side, m.alone, m.together) for m in back.movers.found
    }
    one = by_name(there, "may-train", "dk-2015 - krop-og-kraeft")
    other = by_name(back, "may-train", "krop-og-kraeft - dk-2015")
    assert one.value == -other.value != 0


def test_a_protocol_and_itself_differ_in_nothing(compared):
    """Nobody moves, every difference is zero with a zero interval, and kappa is one."""
    found = compared("krop-og-kraeft", "krop-og-kraeft")
    assert found.rows.size == 0
    assert found.movers.found == ()
    label = "krop-og-kraeft (B) - krop-og-kraeft (A)"
    differences = [each for each in found.figures if each.protocol == label]
    assert differences
    assert {(each.value, each.low, each.high) for each in differences} == {(0.0, 0.0, 0.0)}
    assert by_name(found, "kappa.clearance", "krop-og-kraeft (A) & krop-og-kraeft (B)").value == 1


def test_who_a_protocol_is_not_made_for_is_seen(compared, cohort):
    """Outside its population stands apart, moves by name, and counts neither as agreement nor as waiting."""
    found = compared("ibmewg-2022", "krop-og-kraeft")
    outside = int((found.first.population == 2).sum())
    assert outside > 200
    assert found.population[2].sum() == outside
    assert found.clearance[ANSWERS.index("outside")].sum() > 200
    assert "scope.no-protocol" in {mover.rule for mover in found.movers.found if mover.side == 0}
    assert by_name(found, "agreement.clearance", "ibmewg-2022 & krop-og-kraeft").n == cohort.n - outside


def test_the_figures_are_those_of_the_answers(compared, cohort):
    """Kappa is that of the table; a paired difference has scipy's bootstrap interval."""
    found = compared("krop-og-kraeft", "trek-toolkit")
    a, b = (side.decisions.clearance for side in (found.first, found.second))
    table = np.zeros((7, 7))
    np.add.at(table, (a, b), 1)
    both = "krop-og-kraeft & trek-toolkit"
    for name, weights in (("kappa", "none"), ("kappa-linear", "linear"), ("kappa-quadratic", "quadratic")):
        assert by_name(found, f"{name}.clearance", both).value == pytest.approx(float(kappas(table, weights)))
    trains = [(side <= Clearance.MODIFY).astype(float) for side in (a, b)]
    again = stats.bootstrap(
        trains, lambda x, y, axis: y.mean(axis) - x.mean(axis), paired=True, method="percentile", n_resamples=2000,
        rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    mine = by_name(found, "may-train", "trek-toolkit - krop-og-kraeft")
    assert mine.value == pytest.approx(trains[1].mean() - trains[0].mean())
    assert (mine.low, mine.high) == pytest.approx((again.low, again.high), abs=0.03)


def test_seats_and_hours_are_counted_as_stated(compared):
    """Nine patients twice a week in rooms of eight: nine seats, 18 hours, three classes of an hour."""
    assumed = compared("krop-og-kraeft", "dk-2015").assumed
    assert (assumed.hospital.sessions, assumed.hospital.minutes, assumed.hospital.seats) == (2, 60, 8)
    [[places, hours, staff]] = seats(np.array([[[0, 18.0, 0, 0]]]), assumed)
    assert (places, hours, staff) == (9, 18, 3)
    [[places, hours, staff]] = seats(np.array([[[0, 0, 2.0, 4.0]]]), assumed)
    assert (places, hours, staff) == (0, 6, 6)


def test_only_who_may_train_takes_a_seat_and_a_programme_says_how_often(compared):
    """Seats are the cleared in a class; with a programme its led sessions of each week are counted."""
    found = compared("krop-og-kraeft", "dk-2015")
    seen = by_name(found, "seats", "krop-og-kraeft").value
    assert 0 < seen <= (found.first.decisions.clearance <= Clearance.MODIFY).sum()
    planned = compared("krop-og-kraeft", "dk-2015", "enrolment", training="dk-2015-group", weeks=3)
    trains = planned.first.decisions.clearance <= Clearance.MODIFY
    assert planned.first.places.table.shape[1] == 3
    led = planned.first.places.table[planned.first.places.kinds].sum(2)
    assert (led[~trains] == 0).all()
    assert set(np.unique(led[trains]).tolist()) <= {0.0, 1.0, 2.0}


@settings(max_examples=30)
@given(st.lists(patients(exrx.load_protocol("dk-2015"), "session", DAY), min_size=1, max_size=4),
       st.sampled_from([None, "one-to-one", "continuous"]),
       st.sampled_from(["krop-og-kraeft", "ibmewg-2022"]))  # fmt: skip
def test_nobody_moves_without_a_reason_named(told, limits, other):
    """Whatever is known of the patients, missing, expired, dead or limited by a physician."""
    if limits:
        answer = {"value": "limited", "date": "2026-11-20", "limits": {"supervision": limits}}
        told = [{**each, "oncologist_clearance": answer} for each in told]
    cohort = Cohort.from_patients([Patient.from_dict({**each, "id": f"p{row}"}) for row, each in enumerate(told)])
    sides = [screen_cohort(cohort, exrx.load_protocol(name), stage="session", as_of=DAY)
             for name in ("dk-2015", other)]  # fmt: skip
    answers = [answers_of(each, population_of(each)) for each in sides]
    moved = (answers[0] != answers[1]) | (
        (sides[0].track != sides[1].track) & (sides[0].track != Track.NONE) & (sides[1].track != Track.NONE)
    )
    named = movers(*sides).of_each(np.arange(len(told)))
    assert (named != "").tolist() == moved.tolist()


@pytest.fixture
def file(tmp_path):
    """The cohort as a file."""
    from exrx.io.synthetic import write_blocks

    path = tmp_path / "c.csv"
    write_blocks(path, [synthesise(60, seed=3, as_of=DAY)])
    return str(path)


CALL = ["--stage", "session", "--as-of", "2026-11-23", "--samples", "200"]


def test_what_is_written_can_be_made_again_to_the_byte(file, tmp_path, capsys):
    """The same call gives the same files; the record holds hashes, seed and version; examples are marked everywhere."""
    for folder in ("one", "two"):
        call = ["compare", "krop-og-kraeft", "dk-2015", "--cohort", file, *CALL, "--out", str(tmp_path / folder)]
        assert main(call) == 0
    capsys.readouterr()
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["figures.csv", "figures.parquet", "methods.md", "moved.csv", "moved.parquet", "record.json"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    record = json.loads((tmp_path / "one" / "record.json").read_text(encoding="utf-8"))
    assert record["schema"] == "exrx/compare/1"
    assert record["seed"] == 2009
    assert record["engine"].startswith("exrx ")
    hashes = [record["a"]["sha256"], record["b"]["sha256"], record["cohort"]["sha256"], record["dictionary_sha256"]]
    assert all(len(each) == 64 for each in hashes)
    lines = (tmp_path / "one" / "figures.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "origin,name,protocol,value,low,high,n,unit"
    assert all(line.startswith("EXAMPLE,") for line in lines[1:])
    methods = (tmp_path / "one" / "methods.md").read_text(encoding="utf-8")
    assert "EXAMPLE" in methods
    assert all(each in methods for each in hashes)


@pytest.mark.parametrize(("lang", "words"), [
    ("da", ["Hvem flytter sig?", "må træne, %", "Forudsætninger", "ikke lavet til dem", "EXAMPLE"]),
    ("en", ["Who moves?", "may train, %", "Assumptions", "not made for", "EXAMPLE"]),
])  # fmt: skip
def test_it_reads_in_both_languages(file, capsys, lang, words):
    """In 80 columns, with words and no keys of files."""
    assert main(["compare", "krop-og-kraeft", "ibmewg-2022", "--cohort", file, *CALL, "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    for word in words:
        assert word in " ".join(out.split())
    assert "nan" not in out


@pytest.mark.parametrize(("change", "said"), [
    ({"--stage": "tomorrow"}, "has no stage 'tomorrow'"),
    ({"--training": "no-such"}, "no-such"),
    ({"--class": "no-such"}, "there is no class 'no-such'"),
    ({"--weeks": "0"}, "whole number from 1 to 104"),
    ({"--samples": "5"}, "whole number from 100"),
])  # fmt: skip
def test_a_wrong_call_says_what_is_wrong(file, capsys, change, said):
    """Nothing is answered, in one message."""
    given = dict(zip(CALL[::2], CALL[1::2], strict=True)) | change
    options = [each for pair in given.items() for each in pair]
    call = ["compare", "krop-og-kraeft", "dk-2015", "--cohort", file, *options]
    try:
        code = main(call)
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_cohort_of_nobody_is_refused(tmp_path, capsys):
    """There is nothing to compare."""
    (tmp_path / "c.csv").write_text("id,age,platelets\n")
    assert main(["compare", "krop-og-kraeft", "dk-2015", "--cohort", str(tmp_path / "c.csv"), *CALL]) == 2
    assert "holds no patients" in capsys.readouterr().err


@pytest.mark.parametrize("lang", ["da", "en"])
def test_what_a_local_file_loosens_is_said(file, tmp_path, capsys, lang):
    """In the comparison and in the paragraph to paste, as in every output that rests on such a protocol."""
    (tmp_path / "local.yaml").write_text(
        'id: local\nversion: "1"\nextends: krop-og-kraeft\nauthor: A\ndate: 2026-11-20\nreason: What if.\nparameters:\n'
        "  platelets_session_min: {value: 30, unit: 10^9/L, source: local-decision, verified: unverified}\n"
    )
    call = ["compare", "krop-og-kraeft", str(tmp_path / "local.yaml"), "--cohort", file, *CALL, "--lang", lang]
    assert main([*call, "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    said = {"da": "30 ×10⁹/L i stedet for 50 ×10⁹/L", "en": "30 ×10⁹/L instead of 50 ×10⁹/L"}[lang]
    assert said in " ".join(out.split())
    assert said in (tmp_path / "out" / "methods.md").read_text(encoding="utf-8")


def test_an_unknown_stage_is_refused_in_python(cohort):
    """Both protocols must have the stage."""
    with pytest.raises(ProtocolError, match="has no stage"):
        exrx.compare("body-cancer-trial-2009", "dk-2015", cohort, stage="session", as_of=DAY)
