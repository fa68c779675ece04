"""The planner's tables: where everybody stands, what is overdue, how many are assessed and referred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from exrx.pathway.forks import Walks
from exrx.pathway.state import Pathway
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report.pathway_words import BECAUSE, PROVIDER, SAY, TITLE
from exrx.rules.restriction import Clearance

SMALLEST = 5
"""Counts below this are not shown (pathway.md 2.14, a configurable default)."""
LISTED = 15
_WORDS = {
    "da": {"persons": "personer", "assessed": "vurderet", "need": "med behov", "referred": "henvist af dem med behov",
           "overdue": "overskredne behovsvurderinger", "late": "GOP startet for sent", "box": "Her står de",
           "no gop": "funktionstab uden registreret GOP", "names": "overskredet hos",
           "hidden": "* vises ikke: ellers kunne et tal under {smallest} regnes ud"},
    "en": {"persons": "persons", "assessed": "assessed", "need": "with a need", "referred": "referred of those in need",
           "overdue": "overdue needs assessments", "late": "GOP begun late", "box": "Where they stand",
           "no gop": "loss of function without a recorded GOP", "names": "overdue for",
           "hidden": "* not shown: else a count below {smallest} could be worked out"},
}  # fmt: skip


def cohort_lines(found: Sequence[Pathway], lang: str, smallest: int = SMALLEST) -> Iterator[str]:
    """The tables of many courses; `smallest` hides small counts."""
    words = _WORDS[lang]
    in_need = [entry for entry in found if entry.need.value == "yes"]
    overdue = [entry for entry in found if any(due.overdue for due in entry.due)]
    counts = (
        ("assessed", sum(entry.facts.assessed == "yes" for entry in found), len(found)),
        ("need", len(in_need), len(found)),
        ("referred", sum(bool(entry.course.referrals) for entry in in_need), len(in_need)),
        ("overdue", len(overdue), len(found)),
        ("late", sum(any(clock.state == "late" for clock in entry.clocks) for entry in found), len(found)),
        ("no gop", sum(_without_gop(entry) for entry in found), len(found)),
    )
    yield from _now(found, lang)
    yield f"{words['persons']}: {len(found)}"
    for key, number, of in counts:
        few = 0 < of - number < smallest  # the rest would be a small count
        yield f"  {words[key]}: {_shown(number, smallest, hidden=few)} / {_shown(of, smallest)}"
    yield from _here_lines(Counter((entry.here.node, entry.here.because) for entry in found), lang, smallest)
    if overdue:
        yield f"{words['names']}: {', '.join(entry.course.id for entry in overdue[:LISTED])}"
    yield f"{TITLE[lang]['tasks']}: --patient ID"
    yield SAY[lang]["notice"]


def _now(found: Sequence[Pathway], lang: str) -> Iterator[str]:
    """Who needs somebody now, before anything is counted: all of them by name."""
    talk = [entry.course.id for entry in found if entry.psychosocial.emergency]
    acute = [entry.course.id for entry in found if entry.decision.clearance == Clearance.EMERGENCY]
    if talk:
        yield f"{PROVIDER[lang]['emergency']}: {', '.join(talk)}"
    if acute:
        yield f"{BECAUSE[lang]['emergency']}: {', '.join(acute)}"


def walk_lines(walks: Walks, lang: str, smallest: int = SMALLEST) -> Iterator[str]:
    """Where everybody of a cohort table stands."""
    here: Counter[tuple[str, str]] = Counter()
    for steps, number in walks.counts().items():
        here[steps[-1].node, steps[-1].because] += number
    yield f"{_WORDS[lang]['persons']}: {len(walks.which)}"
    yield from _here_lines(here, lang, smallest)
    yield SAY[lang]["notice"]


def _here_lines(here: Counter[tuple[str, str]], lang: str, smallest: int) -> Iterator[str]:
    yield _WORDS[lang]["box"]
    small = [number for number in here.values() if number < smallest]
    others = [number for number in here.values() if number >= smallest]
    beside = min(others) if len(small) == 1 and others else None  # else the total gives the small count away
    for (node, because), number in here.most_common():
        name = load_vocabulary().say("nodes", node, lang)
        hidden = number == beside
        yield f"  {_shown(number, smallest, hidden=hidden):>7}  {name}: {BECAUSE[lang][because]}"
    yield _WORDS[lang]["hidden"].format(smallest=smallest)


def _without_gop(found: Pathway) -> bool:
    """Loss of function and no GOP on record: what 48 % of patients reported (A6-11)."""
    return found.referral.type == "gop" and not any(entry.type == "gop" for entry in found.course.referrals)


def _shown(number: int, smallest: int, *, hidden: bool = False) -> str:
    if hidden and number >= smallest:
        return "*"
    return str(number) if number == 0 or number >= smallest else f"<{smallest}"
