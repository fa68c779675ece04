"""The morning list as JSON, schema `exrx/worklist/1`: pseudonyms only, texts in Danish and English."""

from __future__ import annotations

from typing import Any

from exrx import __version__
from exrx.fields import Dictionary
from exrx.report.worklist_words import Speaker, called, forms_wanted, measured_fields
from exrx.worklist import Row, Worklist

SCHEMA = "exrx/worklist/1"


def worklist_json(found: Worklist, names: Dictionary) -> dict[str, Any]:
    """The list for programs. It takes no key file: a name never gets into it."""
    speakers = {lang: Speaker(lang, names) for lang in ("da", "en")}
    return {
        "schema": SCHEMA,
        "engine": f"exrx {__version__}",
        "as_of": found.as_of,
        "stage": found.stage,
        "protocols": [{key: use[key] for key in ("id", "version", "sha256")} for use in found.protocols],
        "draft": found.draft,
        "example": found.example,
        "compared_with": found.compared_with or None,
        "counts": found.counts(),
        "groups": [
            {
                "team": group.team,
                "time": group.time,
                "rows": [_row(row, speakers) for row in group.rows],
            }
            for group in found.groups
        ],
        "without_session": [_row(row, speakers) for row in found.unplanned],
        "gone": list(found.gone),
        "notice": {lang: speaker.notice(found.rows) for lang, speaker in speakers.items()},
    }


def _row(row: Row, speakers: dict[str, Speaker]) -> dict[str, Any]:
    decision, change = row.decision, row.change
    said = {lang: speaker.said(row) for lang, speaker in speakers.items()}
    return {
        "patient": row.patient,
        "room": row.session.room if row.session else "",
        "word": row.word,
        "urgent": row.urgent or None,
        "clearance": decision["clearance"],
        "worst_clearance": decision["worst_clearance"],
        "track": decision["track"],
        "line": {lang: words.line for lang, words in said.items()},
        "forms": [form.id for form in forms_wanted(decision)],
        "measure": measured_fields(decision) if row.word != "no" else [],
        "remeasure": decision["remeasure"],
        "call": called(decision, speakers["en"].names),
        "refer": decision["restriction"]["refer"],
        "missing": [fact["field"] for fact in decision["missing"]],
        "limits": {lang: words.limits for lang, words in said.items()},
        "no_data": row.no_data,
        "shared_id": row.shared,
        "problems": len(decision["problems"]),
        "change": {"state": change.state, "before": change.before or None} if change else None,
    }
