"""Course JSON: each part that makes no sense is refused with its reason, and the rest is kept."""

from __future__ import annotations

import pytest
from pathway_builders import asked, course

from exrx.pathway.read import read_course


def phq(*answers):
    return [{"form": "phq-9", "date": "2026-11-20", "answers": list(answers)}]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"assessments": [{"date": "2026-11-20", "domains": {"phisical": "yes"}}]}, "did you mean 'physical'"),
        ({"assessments": [{"date": "20-11-2026"}]}, "write it as 2026-11-23"),
        ({"assessments": [asked() | {"distress": 11}]}, "0 to 10"),
        ({"medical_need": [{"value": "yes", "signed_by": "nurse", "date": "2026-11-01"}]}, "signed by a physician"),
        ({"goals": [{"text": "walk", "type": "function"}]}, "a level before"),
        ({"goals": [{"text": "walk", "type": "funktion", "before": 0}]}, "did you mean 'function'"),
        ({"questionnaires": phq(0, 0, 7, 0, 0, 0, 0, 0, 0)}, "item 3 of phq-9"),
        ({"measurements": [{"date": "2026-11-01", "measure": "6mwt", "value": 1, "when": "pre"},
                           {"date": "2026-11-01", "measure": "6mwt", "value": 2, "when": "pre"}]}, "two values pre"),
        ({"measurements": [{"date": "2026-11-01", "measure": "6mwt", "value": 1, "when": "pre"},
                           {"date": "2026-10-01", "measure": "6mwt", "value": 2, "when": "post"}]}, "not later than"),
        ({"referrals": [{"date": "2026-11-01", "type": "gop", "sender": "gp"}]}, "a GOP needs the hospital"),
        ({"plan": {"coordinator": "boss"}}, "use one of"),
        ({"answers": {"crisis": "maybe"}}, "yes, no or unknown"),
        ({"goals": "walk"}, "an object of named answers"),
    ],
)  # fmt: skip
def test_a_part_that_makes_no_sense_is_refused_with_its_reason_and_the_rest_is_kept(part, words):
    """One problem, and the good assessment beside it still counts."""
    good = asked(physical={"problem": "yes", "wants_help": "yes"})
    parts = {key: [good, *value] if key == "assessments" else value for key, value in part.items()}
    made = course(**{"assessments": [good], **parts})
    assert len(made.problems) == 1
    assert words in made.problems[0].message
    assert len(made.assessments) == 1


def test_an_identifier_is_refused_and_replaced():
    """A CPR number is no pseudonym; the person is still there."""
    made = read_course({"id": "010180-1234"}, "row-1")
    assert (made.id, made.problems[0].code) == ("row-1", "identifier-refused")
