"""What is known today: time only makes it more cautious, contradictions make it unknown, nothing is filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exrx.dates import read_date
from exrx.errors import FieldError
from exrx.fields import NO, YES, Field, Members, Span, Validity
from exrx.forms import Form
from exrx.knowledge import Knowledge, know
from exrx.patient import Patient
from tests.strategies import AS_OF, DICTIONARY, FIELDS, observed, patients, possible, written_dates

CLEARED, LIMITED, PENDING, NOT_ASKED, REFUSED = 1, 2, 4, 8, 16
NO_EVENTS = {"last_chemotherapy": "never", "last_transfusion": "never"}


def known(as_of: date = AS_OF, validities: dict | None = None, **fields: object) -> Knowledge:
    return know(Patient.from_dict(fields), DICTIONARY, as_of, validities or {})


def dated(value: object, day: str, **more: object) -> dict[str, object]:
    return {"value": value, "date": day} | more


def worst(entry: Field, found: object) -> tuple[int, ...]:
    """How bad a possible value may be; larger in any part is worse, written apart from `Field.expired`."""
    worse = entry.worse
    if isinstance(found, Members):
        return tuple(found.possible >> i & 1 for i in range(len(entry.options)))
    if isinstance(found, Span):
        low, high = -found.low, found.high
        if worse.kind == "outside":
            return (max(low, -worse.low), max(high, worse.high))
        return {"lower": (low,), "higher": (high,)}.get(worse.kind, (low, high))
    bits = [i for i in range(len(entry.options)) if found >> i & 1]
    if worse.kind in ("yes", "higher"):
        return (max(bits),)
    if worse.kind == "no":
        return (-min(bits),)
    if worse.kind == "order":
        return (max(worse.options.index(i) for i in bits),)
    return tuple(found >> i & 1 for i in range(len(entry.options)))


# ---- properties ------------------------------------------------------------------------------------------------


@given(patients(broken=True))
@settings(max_examples=150)
def test_every_field_is_in_the_state_and_nothing_raises(given_):
    """Whatever was given: each field holds something possible, each observation is an input, each refusal a problem."""
    patient = Patient.from_dict(given_)
    knowledge = know(patient, DICTIONARY, AS_OF)
    assert knowledge.state.keys() == DICTIONARY.fields.keys()
    for name, found in knowledge.state.items():
        entry = DICTIONARY.fields[name]
        if isinstance(found, Span):
            assert entry.ticks.lowest <= found.low <= found.high <= entry.ticks.highest
        elif isinstance(found, Members):
            assert found.sure & ~found.possible == 0 == found.possible & ~entry.every_option
        else:
            assert 0 < found <= entry.every_option
    assert patient.observations.keys() <= knowledge.inputs.keys()
    assert all(problem in knowledge.problems for problem in patient.problems)
    refused = {name for name, said in knowledge.inputs.items() if said.state == "refused"}
    named = {problem.field for problem in knowledge.problems}
    tied = {tie.if_field for tie in DICTIONARY.ties}
    assert refused <= named | tied or knowledge.deceased


@given(patients(most=8), st.integers(0, 500))
@settings(max_examples=300)
def test_time_only_makes_it_more_cautious(given_, days):
    """The same facts read later: every field at least as bad as before, except the days and ages that really pass."""
    patient = Patient.from_dict(given_)
    today, later = (know(patient, DICTIONARY, day) for day in (AS_OF, AS_OF + timedelta(days=days)))
    assume(not today.problems and not later.problems)
    for name, entry in DICTIONARY.fields.items():
        if entry.kind != "elapsed" and name != "age":
            before, after = worst(entry, today.state[name]), worst(entry, later.state[name])
            assert all(a >= b for a, b in zip(after, before, strict=True)), (name, today.inputs.get(name))


@given(patients(broken=True), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_order_of_keys_does_not_matter(given_, chance):
    """Shuffled keys give equal knowledge."""
    items = list(given_.items())
    chance.shuffle(items)
    one, other = (know(Patient.from_dict(dict(part)), DICTIONARY, AS_OF) for part in (given_.items(), items))
    assert one == other


@given(st.sampled_from(FIELDS), st.data())
@settings(max_examples=200)
def test_an_expired_value_keeps_its_worst_and_widens_to_the_worse_side_only(entry, data):
    """Nothing better than what was seen becomes possible, except where a field has no worse side."""
    found = data.draw(possible(entry))
    widened = entry.expired(found)
    assert entry.expired(widened) == widened
    assert all(a >= b for a, b in zip(worst(entry, widened), worst(entry, found), strict=True))
    if isinstance(found, Members):
        assert widened.sure == found.sure
        assert widened.possible & found.possible == found.possible
    elif isinstance(found, Span):
        assert widened.low <= found.low <= found.high <= widened.high
    else:
        assert widened & found == found


@given(st.sampled_from(FIELDS), st.data())
@settings(max_examples=150)
def test_less_said_is_never_more_known(entry, data):
    """Taking one answer away leaves every other field as it was or wider, unless the two contradicted each other."""
    given_ = data.draw(patients(most=6))
    given_[entry.name] = data.draw(observed(entry))
    full = know(Patient.from_dict(given_), DICTIONARY, AS_OF)
    del given_[entry.name]
    less = know(Patient.from_dict(given_), DICTIONARY, AS_OF)
    assume(not full.problems and not less.problems and entry.name not in less.inputs)  # no form answers instead
    for name in DICTIONARY.fields:
        if name != entry.name and DICTIONARY.fields[name].kind != "gate" and name not in full.inputs:
            a, b = full.state[name], less.state[name]
            if isinstance(a, Span):
                assert b.low <= a.low <= a.high <= b.high
            elif isinstance(a, int):
                assert a & ~b == 0


# ---- absence, expiry, events -----------------------------------------------------------------------------------


def test_nothing_is_filled_in():
    """A blank patient is unknown in every field but one: nobody said that they are dead."""
    knowledge = known()
    assert {name for name, found in knowledge.state.items() if found != DICTIONARY.fields[name].unknown} == {"deceased"}
    assert (knowledge.state["deceased"], knowledge.deceased, knowledge.inputs) == (NO, False, {})


def test_knowing_changes_nothing_for_the_next_patient():
    """The unknown state is copied."""
    known(platelets=5, bone_metastasis_sites=["lumbar"], deceased="yes")
    test_nothing_is_filled_in()


@pytest.mark.parametrize(
    ("day", "expected", "state"),
    [
        ("2026-11-16", Span(3600, 3600), "known"),  # seven days
        ("2026-11-15", Span(0, 3600), "expired"),
        ("2026-11", Span(0, 3600), "expired"),  # the first of November is possible
        (None, Span(3600, 3600), "undated"),
    ],
)
def test_old_platelets_become_that_or_lower(day, expected, state):
    """Counts speak for seven days; their earliest possible day counts."""
    knowledge = known(platelets={"value": 180, "date": day}, **NO_EVENTS)
    assert knowledge.state["platelets"] == expected
    said = knowledge.inputs["platelets"]
    assert (said.state, said.value, said.unit, said.date) == (state, "180", "10^9/L", day)
    assert knowledge.unverified_validities == (("platelets",) if state == "expired" else ())


def test_what_an_expired_answer_still_says():
    """A yes to a risk stays yes, a no becomes unknown; a low count stays low, a normal pressure says nothing."""
    state = known(
        **{name: dated(value, "2020-01-01") for name, value in {
            "chest_pain": "yes", "syncope": "no", "platelets": "<20", "systolic_bp": 120, "ecog": 2,
            "bone_metastasis_sites": ["lumbar"], "line": "port", "gp_clearance": "limited", "monitoring_plan": "yes",
        }.items()}
    ).state  # fmt: skip
    assert (state["chest_pain"], state["syncope"], state["monitoring_plan"]) == (YES, NO | YES, NO | YES)
    assert (state["platelets"], state["ecog"]) == (Span(0, 399), Span(4, 8))
    assert state["systolic_bp"] == DICTIONARY.fields["systolic_bp"].unknown
    assert state["bone_metastasis_sites"] == Members(0b100, 0b1111111)
    assert state["line"] == 0b11110, "some other line may have been put in since, but not none"
    assert state["gp_clearance"] == LIMITED | PENDING | NOT_ASKED | REFUSED


@pytest.mark.parametrize(
    ("event", "expired", "unsure"),
    [
        ("2026-11-22", True, False),
        ("2026-11-21", False, False),  # the same day is not after
        ("2026-11-01", False, False),
        ("never", False, False),
        ("2026-11", True, True),  # perhaps after the 21st
        ("2026-10", False, False),
        (None, True, True),  # nobody knows: it may have been yesterday
        ("2027-01-01", True, True),  # impossible, so unknown
    ],
)
def test_a_count_does_not_outlive_an_event_that_may_have_come_after_it(event, expired, unsure):
    """Platelets of the 21st and the last chemotherapy; an event without a date may always be later."""
    events = NO_EVENTS | {"last_chemotherapy": event}
    knowledge = known(platelets=dated(180, "2026-11-21"), **events)
    assert knowledge.state["platelets"] == (Span(0, 3600) if expired else Span(3600, 3600))
    found = {name: event.fields for name, event in knowledge.unsure_events.items()}
    assert found == ({"platelets": ("last_chemotherapy",)} if unsure else {})


def test_a_protocols_validity_replaces_the_dictionarys():
    """Longer or shorter, and verified or not."""
    validities = {"platelets": Validity(30, (), "primary"), "chest_pain": Validity(None)}
    given_ = {
        "platelets": dated(180, "2026-11-01"),
        "chest_pain": dated("no", "2020-01-01"),
        "leukocytes": dated(5, "2026-11-01"),
    }
    knowledge = known(validities=validities, **given_)
    assert (knowledge.state["platelets"], knowledge.state["chest_pain"]) == (Span(3600, 3600), NO)
    assert knowledge.unverified_validities == ("leukocytes",)
    expired = known(validities=validities, platelets=dated(180, "2026-10-01"))
    assert (expired.inputs["platelets"].state, expired.unverified_validities) == ("expired", ())


def test_a_validity_with_an_unknown_event_is_refused():
    """A fault of the protocol, not of the patient."""
    with pytest.raises(FieldError, match="scan"):
        known(validities={"platelets": Validity(7, ("scan",))}, platelets=dated(180, "2026-11-21"))


@pytest.mark.parametrize("name", ["platelets", "chest_pain", "bone_metastasis_sites", "gp_clearance", "line"])
def test_what_is_dated_after_today_is_a_problem_and_unknown(name):
    """Somebody's clock or typing is wrong; nobody knows whose."""
    value = {
        "platelets": 180,
        "chest_pain": "no",
        "bone_metastasis_sites": [],
        "gp_clearance": "cleared",
        "line": "none",
    }
    knowledge = known(**{name: dated(value[name], "2026-11-24")})
    assert knowledge.state[name] == DICTIONARY.fields[name].unknown
    assert [(p.field, p.code) for p in knowledge.problems] == [(name, "future-date")]
    assert knowledge.inputs[name].state == "refused"


