"""A person's course in sections of plain lines, for the terminal and for HTML: where, why, what is due, who does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape
from itertools import groupby

from attrs import frozen

from exrx.fields import load_dictionary
from exrx.outcomes.goals import attainment
from exrx.outcomes.questionnaires import find_questionnaire
from exrx.outcomes.scoring import level_of
from exrx.pathway.forks import Step
from exrx.pathway.needs import newest
from exrx.pathway.record import Referral
from exrx.pathway.referral import authority, task_of
from exrx.pathway.state import Pathway
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report import shown_date
from exrx.report.decision_text import first_line
from exrx.report.outcome_text import say_level
from exrx.report.pathway_words import (
    BECAUSE,
    CLOCK,
    FACT,
    PROVIDER,
    REFERRAL,
    REQUIREMENT,
    SAY,
    TASK,
    TITLE,
    WHO,
)
from exrx.rules.restriction import Clearance

_ABOUT = {"assess": "triggers", "ask-domain": "domains", "consider-examination": "domains", "plan-part": "parts",
          "inform": "informed", "consider-content": "contents"}  # fmt: skip
"""The list that says what a task is about."""


DISTRESS, DISTRESS_CUT_OFF = "distress-thermometer", "danish-rule-out"
"""The only cut-off found for the Danish form: it rules out; a score above it asks, and proves nothing."""


@frozen
class Section:
    """A heading with its lines; `loud` lines need somebody now."""

    title: str
    lines: tuple[str, ...]
    loud: bool = False


def sections(found: Pathway, lang: str) -> tuple[Section, ...]:
    """The whole course as sections, those without lines left out."""
    title, say = TITLE[lang], SAY[lang]
    made = [
        Section(title["here"], tuple(_here(found, lang)), loud=True),
        Section(title["most"], tuple(_most(found))),
        Section(title["screening"], tuple(_screening(found, lang))),
        Section(title["path"], tuple(_path(found, lang))),
        Section(title["need"], tuple(_need(found, lang))),
        Section(title["due"], tuple(_due(found, lang))),
        Section(title["placement"], tuple(_placement(found, lang))),
        Section(title["referral"], tuple(_referrals(found, lang))),
        Section(title["requirements"], tuple(_requirements(found, lang))),
        Section(title["tasks"], tuple(_tasks(found, lang))),
        Section(title["goals"], tuple(_goals(found, lang))),
        Section(title["psychosocial"], tuple(_psychosocial(found, lang))),
        Section(title["support"], tuple(_support(found, lang))),
        Section(title["palliation"], tuple(_palliation(found, lang))),
        Section(title["problems"], tuple(f"{problem.field}: {problem.message}" for problem in found.problems)),
        Section("", (say["notice"],)),
    ]
    return tuple(section for section in made if section.lines)


def say_step(step: Step, lang: str) -> str:
    """A box and why: `Hospital: because of close monitoring`."""
    words = load_vocabulary()
    facts = ", ".join(FACT[lang].get(fact, fact) for fact in step.facts)
    because = BECAUSE[lang][step.because]
    joint = " " if step.because == "trigger" else ": "
    node = words.say("nodes", step.node, lang)
    return f"{node}{' ' if node.endswith('?') else ': '}{because}{joint + facts if facts else ''}"


def _tasks(found: Pathway, lang: str) -> Iterator[str]:
    """Who does what, by when; tasks of one kind and one doer in one line."""
    for (what, who, due, overdue), tasks in groupby(found.tasks, key=lambda task: (
        task.what, task.who, task.due, task.overdue
    )):  # fmt: skip
        words, say = load_vocabulary(), SAY[lang]
        about = ", ".join(words.say(_ABOUT[what], task.about, lang) for task in tasks if task.about)
        about = f" ({about})" if what == "assess" and about else f" {about}" if about else ""
        by = f", {say['latest']} {_date(due, lang)}" if due else ""
        yield f"{WHO[lang][who]}: {TASK[lang][what]}{about}{by}{'  ' + say['overdue'] if overdue else ''}"


def _date(day: date | None, lang: str) -> str:
    return shown_date(day.isoformat(), lang) if day else ""


def _here(found: Pathway, lang: str) -> Iterator[str]:
    if found.decision.example:
        yield SAY[lang]["example"]
    if found.psychosocial.emergency:
        yield PROVIDER[lang]["emergency"]
    if found.decision.clearance == Clearance.EMERGENCY or found.decision.rule_out:
        yield first_line(found.decision.to_dict(), lang, load_dictionary())
    yield say_step(found.here, lang)


def _most(found: Pathway) -> Iterator[str]:
    if found.course.plan and found.course.plan.what_matters_most:
        yield found.course.plan.what_matters_most


def _screening(found: Pathway, lang: str) -> Iterator[str]:
    yield first_line(found.decision.to_dict(), lang, load_dictionary())


def _path(found: Pathway, lang: str) -> Iterator[str]:
    words = load_vocabulary()
    for step in found.steps:
        yield f"{words.lists['nodes'][step.node]['element']:<5} {say_step(step, lang)}"


def _need(found: Pathway, lang: str) -> Iterator[str]:
    words, need, say = load_vocabulary(), found.need, SAY[lang]
    because = BECAUSE[lang][need.because]
    signed = load_dictionary().vocabulary["roles"].get(need.signed_by, {}).get(lang, need.signed_by)
    yield f"{say[need.value]}: {because}{' ' + signed if need.because == 'signed' else ''}"
    for domain in need.domains:
        yield f"- {words.say('domains', domain, lang)}"
    if need.not_asked:
        listed = ", ".join(words.say("domains", domain, lang) for domain in need.not_asked)
        yield f"{BECAUSE[lang]['not-asked']}: {listed}"
    yield from _distress(found, lang)


def _distress(found: Pathway, lang: str) -> Iterator[str]:
    """The thermometer's score under its named cut-off, where a form has one."""
    last = newest(found.course, found.as_of)
    if last is not None and last.distress is not None:
        form = find_questionnaire(DISTRESS)
        cut_off = form.cut_off(DISTRESS_CUT_OFF)
        level = cut_off.words[int(level_of(cut_off, float(last.distress)))]
        yield f"{form.title[lang]} {last.distress}: {say_level(level, lang)} ({cut_off.id}, {cut_off.source})"


