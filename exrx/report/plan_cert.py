"""A plan as a CERT block: what of it answers each item of the Consensus on Exercise Reporting Template.

16 items in 19 lines (Slade 2016, `slade-2016`), here in our own words. What a plan cannot know is "not stated": a
researcher fills it in. No free text about the patient is used, because the block is made to be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import asdict, frozen

from exrx.report.sheet_words import WORDS
from exrx.training.exercises import load_exercises
from exrx.training.plan import Plan
from exrx.training.plan_parts import PlanWeek
from exrx.training.session import PlannedExercise, Session
from exrx.training.wording import strength_words

SOURCE = "slade-2016"
ITEMS = {
    "1": {"da": "Udstyr", "en": "Equipment"},
    "2": {"da": "Undervisernes uddannelse og erfaring", "en": "Qualifications and training of those who deliver it"},
    "3": {"da": "Individuelt eller på hold", "en": "Individual or in a group"},
    "4": {"da": "Med eller uden opsyn, og hvordan", "en": "Supervised or not, and how"},
    "5": {"da": "Hvordan fremmøde måles og rapporteres", "en": "How adherence is measured and reported"},
    "6": {"da": "Motivation", "en": "Motivation"},
    "7a": {"da": "Regel for progression", "en": "Rule for progression"},
    "7b": {"da": "Hvordan træningen øges", "en": "How the training progresses"},
    "8": {"da": "Hver øvelse beskrevet, så den kan gentages", "en": "Each exercise described for replication"},
    "9": {"da": "Træning hjemme", "en": "Training at home"},
    "10": {"da": "Andet end træning", "en": "Parts that are not exercise"},
    "11": {"da": "Utilsigtede hændelser, slags og antal", "en": "Adverse events, kind and number"},
    "12": {"da": "Hvor der trænes", "en": "Setting"},
    "13": {"da": "Dosis", "en": "Dose"},
    "14a": {"da": "Ens for alle eller tilpasset", "en": "Generic or tailored"},
    "14b": {"da": "Hvordan den er tilpasset", "en": "How it was tailored"},
    "15": {"da": "Regel for startniveau", "en": "Rule for the starting level"},
    "16a": {"da": "Hvordan gennemførelse vurderes", "en": "How fidelity is assessed"},
    "16b": {"da": "Om det blev gennemført som planlagt", "en": "Whether it was delivered as planned"},
}
_WORDS = {
    "da": {
        "not stated": "ikke angivet", "no equipment": "intet udstyr", "group": "på hold", "individual": "individuelt",
        "supervised": "{led} træninger under opsyn, {own} på egen hånd",
        "log": "skema til hver træning: gennemført, minutter, Borg 6-20, smerte 0-10, hvorfor afbrudt",
        "goals": "{n} egne mål aftalt med patienten ({types})",
        "rule": "programmet {training} {version} (sha256 {sha256})",
        "exercises": "{n} øvelser med instruktion: {names}",
        "week": "uge {n}: {change}", "home": "{n} træninger, i alt {minutes} minutter", "no home": "ingen",
        "relaxation": "afspænding, i alt {n} minutter",
        "dose": "{weeks} uger, {sessions} træninger på {low}-{high} minutter; konditionsminutter (let/moderat/høj) "
        "uge 1: {first}, uge {last}: {end}; styrke uge 1: {strength}, uge {last}: {strength_end}",
        "tailored": "tilpasset", "generic": "programmet uden ændringer for denne patient",
        "no changes": "ingen ændringer",
        "start": "efter programmets regel {training} {version}; uge 1: {first} konditionsminutter (let/moderat/høj)",
        "fidelity": "planlagt og gennemført træning kan sammenholdes (fremmøde, afbrydelse, ændring, relativ dosis)",
    },
    "en": {
        "not stated": "not stated", "no equipment": "no equipment", "group": "in a group", "individual": "individual",
        "supervised": "{led} sessions supervised, {own} on one's own",
        "log": "a log of each session: done, minutes, Borg 6-20, pain 0-10, why stopped",
        "goals": "{n} own goals agreed with the patient ({types})",
        "rule": "the programme {training} {version} (sha256 {sha256})",
        "exercises": "{n} exercises with instruction: {names}",
        "week": "week {n}: {change}", "home": "{n} sessions, {minutes} minutes in all", "no home": "none",
        "relaxation": "relaxation, {n} minutes in all",
        "dose": "{weeks} weeks, {sessions} sessions of {low}-{high} minutes; aerobic minutes (light/moderate/vigorous) "
        "week 1: {first}, week {last}: {end}; strength week 1: {strength}, week {last}: {strength_end}",
        "tailored": "tailored", "generic": "the programme without changes for this patient", "no changes": "no changes",
        "start": "by the rule of the programme {training} {version}; week 1: {first} aerobic minutes "
        "(light/moderate/vigorous)",
        "fidelity": "planned and done sessions can be compared (attendance, interruption, modification, relative dose)",
    },
}  # fmt: skip


@frozen
class CertRow:
    """A line of the block: its item, what it asks, the answer, and whether the plan answers it."""

    item: str
    asks: str
    answer: str
    stated: bool

    def to_dict(self) -> dict[str, str | bool]:
        """The line as JSON."""
        return asdict(self)


def cert_rows(plan: Plan, lang: str) -> tuple[CertRow, ...]:
    """The 19 lines of the block in `da` or `en`, in the template's order; the same plan gives the same lines.

    Source: Slade 2016, Br J Sports Med 50:1428.
    """
    answers = dict(_answers(plan, lang))
    missing = _WORDS[lang]["not stated"]
    return tuple(
        CertRow(item, asks[lang], answers.get(item) or missing, bool(answers.get(item)))
        for item, asks in ITEMS.items()
    )


def cert_markdown(plan: Plan, lang: str) -> str:
    """The block as a Markdown table."""
    heads = {"da": ("Punkt", "Spørger om", "Planen siger"), "en": ("Item", "Asks", "The plan says")}[lang]
    rows = [(row.item, row.asks, row.answer) for row in cert_rows(plan, lang)]
    return markdown_table(heads, rows)


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would break a cell is escaped."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())


def _answers(plan: Plan, lang: str) -> Iterator[tuple[str, str]]:
    words = _WORDS[lang]
    sessions = _sessions(plan)
    led, own = ([each for each in sessions if each.kind == kind] for kind in ("class", "home"))
    training = {"training": plan.training, "version": plan.training_version, "sha256": plan.training_sha256}
    exercises = _exercises(sessions)
    yield "1", _equipment(exercises, lang)
    yield "3", words.get(plan.format, plan.format)
    yield "4", words["supervised"].format(led=len(led), own=len(own))
    yield "5", words["log"]
    goals = plan.details.goals
    types = ", ".join(dict.fromkeys(WORDS[lang][f"goal {goal.type}"] for goal in goals))
    yield "6", words["goals"].format(n=len(goals), types=types) if goals else ""
    yield "7a", words["rule"].format(**training)
    yield "7b", "; ".join(words["week"].format(n=w.number, change=w.change[lang]) for w in plan.weeks if w.change[lang])
    names = ", ".join(exercise.name[lang] for exercise in exercises.values())
    yield "8", words["exercises"].format(n=len(exercises), names=names) if _all_described(exercises, lang) else ""
    minutes = sum(each.minutes for each in own)
    yield "9", words["home"].format(n=len(own), minutes=minutes) if own else words["no home"]
    calm = sum(part.minutes for each in sessions for part in each.parts if part.kind == "relaxation")
    yield "10", words["relaxation"].format(n=calm) if calm else ""
    if sessions:
        yield "13", _dose(plan, sessions, lang)
    yield "14a", words["tailored" if plan.changes else "generic"]
    yield "14b", "; ".join(change.text[lang] for change in plan.changes) or words["no changes"]
    yield "15", words["start"].format(first=_aerobic(plan.weeks[0]), **training)
    yield "16a", words["fidelity"]


def _sessions(plan: Plan) -> list[Session]:
    return [day.session for week in plan.weeks for day in week.days if day.session]


def _exercises(sessions: list[Session]) -> dict[str, PlannedExercise]:
    found = (exercise for each in sessions for part in each.parts for exercise in part.exercises)
    return {exercise.id: exercise for exercise in found}


def _equipment(exercises: dict[str, PlannedExercise], lang: str) -> str:
    library = load_exercises()
    known = [library.by_id[name] for name in exercises if name in library.by_id]
    needed = sorted({word for entry in known for word in entry.attributes.get("equipment", frozenset())})
    said = library.words["equipment"]
    return ", ".join(said[word][lang] for word in needed if word != "none") or _WORDS[lang]["no equipment"]


def _all_described(exercises: dict[str, PlannedExercise], lang: str) -> bool:
    library = load_exercises().by_id
    described = (getattr(library.get(name), "instruction", None) or {} for name in exercises)
    return bool(exercises) and all(words.get(lang) for words in described)


def _dose(plan: Plan, sessions: list[Session], lang: str) -> str:
    first, last = plan.weeks[0], plan.weeks[-1]
    lengths = [each.minutes for each in sessions]
    strength, strength_end = (
        strength_words([day.session for day in week.days if day.session], lang) for week in (first, last)
    )
    return _WORDS[lang]["dose"].format(
        weeks=len(plan.weeks), sessions=len(sessions), low=min(lengths), high=max(lengths), first=_aerobic(first),
        last=last.number, end=_aerobic(last), strength=strength, strength_end=strength_end,
    )  # fmt: skip


def _aerobic(week: PlanWeek) -> str:
    return f"{week.dose.light}/{week.dose.moderate}/{week.dose.vigorous}"
