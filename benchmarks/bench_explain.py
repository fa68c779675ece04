"""Explanations: one patient with missing facts and counterfactuals, and the questions about a cohort.

    python benchmarks/bench_explain.py [--patients 1000000] [--repeat 5]

One patient: the median of many calls after one warm-up. The warm-up compiles the stage and remembers how rules can be
silenced; the first call of a process is printed beside it. Among the patients is one of whom nothing is known, the
worst case. The cohort is the invented one of `exrx demo`, screened before the clock starts; the plane of every rule is
made within the first question and kept for the next, so the three are timed together and one by one, each time on
fresh decisions. A sample of rows is first held against the one-patient engine.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter

from exrx import Cohort, Decisions, Patient, Protocol, explain, load_protocol, screen_cohort
from exrx.protocol.form import form_patient
from exrx.screening.one import ask_rules
from exrx.screening.questions import blockers, blocking_facts, held_by, moved_by, single_rules
from exrx.study.example_cohort import example_cohort

AS_OF = date(2026, 11, 23)
COHORT = ("krop-og-kraeft", "session", ("platelets_session_min", "40"))
LOW = {"value": 42, "unit": "10^9/L", "date": "2026-11-21"}
PATIENTS: tuple[tuple[str, str, str, str, dict[str, object]], ...] = (
    ("nothing wrong", "krop-og-kraeft", "session", "typical", {}),
    ("low platelets", "krop-og-kraeft", "session", "typical", {"platelets": LOW}),
    ("two answers missing", "krop-og-kraeft", "session", "typical", {"platelets": None, "chest_pain": None}),
    ("three limits at once", "krop-og-kraeft", "session", "typical",
     {"platelets": LOW, "diastolic_bp": 100, "resting_heart_rate": 140}),
    ("metastases, oncologist pending", "dk-2015", "enrolment", "typical",
     {"bone_metastases": "yes", "bone_metastasis_sites": ["lumbar"], "oncologist_clearance": "pending"}),
    ("two protocols, low platelets", "dk-2015,krop-og-kraeft", "session", "typical", {"platelets": LOW}),
    ("nothing known", "krop-og-kraeft", "session", "blank", {}),
    ("nothing known", "dk-2015", "enrolment", "blank", {}),
    ("nothing known", "dk-2015,krop-og-kraeft", "session", "blank", {}),
)  # fmt: skip


def seconds(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """The first time of a call, and the median of those after it."""
    times = []
    for _ in range(repeats + 1):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return times[0], median(times[1:])


def row(what: str, measured: float, bar: float, aside: str = "") -> None:
    """Print a figure beside its bar, in milliseconds."""
    print(f"{what:<62}{1000 * measured:>8.1f} ms   bar {1000 * bar:>5.0f} ms   "
          f"{'met' if measured <= bar else 'MISSED'}{aside}")  # fmt: skip


def one_patient(repeats: int) -> None:
    """Each of the patients explained."""
    for what, protocol_id, stage, fill, changes in PATIENTS:
        protocol = load_protocol(protocol_id)
        given = {**form_patient(protocol, stage, fill), **changes}
        patient = Patient.from_dict({name: value for name, value in given.items() if value is not None})
        first, later = seconds(lambda p=patient, q=protocol, s=stage: explain(p, q, stage=s, as_of=AS_OF), repeats)
        row(f"explain: {what}, {protocol_id} {stage}", later, 0.020, f"   first call {1000 * first:.0f} ms")


def check(decisions: Decisions, protocol: Protocol, rows: int) -> None:
    """Hold a sample of rows against the one-patient engine."""
    blocks, single = blocking_facts(decisions), single_rules(decisions)
    blocked = {block.field: blocks.rows(block.field) for block in blocks.facts}
    held = [single.rows(index) for index in range(len(decisions.rules.stage.rules))]
    for at in range(0, len(decisions), max(1, len(decisions) // rows)):
        patient = decisions.cohort.source(at)
        what_if = ask_rules(patient, protocol, stage=decisions.stage, as_of=AS_OF).what_if
        assert {name for name, there in blocked.items() if there[at]} == blockers(what_if), at
        assert {index for index, there in enumerate(held) if there[at]} == held_by(what_if), at


def cohort(patients: int, repeats: int) -> None:
    """The three questions, one by one and together."""
    protocol_id, stage, (name, value) = COHORT
    protocol = load_protocol(protocol_id)
    people = Cohort.from_columns(example_cohort(patients, as_of=AS_OF))

    def decided() -> Decisions:
        decisions = screen_cohort(people, protocol, stage=stage, as_of=AS_OF)
        assert decisions.clearance.size == decisions.track.size == patients
        return decisions

    check(decided(), protocol, 200)
    questions: dict[str, Callable[[Decisions], object]] = {
        "which missing answer keeps how many waiting": blocking_facts,
        "which single rule holds back how many": single_rules,
        "who changes if one limit moves": lambda decisions: moved_by(decisions, name, value),
    }
    for what, ask in questions.items():
        row(f"{patients:,} patients: {what}", timed(decided, [ask], repeats), 1.0)
    row(f"{patients:,} patients: all three", timed(decided, list(questions.values()), repeats), 1.0)


def timed(decided: Callable[[], Decisions], asked: list[Callable[[Decisions], object]], repeats: int) -> float:
    """The median time of some questions, each time on fresh decisions; the screening is not timed."""
    times = []
    for _ in range(repeats):
        decisions = decided()
        start = perf_counter()
        for ask in asked:
            ask(decisions)
        times.append(perf_counter() - start)
    return median(times)


def main() -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}")
    one_patient(40)
    cohort(arguments.patients, arguments.repeat)


if __name__ == "__main__":
    main()
