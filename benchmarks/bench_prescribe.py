"""Plans: one patient with calendar and sheet, and the weekly doses of a screened cohort.

    python benchmarks/bench_prescribe.py [--patients 1000000] [--repeat 5]

In-process figures are the median of many calls after one warm-up (of which loading scipy and the library is part). The
cohort is the invented one of `exrx demo` with a random baseline of activity; it is screened before the clock starts. A
sample of its plans is first held against the single path.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from statistics import median
from time import perf_counter

import numpy as np
from attrs import evolve

from exrx import Cohort, Patient, load_protocol, screen, screen_cohort
from exrx.study.example_cohort import example_cohort
from exrx.training import Details, Frame, prescribe
from exrx.training.cohort import prescribe_cohort

AS_OF = date(2026, 11, 23)
TRAINING, TARGET, WEEKS = "dk-2015-group", "acsm-150-75", 12
COURSE = {"treatment": {"regimen": "fec100", "first": "2026-11-24", "delays": {3: 3}}, "days": {"prefer": ["monday"]}}


def seconds(call: Callable[[], object], repeats: int) -> float:
    """The median time of a call, after one warm-up."""
    call()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def row(what: str, measured: float, bar: float | None) -> None:
    """Print a figure beside its bar, in milliseconds."""
    verdict = "" if bar is None else f"   bar {1000 * bar:>6.0f} ms   {'met' if measured <= bar else 'MISSED'}"
    print(f"{what:<62}{1000 * measured:>9.2f} ms{verdict}")


def one_patient(repeats: int) -> None:
    """A plan with treatment calendar, and its sheet."""
    from exrx.fields import load_dictionary
    from exrx.protocol.form import form_patient
    from exrx.report.plan_html import sheet_html
    from exrx.report.plan_pdf import sheet_pdf
    from exrx.training.weeks.calendar import forget_weeks

    patient = Patient.from_dict(form_patient(load_protocol("dk-2015"), "enrolment", "typical"))
    decision = screen(patient, load_protocol("dk-2015"), stage="enrolment", as_of=AS_OF)
    frame, details = Frame.of(COURSE), Details.of({"goals": ["to walk to the harbour"]})

    def plan() -> object:
        asked = {"target": TARGET, "start": AS_OF, "weeks": WEEKS, "frame": frame, "details": details}
        return prescribe(patient, decision, TRAINING, draft=True, **asked)

    def afresh() -> object:
        forget_weeks()
        return plan()

    row("one plan of 12 weeks, no calendar", seconds(lambda: prescribe(
        patient, decision, TRAINING, target=TARGET, start=AS_OF, weeks=WEEKS, draft=True), repeats), 0.05)
    row("one plan with treatment and wishes, weeks solved afresh", seconds(afresh, repeats), 0.05)
    row("the same, weeks known from before", seconds(plan, repeats), 0.05)
    made, names = plan(), load_dictionary()
    others = (evolve(made, patient=f"p{number}", start=made.start) for number in count())  # typst remembers a sheet
    row("a sheet as HTML", seconds(lambda: sheet_html(next(others), "da", names), repeats), None)
    pdf = seconds(lambda: sheet_pdf(next(others), "da", names), repeats)
    row("a sheet as PDF, each another, after the first", pdf, 0.3)


def cohort(patients: int, repeats: int) -> None:
    """The weekly doses of a screened cohort."""
    rng = np.random.default_rng(7)
    columns = example_cohort(patients, as_of=AS_OF)
    for name, most in (("moderate_minutes_per_week", 200), ("vigorous_minutes_per_week", 60)):
        columns[name] = np.where(rng.random(patients) < 0.2, np.nan, rng.integers(0, most, patients))
    columns["strength_days_per_week"] = rng.integers(0, 4, patients).astype(float)
    protocol = load_protocol("krop-og-kraeft")
    decisions = screen_cohort(Cohort.from_columns(columns), protocol, stage="session", as_of=AS_OF)
    asked = {"target": TARGET, "start": AS_OF + timedelta(days=7), "weeks": WEEKS}
    plans = prescribe_cohort(decisions, TRAINING, **asked)
    check(plans)
    print(f"{patients:,} patients, {plans.given.sum():,} with a plan, {len(plans.restrictions):,} kinds of")
    print(f"restriction, {len(plans.table):,} rows of the dose table; a sample agrees with the single path")

    def doses() -> object:
        made = prescribe_cohort(decisions, TRAINING, **asked)
        return made.doses, made.met

    row(f"12-week doses and target of {patients:,} screened patients", seconds(doses, repeats), 1.0)


def check(plans: object, sample: int = 50) -> None:
    """Hold a sample of rows against the single path before anything is timed."""
    rows = np.flatnonzero(plans.given)
    for chosen in rows[:: max(1, rows.size // sample)][:sample]:
        decision = plans.decisions.explain(int(chosen))
        patient = plans.decisions.cohort.source(int(chosen))
        plan = prescribe(patient, decision, plans.programme, target=TARGET, start=plans.start, weeks=WEEKS, draft=True)
        for number, week in enumerate(plan.weeks):
            dose = [week.dose.light, week.dose.moderate, week.dose.vigorous, week.dose.strength_days, week.dose.sets]
            assert plans.doses[chosen, number][[0, 1, 2, 5, 6]].tolist() == dose


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    cohort(given.patients, given.repeat)
    one_patient(9)
