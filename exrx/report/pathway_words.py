"""The wordings of the pathway in Danish and English; names of boxes, domains and lists stand in protocols/pathway/."""

from __future__ import annotations

BECAUSE = {
    "da": {
        "begins": "alle får et tilbud om behovsvurdering",
        "deceased": "personen er registreret som død",
        "age-unknown": "alderen er ikke oplyst; under 18 år er det en specialopgave",
        "under-eighteen": "under 18 år: børneonkologien tager over, og her lægges ingen træningsplan",
        "no-assessment": "der er ikke lavet en behovsvurdering; gør det først",
        "need-unknown": "behovet er ikke afklaret; se under behov, hvad der mangler",
        "no-need": "vurderingen viser ikke et behov nu",
        "has-need": "der er et behov",
        "trigger": "hospital på grund af",
        "no-trigger": "ingen af de tre grunde til hospital foreligger, og personen må træne",
        "follows": "det følger heraf",
        "risk-unknown": "en ukendt risiko er ikke en lille risiko; spørg først",
        "may-train": "må træne",
        "ask-first": "der mangler svar, som kan forbyde træning; spørg først",
        "not-yet": "træningen venter på en læge eller på en ny måling",
        "stop": "træning er frarådet under denne protokol",
        "emergency": "akut: handl på screeningens første linje nu",
        "no-before": "førmåling og mindst ét mål sammen med patienten mangler",
        "done": "gjort",
        "no-plan": "planen mangler dele",
        "under-way": "i gang; eftermåling og vurdering af mål venter",
        "again": "ny vurdering ved de fastsatte tidspunkter",
        "signed": "behovet er underskrevet af",
        "domains": "problemer, som personen vil have hjælp til",
        "functional-loss": "funktionstab",
        "none": "alle områder er spurgt, og der er intet behov",
        "not-asked": "ikke spurgt om",
        "refused": "noget af det indsendte kunne ikke bruges og kan have vist et behov; ret det først",
        "outdated": "den seneste vurdering viste intet behov, men en ny er påkrævet",
    },
    "en": {
        "begins": "everybody is offered a needs assessment",
        "deceased": "the person is recorded as dead",
        "age-unknown": "the age is not known; under 18 it is a specialist task",
        "under-eighteen": "under 18: paediatric oncology takes over, and no schedule is made here",
        "no-assessment": "no needs assessment has been made; do that first",
        "need-unknown": "the need is not settled; what is missing stands under need",
        "no-need": "the assessment shows no need now",
        "has-need": "there is a need",
        "trigger": "hospital because of",
        "no-trigger": "none of the three reasons for a hospital is there, and the person may train",
        "follows": "this follows",
        "risk-unknown": "an unknown risk is not a small risk; ask first",
        "may-train": "may train",
        "ask-first": "answers are missing that could forbid training; ask first",
        "not-yet": "training waits for a physician or a new measurement",
        "stop": "training is advised against under this protocol",
        "emergency": "acute: act on the first line of the screening now",
        "no-before": "measures before and at least one goal with the patient are missing",
        "done": "done",
        "no-plan": "the plan lacks parts",
        "under-way": "under way; measures after and the judgement of goals are to come",
        "again": "assess again at the defined times",
        "signed": "the need is signed by",
        "domains": "problems that the person wants help with",
        "functional-loss": "loss of function",
        "none": "every area was asked about, and there is no need",
        "not-asked": "not asked about",
        "refused": "part of what was given could not be used and may have shown a need; mend it first",
        "outdated": "the latest assessment showed no need, but a new one is due",
    },
}
FACT = {
    "da": {"complexity": "et behov, der kræver en kompleks indsats", "safety": "et særligt hensyn til sikkerhed",
           "monitoring": "behov for tæt monitorering", "admitted": "indlæggelse", "age": "alder"},
    "en": {"complexity": "a need for a complex effort", "safety": "a special regard for safety",
           "monitoring": "a need for close monitoring", "admitted": "admission", "age": "age"},
}  # fmt: skip
TASK = {
    "da": {
        "assess": "lav en behovsvurdering", "ask-domain": "spørg om", "consider-examination":
        "overvej uddybende udredning af", "plan-part": "skriv i planen", "one-coordinator": "udpeg én koordinator",
        "inform": "orientér", "consider-content": "tag stilling til", "discuss": "gennemgå planen med patienten",
        "evaluate": "mål igen, og vurder målene",
    },
    "en": {
        "assess": "make a needs assessment", "ask-domain": "ask about", "consider-examination":
        "consider an in-depth examination of", "plan-part": "write in the plan",
        "one-coordinator": "name one coordinator",
        "inform": "inform", "consider-content": "decide on", "discuss": "go through the plan with the patient",
        "evaluate": "measure again, and judge the goals",
    },
}  # fmt: skip
WHO = {
    "da": {"hospital": "hospitalet", "municipality": "kommunen", "coordinator": "koordinatoren"},
    "en": {"hospital": "the hospital", "municipality": "the municipality", "coordinator": "the coordinator"},
}
REFERRAL = {
    "da": {
        "functional-loss": "funktionstab, og hospitalet henviser",
        "gop-needs-hospital": "der er funktionstab, men en GOP kræver hospitalet; bed hospitalet vurdere den",
        "functional-loss-unknown": "funktionstab er ikke vurderet; vurder det, før der henvises",
        "prevention": "behov for patientrettet forebyggelse uden funktionstab",
        "prevention-unknown": "behovet er ikke afklaret",
        "no-referral": "intet behov, der kræver henvisning",
    },
    "en": {
        "functional-loss": "loss of function, and the hospital refers",
        "gop-needs-hospital": "there is loss of function, but a GOP needs the hospital; ask the hospital to assess it",
        "functional-loss-unknown": "loss of function was not assessed; assess it before referring",
        "prevention": "a need for patient-directed prevention without loss of function",
        "prevention-unknown": "the need is not settled",
        "no-referral": "no need that asks for a referral",
    },
}
CLOCK = {
    "da": {
        "on-time": "startet til tiden (senest {day})", "running": "første tilbud skal gives senest {day}",
        "excused": "senere end {day} med en godkendt grund: {reason}",
        "late": "for sent: {day} er passeret; borgeren har frit valg af leverandør",
        "no-discharge-date": "udskrivelsesdatoen mangler, så fristen kan ikke regnes ud",
        "not-clocked": "fristen gælder ikke for denne henvisning",
    },
    "en": {
        "on-time": "begun in time (latest {day})", "running": "the first offer is due by {day}",
        "excused": "later than {day} for an accepted reason: {reason}",
        "late": "late: {day} has passed; the citizen may choose the provider freely",
        "no-discharge-date": "the day of discharge is missing, so the days cannot be counted",
        "not-clocked": "the clock does not hold for this referral",
    },
}  # fmt: skip
REQUIREMENT = {
    "da": {"assessment": "1 behovsvurdering på de fastsatte tidspunkter",
           "examination": "2 uddybende udredning, hvor det er relevant", "plan": "3 en plan med alle dele",
           "yes": "opfyldt", "no": "mangler", "unknown": "kan ikke afgøres endnu"},
    "en": {"assessment": "1 needs assessment at the defined times",
           "examination": "2 in-depth examination where it is relevant", "plan": "3 a plan with all its parts",
           "yes": "met", "no": "lacks", "unknown": "not settled yet"},
}  # fmt: skip
PROVIDER = {
    "da": {"none": "intet forslag: hverken et skema eller et ønske peger på det",
           "programme": "kan tilbydes i forløbet; vælg frit mellem",
           "refer": "henvis til psykolog eller psykiatri; metoder i øvrigt, uden rangorden",
           "emergency": "TAL MED PATIENTEN NU: punkt 9 er besvaret med mere end 0"},
    "en": {"none": "no suggestion: neither a form nor a wish asks for one",
           "programme": "can be offered in the course; choose freely",
           "refer": "refer to a psychologist or psychiatry; methods otherwise, in no order",
           "emergency": "TALK WITH THE PATIENT NOW: item 9 has an answer above 0"},
}  # fmt: skip
TITLE = {
    "da": {
        "course": "Forløb", "here": "Her står personen", "path": "Vejen hertil (Oversigt I)", "need": "Behov",
        "due": "Behovsvurderinger, der mangler", "placement": "Placering", "referral": "Henvisning",
        "requirements": "Forløbsprogrammets tre krav", "tasks": "Hvad der skal gøres, og af hvem",
        "psychosocial": "Psykosocialt, hverdag og arbejde (Oversigt III)",
        "support": "Særlige udfordringer og senfølger (Oversigt IV)", "palliation": "Rehabilitering og palliation",
        "goals": "Mål", "problems": "Kunne ikke bruges", "screening": "Screening", "most": "Det vigtigste nu",
    },
    "en": {
        "course": "Course", "here": "Where the person stands", "path": "The way here (Oversigt I)", "need": "Need",
        "due": "Needs assessments that are missing", "placement": "Placement", "referral": "Referral",
        "requirements": "The three requirements of the forløbsprogram", "tasks": "What is to be done, and by whom",
        "psychosocial": "Psychosocial, everyday life and work (Oversigt III)",
        "support": "Special challenges and late effects (Oversigt IV)", "palliation": "Rehabilitation and palliation",
        "goals": "Goals", "problems": "Could not be used", "screening": "Screening", "most": "What matters most now",
    },
}
SAY = {
    "da": {
        "since": "siden", "latest": "senest", "overdue": "OVERSKREDET", "by": "af", "level": "niveau",
        "authority": "ansvarlig myndighed", "authority from": "fra {day} er det {who}",
        "unverified": "ikke kontrolleret",
        "load": "ugentlig træning i alt af {n} henvisninger: {minutes} min", "load unknown": "{n} uden oplyst tid",
        "work factors": "forhold, der gør det sværere at vende tilbage (uden vægt)", "not asked": "ikke spurgt",
        "workplace no": "kontakt ikke arbejdspladsen uden samtykke", "workplace yes": "arbejdspladsen må inddrages",
        "body only": "arbejdet er et problem, og kun træning er planlagt: det hjælper sjældent alene",
        "item nine": "punkt 9 er ikke besvaret; spørg", "levels": "niveau {least} til {most}",
        "one level": "niveau {least}",
        "no level": "intet skema er udfyldt", "phases": "fase", "excludes": "ingen fase udelukker rehabilitering",
        "consider": "overvej en palliativ behovsvurdering (siger intet om prognose)", "ask":
        "spørg om tegn på palliative behov", "not-now": "ingen tegn på palliative behov",
        "both ways": "henvis begge veje efter behov: rehabilitering og palliation kan foregå samtidig",
        "evidence low": "viden om effekt: lav", "earlier": "evaluér tidligere end ellers", "checklist":
        "huskeliste uden point", "yes": "ja", "no": "nej", "unknown": "ikke afklaret", "none": "ingen",
        "example": "EKSEMPEL: ikke en rigtig patient", "gait": "rejse-sætte-sig under 9: suppler med ganghastighed",
        "municipal level": "basalt eller avanceret afgøres af kommunen", "no setting": "ikke placeret endnu",
        "notice": "Et forslag til den fagperson, der træffer beslutningen.", "sent": "sendt",
        "aims": "mål at vælge mellem",
        "local": "lokal frist, ikke kontrolleret", "later": "dateret efter {day} og derfor ikke brugt",
        "refer": "screeningen peger på",
    },
    "en": {
        "since": "since", "latest": "by", "overdue": "OVERDUE", "by": "by", "level": "level",
        "authority": "responsible authority", "authority from": "from {day} it is {who}", "unverified": "unverified",
        "load": "weekly training of {n} referrals together: {minutes} min", "load unknown": "{n} without a stated time",
        "work factors": "factors that make it harder to return (no weights)", "not asked": "not asked",
        "workplace no": "do not contact the workplace without consent",
        "workplace yes": "the workplace may be involved",
        "body only": "work is a problem, and only training is planned: that alone seldom helps",
        "item nine": "item 9 has no answer; ask", "levels": "level {least} to {most}", "one level": "level {least}",
        "no level": "no form was filled", "phases": "phase", "excludes": "no phase excludes from rehabilitation",
        "consider": "consider a palliative needs assessment (says nothing of prognosis)", "ask":
        "ask about signs of palliative needs", "not-now": "no signs of palliative needs",
        "both ways": "refer both ways as needed: rehabilitation and palliation can go on together",
        "evidence low": "knowledge of effect: low", "earlier": "evaluate earlier than otherwise", "checklist":
        "checklist without a score", "yes": "yes", "no": "no", "unknown": "not settled", "none": "none",
        "example": "EXAMPLE: not a real patient", "gait": "sit-to-stand below 9: add the gait speed",
        "municipal level": "basic or advanced is decided by the municipality", "no setting": "not placed yet",
        "notice": "A proposal to the professional who decides.", "sent": "sent",
        "aims": "aims to choose from",
        "local": "local deadline, unverified", "later": "dated after {day} and so not used",
        "refer": "the screening points to",
    },
}  # fmt: skip