def _due(found: Pathway, lang: str) -> Iterator[str]:
    say = SAY[lang]
    for entry in found.due:
        name = load_vocabulary().say("triggers", entry.trigger, lang)
        late = f"  {say['overdue']}" if entry.overdue else ""
        local = f" [{say['local']}]" if entry.local else ""
        yield f"{name} {_date(entry.since, lang)}, {say['latest']} {_date(entry.latest, lang)}{local}{late}"


def _placement(found: Pathway, lang: str) -> Iterator[str]:
    words, say = load_vocabulary(), SAY[lang]
    yield words.say("nodes", found.setting, lang) if found.setting else say["no setting"]
    for fact in ("complexity", "safety", "monitoring", "admitted"):
        yield f"- {FACT[lang][fact]}: {say[getattr(found.facts, fact)]}"


def _referrals(found: Pathway, lang: str) -> Iterator[str]:
    words, say, advice = load_vocabulary(), SAY[lang], found.referral
    name = words.say("referral_types", advice.type, lang) if advice.type else say["none"]
    yield f"{name}: {REFERRAL[lang][advice.because]}"
    if found.level and found.authority is not None:
        also = f" ({say['municipal level']})" if found.level == "almen" else ""
        yield (f"{say['level']}: {found.level}{also}; {say['authority']}: "
               f"{words.say('authorities', found.authority.value, lang)}")  # fmt: skip
    for entry, state in zip(_known(found), found.clocks, strict=True):
        reason = words.say("no_activity_reasons", state.reason, lang)
        clock = CLOCK[lang][state.state].format(day=_date(state.last_day, lang), reason=reason)
        clock += f" ({state.source})" if state.last_day else ""
        level = f", {words.say('levels', entry.level, lang)}" if entry.level else ""
        who = words.say("authorities", authority(task_of(entry), found.as_of).value, lang)
        sent = f"{words.say('referral_types', entry.type, lang)} {say['sent']} {_date(entry.day, lang)}{level}"
        yield f"{sent}: {clock}; {say['authority']}: {who}"
    load = found.load
    if load.referrals > 1:
        yield say["load"].format(n=load.referrals, minutes=load.minutes) + (
            f"; {say['load unknown'].format(n=load.unknown)}" if load.unknown else ""
        )


def _known(found: Pathway) -> list[Referral]:
    return [entry for entry in found.course.referrals if entry.day <= found.as_of]


def _requirements(found: Pathway, lang: str) -> Iterator[str]:
    words, lists = load_vocabulary(), {"assessment": "triggers", "examination": "domains", "plan": "parts"}
    for entry in found.requirements:
        lacking = ", ".join(words.say(lists[entry.id], key, lang) for key in entry.lacking)
        yield f"{REQUIREMENT[lang][entry.id]}: {REQUIREMENT[lang][entry.met]}{' (' + lacking + ')' if lacking else ''}"