# ---- dates become days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "low", "high", "shown"),
    [
        ("last_surgery", "2026-10-05", 49, 49, "49"),
        ("last_surgery", "2026-11-23", 0, 0, "0"),
        ("last_surgery", "2026-10", 23, 53, "23-53"),
        ("last_surgery", "2026-11", 0, 22, "<=22"),  # not after today
        ("last_surgery", "2025", 327, 691, "327-691"),
        ("last_surgery", "never", 100_000, 100_000, "never"),
        ("next_chemotherapy", "2026-11-30", 7, 7, "7"),
        ("next_chemotherapy", "2026-11-01", 0, 0, "0"),
        ("next_chemotherapy", "2026-12", 8, 38, "8-38"),
        ("birth_date", "1974-11-23", 52, 52, "52"),
        ("birth_date", "1974-11-24", 51, 51, "51"),
        ("birth_date", "2008-02-29", 18, 18, "18"),
        ("birth_date", "1974", 51, 52, "51-52"),
        ("birth_date", "2026-11-23", 0, 0, "0"),
        ("birth_date", "1901-06", 125, 125, "125"),
    ],
)
def test_dates_become_days_and_years(name, value, low, high, shown):
    """Whole days before (or until) today, completed years of age; a partial date is an interval."""
    name_of_field = "age" if name == "birth_date" else name
    knowledge = known(**{name: value})
    assert knowledge.state[name_of_field] == Span(2 * low, 2 * high)
    assert (knowledge.inputs[name_of_field].value, knowledge.problems) == (shown, ())


