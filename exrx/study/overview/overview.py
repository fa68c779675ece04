"""All of a cohort's overview as one content, made of printed counts only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exrx import __version__
from exrx.errors import InputFileError
from exrx.protocol.local import loosening_notice
from exrx.screening.many import Decisions
from exrx.study.overview.equity import equity, with_gaps
from exrx.study.overview.ledger import TRACKS, TRAINED, UNTRAINED, Ledger, fill, largest_first
from exrx.study.overview.monitoring import Monitoring, monitoring_set
from exrx.study.overview.people import groupings
from exrx.study.overview.programme import Sessions, attendance, target_by_week
from exrx.study.overview.reasons import missing_facts, overlaps, rule_reasons, step_cell
from exrx.study.overview.tables import outcome_row, outcome_tables
from exrx.training.cohort import CohortPlans

SCHEMA = "exrx/cohort-report/1"
SMALLEST = 5
"""Counts below this are hidden unless the caller says otherwise: a common local rule, no law."""


def cohort_overview(
    decisions: Decisions,
    *,
    smallest: int = SMALLEST,
    mark: str = "",
    plans: CohortPlans | None = None,
    sessions: Sessions | None = None,
    monitoring: Monitoring | None = None,
    notes: Iterable[str] = (),
) -> dict[str, Any]:
    """The overview of a screened cohort as JSON content of `SCHEMA`; a hidden count is None, at every place.

    Args:
        smallest: counts from 1 to `smallest - 1` are hidden, and what would give them back; 0 or 1 hides nothing.
        mark: "synthetic" or "example" where the patients are.
        plans: from `prescribe_cohort` on the same decisions.
        sessions, monitoring: what was done, and the facts that a patient table does not hold.
        notes: what was assumed or left aside when the cohort was read; no numbers of people.

    Raises:
        InputFileError: fewer patients than `smallest`: no count of such a report could be printed.
    """
    if len(decisions) < max(smallest, 1):
        raise InputFileError(
            f"{len(decisions)} patients are too few for a report in which counts under {smallest} are hidden; "
            "choose a larger cohort, or a smaller --smallest-cell where that is allowed"
        )
    ledger, content = count_overview(decisions, max(smallest, 1), plans, sessions, monitoring)
    printed = ledger.sheet.settle(ledger.limit)
    return {**_about(decisions, smallest, mark), "notes": list(notes), **_sorted(fill(content, printed))}


def _about(decisions: Decisions, smallest: int, mark: str) -> dict[str, Any]:
    protocol, rules = decisions.protocol, [active.rule for active in decisions.rules.stage.rules]
    return {
        "schema": SCHEMA,
        "engine": f"exrx {__version__}",
        "protocol_sha256": protocol.sha256,
        "dictionary_sha256": decisions.cohort.dictionary.sha256,
        "rules": len(rules),
        "unverified_rules": sum(rule.verified == "unverified" for rule in rules),
        "local_changes": {lang: loosening_notice(protocol.local_changes, lang) for lang in ("da", "en")},
        "protocol": decisions.protocol.id,
        "version": str(decisions.protocol.version),
        "stage": decisions.stage,
        "as_of": decisions.as_of.isoformat(),
        "mark": mark,
        "smallest": smallest,
    }


def count_overview(
    decisions: Decisions,
    limit: int,
    plans: CohortPlans | None,
    sessions: Sessions | None,
    monitoring: Monitoring | None,
) -> tuple[Ledger, dict[str, Any]]:
    """The counts of an overview, nothing hidden yet: the content holds a `Slot` of the ledger's sheet for each."""
    ledger = Ledger(decisions, limit)
    everybody = ledger.slot(ledger.centre, public=True, total=True)
    divisions = [*(monitoring.places if monitoring else ()), *groupings(decisions)]
    tables, cells = outcome_tables(ledger, divisions)
    reasons, rule_cells = rule_reasons(ledger)
    attended = attendance(ledger, sessions) if sessions else None
    missing = missing_facts(ledger)
    content = {
        "patients": everybody,
        "all": outcome_row(ledger, ledger.centre),
        "flow": _flow(ledger, reasons, plans, attended),
        "tables": tables,
        "overlaps": overlaps(ledger, rule_cells),
        "missing": missing,
        "target": target_by_week(ledger, plans) if plans is not None else None,
        "attendance": attended,
        "monitoring": monitoring_set(ledger, divisions, cells, sessions, monitoring, attended),
        "equity": equity(ledger),
    }
    return ledger, content


def _flow(ledger: Ledger, reasons: dict[str, Any], plans: CohortPlans | None, attended: Any) -> dict[str, Any]:
    """From all patients to those who train: who leaves at each step, most urgent first, and why."""
    leaving = [
        {
            "step": level.word,
            "n": ledger.slot([step_cell(ledger, level)], total=True),
            "reasons": reasons.get(level.word, []),
        }
        for level in reversed(UNTRAINED)
    ]
    trained = ledger.centre[:TRAINED]
    modified = ledger.centre[len(TRACKS) : TRAINED]
    flow: dict[str, Any] = {
        "leaving": leaving,
        "may_train": ledger.slot(trained, total=True),
        "clear": ledger.slot(ledger.centre[: len(TRACKS)]),
        "modify": ledger.slot(modified),
        "tracks": {
            way.word: ledger.slot([trained[place], modified[place]], total=True) for place, way in enumerate(TRACKS)
        },
        "planned": ledger.slot(trained, total=True) if plans is not None else None,
    }
    if attended is not None:
        flow |= {key: attended[key] for key in ("trained", "not_trained", "no_log")}
    return flow


def _sorted(content: dict[str, Any]) -> dict[str, Any]:
    """Rows in the order of what is printed."""
    for step in content["flow"]["leaving"]:
        step["reasons"] = largest_first(step["reasons"], "n", "rule")
    content["overlaps"]["sets"] = largest_first(content["overlaps"]["sets"], "n", "domain")
    content["overlaps"]["combinations"] = largest_first(content["overlaps"]["combinations"], "n", "domains")
    content["missing"]["facts"] = largest_first(content["missing"]["facts"], "alone", "fields")
    for table in content["tables"].values():
        if len(table["rows"]) > 1 and table["rows"][-2]["key"] == "rest":
            table["rows"][:-2] = largest_first(table["rows"][:-2], "n", "key")
    content["equity"] = with_gaps(content["equity"])
    return content
