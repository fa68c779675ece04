"""Lesion sites: the five rows of the site table, cell by cell, against what the library still allows.

The avoidances come from the rules of `protocols/screening/modules/bone-sites.yaml`; the rows below are the source's
(Galvão's modular programme as tabled in galvao-hart-2018), humerus and cervical from later tables and unverified.
"""

from __future__ import annotations

import pytest
from attrs import frozen
from test_training_plan import AS_OF
from test_training_refusal import typical

from exrx import load_protocol, screen
from exrx.fields import load_dictionary
from exrx.training.exercises import PLACES, Exercise, load_exercises, skeletal_sites

BY_ID = load_exercises().by_id
EXERCISES = list(BY_ID.values())
RULES = {rule.id: rule for rule in load_protocol("dk-2015").rules}
RULE = {
    "pelvis": "bone.pelvis", "lumbar": "bone.lumbar", "thoracic_rib": "bone.thoracic-spine-or-ribs",
    "proximal_femur": "bone.proximal-femur", "other": "bone.other-site", "humerus": "bone.humerus",
    "cervical": "bone.cervical",
}  # fmt: skip
TABLE = ("pelvis", "lumbar", "thoracic_rib", "proximal_femur")


@frozen
class Row:
    """A row of the site table: which joint of the arm and the leg may be trained, and what else is ticked."""

    upper: str
    trunk: bool
    lower: str
    weight_bearing: bool
    spine_movement: bool = True
    shoulder_movement: bool = True


ROWS = {
    "pelvis": Row("all", True, "knee", False),
    "lumbar": Row("all", False, "all", False, spine_movement=False),
    "thoracic_rib": Row("elbow", False, "all", True, spine_movement=False),
    "proximal_femur": Row("all", True, "knee", False),
    "other": Row("elbow", False, "knee", False, spine_movement=False),
    "humerus": Row("none", True, "all", True, shoulder_movement=False),
    "cervical": Row("elbow", False, "all", True, spine_movement=False),
}


def avoided(*sites: str) -> frozenset[str]:
    """What the rules of these sites avoid."""
    return frozenset[str]().union(*(RULES[RULE[site]].then.avoid for site in sites))


def ticked(row: Row, exercise: Exercise) -> bool:
    """Whether the row's cells allow an exercise, from what it moves; not from its derived loads."""
    joints = exercise.attributes["joints"]
    arm = bool(joints & {"shoulder", "elbow", "wrist"}) or exercise.level("grip") == "firm"
    upright = exercise.kind == "aerobic" and "standing" in exercise.attributes["position"]
    shoulder_moved = exercise.kind in ("stretch", "mobility") and bool({"chest", "shoulders"} & set(exercise.muscles))
    return not (
        (row.upper == "none" and arm)
        or (row.upper == "elbow" and "shoulder" in joints)
        or (row.lower == "knee" and "hip" in joints)
        or (not row.trunk and "trunk" in joints)
        or (not row.spine_movement and exercise.attributes["spine"])
        or (not row.weight_bearing and upright)
        or (not row.shoulder_movement and shoulder_moved)
    )


@pytest.mark.hazard("wrong-exercise")
@pytest.mark.parametrize("kind", ["strength", "aerobic", "stretch", "mobility"])
@pytest.mark.parametrize("site", ROWS)
def test_what_is_allowed_at_a_site_is_what_its_row_ticks(site: str, kind: str) -> None:
    """Upper, trunk and lower resistance, aerobic and flexibility cells: every exercise of the library, both ways."""
    chosen = [e for e in EXERCISES if e.kind == kind]
    allowed = {e.id for e in chosen if e.allowed(avoided(site))}
    assert allowed == {e.id for e in chosen if ticked(ROWS[site], e)}
    assert allowed


@pytest.mark.parametrize(
    ("site", "stays", "goes"),
    [
        ("pelvis", "chest-press crunch knee-extension leg-curl stationary-cycling trunk-turn",
         "leg-press walking bridge"),
        ("lumbar", "leg-press chest-press stationary-cycling calf-stretch",
         "band-hold crunch back-extension walking step-circuit trunk-turn hamstring-stretch goblet-squat"),
        ("thoracic_rib", "biceps-curl triceps-extension leg-press walking treadmill-walking stationary-cycling",
         "chest-press seated-row lateral-raise band-hold crunch trunk-turn arm-cycling"),
        ("proximal_femur", "chest-press band-hold knee-extension leg-curl recumbent-cycling hamstring-stretch",
         "leg-press chair-rise walking stair-walking side-leg-raise"),
        ("other", "biceps-curl triceps-extension knee-extension leg-curl stationary-cycling calf-stretch",
         "chest-press leg-press crunch walking trunk-turn"),
        ("humerus", "leg-press walking stationary-cycling crunch trunk-turn hamstring-stretch",
         "biceps-curl chest-press chest-stretch shoulder-circles band-hold arm-cycling farmer-carry"),
        ("cervical", "biceps-curl leg-press walking", "chest-press neck-stretch crunch seated-dumbbell-press"),
    ],
)  # fmt: skip
def test_the_exercises_that_each_row_is_about(site: str, stays: str, goes: str) -> None:
    """The table in names: what stays and what goes."""
    assert [name for name in stays.split() if not BY_ID[name].allowed(avoided(site))] == []
    assert [name for name in goes.split() if BY_ID[name].allowed(avoided(site))] == []


