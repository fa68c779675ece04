"""Why a target moves, in one line of Danish and of English; every line names the session and the value it rests on."""

from __future__ import annotations

from exrx.training.adapting.judge import Cause
from exrx.training.targets import Words

LANGUAGES = ("da", "en")
_SCALE = {"borg": "Borg", "cr10": "CR10"}
_WHY: dict[str, Words] = {
    "start": {"da": "Ingen træning er ført ind endnu: planens egen.", "en": "Nothing is logged yet: the plan's own."},
    "good": {
        "da": "{key} gennemført, {exertion} (planlagt {band}): planens næste trin.",
        "en": "{key} done in full, {exertion} (planned {band}): the plan's next step.",
    },
    "good-back": {
        "da": "{key} gennemført, {exertion} (planlagt {band}): tilbage mod det, der var nået.",
        "en": "{key} done in full, {exertion} (planned {band}): back towards what was reached.",
    },
    "good-same": {
        "da": "{key} gennemført, {exertion} (planlagt {band}): planen bliver her.",
        "en": "{key} done in full, {exertion} (planned {band}): the plan stays here.",
    },
    "easy": {
        "da": "{key}: {exertion}, under det planlagte {band} to gange i træk: et trin før planen.",
        "en": "{key}: {exertion}, below the planned {band} twice running: one step before the plan.",
    },
    "ahead": {
        "da": "Planens uge {position} er nået før tid: stadig et trin før planen.",
        "en": "Week {position} of the plan was reached early: still one step before the plan.",
    },
    "easy-load": {
        "da": "{key}: let to gange i træk ({exertion}): op med reglens mindste trin.",
        "en": "{key}: easy twice running ({exertion}): up by the rule's smallest step.",
    },
    "easy-small": {
        "da": "{key}: let to gange i træk, men det mindste skridt på vægten er mere end reglens {most} %.",
        "en": "{key}: easy twice running, but the smallest step of the weight is more than the rule's {most} %.",
    },
    "one-step": {
        "da": "{key}: {lifted} kg løftet; højst ét trin ad gangen.",
        "en": "{key}: {lifted} kg lifted; at most one step at a time.",
    },
    "plan-load": {
        "da": "{key} gennemført, {exertion}: op mod planens {planned} kg, højst {most} % ad gangen.",
        "en": "{key} done in full, {exertion}: up towards the plan's {planned} kg, at most {most} % at a time.",
    },
    "plan-lower": {"da": "Planen selv er lettere i denne uge.", "en": "The plan itself is easier this week."},
    "earlier": {
        "da": "{key} gennemført, {exertion}: planens uge {position} er nået, og den går videre en uge ad gangen.",
        "en": "{key} done in full, {exertion}: week {position} of the plan is reached; it goes on week by week.",
    },
    "unlogged": {
        "da": "{key} er ikke ført ind og tæller ikke som gennemført: bliver på samme trin.",
        "en": "{key} is not logged and does not count as done: stays on the same step.",
    },
    "not-asked": {
        "da": "{key} var ikke en del af ugen: hæver ikke noget.",
        "en": "{key} was not part of the week: it raises nothing.",
    },
    "not-done": {
        "da": "{key} blev ikke gennemført{why}: hæver ikke noget.",
        "en": "{key} was not done{why}: it raises nothing.",
    },
    "partly": {
        "da": "{key} blev kun delvist gennemført{why}: hæver ikke noget.",
        "en": "{key} was only partly done{why}: it raises nothing.",
    },
    "stopped": {
        "da": "{key} blev stoppet{why}: hæver ikke noget.",
        "en": "{key} was stopped{why}: it raises nothing.",
    },
    "short": {
        "da": "{key}: kun {minutes} minutter, mindre end planens korteste: hæver ikke noget.",
        "en": "{key}: only {minutes} minutes, less than the plan's shortest: it raises nothing.",
    },
    "no-rpe": {
        "da": "{key}: anstrengelsen er ikke skrevet, så den hæver ikke noget.",
        "en": "{key}: the exertion is not written down, so it raises nothing.",
    },
    "above": {
        "da": "{key}: {exertion}, over det planlagte {band}: bliver på samme trin.",
        "en": "{key}: {exertion}, above the planned {band}: stays on the same step.",
    },
    "far-above": {
        "da": "{key}: {exertion}, langt over det planlagte {band}: lettere.",
        "en": "{key}: {exertion}, far above the planned {band}: lower.",
    },
    "symptom": {"da": "{key}: {what}: lettere.", "en": "{key}: {what}: lower."},
    "pain": {"da": "{key}: smerte {pain} i øvelsen: lettere.", "en": "{key}: pain {pain} in the exercise: lower."},
    "intervals": {
        "da": "{key}: {done} af {planned} intervaller: lettere.",
        "en": "{key}: {done} of {planned} intervals: lower.",
    },
    "fewer": {
        "da": "{key}: {done} gentagelser, planlagt mindst {planned}: lettere.",
        "en": "{key}: {done} repetitions, at least {planned} planned: lower.",
    },
    "break": {
        "da": "Uge {week} uden træning: {weeks} uge(r) tilbage i planen.",
        "en": "Week {week} without training: {weeks} week(s) back in the plan.",
    },
    "infection": {
        "da": "Infektion ({key}, {date}): først mindst {days} døgn uden symptomer, ført ind i loggen.",
        "en": "Infection ({key}, {date}): first at least {days} symptom-free day, written in the log.",
    },
    "return": {
        "da": "Efter infektionen {date}: {percent} % af dosis, til den næste træning er gennemført.",
        "en": "After the infection of {date}: {percent} % of the dose until the next session is done in full.",
    },
    "block": {
        "da": "{what} ({key}, {date}): ingen træning før en ny screening.",
        "en": "{what} ({key}, {date}): no training before a new screening.",
    },
    "too-heavy": {
        "da": "Belastningen passer ikke til ugens lettere styrketræning: vælg den efter ordene.",
        "en": "The load does not fit this week's easier strength training: choose it by the words.",
    },
    "not-yet": {
        "da": "Denne træning kommer med, når planens uge {week} er nået.",
        "en": "This session joins when week {week} of the plan is reached.",
    },
}
_SAID: dict[str, Words] = {
    "format": {
        "da": "Dagens screening tillader ikke denne træningsform.",
        "en": "Today's screening does not allow this form.",
    },
    "nothing-left": {
        "da": "Dagens screening lader intet tilbage af denne træning.",
        "en": "Today's screening leaves nothing of this session.",
    },
    "again": {"da": "Screen igen efter: {what}.", "en": "Screen again after: {what}."},
    "again-days": {"da": "Screen igen om {days} dage.", "en": "Screen again in {days} days."},
    "not-screened": {
        "da": "Der er ikke screenet i dag: screen før træningen.",
        "en": "Not screened today: screen before the session.",
    },
    "unlogged": {
        "da": "Ikke ført ind i loggen: {keys}. De tæller ikke som gennemført.",
        "en": "Not logged: {keys}. They do not count as done.",
    },
    "unread": {
        "da": "{count} rækker i loggen kunne ikke bruges; deres træning tæller ikke som gennemført.",
        "en": "{count} rows of the log could not be used; their sessions do not count as done.",
    },
    "later": {
        "da": "{count} rækker er dateret efter {date} og tæller ikke endnu.",
        "en": "{count} rows are dated after {date} and do not count yet.",
    },
    "population": {
        "da": "Reglerne '{rules}' er lavet til: {population}. Planen er {phase}.",
        "en": "The rules '{rules}' are made for: {population}. The plan is {phase}.",
    },
    "preview": {
        "da": "Ugerne efter uge {week} står, som de bliver, hvis alt går godt til da.",
        "en": "The weeks after week {week} stand as they will be if all goes well until then.",
    },
    "remake": {
        "da": "Lettet {times} gange uden en god træning imellem: overvej en ny plan.",
        "en": "Lowered {times} times without a good session between: consider a new plan.",
    },
    "no-lead": {"da": "Planens egen begrænsning: ingen stigning.", "en": "The plan's own restriction: nothing rises."},
}


def why(cause: Cause, kind: str | None = None, **more: object) -> Words:
    """The line of a cause; `kind` words the same facts otherwise."""
    about = cause.about | more
    return {lang: _WHY[kind or cause.kind][lang].format(**_filled(about, lang)) for lang in LANGUAGES}


def said(kind: str, **about: object) -> Words:
    """A sentence of the answer."""
    return {lang: _SAID[kind][lang].format(**_filled(about, lang)) for lang in LANGUAGES}


def _filled(about: dict[str, object], lang: str) -> dict[str, object]:
    filled = {name: value[lang] if isinstance(value, dict) else value for name, value in about.items()}
    rpe, scale = about.get("rpe"), str(about.get("scale", "borg"))
    unknown = {"da": "anstrengelse ukendt", "en": "exertion not known"}[lang]
    filled["exertion"] = f"{_SCALE[scale]} {rpe:g}" if isinstance(rpe, (int, float)) else unknown
    if filled.get("key") == "day" and isinstance(about.get("key"), str):
        filled["key"] = {"da": "en dag uden træning", "en": "a day without a session"}[lang]
    return filled
