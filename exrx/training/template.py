"""Training templates: `protocols/training/<id>.yaml` and `exercises.yaml`, read and checked.

A template says in numbers with sources how the weeks are made; the builder makes them. After `load_training`
nothing needs checking again. All faults of a file are reported at once, each with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from exrx.errors import PlanError
from exrx.library import library_root, shown_path
from exrx.protocol.model import Parameter
from exrx.rules.restriction import Intensity, Supervision
from exrx.training.exercises import PLACES, Exercise, ExerciseReader, Exercises, load_exercises
from exrx.training.session import INTENSITIES
from exrx.training.targets import Words, load_targets
from exrx.yamlread import Mapping, Node, canonical_sha256, read_yaml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LOWEST = {  # the parameters that a template must give, with the lowest value each may have
    "class_minutes": 1, "warm_up_minutes": 0, "cool_down_minutes": 0, "aerobic_share": 0, "start_minutes": 1,
    "step_minutes": 1, "weeks_per_step": 1, "top_minutes": 1, "start_home_days": 0, "weeks_per_home_day": 1,
    "weeks_per_intensity_step": 1, "vigorous_step_minutes": 1, "vigorous_top_minutes": 0, "bout_minutes": 1,
    "reduce_percent": 0, "seconds_per_set": 1, "rest_seconds": 0, "strength_entry_days": 1,
    "strength_entry_stage": 1, "decision_valid_days": 0,
}  # fmt: skip


@frozen
class Band:
    """What an intensity means and which avoidances rule it out.

    For aerobic training `borg` (6-20) and `percent` of the measured maximal pulse, for strength training
    `percent` of the load that can be lifted once (borg None); lowest and highest.
    """

    percent: tuple[int, int]
    borg: tuple[int, int] | None
    loads: frozenset[str]
    word: Words


@frozen
class Stage:
    """A stage of strength training, from a week of the programme; `slow_from_week` if load may not rise
    fast.
    """

    from_week: int
    slow_from_week: int
    sets: int
    repetitions: tuple[int, int]
    load: Intensity


@frozen
class Difference:
    """What a template changes in the one it extends: the part, both values (empty for longer parts), and why."""

    part: str
    before: str
    now: str
    because: Words


@frozen(eq=False)
class Training:
    """A checked template. `training["class_minutes"]` is a parameter's value in the unit its file gives."""

    id: str
    version: str
    title: Words
    caveat: Words
    checked_against: tuple[str, ...]
    class_weekdays: tuple[int, ...]
    home_weekdays: tuple[int, ...]
    parameters: dict[str, Parameter]
    zones: dict[Intensity, Band]
    loads: dict[Intensity, Band]
    without_measured_maximum: Intensity
    home_by_supervision: dict[Supervision, Intensity]
    alone: frozenset[str]
    slow_for: frozenset[str]
    stages: tuple[Stage, ...]
    slots: tuple[tuple[Exercise, ...], ...]
    first_for: frozenset[str]
    first_exercises: frozenset[str]
    aerobic: dict[str, tuple[Exercise, ...]]
    warm_up: tuple[Exercise, ...]
    balance: tuple[Exercise, ...]
    cool_down: tuple[Exercise, ...]
    known_avoidances: frozenset[str]
    unverified: tuple[str, ...]
    sha256: str
    extends: str = ""
    differences: tuple[Difference, ...] = ()

    def __getitem__(self, name: str) -> int:
        return int(self.parameters[name].value)

    def first(self, choice: tuple[Exercise, ...], avoid: frozenset[str]) -> Exercise | None:
        """The exercise of a choice to use when these are avoided: the first that is allowed.

        Where one of `first_for` is avoided, the `first_exercises` come before the others.
        """
        allowed = [exercise for exercise in choice if exercise.allowed(avoid)]
        early = self.first_exercises if avoid & self.first_for else frozenset()
        return next((exercise for exercise in allowed if exercise.id in early), allowed[0] if allowed else None)


def shipped_trainings() -> tuple[str, ...]:
    """The ids of the shipped templates."""
    return tuple(name for name, kind in shipped_programmes().items() if kind == "ladder")


@lru_cache(maxsize=1)
def shipped_programmes() -> dict[str, str]:
    """The ids of all shipped programmes, each with its kind: `ladder` (a template) or `table` (a trial's table)."""
    found = {}
    for path in sorted((library_root() / "training").glob("*.yaml")):
        lines = path.read_text(encoding="utf-8").splitlines()
        if any(line.startswith("id:") for line in lines):
            found[path.stem] = "table" if "kind: table" in lines else "ladder"
    return found


