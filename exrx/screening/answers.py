"""The three answers of every rule for one patient, and their two joins: what holds, and what may hold."""

from __future__ import annotations

from attrs import define, frozen

from exrx.fields import YES
from exrx.knowledge import DECEASED, Knowledge
from exrx.protocol.stage import DECEASED_RULE, ActiveRule, StageRules
from exrx.rules.nodes import FALSE, TRUE, UNDECIDED
from exrx.rules.one import State, deciding_atoms, evaluate
from exrx.rules.restriction import Restriction
from exrx.screening.gates import GateLimit


@frozen
class Answer:
    """A rule's answer; `remeasure` names the vital signs whose second reading it waits for."""

    active: ActiveRule
    state: int
    remeasure: tuple[str, ...] = ()


def answer(active: ActiveRule, state: State, readings: dict[str, int]) -> Answer:
    """FALSE, UNDECIDED or TRUE.

    A rule that wants a confirming reading is true only if it is so without the vital signs that were read once; until
    then it is undecided and names those it rests on.
    """
    found = evaluate(active.condition, state)
    if active.rule.confirm is None or found != TRUE:
        return Answer(active, found)
    once = [name for name in active.rule.measured_fields if readings.get(name, 1) < active.rule.confirm.readings]
    fields = {atom.field.name: atom.field for atom in deciding_atoms(active.condition, state)}
    without = dict(state) | {name: fields[name].unknown for name in once if name in fields}
    if evaluate(active.condition, without) == TRUE:
        return Answer(active, TRUE)
    return Answer(active, UNDECIDED, tuple(name for name in once if name in fields))


@define
class Answers:
    """All answers for one patient with D (`definite`) and W (`worst`)."""

    stage: StageRules
    answers: tuple[Answer, ...]
    definite: Restriction
    worst: Restriction

    def standing(self) -> tuple[Answer, ...]:
        """The answers that are not FALSE."""
        return tuple(found for found in self.answers if found.state != FALSE)


def answer_all(stage: StageRules, knowledge: Knowledge, limits: tuple[GateLimit, ...] = ()) -> Answers:
    """Ask every rule of a stage; limits set by a gate hold in both joins. The dead are asked nothing else."""
    state, readings = knowledge.state, knowledge.readings
    dead = state[DECEASED] == YES
    if dead:
        answers = tuple(Answer(active, TRUE if active.rule.id == DECEASED_RULE else FALSE) for active in stage.rules)
    else:
        answers = tuple(answer(active, state, readings) for active in stage.rules)
    definite, worst = starting_points(stage, knowledge, limits)
    for found in answers:
        if found.state == TRUE:
            definite = definite | found.active.rule.then
        if found.state != FALSE:
            worst = worst | found.active.rule.then
    return Answers(stage, answers, definite, worst)


def starting_points(
    stage: StageRules, knowledge: Knowledge, limits: tuple[GateLimit, ...] = ()
) -> tuple[Restriction, Restriction]:
    """D and W before any rule is asked: where the protocols that (may) apply start from, and what gates limit."""
    dead = knowledge.state[DECEASED] == YES
    definite = worst = Restriction.none()
    for guard, start in stage.starts:
        applies = TRUE if guard is None else FALSE if dead else evaluate(guard, knowledge.state)
        definite = definite | start if applies == TRUE else definite
        worst = worst | start if applies != FALSE else worst
    for limit in limits:
        definite, worst = definite | limit.restriction, worst | limit.restriction
    return definite, worst
