"""Phases of the illness, and when effort is steered by the Borg scale: `protocols/training/phases.yaml`."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from attrs import frozen

from exrx.errors import PlanError, QuantityError
from exrx.fields import load_dictionary
from exrx.library import library_root, shown_path
from exrx.quantities import read_limit
from exrx.training.person import Person
from exrx.training.plan_parts import PlanPhase
from exrx.training.targets import NumberReader, Words
from exrx.yamlread import Node, read_yaml

IDS = ("prehabilitation", "during", "after", "advanced", "palliative-late", "terminal")
_TREATED = ("on_chemotherapy", "on_immunotherapy", "on_radiotherapy", "in_initial_treatment")
_KEYS = ("title", "goal", "evidence", "evaluate_after", "pace")


@frozen
class Phase:
    """A phase: its words, the weeks to the first evaluation, and how slowly the ladder is climbed."""

    id: str
    title: Words
    goal: Words
    evidence: Words
    evaluate_after: int
    pace: int

    def in_plan(self, start: date, evaluation: date | None) -> PlanPhase:
        """The phase of a plan that starts on this day; an agreed evaluation goes before the phase's own."""
        due = evaluation or start + timedelta(weeks=self.evaluate_after)
        return PlanPhase(self.id, self.title, self.goal, self.evidence, due)


@frozen
class Phases:
    """All phases by id, the haemoglobin (in ticks) below which Borg steers, and the rises that ask for gait speed."""

    by_id: dict[str, Phase]
    borg_below_haemoglobin: int
    gait_speed_rises: tuple[int, int]
    unverified: tuple[str, ...]

    def asks_for_gait_speed(self, rises: float | None) -> bool:
        """True for fewer rises from a chair in 30 s than the upper, more than the lower limit."""
        low, high = self.gait_speed_rises
        return rises is not None and low < rises < high


@lru_cache(maxsize=1)
def load_phases() -> Phases:
    """The shipped phases.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    path = library_root() / "training" / "phases.yaml"
    read, keys = NumberReader(), ("phases", "steering", "prompts")
    root = read.table(read_yaml(path, shown_path(path)), "the file", keys, keys)
    entries = read.table(root.get("phases"), "phases", IDS, IDS).entries
    by_id = {name: _phase(read, name, node) for name, node in entries.items()}
    steering = read.table(root.get("steering"), "steering", ("borg_below_haemoglobin",), ("borg_below_haemoglobin",))
    limit = _haemoglobin(read, steering.get("borg_below_haemoglobin"))
    names = ("gait_speed_above_rises", "gait_speed_below_rises")
    prompts = read.table(root.get("prompts"), "prompts", names, names)
    above, below = (read.number(prompts.get(name), name) for name in names)
    read.finish(shown_path(path))
    return Phases(by_id, limit, (above, below), tuple(f"phases.{name}" for name in read.unverified))


def _phase(read: NumberReader, name: str, node: Node) -> Phase:
    table = read.table(node, name, _KEYS, _KEYS)
    title, goal, evidence = (read.both_languages(table.get(key), f"{name}: {key}") for key in _KEYS[:3])
    weeks, pace = (read.number(table.get(key), f"{name}.{key}", lowest=1) for key in _KEYS[3:])
    return Phase(name, title, goal, evidence, weeks, pace)


def _haemoglobin(read: NumberReader, node: Node | None) -> int:
    name = "borg_below_haemoglobin"
    read.number(node, name)
    parameter = read.parameters.get(name)
    try:
        return read_limit(parameter.text if parameter else "", load_dictionary().field("haemoglobin").ticks)
    except QuantityError as error:
        if node is not None:
            read.fault(error.code, f"{name}: {error.message}", node.location, error.suggestion)
        return 0


def phase_of(person: Person, asked: str | None = None) -> Phase:
    """The phase of a plan: the one asked for, else what is known of the illness.

    A palliative phase comes before everything else, then chronic disease, then treatment. Who may be in treatment
    counts as in treatment. A late or terminal phase that is recorded is never asked away.

    Raises:
        PlanError: there is no phase with this name.
    """
    phases = load_phases().by_id
    if asked is not None and asked not in phases:
        raise PlanError(f"there is no phase '{asked}'. Use one of: {', '.join(phases)}")
    palliative, status = person.option("palliative_phase"), person.option("disease_status") or ""
    late = {"late": "palliative-late", "terminal": "terminal"}.get(palliative or "")
    if late or asked:
        return phases[late or asked or ""]
    if palliative == "early" or status.startswith("chronic"):
        return phases["advanced"]
    treated = {person.answer(name) for name in _TREATED}
    if status == "no-evidence-in-adjuvant-treatment" or treated != {"no"}:
        return phases["during"]
    return phases["after"]
