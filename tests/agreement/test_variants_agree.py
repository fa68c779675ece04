"""Many variants at once say of every patient what `screen_cohort` says under each really changed protocol."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from patient_strategies import patients

from agreement.test_tables_agree import AS_OF, random_table
from exrx import Clearance, Cohort, Patient, Track, load_protocol, screen_cohort
from exrx.columns import PatchedColumn
from exrx.errors import ConditionError, ProtocolError, QuantityError
from exrx.protocol.find import protocol_folders
from exrx.protocol.form import form_patient
from exrx.protocol.limits import with_limit
from exrx.protocol.stage import stage_rules
from exrx.protocol.varied import vary
from exrx.rules.nodes import Compare, atoms
from exrx.screening.variants import Values, screen_variants
from exrx.today import Today

SHIPPED = [folder.name for folder in protocol_folders() if not folder.name.startswith("_")]
JOINED = ["dk-2015,krop-og-kraeft", "dk-2015,herlev-haematology", "older-adults,maltser-2017"]


@lru_cache(maxsize=32)
def calls() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every shipped protocol, some joined ones, each stage, and the numbers that can be varied there."""
    found = []
    for protocol_id in [*SHIPPED, *JOINED]:
        protocol = load_protocol(protocol_id)
        for stage in protocol.stages:
            asked = {
                atom.limit.parameter
                for rule in stage_rules(protocol, stage).rules
                for atom in atoms(rule.condition)
                if isinstance(atom, Compare)
            }
            found.append((protocol_id, stage, tuple(n for n in protocol.parameters if n.split(".")[-1] in asked)))
    return [call for call in found if call[2]]


@lru_cache(maxsize=4)
def table_cohort(seed: int) -> Cohort:
    return Cohort.from_columns(random_table(seed))


@st.composite
def values_of(draw, protocol, names: tuple[str, ...]) -> Values:
    """One to five variants, each number anywhere plausible on the grid of its field, mostly near its limit."""
    columns = []
    places = vary(protocol, names).places
    count = draw(st.integers(1, 5))
    for number in range(len(names)):
        atom = next(place.atom for place in places if place.name == number)
        scale = atom.field.ticks
        base = atom.limit.tick // 2 * 2
        near = [min(max(base + step, scale.lowest), scale.highest) for step in (-40, -4, -2, 0, 2, 20)]
        ticks = st.sampled_from(near) | st.integers(scale.lowest // 2 + 1, scale.highest // 2 - 1).map(lambda x: 2 * x)
        unit = "" if scale.unit.startswith("{") else f" {scale.unit}"
        columns.append([f"{scale.value(draw(ticks)):f}{unit}" for _ in range(count)])
    return Values.of(names, list(zip(*columns, strict=True)))


def is_usable(protocol, values: Values, variant: int) -> bool:
    """Whether a variant's values can stand in every condition in which they are used."""
    try:
        values.protocol(protocol, variant)
    except (QuantityError, ConditionError):
        return False
    return True


@st.composite
def cases(draw):
    """A protocol, a stage, one to three of its numbers with values, and a cohort."""
    protocol_id, stage, known = draw(st.sampled_from(calls()))
    protocol = load_protocol(protocol_id)
    names = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)))
    values = draw(values_of(protocol, names))
    assume(all(is_usable(protocol, values, variant) for variant in range(len(values))))
    if draw(st.booleans()):
        cohort = table_cohort(draw(st.integers(1, 3)))
    else:
        kinds = [form_patient(protocol, stage, "typical") | draw(patients(protocol, stage, AS_OF)) for _ in range(4)]
        if draw(st.booleans()):
            limits = {"value": "limited", "limits": draw(st.sampled_from([{}, {"aerobic_max": "light"},
                                                                         {"supervision": "one-to-one"}]))}  # fmt: skip
            kinds[0]["treating_clearance"] = limits
        order = draw(st.lists(st.integers(0, 3), min_size=1, max_size=70))
        made = [Patient.from_dict(kind) for kind in kinds]
        cohort = Cohort.from_patients([made[i] for i in order])
    return protocol, stage, values, cohort


@given(cases())
@settings(max_examples=60, deadline=None)
def test_every_patient_of_every_variant_is_decided_as_under_the_changed_protocol(case):
    """All clearances and tracks of all rows, and their counts, whatever is varied in whichever shipped protocol."""
    protocol, stage, values, cohort = case
    variants = screen_variants(cohort, protocol, values, stage=stage, as_of=AS_OF, threads=1)
    for i in range(len(values)):
        expected = screen_cohort(cohort, values.protocol(protocol, i), stage=stage, as_of=AS_OF, threads=1)
        found = variants.decisions(i)
        for name in ("clearance", "definite", "worst", "track", "track_if_cleared"):
            assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
        for name in ("clearance", "definite", "worst"):
            counted = np.bincount(getattr(expected, name), minlength=len(Clearance))
            assert getattr(variants, name)[i].tolist() == counted.tolist(), name
        assert variants.track[i].tolist() == np.bincount(expected.track, minlength=len(Track)).tolist()