@pytest.mark.hazard("wrong-exercise")
def test_pelvis_lumbar_thoracic_and_femur_joined_are_the_row_of_all_regions() -> None:
    """The table's own last row, as avoidances and as exercises."""
    assert avoided(*TABLE) == avoided("other")
    joined = [e for e in EXERCISES if e.kind in ("strength", "aerobic", "stretch") and e.allowed(avoided(*TABLE))]
    assert all(ticked(ROWS[site], e) for e in joined for site in TABLE)


def test_humerus_and_cervical_are_unverified_and_the_five_rows_are_not() -> None:
    """What was deduced from empty cells never looks like what was read."""
    assert {site for site, rule in RULE.items() if RULES[rule].verified == "unverified"} == {"humerus", "cervical"}
    assert all(RULES[RULE[site]].verified == "primary" for site in (*TABLE, "other"))


def test_every_site_of_the_vocabulary_has_its_row() -> None:
    """A new site cannot be forgotten."""
    assert set(ROWS) == set(RULE) == set(load_dictionary().vocabulary["sites"])


@pytest.mark.parametrize("sites", [None, [], ["other"], {"at_least": []}, {"at_least": ["humerus"]}])
def test_unknown_or_other_sites_take_the_row_of_all_regions(sites: object) -> None:
    """Known metastases at no known site: what a patient must not do is at least the table's last row."""
    facts: dict[str, object] = {"bone_metastases": "yes", "bone_metastasis_sites": sites}
    decision = screen(
        typical("dk-2015", "enrolment", **facts), load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF
    )
    assert decision.restriction.avoid >= avoided("other")


@pytest.mark.parametrize("site", [site for site in ROWS if site != "other"])
def test_a_patient_with_one_site_gets_the_avoidances_of_its_rule_and_no_other_site(site: str) -> None:
    """Screening and table are one: the avoidances of the site and those of every bone metastasis."""
    facts: dict[str, object] = {"bone_metastases": "yes", "bone_metastasis_sites": [site]}
    decision = screen(
        typical("dk-2015", "enrolment", **facts), load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF
    )
    every = RULES["bone.careful-loading"].then.avoid | RULES["bone.no-contact-sport"].then.avoid
    assert decision.restriction.avoid == avoided(site) | every


@pytest.mark.hazard("wrong-exercise")
@pytest.mark.parametrize("site", skeletal_sites())
def test_what_loads_a_site_heavily_is_never_allowed_there(site: str) -> None:
    """`site_load` and the avoidances of the site's rule agree; the site's own row allows low loads only."""
    heavy = [e.id for e in EXERCISES if e.site_load[site] == "high"]
    assert heavy
    assert [name for name in heavy if BY_ID[name].allowed(avoided(site))] == []


@pytest.mark.parametrize("site", skeletal_sites())
def test_under_the_row_of_all_regions_nothing_loads_a_table_site_heavily(site: str) -> None:
    """Where the site is not known, every site is spared; the humerus is spared where its own row is asked for too."""
    asked = avoided("other") | (avoided("humerus") if site == "humerus" else frozenset())
    assert [e.id for e in EXERCISES if e.site_load[site] == "high" and e.allowed(asked)] == []


def left(place: str, avoid: frozenset[str], *joints: str) -> set[str]:
    """The allowed strength exercises of a place that load one of these joints."""
    here = [e for e in EXERCISES if e.kind == "strength" and place in e.where and e.allowed(avoid)]
    return {e.id for e in here if e.attributes["joints"] & set(joints)}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("site", ROWS)
def test_every_site_leaves_something_for_arms_legs_and_heart(site: str, place: str) -> None:
    """At least the elbow, at least the knee and an aerobic exercise; only the humerus row ticks no arm at all."""
    avoid = avoided(site)
    assert bool(left(place, avoid, "shoulder", "elbow")) == (ROWS[site].upper != "none")
    assert bool(left(place, avoid, "shoulder")) == (ROWS[site].upper == "all")
    assert left(place, avoid, "knee")
    assert bool(left(place, avoid, "hip")) == (ROWS[site].lower == "all")
    assert bool(left(place, avoid, "trunk")) == ROWS[site].trunk
    aerobic = [e for e in EXERCISES if e.kind == "aerobic" and place in e.where and e.allowed(avoid)]
    assert any("standing" not in e.attributes["position"] for e in aerobic)
    assert any("standing" in e.attributes["position"] for e in aerobic) == ROWS[site].weight_bearing


@pytest.mark.parametrize("place", PLACES)
def test_every_site_at_once_still_leaves_the_knee_and_the_bicycle(place: str) -> None:
    """All seven rows joined: no arm and no trunk, but legs across the knee, cycling and calm breathing."""
    everything = avoided(*ROWS)
    assert left(place, everything, "knee")
    assert left(place, everything, "shoulder", "elbow", "wrist", "trunk", "hip") == set()
    assert {"stationary-cycling", "calm-breathing"} <= {e.id for e in EXERCISES if e.allowed(everything)}
