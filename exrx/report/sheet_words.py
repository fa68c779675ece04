"""The fixed phrases of a plan's sheet, in Danish and English."""

from __future__ import annotations

from datetime import date

_DA: dict[str, str] = {
    "plan": "Træningsplan", "page": "side {n} af {m}", "draft": "UDKAST, må ikke tages i brug",
    "proposal": "FORSLAG, ikke endelig", "name": "Navn", "cpr": "CPR-nummer", "id": "pseudonym",
    "lacks": "Planen er ikke endelig. Der mangler: {x}.",
    # what matters most
    "matters": "Det, der betyder mest", "goal": "Mål", "goal function": "funktion i hverdagen",
    "goal capacity": "kondition og styrke", "goal relief": "lindring", "goal quality-of-life": "livskvalitet",
    # the plan in short
    "short": "Planen kort", "period": "Periode", "weeks": "{n} uger, {first} til {last}", "form": "Form",
    "decision": "Vurderet", "phase": "Hvor i forløbet", "phase goal": "Formål i denne fase", "evidence": "Evidens",
    "purpose": "Formål", "responsible": "Ansvarlig", "coordinator": "Tovholder", "contact": "Kontaktperson",
    "informed": "Informeret", "evaluation": "Evaluering", "evaluation due": "{x} (forslag; aftal tiden)",
    "interpreter": "Tolk", "transport": "Transport", "continuation": "Efter forløbet",
    # safety
    "safety": "Sikkerhed", "limits": "Begrænsninger", "no limits": "Ingen begrænsninger i denne vurdering.",
    "borg at most": "Borg højst {x}", "pulse at most": "puls højst {x}/min", "avoid": "undgå {x}",
    "steered": "Hvad anstrengelsen styres efter",
    "confirmed": "Lægelige svar, som planen hviler på", "role": "Hvem", "answer": "Svar", "by": "Af", "date": "Dato",
    "until": "Gælder til", "with limits": "Med disse grænser",
    "unconfirmed": "Ingen læge har bekræftet begrænsningerne. Udfyldes, når svaret foreligger:",
    "expires": "{x}: FØR planen slutter, spørg igen", "side": "Side, adgang og stomi", "counts": "Seneste blodprøver",
    "counts none": "Ingen blodprøver i oplysningerne.", "tests": "Tests og belastninger, der er nået",
    "lifted": "{kg} kg × {n}", "treatment": "Behandling", "regimen": "Regime", "infusions": "Behandlingsdage",
    "blood tests": "Blodprøve senest", "next infusion": "Næste behandling", "next blood": "Næste blodprøve",
    "watch": "Hold øje med",
    "stop": "Stop-regler", "unverified": "ikke efterprøvet", "phones": "Hvem der ringes til", "when": "Hvornår",
    "who": "Hvem", "number": "Telefon", "emergency": "akut", "same-day": "samme dag", "question": "spørgsmål",
    # the weeks
    "the weeks": "Ugerne", "week": "Uge", "dates": "Datoer", "group": "Hold", "individual": "Individuelt",
    "home": "Hjemme", "class minutes": "Kondition, {x}", "home minutes": "Kondition, hjemme", "strength": "Styrke",
    "met": "Mål nået",
    "levels": "Konditionsminutter: let · moderat · høj intensitet. Træninger: antal × minutter i alt.",
    "changes later": "Hvad der ændrer sig", "week n": "Uge {n}", "blood first": "Se en ny blodprøve, før der trænes",
    "easier days": "Kortere og lettere træning (dagene efter behandling)", "other days": "Om enkelte dage",
    "left out": "Udeladt", "left out of": "{n} ({weeks}): {why}", "sessions one": "1 træning",
    "sessions many": "{n} træninger", "no sessions": "Der er ingen træninger i planen.",
    # the first week
    "first week": "Uge {n} i detaljer", "session": "{kind}, {n} min: {days}", "part": "Del", "min": "Min.",
    "effort": "Anstrengelse", "what": "Hvad", "in company": "sammen med en anden", "bouts": "gerne delt i op til {n}",
    "warm-up": "Opvarmning", "aerobic": "Kondition", "strength part": "Styrke", "balance": "Balance",
    "impact": "Hop og stød", "relaxation": "Afspænding", "cool-down": "Nedkøling",
    "exercises": "Øvelserne", "exercise": "Øvelse", "dose": "Dosis", "how": "Sådan", "from week": "fra uge {n}",
    # targets and differences
    "targets": "Anbefalinger, som planen måles mod", "differences": "Forskelle fra holdprogrammet, og hvorfor",
    "none different": "Ingen forskelle.", "because": "Fordi: {x}", "by the programme": "Programmet selv",
    "replaced": "i stedet for {old}: {new}", "left out exercise": "udeladt: {old}",
    # log
    "log": "Fremmøde og dagbog", "log caption": "Udfyldes i hånden. Borg 6-20, smerte 0-10.",
    "key": "Nr.", "planned": "Planlagt",
    "done": "✓", "minutes": "Min.", "borg": "Borg", "pain": "Smerte", "why stopped": "Afbrudt, hvorfor",
    "log group": "hold", "log individual": "indiv.", "log home": "hjem",
    "log marks": "B: se en ny blodprøve først. L: kortere og lettere træning.",
    # what it rests on
    "basis": "Grundlag", "notes": "Bemærk", "dictionary": "ordbog",
    "rests on": "Hviler på tal, der ikke er efterprøvet",
    "rests on n": "Hviler på {n} tal, der ikke er efterprøvet (se Grundlag)",
}  # fmt: skip
_EN: dict[str, str] = {
    "plan": "Training plan", "page": "page {n} of {m}", "draft": "DRAFT, not to be used",
    "proposal": "PROPOSAL, not final", "name": "Name", "cpr": "CPR number", "id": "pseudonym",
    "lacks": "The plan is not final. Missing: {x}.",
    "matters": "What matters most", "goal": "Goal", "goal function": "function in daily life",
    "goal capacity": "fitness and strength", "goal relief": "relief", "goal quality-of-life": "quality of life",
    "short": "The plan in short", "period": "Period", "weeks": "{n} weeks, {first} to {last}", "form": "Form",
    "decision": "Assessed", "phase": "Phase", "phase goal": "Goal of this phase", "evidence": "Evidence",
    "purpose": "Purpose", "responsible": "Responsible", "coordinator": "Coordinator", "contact": "Contact person",
    "informed": "Informed", "evaluation": "Evaluation", "evaluation due": "{x} (proposed; agree on the time)",
    "interpreter": "Interpreter", "transport": "Transport", "continuation": "After the course",
    "safety": "Safety", "limits": "Restrictions", "no limits": "No restrictions in this assessment.",
    "borg at most": "Borg at most {x}", "pulse at most": "pulse at most {x}/min", "avoid": "avoid {x}",
    "steered": "What steers the effort",
    "confirmed": "Physicians' answers that the plan rests on", "role": "Who", "answer": "Answer", "by": "By",
    "date": "Date", "until": "Valid until", "with limits": "With these limits",
    "unconfirmed": "No physician has confirmed the restrictions. To fill in when the answer is there:",
    "expires": "{x}: BEFORE the plan ends, ask again", "side": "Side, line and stoma", "counts": "Last blood counts",
    "counts none": "No blood counts were given.", "tests": "Tests and loads reached",
    "lifted": "{kg} kg × {n}", "treatment": "Treatment", "regimen": "Regimen", "infusions": "Treatment days",
    "blood tests": "Blood test due by", "next infusion": "Next treatment", "next blood": "Next blood test",
    "watch": "Watch",
    "stop": "Stop rules", "unverified": "not verified", "phones": "Whom to ring", "when": "When",
    "who": "Who", "number": "Telephone", "emergency": "emergency", "same-day": "same day", "question": "question",
    "the weeks": "The weeks", "week": "Week", "dates": "Dates", "group": "Class", "individual": "Individual",
    "home": "At home", "class minutes": "Aerobic, {x}", "home minutes": "Aerobic, at home", "strength": "Strength",
    "met": "Target met", "levels": "Aerobic minutes: light · moderate · vigorous. Sessions: how many × minutes in all.",
    "changes later": "What changes", "week n": "Week {n}", "blood first": "See a new blood test before training",
    "easier days": "Shorter and easier sessions (the days after treatment)", "other days": "About single days",
    "left out": "Left out", "left out of": "{n} ({weeks}): {why}", "sessions one": "1 session",
    "sessions many": "{n} sessions", "no sessions": "The plan holds no sessions.",
    "first week": "Week {n} in full", "session": "{kind}, {n} min: {days}", "part": "Part", "min": "Min.",
    "effort": "Effort", "what": "What", "in company": "in company", "bouts": "may be split into up to {n}",
    "warm-up": "Warm-up", "aerobic": "Aerobic", "strength part": "Strength", "balance": "Balance",
    "impact": "Impact", "relaxation": "Relaxation", "cool-down": "Cool-down",
    "exercises": "The exercises", "exercise": "Exercise", "dose": "Dose", "how": "How", "from week": "from week {n}",
    "targets": "Recommendations that the plan is measured against",
    "differences": "Differences from the group programme, and why",
    "none different": "No differences.", "because": "Because: {x}", "by the programme": "The programme itself",
    "replaced": "instead of {old}: {new}", "left out exercise": "left out: {old}",
    "log": "Attendance and diary", "log caption": "To fill in by hand. Borg 6-20, pain 0-10.",
    "key": "No.", "planned": "Planned",
    "done": "✓", "minutes": "Min.", "borg": "Borg", "pain": "Pain", "why stopped": "Stopped, why",
    "log group": "class", "log individual": "indiv.", "log home": "home",
    "log marks": "B: see a new blood test first. L: shorter and easier session.",
    "basis": "What it rests on", "notes": "Note", "dictionary": "dictionary",
    "rests on": "Rests on numbers that are not verified",
    "rests on n": "Rests on {n} numbers that are not verified (see What it rests on)",
}  # fmt: skip
WORDS = {"da": _DA, "en": _EN}
WEEKDAYS = {
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SHORT = {
    "da": ("ma", "ti", "on", "to", "fr", "lø", "sø"),
    "en": ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_date(day: date, lang: str) -> str:
    """A date without its year for narrow cells: `24/11` in Danish, `24 Nov` in English."""
    return f"{day.day}/{day.month}" if lang == "da" else f"{day.day} {_MONTHS[day.month - 1]}"


def short_day(day: date, lang: str) -> str:
    """A date with its weekday: `ti 24/11`, `Tu 24 Nov`."""
    return f"{_SHORT[lang][day.weekday()]} {short_date(day, lang)}"