@given(st.integers(1, 3), st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_threads_and_the_number_of_variants_change_no_count(seed, start):
    """A variant's counts are the same alone and among two hundred others, on one thread and on two."""
    protocol = load_protocol("krop-og-kraeft")
    rng = np.random.default_rng(start)
    rows = [[f"{value}"] for value in rng.integers(20, 300, 200)]
    many = Values.of(["platelets_session_min"], rows)
    together = screen_variants(table_cohort(seed), protocol, many, stage="session", as_of=AS_OF)
    for i in (0, 63, 64, 199):
        one = Values.of(["platelets_session_min"], rows[i : i + 1])
        alone = screen_variants(table_cohort(seed), protocol, one, stage="session", as_of=AS_OF, threads=1)
        assert alone.clearance[0].tolist() == together.clearance[i].tolist()
        assert alone.track[0].tolist() == together.track[i].tolist()


@pytest.mark.parametrize(
    ("name", "lower", "higher"),
    [
        ("platelets_session_min", "yes", "no"),
        ("heart_rate_session_max", "no", "yes"),
        ("leukocytes_session_min", "yes", "no"),
    ],
)
def test_a_variant_says_whether_it_loosens(name, lower, higher):
    """A minimum that falls and a maximum that rises free somebody; the number itself is the same."""
    protocol = load_protocol("krop-og-kraeft")
    base = protocol.parameters[name]
    number = float(base.value)
    values = Values.of([name], [[f"{number * 0.9:g}"], [base.value], [f"{number * 1.2:g}"]])
    cohort = table_cohort(1)
    variants = screen_variants(cohort, protocol, values, stage="session", as_of=AS_OF)
    assert variants.loosens == (lower, "same", higher)
    decided = [variants.decisions(i).clearance for i in range(3)]
    for verdict, clearance in zip(variants.loosens, decided, strict=True):
        assert verdict != "yes" or (clearance <= decided[1]).all()
        assert verdict != "no" or (clearance >= decided[1]).all()


def test_a_loosened_and_a_tightened_number_together_go_both_ways():
    """One variant that frees some and holds others back says so."""
    names = ["platelets_session_min", "leukocytes_session_min"]
    values = Values.of(names, [["40", "2"], ["40", "1.0"], ["60", "2"]])
    variants = screen_variants(table_cohort(1), load_protocol("krop-og-kraeft"), values, stage="session", as_of=AS_OF)
    assert variants.loosens == ("both", "yes", "no")


@pytest.mark.parametrize(
    ("names", "row", "error"),
    [
        (["platelet_session_min"], ["40"], "Did you mean: platelets_session_min"),
        (["platelets_enrolment_min"], ["40"], "changes nothing"),
        (["platelets_session_min", "bleeding.platelets-below-session-minimum"], ["40", "40"], "varied twice"),
        (["platelets_session_min"], ["40 mmHg"], "mmHg"),
        (["platelets_session_min"], ["0"], "never decide"),
    ],
)
def test_what_cannot_be_varied_is_refused_with_a_reason(names, row, error):
    """An unknown name, one of another stage, one limit twice, a wrong unit, a value that decides nothing."""
    with pytest.raises((ProtocolError, QuantityError, ConditionError), match=error):
        screen_variants(table_cohort(1), load_protocol("krop-og-kraeft"), Values.of(names, [row]), stage="session",
                        as_of=AS_OF)  # fmt: skip


def test_for_whom_a_protocol_is_made_moves_with_its_number():
    """`older-adults` is made for those from `older_age` on; another age covers others, and goes both ways."""
    protocol = load_protocol("older-adults")
    cohort = Cohort.from_columns({"age": [50, 62, 70], "id": ["a", "b", "c"]})
    moved = with_limit(protocol, "older_age", "60")
    clearance = screen_cohort(cohort, moved, stage="enrolment", as_of=AS_OF)
    assert clearance.fired("scope.no-protocol").tolist() == [True, False, False]
    values = Values.of(["older_age"], [["60"], ["65"]])
    variants = screen_variants(cohort, protocol, values, stage="enrolment", as_of=AS_OF)
    assert variants.loosens == ("both", "same")
    assert variants.decisions(0).fired("scope.no-protocol").tolist() == [True, False, False]


def test_a_cohort_with_single_rows_has_confirmed_readings_too():
    """Rows that are decided one by one stand beside columns whose vital signs were read twice."""
    table = random_table(2)
    table["treating_clearance.date"] = [("2026-11", "2026-11-20")[row % 2] for row in range(len(table["id"]))]
    cohort = Cohort.from_columns(table)
    assert cohort.single_rows.size
    day = Today(cohort, AS_OF, {})
    assert isinstance(day.column("systolic_bp"), PatchedColumn)
    values = Values.of(["core_systolic_bp_max"], [["120"], ["160"], ["200"]])
    protocol = load_protocol("aha-core-2019")
    variants = screen_variants(cohort, protocol, values, stage="session", as_of=AS_OF)
    for i in range(3):
        expected = screen_cohort(cohort, values.protocol(protocol, i), stage="session", as_of=AS_OF)
        assert variants.decisions(i).clearance.tolist() == expected.clearance.tolist()
    assert len({tuple(row) for row in variants.clearance.tolist()}) > 1
