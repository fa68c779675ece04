"""What is said of how an input was read: readers say it in English, and this is what it is in Danish."""

from __future__ import annotations

import re

_NOTES = (
    (r"Columns that were not read: (.+?)\.(?=\s|$)", r"Kolonner, der ikke er læst: \1."),
    (
        r"(\S+) is not UTF-8 and was read as Latin-1; check that letters such as æ, ø, å are right\.",
        r"\1 er ikke UTF-8 og er læst som Latin-1; kontrollér, at bogstaver som æ, ø og å er rigtige.",
    ),
    (
        r"Nothing was assumed to be no: assuming (.+?) applies to FHIR input only\.",
        r"Intet er antaget at være nej: antagelsen om \1 gælder kun FHIR.",
    ),
    (
        r"Absent conditions were read as no, because the caller said so: ",
        "Tilstande, der ikke står i journalen, er læst som nej, fordi kaldet siger det: ",
    ),
)


def note_words(note: str, lang: str) -> str:
    """A note about how the input was read, or a text that repeats one."""
    if lang == "da":
        for said, danish in _NOTES:
            note = re.sub(said, danish, note)
    return note
