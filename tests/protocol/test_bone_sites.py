"""The site tables for bone metastases, three versions, each cell by cell as its source prints it.

The rows below are the sources' (galvao-hart-2018 Table 4, effect-2022 Table 2, exerciseguide-2021 Table 2), written
as ticks; the rules hold them as avoidances. Which exercises an avoidance rules out is tested in
`tests/training/test_lesion_sites.py`.
"""

from __future__ import annotations

from datetime import date

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from exrx import Patient, load_protocol, screen
from exrx.fields import load_dictionary
from exrx.protocol.form import form_patient
from exrx.screening.decision import Decision

AS_OF = date(2026, 11, 23)
SITES = tuple(load_dictionary().vocabulary["sites"])
SPINE = frozenset({"spine-flexion", "spine-extension", "spine-rotation"})


@frozen
class Row:
    """A row as ticks: joints of arm and leg that may be loaded, trunk, work on the feet, and what may be stretched."""

    upper: str = "shoulder elbow"
    trunk: bool = True
    lower: str = "hip knee"
    weight_bearing: bool = True
    spine_stretched: bool = True
    shoulder_stretched: bool = True

    @property
    def avoid(self) -> frozenset[str]:
        """The cells without a tick, as avoidances."""
        joints = {"shoulder", "elbow", "hip", "knee"} - set(self.upper.split()) - set(self.lower.split())
        if not self.upper:  # the whole arm: the tag of the arm stands for the elbow
            joints -= {"elbow"}
        found = {f"{joint}-resistance" for joint in joints}
        found |= {"upper-limb-resistance"} if not self.upper else set()
        found |= set() if self.trunk else {"trunk-resistance"}
        found |= set() if self.weight_bearing else {"weight-bearing-aerobic"}
        found |= set() if self.spine_stretched else set(SPINE)
        return frozenset(found | (set() if self.shoulder_stretched else {"shoulder-stretching"}))


ALL_REGIONS = Row("elbow", trunk=False, lower="knee", weight_bearing=False, spine_stretched=False)
HUMERUS = Row("", shoulder_stretched=False)
GALVAO = {
    "pelvis": Row(lower="knee", weight_bearing=False),
    "lumbar": Row(trunk=False, weight_bearing=False, spine_stretched=False),
    "thoracic_rib": Row("elbow", trunk=False, spine_stretched=False),
    "proximal_femur": Row(lower="knee", weight_bearing=False),
    "humerus": HUMERUS,
    "cervical": Row("elbow", trunk=False, spine_stretched=False),
    "other": ALL_REGIONS,
}
EFFECT = {  # start low, go slow: the three columns of strength work are not left out
    "pelvis": Row(weight_bearing=False),
    "lumbar": Row(weight_bearing=False, spine_stretched=False),
    "thoracic_rib": Row(spine_stretched=False),
    "proximal_femur": Row(weight_bearing=False),
    "humerus": Row(shoulder_stretched=False),
    "cervical": ALL_REGIONS,  # not listed
    "other": ALL_REGIONS,
}
EXERCISEGUIDE = {  # Galvão's row, and the footnote letters on top
    "cervical": Row("elbow", trunk=False, spine_stretched=False),  # a, c
    "thoracic_rib": Row("elbow", trunk=False, spine_stretched=False),  # a, c
    "lumbar": Row(trunk=False, weight_bearing=False, spine_stretched=False),  # c
    "pelvis": Row(lower="knee", weight_bearing=False, spine_stretched=False),  # b, c
    "proximal_femur": Row(lower="", weight_bearing=False),  # e
}
NAMES = {
    "pelvis": "pelvis", "lumbar": "lumbar", "thoracic_rib": "thoracic-spine-or-ribs", "humerus": "humerus",
    "proximal_femur": "proximal-femur", "cervical": "cervical", "other": "other-site",
}  # fmt: skip
VERSIONS = {
    "bone": ("dk-2015", GALVAO),
    "bone.effect": ("ibmewg-2022", EFFECT),
    "bone.exerciseguide": ("exerciseguide-2021", EXERCISEGUIDE),
}


def row_rule(version: str, site: str) -> str:
    """The id of the rule that holds a row."""
    if version == "bone.effect" and site in ("cervical", "other"):
        return "bone.effect-unlisted-site"
    return f"{version}{'.' if version == 'bone' else '-'}{NAMES[site]}"


def row_of(version: str, site: str) -> frozenset[str]:
    """What the shipped row of a site avoids."""
    rules = {rule.id: rule for rule in load_protocol(VERSIONS[version][0]).rules}
    return rules[row_rule(version, site)].then.avoid


def decide(protocol_ids: str, **facts: object) -> Decision:
    """The decision for a typical patient of the first protocol with bone metastases, changed by `facts`."""
    typical = form_patient(load_protocol(protocol_ids), "enrolment", "typical")
    patient = typical | {"bone_metastases": "yes"} | facts
    patient = {name: value for name, value in patient.items() if value is not None}
    return screen(Patient.from_dict(patient), load_protocol(protocol_ids), stage="enrolment", as_of=AS_OF)


CELLS = [(version, site) for version, (_, table) in VERSIONS.items() for site in table]


