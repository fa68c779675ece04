"""What a plan says in Danish and English: the weeks' changes, what a cap costs, when a target is met."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import asdict

from exrx.fields import load_dictionary
from exrx.rules.restriction import Intensity, Restriction
from exrx.training.session import Dose, Effort, Part, Pattern, Session
from exrx.training.targets import Shortfall, Words

LANGUAGES = ("da", "en")
DRAFT: Words = {"da": "UDKAST, må ikke tages i brug: ", "en": "DRAFT, not to be used: "}
_DOSE: dict[str, Words] = {
    "light": {"da": "let kondition", "en": "light aerobic"},
    "moderate": {"da": "moderat kondition", "en": "moderate aerobic"},
    "vigorous": {"da": "kondition med høj intensitet", "en": "vigorous aerobic"},
    "strength_days": {"da": "dage med styrketræning", "en": "days of strength training"},
    "sets": {"da": "sæt styrketræning", "en": "sets of strength training"},
}
_PARTS: dict[str, Words] = {
    "aerobic_max": {"da": "kondition højst {}", "en": "aerobic training at most {}"},
    "strength_max": {"da": "styrketræning højst {}", "en": "strength training at most {}"},
    "session_minutes_max": {"da": "højst {} minutter ad gangen", "en": "at most {} minutes a session"},
    "heart_rate_max": {"da": "puls højst {}", "en": "heart rate at most {}"},
    "rpe_max": {"da": "Borg højst {}", "en": "Borg at most {}"},
    "progression": {"da": "progression: {}", "en": "progression: {}"},
    "supervision": {"da": "opsyn: {}", "en": "supervision: {}"},
    "formats_forbidden": {"da": "ikke {}", "en": "not {}"},
    "avoid": {"da": "undgå {}", "en": "avoid {}"},
}
_LISTS = {"aerobic_max": "intensity", "strength_max": "intensity", "formats_forbidden": "formats"}
_CHANGES: dict[str, Words] = {
    "unknown": {
        "da": " (øvelseslisten kender den ikke: gå øvelserne igennem)",
        "en": " (the exercise list does not know it: go through the exercises)",
    },
    "company": {"da": " (hjemmetræning sammen med en anden)", "en": " (own training in company)"},
    "also": {"da": " (også: {})", "en": " (also: {})"},
    "effect": {"da": " (alene: {})", "en": " (by itself: {})"},
}
_REACH: dict[str, Words] = {
    "met": {"da": "Nås fra uge {week}.", "en": "Met from week {week}."},
    "later": {
        "da": "Nås ikke på {weeks} uger; med samme stigning fra uge {week}.",
        "en": "Not met within {weeks} weeks; at this rate from week {week}.",
    },
    "never": {"da": "Kan ikke nås under: {binding}. ", "en": "Cannot be met under: {binding}. "},
    "template": {"da": "Programmet fører ikke hertil. ", "en": "The programme does not lead here. "},
    "aim": {"da": "Planen sigter mod et andet mål. ", "en": "The plan aims at another target. "},
    "calendar": {
        "da": "Nås ikke på de dage, der er til rådighed (behandling og kalender). ",
        "en": "Not met on the days there are (treatment and calendar). ",
    },
    "except": {"da": " Ikke i uge {weeks}.", "en": " Not in week {weeks}."},
    "best": {
        "da": "Højest i planen: {moderate} minutter moderat og {vigorous} minutter med høj intensitet om ugen, "
        "styrketræning {strength_days} dage. Mangler: {short}. Lidt er bedre end ingenting.",
        "en": "The most it reaches: {moderate} moderate and {vigorous} vigorous minutes a week, strength "
        "training on {strength_days} days. Short of: {short}. A little is better than nothing.",
    },
}
NOTES: dict[str, Words] = {
    "unknown": {
        "da": "Ukendt udgangspunkt ({}): planen begynder dér ved programmets laveste dosis.",
        "en": "Unknown baseline ({}): there the plan starts at the programme's lowest dose.",
    },
    "more": {
        "da": "Patienten gør allerede mere end planens sidste uge ({} minutter om ugen). "
        "Bliv ved med det, som begrænsningerne tillader.",
        "en": "The patient already does more than the plan's last week ({} minutes a week). "
        "Keep what the restrictions allow.",
    },
    "no-treatment": {
        "da": "Datoerne for kemoterapi er ikke brugt: ugerne er ikke lagt efter behandlingen.",
        "en": "The dates of chemotherapy were not used: the weeks are not laid around treatment.",
    },
    "again": {"da": "Screen igen efter: {}.", "en": "Screen again after: {}."},
    "new-scan": {
        "da": "Spørg onkologen igen efter en ny scanning: øvelserne følger knoglemetastasernes sted.",
        "en": "Ask the oncologist again after a new scan: the exercises follow the site of the bone metastases.",
    },
    "not-read": {"da": "Ikke læst i kilden: {}", "en": "Not read in the source: {}"},
    "corrected": {"da": "Rettet i kilden: {}", "en": "Corrected in the source: {}"},
    "table-ends": {
        "da": "Forsøgets tabel slutter efter uge {}; derefter gentages den sidste uge.",
        "en": "The trial's table ends after week {}; after that its last week is repeated.",
    },
    "gait-speed": {
        "da": "Rejse-sætte-sig-testen er lav: mål også ganghastighed.",
        "en": "The chair-rise test is low: measure gait speed too.",
    },
    "palliative": {
        "da": "Overvej en behovsvurdering i palliation.",
        "en": "Consider a palliative needs assessment.",
    },
    "empty": {
        "da": "Begrænsningerne lader ingen træning tilbage i dette program.",
        "en": "The restrictions leave no training in this programme.",
    },
}


def intensity_word(intensity: Intensity, lang: str) -> str:
    """An intensity's word, nothing for none."""
    return "" if intensity is Intensity.NONE else load_dictionary().word("intensity", intensity.word, lang)