def test_days_pass_without_editing_the_file():
    """Seven weeks after the operation today, fifty days tomorrow."""
    patient = Patient.from_dict({"last_surgery": "2026-10-05"})
    days = [know(patient, DICTIONARY, AS_OF + timedelta(days=n)).state["last_surgery"].low // 2 for n in (0, 1, 365)]
    assert days == [49, 50, 414]


@given(written_dates(before=40_000), st.integers(0, 2000))
@settings(max_examples=100)
def test_a_day_of_a_date_lies_within_its_days(text, later):
    """Every day that a date may mean gives a number of days inside the interval."""
    as_of = AS_OF + timedelta(days=later)
    span = known(as_of, last_surgery=text).state["last_surgery"]
    days = read_date(text)
    for day in (days.earliest, min(days.latest, as_of)):
        assert span.low <= 2 * (as_of - day).days <= span.high


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"birth_date": "2026-11-24"}, "future-date"),
        ({"birth_date": "1900"}, None),
        ({"birth_date": "1900-01-01"}, "implausible"),
        ({"last_surgery": "2026-11-24"}, "future-date"),
        ({"age": 17, "birth_date": "1974-03-02"}, "contradiction"),
    ],
)
def test_impossible_dates_are_problems(fields, code):
    """Born tomorrow, operated tomorrow, or older than anybody."""
    knowledge = known(**fields)
    (name,) = knowledge.inputs
    assert [problem.code for problem in knowledge.problems] == ([code] if code else [])
    assert (knowledge.state[name] == DICTIONARY.fields[name].unknown) == (code is not None)


