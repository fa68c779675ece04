"""A form on paper, one for each patient: the content that the HTML page and the PDF are set from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from exrx.protocol.paper import PaperForm
from exrx.report.form_words import FORM_WORDS, role_word, unit_word


def form_content(
    papers: Sequence[PaperForm],
    lang: str,
    patients: Sequence[str] = (),
    *,
    protocol: str = "",
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that is printed, as plain data: `forms`, each with a list of questions and of what to measure, and
    `people`, one blank without `patients`. A name stands only beside its own pseudonym."""
    words = FORM_WORDS[lang]
    keys = names or {}
    return {
        "lang": lang,
        "words": words,
        "protocol": protocol,
        "people": [{"id": patient, "name": keys.get(patient, "")} for patient in patients] or [{"id": "", "name": ""}],
        "forms": [_form(paper, lang) for paper in papers],
    }


def _form(paper: PaperForm, lang: str) -> dict[str, Any]:
    words, form = FORM_WORDS[lang], paper.form
    return {
        "title": form.title[lang],
        "version": words["version"].format(form=form.id, version=form.version),
        "roles": [role_word(role, lang) for role in form.roles],
        "questions": [
            {
                "number": number,
                "text": question.text[lang],
                "which": list(paper.details(question, lang)),
                "dates": [words["date of"].format(x=entry.labelled(lang)) for entry in paper.dated(question)],
            }
            for number, question in enumerate(form.questions, 1)
        ],
        "sampled": words["sampled"] if any(entry.group == "blood" for entry in paper.measure) else "",
        "measure": [
            {
                "label": words["date of"].format(x=entry.labelled(lang)) if entry.kind == "elapsed"
                else entry.labelled(lang),
                "unit": unit_word(entry, lang),
                "options": [words[key] for key in ("yes", "no", "unknown")] if entry.kind == "flag"
                else [entry.option_label(option, lang) for option in entry.options],
            }
            for entry in paper.measure
        ],
    }  # fmt: skip