@pytest.mark.parametrize(("version", "site"), CELLS)
def test_a_row_avoids_exactly_the_cells_that_its_source_does_not_tick(version: str, site: str) -> None:
    """Upper, trunk, lower, weight-bearing and flexibility: no cell more and no cell less."""
    assert row_of(version, site) == VERSIONS[version][1][site].avoid


def test_exerciseguide_leaves_out_the_elbow_too_and_takes_every_row_at_a_site_without_one() -> None:
    """Letter d adds the elbow to the row of the humerus; with no row for all regions the gap takes all rows."""
    assert row_of("bone.exerciseguide", "humerus") == HUMERUS.avoid | {"elbow-resistance"}
    listed = [row_of("bone.exerciseguide", site) for site in SITES if site != "other"]
    assert row_of("bone.exerciseguide", "other") == frozenset().union(*listed)


@pytest.mark.parametrize("version", ["bone", "bone.effect"])
def test_the_listed_regions_joined_are_the_row_of_all_regions_as_far_as_strength_work_is_left_out(
    version: str,
) -> None:
    """Pelvis, lumbar, thoracic spine and femur together are the table's own last row, or its part that still holds."""
    joined = frozenset().union(*(row_of(version, s) for s in ("pelvis", "lumbar", "thoracic_rib", "proximal_femur")))
    strength = {"shoulder-resistance", "hip-resistance", "trunk-resistance"}
    assert joined == ALL_REGIONS.avoid - (strength if version == "bone.effect" else frozenset())


@pytest.mark.parametrize("site", SITES)
def test_exerciseguide_is_never_less_than_galvao(site: str) -> None:
    """Where ticks were lost, the row that was read stands in."""
    assert row_of("bone.exerciseguide", site) >= row_of("bone", site)


@pytest.mark.parametrize("site", [site for site in SITES if site not in ("cervical", "other")])
def test_start_low_lifts_only_strength_work_at_the_sites_that_its_table_lists(site: str) -> None:
    """The alternative to leaving out concerns strength work; aerobic and flexibility cells are those of the table."""
    lifted = row_of("bone", site) - row_of("bone.effect", site)
    assert row_of("bone.effect", site) < row_of("bone", site)
    assert all(avoidance.endswith("-resistance") for avoidance in lifted)


def test_start_low_never_means_heavy_fast_or_alone() -> None:
    """Whatever the site, what is loaded carefully is neither heavy nor raised fast, and a trainer is there."""
    for site in SITES:
        decision = decide("ibmewg-2022", bone_metastasis_sites=[site])
        assert decision.restriction.avoid >= {"heavy-resistance", "rapid-load-increase", "training-alone"}
        assert decision.restriction.strength_max.word == "moderate"
        assert decision.supervision != "independent"


@given(sites=st.sets(st.sampled_from(SITES), min_size=1), version=st.sampled_from(sorted(VERSIONS)))
@settings(max_examples=60, deadline=None)
def test_several_sites_avoid_what_each_of_them_avoids(sites: set[str], version: str) -> None:
    """Rows are joined, never traded against each other, and no other site's row is taken along."""
    protocol = VERSIONS[version][0]
    decision = decide(protocol, bone_metastasis_sites=sorted(sites))
    rows = frozenset().union(*(row_of(version, site) for site in sites))
    everywhere = {"heavy-resistance", "contact-sport", "rapid-load-increase", "training-alone"}
    assert rows <= decision.restriction.avoid <= rows | everywhere


@given(known=st.sets(st.sampled_from(SITES), max_size=2), version=st.sampled_from(sorted(VERSIONS)))
@settings(max_examples=30, deadline=None)
def test_a_list_of_sites_that_may_be_incomplete_avoids_what_any_site_avoids(known: set[str], version: str) -> None:
    """An unread scan never frees a bone."""
    decision = decide(VERSIONS[version][0], bone_metastasis_sites={"at_least": sorted(known)})
    assert decision.restriction.avoid >= frozenset().union(*(row_of(version, site) for site in SITES))


@given(sites=st.sets(st.sampled_from(SITES), min_size=1))
@settings(max_examples=20, deadline=None)
def test_two_tables_joined_hold_the_stricter_of_each_cell(sites: set[str]) -> None:
    """Careful loading beside a table that leaves the region out leaves it out."""
    both = decide("dk-2015,ibmewg-2022", bone_metastasis_sites=sorted(sites))
    strict = frozenset().union(*(row_of("bone", site) | row_of("bone.effect", site) for site in sites))
    assert both.restriction.avoid >= strict


@pytest.mark.parametrize(("version", "site"), [(version, site) for version in VERSIONS for site in SITES])
def test_what_was_not_read_in_its_table_is_marked_so(version: str, site: str) -> None:
    """All of ExerciseGuide's rows, and the humerus and cervical rows that were deduced, are unverified; no other is."""
    rule = {r.id: r for r in load_protocol(VERSIONS[version][0]).rules}[row_rule(version, site)]
    deduced = {"bone": {"humerus", "cervical"}, "bone.effect": {"humerus"}, "bone.exerciseguide": set(SITES)}
    assert rule.verified == ("unverified" if site in deduced[version] else "primary")
