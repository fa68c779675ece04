"""A plan as a hand-over sheet: for the patient and for the next professional, as plain blocks in Danish or English.

`sheet_of` chooses and words the content; `plan_html` and `plan_pdf` only set it. Name and CPR number are lines to
fill in by hand: they are never data.
"""

from __future__ import annotations

from collections.abc import Iterator

from exrx.fields import Dictionary
from exrx.report import EXAMPLE, Phrases
from exrx.report.notes import note_words
from exrx.report.sheet_blocks import Block, Items, Line, Pairs, Section, Sheet
from exrx.report.sheet_safety import safety_section, stop_section, unverified_signs
from exrx.report.sheet_weeks import exercise_section, first_week_section, log_section, weeks_section
from exrx.report.sheet_words import WORDS
from exrx.training.plan import Plan
from exrx.training.plan_parts import Change

_SHORT_HASH = 8


def sheet_of(plan: Plan, lang: str, names: Dictionary) -> Sheet:
    """The sheet of a plan in `da` or `en`.

    Promises that the patient's own goal comes first, that a plan that is not final or rests on an example carries a
    mark for every page, that nothing is left out because it is unknown (it becomes a line to fill in), and that the
    same plan gives the same sheet.
    """
    p = Phrases(lang, names)
    words = WORDS[lang]
    sheet = Sheet(
        lang=lang,
        title=words["plan"],
        mark=sheet_mark(plan, lang),
        patient=f"{words['id']} {plan.patient or p['no id']}",
        by_hand=(words["name"], words["cpr"]),
        sections=(
            _matters(plan, words),
            _short(plan, p),
            safety_section(plan, p),
            stop_section(plan, p),
            weeks_section(plan, p),
            first_week_section(plan, p),
            exercise_section(plan, p),
            _targets(plan, p),
            _differences(plan, p),
            log_section(plan, p),
            _basis(plan, p),
        ),
        foot=tuple(_foot(plan, p)),
        page=words["page"],
    )
    return sheet.cleaned()


def sheet_mark(plan: Plan, lang: str) -> str:
    """What must stand on every page of a plan that is not final: EXAMPLE, and draft or proposal; empty when final."""
    marks = [EXAMPLE] if plan.example else []
    marks += [WORDS[lang][plan.status]] if plan.status != "final" else []
    return " · ".join(marks)


def _matters(plan: Plan, words: dict[str, str]) -> Section:
    details = plan.details
    blocks: list[Block] = [Line(details.what_matters_most, "loud")] if details.what_matters_most else []
    goals = tuple((words["goal"], f"{goal.text} ({words[f'goal {goal.type}']})") for goal in details.goals)
    if goals or not blocks:
        blocks.append(Pairs(goals or ((words["goal"], ""),)))
    return Section(words["matters"], tuple(blocks))


def _short(plan: Plan, p: Phrases) -> Section:
    words, details, phase = WORDS[p.lang], plan.details, plan.phase
    first, last = (p.date(day.isoformat()) for day in (plan.start, plan.weeks[-1].days[-1].date))
    form = p.get(f"format {plan.format}") or plan.format
    facts = [
        (words["period"], words["weeks"].format(n=len(plan.weeks), first=first, last=last)),
        (words["form"], form),
        (words["decision"], f"{p.date(plan.as_of.isoformat())}: {p.word('clearance', plan.clearance.word)}"),
    ]
    told = []
    if phase is not None:
        facts.append((words["phase"], phase.title[p.lang]))
        told += [(words["phase goal"], phase.goal[p.lang]), (words["evidence"], phase.evidence[p.lang])]
    told.append((words["purpose"], details.purpose))
    names = ("responsible", "coordinator", "contact", "interpreter", "transport", "continuation")
    others = [(words["evaluation"], _evaluation(plan, p)), (words["informed"], ", ".join(details.informed))]
    others += [(words[name], getattr(details, name)) for name in names]
    blocks: list[Block] = []
    if plan.incomplete:
        lacking = "; ".join(each[p.lang] for each in plan.incomplete)
        blocks.append(Line(words["lacks"].format(x=lacking), "loud"))
    blocks += [Pairs(tuple(facts), 2), Pairs(tuple(told)), Pairs(tuple(others), 2)]
    return Section(words["short"], tuple(blocks))


def _evaluation(plan: Plan, p: Phrases) -> str:
    if plan.details.evaluation is not None:
        return p.date(plan.details.evaluation.isoformat())
    if plan.phase is None:
        return ""
    return WORDS[p.lang]["evaluation due"].format(x=p.date(plan.phase.evaluation.isoformat()))


def _targets(plan: Plan, p: Phrases) -> Section:
    said = tuple(f"{reach.label[p.lang]}: {reach.text[p.lang]}" for reach in plan.reaches)
    return Section(WORDS[p.lang]["targets"], (Items(said),))


def _differences(plan: Plan, p: Phrases) -> Section:
    """The changes, those with the same reasons under those reasons."""
    words = WORDS[p.lang]
    groups: dict[str, list[str]] = {}
    for change in plan.changes:
        groups.setdefault(_reason(change, p.lang), []).extend(_change(change, words, p.lang))
    blocks: list[Block] = []
    for reason, said in groups.items():
        blocks += [Line(words["because"].format(x=reason), "reason"), Items(tuple(said), small=True)]
    return Section(words["differences"], tuple(blocks) or (Line(words["none different"]),))


def _reason(change: Change, lang: str) -> str:
    """Why something was changed, each sentence once, and the rules that say so."""
    because = " ".join(dict.fromkeys(text[lang] for text in change.because)) or WORDS[lang]["by the programme"]
    return f"{because} ({', '.join(change.rules)})" if change.rules else because


def _change(change: Change, words: dict[str, str], lang: str) -> Iterator[str]:
    replaced = [
        words["replaced"].format(old=old[lang], new=new[lang])
        if new
        else words["left out exercise"].format(old=old[lang])
        for old, new in change.replaced
    ]
    yield "; ".join([change.text[lang], *replaced])


def _basis(plan: Plan, p: Phrases) -> Section:
    words = WORDS[p.lang]
    blocks: list[Block] = []
    if plan.notes:
        blocks += [Line(words["notes"], "strong"), Items(tuple(note[p.lang] for note in plan.notes))]
    dictionary = f"{words['dictionary']} ({plan.dictionary_sha256[:_SHORT_HASH]})" if plan.dictionary_sha256 else ""
    blocks.append(Line(" · ".join(filter(None, (*_made_with(plan), dictionary))), "small"))
    blocks.append(Line(f"{words['rests on']}: {'; '.join(map(p.unverified, _rests_on(plan)))}.", "small"))
    return Section(words["basis"], tuple(blocks))


def _rests_on(plan: Plan) -> tuple[str, ...]:
    return (*plan.unverified, *unverified_signs())


def _made_with(plan: Plan) -> list[str]:
    """Engine, training programme and protocols with their versions and the beginnings of their hashes."""
    uses = [(plan.training, plan.training_version, plan.training_sha256)]
    uses += [(use["id"], use["version"], use["sha256"]) for use in plan.protocols]
    return [plan.engine, *(_versioned(*use) for use in uses)]


def _versioned(name: str, version: str, sha256: str) -> str:
    return f"{name} {version} ({sha256[:_SHORT_HASH]})"


def _foot(plan: Plan, p: Phrases) -> Iterator[str]:
    yield note_words(plan.notice[p.lang], p.lang)
    yield " · ".join(_made_with(plan))
    yield WORDS[p.lang]["rests on n"].format(n=len(_rests_on(plan)))