def strength_words(sessions: Sequence[Session], lang: str) -> str:
    """The strength training of a week in few words: `2×12-15 light`, or `-` when there is none."""
    parts = [part for session in sessions for part in session.parts if part.kind == "strength"]
    if not parts:
        return "-"
    sets = [exercise.sets or 0 for exercise in parts[0].exercises]
    low, high = parts[0].exercises[0].repetitions or (0, 0)
    many = str(max(sets)) if min(sets) == max(sets) else f"{min(sets)}-{max(sets)}"
    times = str(low) if low == high else f"{low}-{high}"
    return f"{many}×{times} {intensity_word(parts[0].intensity, lang)}"


def difference(before: Pattern | None, now: Pattern) -> Words:
    """What `now` has other than `before`, empty when nothing."""
    said = dict.fromkeys(LANGUAGES, "")
    if before is None or before is now:
        return said
    old, new = asdict(Dose.of(before)), asdict(Dose.of(now))
    for lang in LANGUAGES:
        changed = [f"{_DOSE[k][lang]} {old[k]} → {new[k]}" for k in old if old[k] != new[k]]
        one, other = (strength_words(list(week.values()), lang) for week in (before, now))
        if one != other:
            changed.append(f"{one} → {other}")
        said[lang] = ", ".join(changed)
    return said


def part_words(name: str, only: Restriction, lang: str) -> str:
    """A restricted part in words: `aerobic training at most moderate`; `name` is `part` or `part:entry`."""
    part, _, entry = name.partition(":")
    value = getattr(only, part)
    key = entry or getattr(value, "word", str(value))
    return _PARTS[part][lang].format(load_dictionary().word(_LISTS.get(part, part), key, lang))


def change_words(name: str, only: Restriction, effect: Words, unknown: bool, company: bool) -> Words:
    """What a part of the restriction does to the plan by itself."""
    said = {}
    for lang in LANGUAGES:
        effects = _CHANGES["effect"][lang].format(effect[lang]) if effect[lang] else ""
        unsure = _CHANGES["unknown"][lang] if unknown else ""
        joined = _CHANGES["company"][lang] if company else ""
        said[lang] = part_words(name, only, lang) + unsure + joined + effects
    return said


def also_words(name: Words, asking: Sequence[tuple[str, Restriction]]) -> Words:
    """An exercise that is not used, with the parts that ask for it besides the first."""
    others = {lang: "; ".join(part_words(part, only, lang) for part, only in asking[1:]) for lang in LANGUAGES}
    return {
        lang: name[lang] + (_CHANGES["also"][lang].format(others[lang]) if asking[1:] else "") for lang in LANGUAGES
    }


