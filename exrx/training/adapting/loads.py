"""The load of each exercise, followed through the log: what was lifted in full sets the next.

A load never rises after a session that was not done in full, nor by more than the rule's step at a time, so that a slip
of the pen does not become a weight on a bar.
"""

from __future__ import annotations

import math

from attrs import define, field

from exrx.rules.restriction import Intensity
from exrx.training.adaptations import AdaptationRules
from exrx.training.adapting.judge import Cause, Judgement, Verdict
from exrx.training.logs.entry import ExerciseDone, SessionLog
from exrx.training.session import PlannedExercise


@define
class LoadState:
    """An exercise so far: its load, what was lifted last, how often running it was easy, how often it hurt.

    `weeks` holds the load at the end of each week with training, for the break rule.
    """

    kilograms: float | None = None
    lifted: float | None = None
    level: Intensity = Intensity.NONE
    run: int = 0
    hurts: int = 0
    verdict: Verdict | None = None
    cause: Cause | None = None
    weeks: list[float] = field(factory=list)

    def follow(
        self,
        name: str,
        entry: SessionLog,
        asked: PlannedExercise | None,
        level: Intensity,
        whole: Judgement,
        rules: AdaptationRules,
    ) -> None:
        """Take in a session: `asked` is the exercise as it was asked, `whole` how the rest of the session went."""
        lifted = entry.loads.get(name, ExerciseDone())
        found = _judge(entry, lifted, asked, whole, rules)
        before, down = self.kilograms, found.verdict is Verdict.DOWN
        if before is None and asked is not None and (down or lifted.kilograms is not None):
            before = asked.kilograms
        self.kilograms = _next(before, lifted.kilograms, found.verdict, rules)
        if down and self.kilograms is not None:
            self.kilograms = rounded(self.kilograms * (100 - rules["load_down"]) / 100, rules)
        self.hurts = self.hurts + 1 if _hurt(entry, lifted, rules) else max(0, self.hurts - 1)
        rose = lifted.kilograms is not None and before is not None and lifted.kilograms > before
        easy = found.verdict >= Verdict.GOOD and _is_easy(lifted, asked, whole, rules)
        self.run = 0 if not easy else 1 if rose else self.run + 1
        self.lifted = lifted.kilograms if lifted.kilograms is not None else self.lifted
        self.verdict, self.cause, self.level = found.verdict, found.cause, level
        if found.verdict >= Verdict.GOOD and self.kilograms is not None and (lifted.kilograms or 0) > self.kilograms:
            self.cause = Cause("one-step", "load_up_most", {"key": entry.key, "lifted": f"{lifted.kilograms:g}"})

    def end_week(self, week: int, trained: bool, rules: AdaptationRules) -> None:
        """Remember the week's load, or go back for a week without training."""
        if self.kilograms is None:
            return
        if trained:
            self.weeks.append(self.kilograms)
            return
        back = rules.back("strength")
        self.weeks = self.weeks[: max(1, len(self.weeks) - back)]
        earlier = self.weeks[-1] if self.weeks else self.kilograms
        self.kilograms = min(earlier, rounded(self.kilograms * (100 - rules["load_down"]) / 100, rules))
        if self.weeks:
            self.weeks[-1] = min(self.weeks[-1], self.kilograms)
        self.run, self.verdict = 0, Verdict.DOWN
        self.cause = Cause("break", "strength_weeks_back", {"weeks": back, "week": week})

    def coming(self, planned: float | None, most: float | None, may_rise: bool, rules: AdaptationRules) -> float | None:
        """The load of the next session, where the plan asks for `planned`; never above `most`."""
        if self.kilograms is None:
            return planned
        load = self.kilograms
        if may_rise and self.verdict is not None and self.verdict >= Verdict.GOOD:
            if planned is not None and planned > load:
                load = min(planned, most_after(load, rules))
            if self.run >= rules["sessions_running"]:
                load = max(load, _step_up(self.kilograms, rules))
        return load if most is None else min(load, most)


def _next(before: float | None, lifted: float | None, verdict: Verdict, rules: AdaptationRules) -> float | None:
    """What the load stands at after a session; what was lifted counts one smallest step up, or the rule's step."""
    if lifted is None or before is None:
        return before if lifted is None else lifted
    if verdict < Verdict.GOOD:
        return min(lifted, before)
    return min(lifted, max(most_after(before, rules), before + rules["smallest_load_step"] / 1000))


def most_after(load: float, rules: AdaptationRules) -> float:
    """The heaviest load that may follow this one."""
    step = rules["smallest_load_step"] / 1000
    most = rounded(load * (100 + rules["load_up_most"]) / 100, rules)
    return max(load, most, load + step if rules.load_by == "smallest" else load)


def _step_up(load: float, rules: AdaptationRules) -> float:
    """One step up; the load itself where the smallest step is more than the rule allows."""
    step = rules["smallest_load_step"] / 1000
    if rules.load_by == "smallest":
        return load + step
    least = math.ceil(load * (100 + rules["load_up_least"]) / 100 / step - 1e-9) * step
    return max(load + step if least <= load else least, load) if least <= most_after(load, rules) else load


def rounded(load: float, rules: AdaptationRules) -> float:
    """Down to the smallest step."""
    step = rules["smallest_load_step"] / 1000
    return max(0.0, math.floor(load / step + 1e-9) * step)


def _hurt(entry: SessionLog, lifted: ExerciseDone, rules: AdaptationRules) -> bool:
    return max(entry.pain or 0, lifted.pain or 0) >= rules["pain_lowers_from"]


def _judge(
    entry: SessionLog, lifted: ExerciseDone, asked: PlannedExercise | None, whole: Judgement, rules: AdaptationRules
) -> Judgement:
    """The session's verdict, worsened by what happened in this exercise alone."""
    found = [whole]
    if _hurt(entry, lifted, rules):
        pain = max(entry.pain or 0, lifted.pain or 0)
        found.append(Judgement(Verdict.DOWN, Cause("pain", "symptoms-lower", {"key": entry.key, "pain": pain})))
    low = asked.repetitions[0] if asked and asked.repetitions else None
    if lifted.repetitions is not None and low is not None and lifted.repetitions <= low - rules["fewer_repetitions"]:
        said: dict[str, object] = {"key": entry.key, "done": lifted.repetitions, "planned": low}
        found.append(Judgement(Verdict.DOWN, Cause("fewer", "fewer_repetitions", said)))
    return min(found, key=lambda each: each.verdict)


def _is_easy(lifted: ExerciseDone, asked: PlannedExercise | None, whole: Judgement, rules: AdaptationRules) -> bool:
    high = asked.repetitions[1] if asked and asked.repetitions else None
    more = lifted.repetitions is not None and high is not None
    by_repetitions = more and (lifted.repetitions or 0) >= (high or 0) + rules["more_repetitions"]
    by_rpe = whole.verdict is Verdict.EASY
    return {"rpe": by_rpe, "repetitions": by_repetitions, "either": by_rpe or by_repetitions}[rules.easy_by]