def test_a_datetime_is_its_day():
    """A caller's `datetime` does not spoil the arithmetic."""
    assert known(datetime(2026, 11, 23, 23, 59, tzinfo=UTC), last_surgery="2026-11-22").as_of == AS_OF


# ---- death, readings, inputs -----------------------------------------------------------------------------------


def test_after_death_nothing_is_used_and_nothing_is_a_problem():
    """A result that arrives late speaks for nobody; earlier ones still stand."""
    later, earlier = dated("yes", "2026-11-02"), dated("yes", "2026-10-31")
    form = {"form": "door", "date": "2026-11-02", "yes": []}
    knowledge = known(deceased=dated("yes", "2026-11-01"), chest_pain=later, syncope=earlier, forms=[form])
    assert knowledge.deceased
    assert (knowledge.state["deceased"], knowledge.state["chest_pain"], knowledge.state["syncope"]) == (
        YES,
        NO | YES,
        YES,
    )
    assert knowledge.problems == ()


def test_a_death_dated_in_the_future_is_still_a_death():
    """The date is wrong, the fact is not taken lightly."""
    knowledge = known(deceased=dated("yes", "2027-01-01"))
    assert (knowledge.deceased, knowledge.state["deceased"]) == (True, YES)
    assert [problem.code for problem in knowledge.problems] == ["future-date"]


@pytest.mark.parametrize(("given_", "expected"), [("no", NO), (None, NO), ("perhaps", NO | YES), ("yes", YES)])
def test_only_the_absence_of_a_death_is_an_answer(given_, expected):
    """An unreadable one is unknown."""
    assert known(deceased=given_).state["deceased"] == expected


def test_two_readings_of_a_day_are_counted_while_they_are_valid():
    """An expired pair confirms nothing today."""
    assert known(systolic_bp=[210, 205]).readings == {"systolic_bp": 2}
    assert known(systolic_bp={"value": [210, 205], "date": "2026-11-22"}).readings == {}
    assert known(systolic_bp={"value": [210, 205], "date": "2026-11-24"}).readings == {}


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (dated(45, "2026-11-22"), "known"),
        (dated("<20", "2026-11-22"), "censored"),
        (dated("<20", "2025-11-22"), "expired"),
        (45, "undated"),
        ("<20", "undated"),
        (dated(45, "2026-11-22", origin="example"), "example"),
        (dated(45, "2025-11-22", origin="example"), "example"),
        (dated(45000, "2026-11-22", origin="example"), "refused"),
    ],
)
def test_each_input_says_how_it_was_used(value, state):
    """Known, censored, expired, undated, refused, or an example."""
    assert known(platelets=value, **NO_EVENTS).inputs["platelets"].state == state


def test_values_read_well():
    """In the canonical unit, in words."""
    values = known(
        platelets="49.96", haemoglobin="13.7 g/dL", line="picc", bone_metastasis_sites=["pelvis", "lumbar"],
        sex="female", ecog="<=2",
    ).inputs  # fmt: skip
    assert {name: said.value for name, said in values.items()} == {
        "platelets": ">49.9 <50", "haemoglobin": ">8.5 <8.51", "line": "picc",
        "bone_metastasis_sites": "lumbar, pelvis", "sex": "female", "ecog": "<=2",
    }  # fmt: skip


def test_another_dictionarys_forms_are_its_own():
    """`know` needs no form files: a filled form carries its answers."""
    form = Form.without_questions(DICTIONARY)
    patient = Patient.from_dict({"forms": [{"form": "x", "date": "2026-11-23", "yes": ["syncope"]}]}, forms={"x": form})
    assert know(patient, DICTIONARY, AS_OF).state["syncope"] == YES
    assert evolve(patient, forms=()) == Patient("", {})