def met_words(week: int, weeks: int, unmet_after: Sequence[int] = ()) -> Words:
    """That a target is met from a week, inside or beyond the plan, and in which later weeks it is not."""
    kind, others = "met" if week <= weeks else "later", ", ".join(map(str, unmet_after))
    said = {lang: _REACH[kind][lang].format(week=week, weeks=weeks) for lang in LANGUAGES}
    return {lang: said[lang] + (_REACH["except"][lang].format(weeks=others) if others else "") for lang in LANGUAGES}


def calendar_words(best: Dose, short: Sequence[Shortfall]) -> Words:
    """That the days of the calendar keep a target from being met, the best week and what it lacks."""
    return {lang: _REACH["calendar"][lang] + _best(best, short, lang) for lang in LANGUAGES}


def _best(best: Dose, short: Sequence[Shortfall], lang: str) -> str:
    missing = "; ".join(f"{s.text[lang]} ({s.got}/{s.needed})" for s in short)
    return _REACH["best"][lang].format(short=missing, **asdict(best))


def unreached_words(binding: dict[str, Restriction], aim: bool, best: Dose, short: Sequence[Shortfall]) -> Words:
    """What forbids a target (or `aim`: only that the plan aims elsewhere), the best reached and what it lacks."""
    said = {}
    for lang in LANGUAGES:
        why = "; ".join(part_words(name, only, lang) for name, only in binding.items())
        start = _REACH["never" if binding else "aim" if aim else "template"][lang].format(binding=why)
        said[lang] = start + _best(best, short, lang)
    return said


def note_words(kind: str, about: object = "") -> Words:
    """A note of the plan; `about` goes into it (a text, or texts by language)."""
    texts = about if isinstance(about, dict) else dict.fromkeys(LANGUAGES, about)
    return {lang: NOTES[kind][lang].format(texts[lang]) for lang in LANGUAGES}


_FIELD = re.compile(r" \([a-z_0-9]+\)")
STEERED: dict[str, Words] = {
    "borg": {"da": "Anstrengelse på Borgs skala 6-20.", "en": "Exertion on Borg's scale 6-20."},
    "heart-rate": {"da": "Borg først, pulsen ved siden af.", "en": "Borg first, the pulse beside it."},
    "watts": {"da": "Borg først, watt ved siden af.", "en": "Borg first, watts beside it."},
}


def spoken(reason: Words) -> Words:
    """A reason for people: without the name of the field that it rests on."""
    return {lang: _FIELD.sub("", text) for lang, text in reason.items()}


_METRICS: dict[str, str] = {
    "borg": "Borg {}", "rpe": "RPE {} (0-10)", "hrmax": "{} % HRmax", "hrr": "{} % HRR", "vo2peak": "{} % VO2peak",
    "wpeak": "{} % Wpeak", "msec": "{} % MSEC", "watts": "{} W", "1rm": "{} % 1RM", "h1rm": "{} % h1RM",
    "rm": "{} RM", "reserve": "{} RIR",
}  # fmt: skip


def measure_words(effort: Effort) -> str:
    """An effort in its source's measure, such as `50-60 % Wpeak`; the abbreviations are the field's own."""
    low, high = f"{effort.low:g}", f"{effort.high:g}"
    return _METRICS[effort.metric].format(low if low == high else f"{low}-{high}")


def effort_words(part: Part, lang: str) -> str:
    """Intervals and effort of a part as its source states them, empty where it states none."""
    said = []
    if part.intervals:
        each, rest = part.intervals, {"da": "pause", "en": "rest"}[lang]
        work = f" {measure_words(each.work)}" if each.work else ""
        easy = f" {measure_words(each.rest)}" if each.rest else ""
        between = f"{_seconds(each.rest_seconds)} {rest}{easy}"
        said.append(f"{each.repeats} × {_seconds(each.work_seconds)}{work} / {between}")
    if part.effort:
        said.append(measure_words(part.effort))
    return ", ".join(said)


def _seconds(seconds: int) -> str:
    return f"{seconds // 60} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds} s"
