"""The planner's tables: where everybody stands, what is overdue, how many are assessed and referred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from exrx.pathway.forks import Walks
from exrx.pathway.state import Pathway
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report.pathway_words import BECAUSE, SAY, TITLE

SMALLEST = 5
"""Counts below this are not shown (pathway.md 2.14, a configurable default)."""
LISTED = 15
_WORDS = {
    "da": {"persons": "personer", "assessed": "vurderet", "need": "med behov", "referred": "henvist af dem med behov",
           "overdue": "overskredne behovsvurderinger", "late": "GOP startet for sent", "box": "Her står de",
           "no gop": "funktionstab uden registreret GOP", "names": "overskredet hos"},
    "en": {"persons": "persons", "assessed": "assessed", "need": "with a need", "referred": "referred of those in need",
           "overdue": "overdue needs assessments", "late": "GOP begun late", "box": "Where they stand",
           "no gop": "loss of function without a recorded GOP", "names": "overdue for"},
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
    yield f"{words['persons']}: {len(found)}"
    for key, number, of in counts:
        yield f"  {words[key]}: {_shown(number, smallest)} / {_shown(of, smallest)}"
    yield from _here_lines(Counter((entry.here.node, entry.here.because) for entry in found), lang, smallest)
    if overdue:
        yield f"{words['names']}: {', '.join(entry.course.id for entry in overdue[:LISTED])}"
    yield f"{TITLE[lang]['tasks']}: --patient ID"
    yield SAY[lang]["notice"]


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
    for (node, because), number in here.most_common():
        name = load_vocabulary().say("nodes", node, lang)
        yield f"  {_shown(number, smallest):>7}  {name}: {BECAUSE[lang][because]}"


def _without_gop(found: Pathway) -> bool:
    """Loss of function and no GOP on record: what 48 % of patients reported (A6-11)."""
    return found.referral.type == "gop" and not any(entry.type == "gop" for entry in found.course.referrals)


def _shown(number: int, smallest: int) -> str:
    return str(number) if number == 0 or number >= smallest else f"<{smallest}"