def load_training(training: str | Path | Training) -> Training:
    """The template with this id, or in this file (with the shipped exercises).

    Raises:
        PlanError: there is no such template.
        ProtocolError: a file contradicts itself; every fault with its place.
    """
    if isinstance(training, Training):
        return training
    if training in shipped_trainings():
        return _shipped(str(training))
    path = Path(training) if isinstance(training, (str, Path)) else Path()
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        shipped = ", ".join(shipped_trainings())
        raise PlanError(f"there is no training template '{training}'. Use one of: {shipped}")
    return _TemplateReader().training(path)


@lru_cache(maxsize=16)
def _shipped(name: str) -> Training:
    return _TemplateReader().training(library_root() / "training" / f"{name}.yaml")


_KEYS = (
    "id", "version", "title", "caveat", "checked_against", "class_weekdays", "home_weekdays", "parameters",
    "zones", "loads", "without_measured_maximum", "home_by_supervision", "alone", "slow_for",
    "strength_stages", "slots", "first_for", "aerobic", "warm_up", "balance", "cool_down",
)  # fmt: skip
_ORIGIN = ("source", "verified", "note")


@define
class _TemplateReader(ExerciseReader):
    exercises: Exercises | None = field(default=None, kw_only=True)

    def training(self, path: Path) -> Training:
        self.exercises = load_exercises()
        name = shown_path(path)
        content, extends, differences = self._extended(read_yaml(path, name))
        root = self.table(content, "a template", _KEYS, _KEYS)
        places = self.table(root.get("aerobic"), "aerobic", PLACES, PLACES)
        zones = self._bands(root.get("zones"), "zones", "heart_rate", True)
        loads = self._bands(root.get("loads"), "loads", "one_rm", False)
        alone, slow_for = (self.avoidances(root.get(key), key) for key in ("alone", "slow_for"))
        first_for, first = self._first_for(root.get("first_for"))
        known = self.exercises.known_avoidances.union(
            alone, slow_for, first_for, *(b.loads for b in (*zones.values(), *loads.values()))
        )
        training = Training(
            id=self.text(root.get("id"), "id"),
            version=self.text(root.get("version"), "version"),
            title=self.both_languages(root.get("title"), "title"),
            caveat=self.both_languages(root.get("caveat"), "caveat"),
            checked_against=tuple(self.words(root.get("checked_against"), "checked_against", load_targets())),
            class_weekdays=self._weekdays(root, "class_weekdays"),
            home_weekdays=self._weekdays(root, "home_weekdays"),
            parameters=self._parameters(root),
            zones=zones,
            loads=loads,
            without_measured_maximum=self._without_maximum(root.get("without_measured_maximum")),
            home_by_supervision=self._home(root.get("home_by_supervision")),
            alone=alone,
            slow_for=slow_for,
            stages=tuple(self._stages(root.get("strength_stages"))),
            slots=tuple(self._chosen(node, "a slot", "strength") for node in self.several(root.get("slots"), "slots")),
            first_for=first_for,
            first_exercises=frozenset(exercise.id for exercise in first),
            aerobic={w: self._chosen(places.get(w), "aerobic", "aerobic", where=w) for w in PLACES},
            warm_up=self._chosen(root.get("warm_up"), "warm_up", "mobility"),
            balance=self._chosen(root.get("balance"), "balance", "balance"),
            cool_down=self._chosen(root.get("cool_down"), "cool_down", "stretch", "mobility"),
            known_avoidances=known,
            unverified=tuple(dict.fromkeys([*self.unverified, *self._exercise_remark()])),
            sha256=canonical_sha256([content.plain(), self.exercises.sha256]),
            extends=extends,
            differences=differences,
        )
        if not self.diagnostics:
            self._check(training, root)
        self.finish(name)
        return training

    def _extended(self, own: Node) -> tuple[Node, str, tuple[Difference, ...]]:
        """The template with what it does not say itself taken from the one it extends, and each difference with why."""
        if not isinstance(own, Mapping) or "extends" not in own.entries:
            return own, "", ()
        named = own.get("extends")
        base_id = self.one_of(named, "extends", shipped_trainings()) or ""
        if not base_id:
            return own, "", ()
        base = read_yaml(library_root() / "training" / f"{base_id}.yaml", f"protocols/training/{base_id}.yaml")
        if not isinstance(base, Mapping) or "extends" in base.entries:
            self.fault("wrong-base", f"'{base_id}' cannot be extended", own.places["extends"])
            return own, "", ()
        because = self.table(own.get("because"), "because").entries
        said = {key: node for key, node in own.entries.items() if key not in ("extends", "because")}
        changed = dict(self._changed(own, base))
        for part in changed.keys() - because.keys():
            self.fault("missing-reason", f"'{part}' differs from {base_id} without a reason", own.location,
                       f"add 'because: {{{part}: {{da: .., en: ..}}}}'")
        for part in because.keys() - changed.keys():
            self.fault("unknown-key", f"because: '{part}' does not differ from {base_id}", because[part].location)
        differences = tuple(
            Difference(part, *values, self.both_languages(because.get(part), part)) for part, values in changed.items()
        )
        entries = base.entries | said | {"parameters": _merged(base.get("parameters"), own.get("parameters"))}
        return Mapping(entries, own.location, base.places | own.places), base_id, differences

    def _changed(self, own: Mapping, base: Mapping) -> Iterator[tuple[str, tuple[str, str]]]:
        """Each part that says something else than the base's, with both values where they are short."""
        parameters = self.table(own.get("parameters"), "parameters").entries
        before = self.table(base.get("parameters"), "parameters").entries
        for name, node in parameters.items():
            yield name, (_shown(before.get(name)), _shown(node))
        for key, node in own.entries.items():
            usual = base.get(key)
            if key in _KEYS[4:] and key != "parameters" and usual is not None and node.plain() != usual.plain():
                yield key, ("", "")

    def _exercise_remark(self) -> list[str]:
        unverified = self.exercises is not None and self.exercises.verified == "unverified"
        return ["exercises: what each loads"] if unverified else []

    def _parameters(self, root: Mapping) -> dict[str, Parameter]:
        table = self.table(root.get("parameters"), "parameters", _LOWEST, _LOWEST)
        for name, node in table.entries.items():
            self.number(node, name, lowest=_LOWEST.get(name, 0))
        return dict(self.parameters)

    def _weekdays(self, root: Mapping, key: str) -> tuple[int, ...]:
        return tuple(WEEKDAYS.index(day) for day in self.words(root.get(key), key, WEEKDAYS))

    def _level(self, node: Node | None, what: str) -> Intensity:
        word = self.one_of(node, what, Intensity.words())
        return Intensity.from_word(word) if word else Intensity.NONE

    def _bands(self, node: Node | None, what: str, percent: str, with_borg: bool) -> dict[Intensity, Band]:
        words = [level.word for level in INTENSITIES]
        table = self.table(node, what, words, words)
        keys = (percent, "loads", "source", "verified", "word", *(["borg"] if with_borg else []))
        bands = {}
        for level in INTENSITIES:
            name = f"{what}.{level.word}"
            entry = self.table(table.get(level.word), name, (*keys, "note"), keys)
            self.origin(entry.get("source"), entry.get("verified"), name)
            borg = self.pair(entry.get("borg"), f"{name}: borg") if with_borg else None
            edges = self.pair(entry.get(percent), f"{name}: {percent}")
            loads, word = self.avoidances(entry.get("loads"), name), entry.get("word")
            bands[level] = Band(edges, borg, loads, self.both_languages(word, name))
        return bands

    def _without_maximum(self, node: Node | None) -> Intensity:
        what = "without_measured_maximum"
        table = self.table(node, what, ("intensity", *_ORIGIN), ("intensity", "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), what)
        return self._level(table.get("intensity"), what)

    def _home(self, node: Node | None) -> dict[Supervision, Intensity]:
        what, words = "home_by_supervision", Supervision.words()
        table = self.table(node, what, (*words, *_ORIGIN), (*words, "source", "verified"))
        self.origin(table.get("source"), table.get("verified"), what)
        return {level: self._level(table.get(level.word), what) for level in Supervision}

    def _stages(self, node: Node | None) -> Iterator[Stage]:
        keys = ("from_week", "slow_from_week", "sets", "repetitions", "load", "source", "verified")
        for number, item in enumerate(self.several(node, "strength_stages"), start=1):
            name = f"strength_stages.{number}"
            table = self.table(item, name, (*keys, "note"), keys)
            self.origin(table.get("source"), table.get("verified"), name)
            weeks = [self.whole(table.get(key), f"{name}: {key}") or 0 for key in keys[:3]]
            repetitions = self.pair(table.get("repetitions"), f"{name}: repetitions")
            yield Stage(weeks[0], weeks[1], weeks[2], repetitions, self._level(table.get("load"), name))

    def _first_for(self, node: Node | None) -> tuple[frozenset[str], tuple[Exercise, ...]]:
        what, keys = "first_for", ("avoid", "exercises", "source", "verified")
        table = self.table(node, what, (*keys, "note"), keys)
        self.origin(table.get("source"), table.get("verified"), what)
        return self.avoidances(table.get("avoid"), what), self._chosen(table.get("exercises"), what, "strength")

    def _chosen(self, node: Node | None, what: str, *kinds: str, where: str = "class") -> tuple[Exercise, ...]:
        by_id = self.exercises.by_id if self.exercises else {}
        found = tuple(by_id[name] for name in self.words(node, what, by_id, "unknown-exercise"))
        for exercise in found:
            if node is not None and (exercise.kind not in kinds or where not in exercise.where):
                message = f"{what}: '{exercise.id}' is {exercise.kind} for {' and '.join(exercise.where)}"
                wanted = f"here stands {' or '.join(kinds)} for {where}"
                self.fault("wrong-exercise", message, node.location, wanted)
        return found

    def _check(self, training: Training, root: Mapping) -> None:
        for key, message in _contradictions(training):
            self.fault("contradiction", message, root.places.get(key, root.location))


def _merged(base: Node | None, own: Node | None) -> Mapping:
    """Two blocks of parameters as one; the own ones replace the base's."""
    parts = [block for block in (base, own) if isinstance(block, Mapping)]
    entries = {key: node for block in parts for key, node in block.entries.items()}
    places = {key: place for block in parts for key, place in block.places.items()}
    return Mapping(entries, parts[-1].location, places)


def _shown(parameter: Node | None) -> str:
    """A parameter's value with its unit, as it is written."""
    plain = parameter.plain() if isinstance(parameter, Mapping) else {}
    return f"{plain.get('value', '')} {plain.get('unit', '')}".strip() if isinstance(plain, dict) else ""


def _contradictions(training: Training) -> Iterator[tuple[str, str]]:
    """What must hold for more caution to give less training, and for the weeks to be buildable."""
    days = (*training.class_weekdays, *training.home_weekdays)
    if len(set(days)) != len(days):
        yield "home_weekdays", "a weekday stands twice"
    if not training.class_weekdays:
        yield "class_weekdays", "there must be at least one class"
    if training["start_home_days"] > len(training.home_weekdays):
        yield "parameters", "start_home_days is more than home_weekdays has"
    if max(training["start_minutes"], training["vigorous_top_minutes"]) > training["top_minutes"]:
        yield "parameters", "start_minutes and vigorous_top_minutes must not exceed top_minutes"
    if training["aerobic_share"] > 100 or training["reduce_percent"] > 100:
        yield "parameters", "a share must not exceed 100 %"
    if training["strength_entry_stage"] > len(training.stages):
        yield "parameters", "strength_entry_stage is more than the stages there are"
    names = [exercise.id for slot in training.slots for exercise in slot]
    if len(set(names)) != len(names):
        yield "slots", "an exercise stands in two slots"
    if not training.slots or not all(training.slots):
        yield "slots", "every slot needs an exercise"
    yield from _stage_contradictions(training.stages)
    home: Any = list(training.home_by_supervision.values())
    if home != sorted(home):
        yield "home_by_supervision", "closer supervision must not allow more intensity at home"
    for key, bands in (("zones", training.zones), ("loads", training.loads)):
        edges = [bands[level].percent[0] for level in INTENSITIES]
        borg = [edge[0] for level in INTENSITIES if (edge := bands[level].borg)]
        if edges != sorted(edges) or borg != sorted(borg):
            yield key, "a higher intensity must not begin lower"
        loads = [bands[level].loads for level in INTENSITIES]
        if not all(lower <= higher for lower, higher in pairwise(loads)):
            yield key, "what rules out an intensity must rule out every higher one"


def _stage_contradictions(stages: tuple[Stage, ...]) -> Iterator[tuple[str, str]]:
    if not stages or stages[0].from_week != 1 or stages[0].slow_from_week != 1:
        yield "strength_stages", "the first stage must begin in week 1"
    if any(stage.slow_from_week < stage.from_week for stage in stages):
        yield "strength_stages", "slow_from_week must not come before from_week"
    for one, next_one in pairwise(stages):
        if next_one.from_week <= one.from_week or next_one.slow_from_week <= one.slow_from_week:
            yield "strength_stages", "the stages must follow each other"
        if next_one.slow_from_week - one.slow_from_week < next_one.from_week - one.from_week:
            yield "strength_stages", "the slow stages must not follow each other faster"
        if next_one.sets < one.sets or next_one.load > one.load:
            yield "strength_stages", "sets and load must not fall from stage to stage"
        if next_one.sets > one.sets and next_one.load < one.load:
            yield "strength_stages", "sets and load must not rise in the same stage"