def _goals(found: Pathway, lang: str) -> Iterator[str]:
    goals = found.course.goals
    for goal in goals:
        yield f"{goal.text} ({load_vocabulary().say('goal_types', goal.type, lang)})"
    if goals:
        after = [float("nan") if goal.after is None else float(goal.after) for goal in goals]
        weights = [[goal.weight for goal in goals]]
        ends = [f"{float(end[0]):.1f}" for end in attainment([after], weights)]
        before = attainment([[float(goal.before) for goal in goals]], weights)[0]
        if any(goal.after is not None for goal in goals):
            reached = ends[0] if ends[0] == ends[1] else f"{ends[0]} .. {ends[1]}"
            yield f"T {float(before[0]):.1f} -> {reached}"


def _psychosocial(found: Pathway, lang: str) -> Iterator[str]:
    words, say, state = load_vocabulary(), SAY[lang], found.psychosocial
    if state.rests_on:
        least, most = (words.say("psychosocial_levels", level, lang) for level in (state.least, state.most))
        level = say["one level" if least == most else "levels"].format(least=least, most=most)
        yield f"{level} ({', '.join(state.rests_on)}) [{say['unverified']}]"
    else:
        yield say["no level"]
    if state.ask_item_nine:
        yield say["item nine"]
    methods = "; ".join(words.say("psychosocial_methods", method, lang) for method in state.methods)
    yield PROVIDER[lang][state.provider] + (f": {methods}" if methods else "")
    if methods:
        yield f"{say['aims']}: {'; '.join(words.say('psychosocial_aims', aim, lang) for aim in state.aims)}"
    for flag in state.flags:
        yield f"- {words.say('psychosocial_flags', flag, lang)}"
    for effort in found.everyday:
        yield f"- {words.say('everyday_efforts', effort, lang)}"
    yield from _work(found, lang)


def _work(found: Pathway, lang: str) -> Iterator[str]:
    words, say, state = load_vocabulary(), SAY[lang], found.work
    if state.factors:
        listed = ", ".join(words.say("work_factors", factor, lang) for factor in state.factors)
        yield f"{say['work factors']}: {len(state.factors)}: {listed}"
    if state.factors or state.body_only:
        yield say["workplace yes" if state.workplace_allowed == "yes" else "workplace no"]
    if state.body_only:
        yield say["body only"]


def _support(found: Pathway, lang: str) -> Iterator[str]:
    words = load_vocabulary()
    for entry in found.supports:
        yield words.say("supports", entry.support, lang)
    for effect in found.late_effects:
        yield words.say("late_effects", effect.effect, lang)
    refer = load_dictionary().vocabulary["refer"]
    asked = sorted(found.decision.restriction.refer)
    if asked:
        yield f"{SAY[lang]['refer']}: {', '.join(refer[tag][lang] for tag in asked)}"


def _palliation(found: Pathway, lang: str) -> Iterator[str]:
    words, say, state = load_vocabulary(), SAY[lang], found.palliation
    if state.condition != "cancer":
        yield words.say("conditions", state.condition, lang)
    yield say["excludes"]
    yield say[state.needs_assessment]
    for indicator in state.indicators:
        yield f"- {words.say('palliative_indicators', indicator, lang)}"
    if state.refer_to_palliation == "yes":
        yield say["both ways"]
    if state.evaluate_earlier:
        yield f"{say['evidence low']}; {say['earlier']}"
    for dimension, answer in state.dimensions:
        if answer:
            yield f"{words.say('krp_dimensions', dimension, lang)}: {answer}"


_STYLE = """
body{font:11pt/1.4 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;background:#fff;
  max-width:180mm;margin:10mm auto;padding:0 6mm;overflow-wrap:break-word}
h1{font-size:17pt;margin:0 0 2mm} h2{font-size:12.5pt;margin:5mm 0 1mm;border-bottom:1pt solid #000;break-after:avoid}
.loud{border-left:3pt solid #000;padding:1mm 3mm;font-weight:bold}
ul{margin:1mm 0;padding-left:6mm} li{break-inside:avoid}
@page{size:A4;margin:16mm 14mm} @media print{body{margin:0;max-width:none;font-size:10pt}}
"""


def pathway_html(found: Pathway, lang: str) -> str:
    """The course as one HTML page: no script, nothing from the network, every text escaped, ready to print on A4."""
    head = f"{TITLE[lang]['course']} {found.course.id}, {_date(found.as_of, lang)}"
    body = []
    for section in sections(found, lang):
        title = f"<h2>{escape(section.title)}</h2>" if section.title else ""
        lines = "".join(f"<li>{escape(line.removeprefix('- '))}</li>" for line in section.lines)
        loud = f'<div class="loud">{"<br>".join(map(escape, section.lines))}</div>'
        body.append(f"<section>{title}{loud if section.loud else f'<ul>{lines}</ul>'}</section>")
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(head)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(head)}</h1>{''.join(body)}</body></html>\n"
    )
