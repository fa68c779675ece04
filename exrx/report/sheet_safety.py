"""The safety part of a plan's sheet: restrictions, who confirmed them, facts, treatment, stop rules, telephones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exrx.report import Phrases
from exrx.report.sheet_blocks import Block, Grid, Items, Line, Pairs, Section
from exrx.report.sheet_words import WORDS, short_day
from exrx.report.stop_rules import StopRule, load_stop_rules
from exrx.training.details import URGENCIES
from exrx.training.exercises import load_exercises
from exrx.training.plan import Plan
from exrx.training.plan_parts import Confirmation, Fact

_COUNTS = ("platelets", "haemoglobin", "leukocytes", "neutrophils")
_TESTS = (
    "six_minute_walk", "sit_to_stand_30s", "handgrip", "timed_up_and_go", "gait_speed", "vo2peak", "peak_watts",
    "hr_max_measured", "lvef", "spo2",
)  # fmt: skip
_LIMITS = ("aerobic_max", "strength_max", "session_minutes_max", "progression", "supervision", "formats_forbidden")
_UNLIKE_KNOWN = ("expired", "censored", "undated", "refused")
_TREATED_PHASES = ("during", "prehabilitation")
_EFFECT = re.compile(r" \((?:alene|by itself): .*\)$")


def safety_section(plan: Plan, p: Phrases) -> Section:
    """What the patient may not do, who said so and until when, and what is known that matters for it."""
    blocks = [*_limits(plan, p), *_confirmed(plan, p), *_facts(plan, p), *_treatment(plan, p)]
    return Section(WORDS[p.lang]["safety"], tuple(blocks))


def stop_section(plan: Plan, p: Phrases) -> Section:
    """When to stop and what to do, and whom to ring; a number that was not given is left to be filled in."""
    words = WORDS[p.lang]
    blocks: list[Block] = []
    for rule in load_stop_rules():
        blocks += [Line(rule.do[p.lang] + ":", "strong"), Items(tuple(_signs(rule, p.lang)), 2)]
    blocks.append(_phones(plan, words))
    return Section(words["stop"], tuple(blocks))


def unverified_signs() -> tuple[str, ...]:
    """The stop rules that nobody has verified."""
    rules = load_stop_rules()
    return tuple(
        f"sheet.{rule.urgency}.{sign.id}" for rule in rules for sign in rule.signs if sign.verified == "unverified"
    )


def _limits(plan: Plan, p: Phrases) -> Iterator[Block]:
    words = WORDS[p.lang]
    said = [_EFFECT.sub("", c.text[p.lang]) for c in plan.changes if c.part.partition(":")[0] in _LIMITS]
    if plan.heart_rate_max is not None:
        said.append(words["pulse at most"].format(x=plan.heart_rate_max))
    if plan.borg_max is not None:
        said.append(words["borg at most"].format(x=plan.borg_max))
    said += [words["avoid"].format(x=p.word("avoid", key)) for key in plan.avoid]
    yield Line(words["limits"], "strong")
    yield Items(tuple(said), 2) if said else Line(words["no limits"])
    if plan.monitor:
        yield Line(words["watch"], "strong")
        yield Items(tuple(p.word("monitor", key) for key in plan.monitor), 3)


def _confirmed(plan: Plan, p: Phrases) -> Iterator[Block]:
    words = WORDS[p.lang]
    heads = tuple(words[key] for key in ("role", "answer", "by", "date", "until", "with limits"))
    widths = (1.4, 1.6, 1.3, 1.1, 1.5, 1.7)
    if plan.confirmations:
        rows = tuple(_confirmation(each, plan, p) for each in plan.confirmations)
        yield Grid(words["confirmed"], heads, rows, widths)
    else:
        yield Line(words["unconfirmed"], "loud" if plan.avoid or plan.changes else "plain")
        yield Grid(words["confirmed"], heads, (("",) * len(heads),), widths, by_hand=True)


def _confirmation(each: Confirmation, plan: Plan, p: Phrases) -> tuple[str, ...]:
    until = p.date(each.until)
    if each.until and each.until < plan.weeks[-1].days[-1].date.isoformat():
        until = WORDS[p.lang]["expires"].format(x=until)
    answer = p.value(f"{each.role}_clearance", each.answer)
    return (p.word("roles", each.role), answer, each.by, p.date(each.date), until, each.limits)


def _facts(plan: Plan, p: Phrases) -> Iterator[Block]:
    words, rest = WORDS[p.lang], [f for f in plan.facts if f.field not in (*_COUNTS, *_TESTS)]
    if rest:
        yield Line(words["side"], "strong")
        yield Items(tuple(_fact(fact, p) for fact in rest), 2)
    counts = [fact for fact in plan.facts if fact.field in _COUNTS]
    yield Line(words["counts"], "strong")
    yield Items(tuple(_fact(fact, p) for fact in counts), 2) if counts else Line(words["counts none"])
    tested = [_fact(fact, p) for fact in plan.facts if fact.field in _TESTS] + _loads(plan, p)
    if tested:
        yield Line(words["tests"], "strong")
        yield Items(tuple(tested), 2)


def _fact(fact: Fact, p: Phrases) -> str:
    said = [p.value(fact.field, fact.value, fact.unit)]
    said += [p.date(fact.date)] if fact.date else []
    said += [p[f"state {fact.state}"]] if fact.state in _UNLIKE_KNOWN else []
    return f"{fact.label[p.lang]}: {', '.join(said)}"


def _loads(plan: Plan, p: Phrases) -> list[str]:
    known, words, rows = load_exercises().by_id, WORDS[p.lang], []
    for name, load in plan.details.tested_loads.items():
        kilograms = f"{load.kilograms:g}".replace(".", "," if p.lang == "da" else ".")
        said = words["lifted"].format(kg=kilograms, n=load.repetitions)
        said += f", {p.date(load.date.isoformat())}" if load.date else ""
        rows.append(f"{known[name].name[p.lang] if name in known else name}: {said}")
    return rows


def _treatment(plan: Plan, p: Phrases) -> Iterator[Block]:
    words, note = WORDS[p.lang], plan.treatment
    if note is not None:
        infusions, tests = (
            ", ".join(short_day(day, p.lang) for day in days) or "-" for days in (note.infusions, note.blood_tests)
        )
        yield Line(words["treatment"], "strong")
        yield Pairs(
            ((words["regimen"], note.label[p.lang]), (words["infusions"], infusions), (words["blood tests"], tests))
        )
    elif plan.phase is None or plan.phase.id in _TREATED_PHASES:
        yield Line(words["treatment"], "strong")
        yield Pairs(((words["regimen"], ""), (words["next infusion"], ""), (words["next blood"], "")), 2)


def _signs(rule: StopRule, lang: str) -> Iterator[str]:
    for sign in rule.signs:
        mark = f" ({WORDS[lang]['unverified']})" if sign.verified == "unverified" else ""
        yield sign.text[lang] + mark


def _phones(plan: Plan, words: dict[str, str]) -> Grid:
    phones = plan.details.phones
    given = [
        (words[urgency], phone.name, phone.number)
        for urgency in URGENCIES
        for phone in phones
        if phone.urgency == urgency
    ]
    missing = [(words[each], "", "") for each in URGENCIES if each not in {phone.urgency for phone in phones}]
    heads = (words["when"], words["who"], words["number"])
    return Grid(words["phones"], heads, (*given, *missing), (1, 3, 2), by_hand=bool(missing))
