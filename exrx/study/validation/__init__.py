"""The engine against professionals: their blinded verdicts, the harms that were seen, and published yields.

    verdicts.py     what raters said, one row a verdict; every row is used or says why not
    sessions.py     the engine's answer to each of their sessions
    against.py      `validate` -> `Validation`: under- and over-triage, kappa, the worst misses, the flow
    events.py       an adverse-event log: rates per 1,000 hours of training
    calibration.py  enrolment answers on a synthetic cohort beside published yields
    sheet.py        sheets as people fill them in
"""

from exrx.study.validation.against import Validation, validate
from exrx.study.validation.events import EventLog, read_events
from exrx.study.validation.verdicts import Reference, read_reference

__all__ = ["EventLog", "Reference", "Validation", "read_events", "read_reference", "validate"]
