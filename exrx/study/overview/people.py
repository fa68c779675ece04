"""In which group each patient of a cohort is: one class each, "not known" where the record leaves several open."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from attrs import frozen

from exrx.bits import Words, unpack
from exrx.fields import NO, YES
from exrx.screening.many import Decisions
from exrx.today import Today

Codes = npt.NDArray[np.int64]
Label = dict[str, str]
UNKNOWN = "unknown"
AGES = (40, 50, 60, 70, 80)
"""Where the age groups of the report begin, in years: a choice of display, no clinical limits."""
_NOT_KNOWN = {"da": "ikke oplyst", "en": "not known"}
_CARE = {
    "chemotherapy": {"da": "kemoterapi", "en": "chemotherapy"},
    "other": {"da": "strålebehandling eller immunterapi", "en": "radiotherapy or immunotherapy"},
    "none": {"da": "ingen af disse behandlinger", "en": "none of these treatments"},
}


@frozen(eq=False)
class Grouping:
    """A way to divide a cohort: `codes` (N,) are places in `keys`; the last key is always "not known"."""

    name: str
    label: Label
    keys: tuple[str, ...]
    labels: tuple[Label, ...]
    codes: Codes

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Where the class is known, (N,)."""
        return self.codes < len(self.keys) - 1

    def counts(self) -> list[int]:
        """How many are in each class."""
        return np.bincount(self.codes, minlength=len(self.keys)).tolist()


def groupings(decisions: Decisions) -> Iterator[Grouping]:
    """The divisions of the report: cancer type, sex, age, treatment, and the regimen where one is recorded."""
    today = decisions.today
    yield choice_of(today, "cancer_type")
    yield choice_of(today, "sex")
    yield ages_of(today)
    yield treatment_of(today)
    if "regimen" in today.cohort.recorded or today.cohort.of_patients:
        found = choice_of(today, "regimen")
        if found.known.any():
            yield found


def choice_of(today: Today, name: str) -> Grouping:
    """A choice or flag of the dictionary as a grouping."""
    entry = today.cohort.dictionary.field(name)
    masks = [today.column(name).words("within", 1 << place)[0] for place in range(len(entry.options))]
    labels = [{lang: entry.option_label(option, lang) for lang in ("da", "en")} for option in entry.options]
    if entry.kind == "flag":
        words = {"yes": {"da": "ja", "en": "yes"}, "no": {"da": "nej", "en": "no"}}
        labels = [words.get(option, label) for option, label in zip(entry.options, labels, strict=True)]
    return _grouping(name, dict(entry.label), list(entry.options), labels, masks, today.n)


def ages_of(today: Today) -> Grouping:
    """Age in completed years, in the groups of `AGES`."""
    entry = today.cohort.dictionary.field("age")
    column = today.column("age")
    below = [column.words("below", entry.ticks.tick(Decimal(age))) for age in AGES]
    from_on = [column.words("at_least", entry.ticks.tick(Decimal(age)))[0] for age in AGES]
    masks = [below[0][0], *(older & under[0] for older, under in zip(from_on, below[1:], strict=False)), from_on[-1]]
    keys = [f"under-{AGES[0]}", *(f"{low}-{high - 1}" for low, high in pairwise(AGES)), f"{AGES[-1]}-on"]
    first, last = (
        {"da": f"under {AGES[0]}", "en": f"under {AGES[0]}"},
        {"da": f"{AGES[-1]} og over", "en": f"{AGES[-1]} and over"},
    )
    middle = [{lang: key.replace("-", "–") for lang in ("da", "en")} for key in keys[1:-1]]
    label = {"da": "alder (år)", "en": "age (years)"}
    return _grouping("age", label, keys, [first, *middle, last], masks, today.n)


def treatment_of(today: Today) -> Grouping:
    """What treatment a patient is in, chemotherapy first."""
    flags = {name: today.column(f"on_{name}") for name in ("chemotherapy", "immunotherapy", "radiotherapy")}
    yes = {name: column.words("within", YES)[0] for name, column in flags.items()}
    no = {name: column.words("within", NO)[0] for name, column in flags.items()}
    other = (yes["immunotherapy"] | yes["radiotherapy"]) & no["chemotherapy"]
    none = no["chemotherapy"] & no["immunotherapy"] & no["radiotherapy"]
    label = {"da": "behandling", "en": "treatment"}
    return _grouping("treatment", label, list(_CARE), list(_CARE.values()), [yes["chemotherapy"], other, none], today.n)


def _grouping(name: str, label: Label, keys: list[str], labels: list[Label], masks: list[Words], n: int) -> Grouping:
    codes = np.full(n, len(keys), np.int64)
    for place, mask in enumerate(masks):
        codes[unpack(mask, n)] = place
    return Grouping(name, label, (*keys, UNKNOWN), (*labels, _NOT_KNOWN), codes)
