"""The fixed words of a form, in Danish and English."""

from __future__ import annotations

from exrx.fields import Field
from exrx.rules.words import say_unit

FORM_WORDS = {
    "da": {
        "yes": "ja", "no": "nej", "unknown": "ved ikke", "which": "hvis ja, hvilke?", "date of": "{x}: dato",
        "id": "Patient (pseudonym, ikke CPR)", "name": "Navn", "date": "Dato (ÅÅÅÅ-MM-DD)",
        "role": "Udfyldt af (rolle)",
        "signature": "Underskrift",
        "measure": "Mål eller slå op", "sampled": "Blodprøverne er taget den (dato)", "options": "vælg: {x}",
        "how": "Uden dato og rolle gælder skemaet ikke. Et tomt felt er ubesvaret og betyder ikke nej.",
        "how sheet": "En række for hver patient. Vælg ja, nej eller ved ikke i hver kolonne; et tomt felt er ubesvaret "
                     "og betyder ikke nej. Uden dato og rolle gælder rækken ikke. Skriv flere svar på «hvilke» med "
                     "semikolon imellem. Skriv aldrig CPR-numre.",
        "version": "skema {form} {version}", "protocol": "protokol {id} {version}", "page": "side",
        "notice": "Svarene er grundlag for et forslag til den fagperson, der beslutter.",
    },
    "en": {
        "yes": "yes", "no": "no", "unknown": "don't know", "which": "if yes, which?", "date of": "{x}: date",
        "id": "Patient (pseudonym, no CPR number)", "name": "Name", "date": "Date (YYYY-MM-DD)",
        "role": "Filled in by (role)", "signature": "Signature",
        "measure": "Measure or look up", "sampled": "The blood tests were taken on (date)", "options": "choose: {x}",
        "how": "Without date and role the form does not count. An empty item is unanswered and does not mean no.",
        "how sheet": "One row a patient. Choose yes, no or don't know in each column; an empty cell is unanswered and "
                     "does not mean no. Without date and role the row does not count. Several answers to "
                     "\"which\" are written with semicolons between. Never write CPR numbers.",
        "version": "form {form} {version}", "protocol": "protocol {id} {version}", "page": "page",
        "notice": "The answers are the ground for a proposal to the professional who decides.",
    },
}  # fmt: skip
ROLES = {
    "doctor": {"da": "læge", "en": "doctor"},
    "nurse": {"da": "sygeplejerske", "en": "nurse"},
    "physiotherapist": {"da": "fysioterapeut", "en": "physiotherapist"},
}


def role_word(role: str, lang: str) -> str:
    """A role for people; one that has no word as it is."""
    return ROLES.get(role, {}).get(lang, role)


def unit_word(entry: Field, lang: str) -> str:
    """The unit that a number on a form is written in; empty for a plain count."""
    if entry.kind != "quantity" or entry.ticks.unit.startswith("{"):
        return ""
    return say_unit(entry.ticks.unit, "2", lang)
