"""Measures before and after a course, as data: which way is better, and the differences that matter by their sources.

Source: protocols/outcomes/measures.yaml; every number there has its own source and mark.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from attrs import define, field, frozen

from exrx.errors import FieldError, Location, ProtocolError
from exrx.fields import Dictionary, load_dictionary
from exrx.library import library_root, shown_path
from exrx.outcomes.questionnaires import BETTER, CitedReader, Comparison, Questionnaire, load_questionnaires
from exrx.protocol.sources import read_sources, sources_path
from exrx.yamlread import Mapping, Node, read_yaml

_KEYS = ("field", "unit", "plausible", "questionnaire", "label", "better", "norms", "cut_offs", "differences")


@frozen
class Difference:
    """A change that matters by one source: at least so much (`percent` of the value before), in one population."""

    id: str
    at_least: float
    percent: bool
    population: dict[str, str] = field(hash=False)
    source: str = ""
    verified: str = "unverified"


@frozen
class Threshold:
    """What a value means by one source, for one sex or for all."""

    id: str
    when: Comparison
    sex: str
    then: dict[str, str] = field(hash=False)
    source: str = ""
    verified: str = "unverified"


@frozen(eq=False)
class Measure:
    """A measure: unit, plausible range in it, which way is better, differences and thresholds by id.

    `scale` of a questionnaire is the score that is compared; it is part of the id (`qlq-c30.physical`).
    """

    id: str
    label: dict[str, str]
    unit: str
    plausible: tuple[float, float]
    better: str
    field: str = ""
    differences: tuple[Difference, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    has_norms: bool = False

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.better == "higher" else -1


@lru_cache(maxsize=1)
def load_measures() -> dict[str, Measure]:
    """The shipped measures by id, each scale of a questionnaire a measure of its own.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_measures(library_root() / "outcomes" / "measures.yaml", load_dictionary())


def find_measure(wanted: str) -> Measure:
    """The measure with this id, or of the field with this name or alias; FieldError names the nearest or all."""
    measures = load_measures()
    key = wanted.strip().casefold().replace(" ", "-").replace("_", "-")
    if key in measures:
        return measures[key]
    name = load_dictionary().names_by_alias.get(wanted.strip().casefold().replace(" ", "_").replace("-", "_"))
    for measure in measures.values():
        if name is not None and measure.field == name:
            return measure
    near = get_close_matches(key, measures, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "exrx effect --measures lists them"
    raise FieldError(f"there is no measure '{wanted}' here. {hint}")


def read_measures(path: Path, dictionary: Dictionary) -> dict[str, Measure]:
    """The measures of a file of the format of measures.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = _MeasureReader(sources=frozenset(read_sources(sources_path())[0]), dictionary=dictionary)
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("measures",), ("measures",))
    entries = read.table(root.get("measures"), "measures").entries
    found = [measure for name, node in entries.items() for measure in read.measures(name, node)]
    if read.diagnostics:
        raise ProtocolError(f"{shown_path(path)} cannot be used", tuple(read.diagnostics))
    return {measure.id: measure for measure in found}


@define
class _MeasureReader(CitedReader):
    dictionary: Dictionary = field(kw_only=True)

    def measures(self, name: str, node: Node) -> list[Measure]:
        """The measure, or one for each scale of a questionnaire."""
        table = self.table(node, name, _KEYS, ("label",))
        label = self.both_languages(table.get("label"), f"{name}: label")
        differences = tuple(
            self._difference(f"{name}: {key}", key, entry)
            for key, entry in self.table(table.get("differences"), f"{name}: differences").entries.items()
        )
        thresholds = tuple(
            self._threshold(f"{name}: {key}", key, entry)
            for key, entry in self.table(table.get("cut_offs"), f"{name}: cut_offs").entries.items()
        )
        of = self.text(table.get("questionnaire"), f"{name}: questionnaire")
        if of:
            form = load_questionnaires().get(of)
            if form is None:
                self.fault("unknown-word", f"{name}: there is no questionnaire '{of}'", table.location)
                return []
            return [_of_scale(form, scale, differences) for scale in form.scales]
        unit, plausible, field_name = self._extent(name, table.get("field"), table, table.location)
        better = self.one_of(table.get("better"), f"{name}: better", BETTER) or "higher"
        has_norms = self.text(table.get("norms"), f"{name}: norms") == "yes"
        return [Measure(name, label, unit, plausible, better, field_name, differences, thresholds, has_norms)]

    def _extent(
        self, name: str, node: Node | None, table: Mapping, place: Location
    ) -> tuple[str, tuple[float, float], str]:
        if node is None:
            ends = [float(item.text) for item in self.texts(table.get("plausible"), f"{name}: plausible")]
            unit = self.text(table.get("unit"), f"{name}: unit")
            if len(ends) != 2 or not unit:
                self.fault("missing-key", f"{name} needs a field, or unit and plausible: [low, high]", place)
                return unit, (0.0, 1.0), ""
            return unit, (ends[0], ends[1]), ""
        field_name = self.text(node, f"{name}: field")
        entry = self.dictionary.fields.get(field_name)
        if entry is None or entry.scale is None:
            self.fault("unknown-field", f"{name}: there is no number called '{field_name}'", node.location)
            return "", (0.0, 1.0), ""
        return entry.scale.unit, (float(entry.scale.low), float(entry.scale.high)), field_name

    def _difference(self, what: str, key: str, node: Node) -> Difference:
        keys = ("at_least", "percent", "population", "source", "verified")
        table = self.table(node, what, keys, ("at_least", "population", "source", "verified"))
        source, verified = self.cited(table, what)
        return Difference(
            key, self.number(table.get("at_least"), f"{what}: at_least"),
            self.text(table.get("percent"), f"{what}: percent") == "yes",
            self.both_languages(table.get("population"), f"{what}: population"), source, verified,
        )  # fmt: skip

    def _threshold(self, what: str, key: str, node: Node) -> Threshold:
        keys = ("when", "sex", "then", "source", "verified")
        table = self.table(node, what, keys, ("when", "then", "source", "verified"))
        source, verified = self.cited(table, what)
        return Threshold(
            key, self.comparison(table.get("when"), f"{what}: when"),
            self.one_of(table.get("sex"), f"{what}: sex", ("female", "male")) or "",
            self.both_languages(table.get("then"), f"{what}: then"), source, verified,
        )  # fmt: skip


def _of_scale(form: Questionnaire, name: str, differences: tuple[Difference, ...]) -> Measure:
    """A scale of a questionnaire as a measure; its range is what its items allow."""
    scale = form.scales[name]
    ends = [form.ranges[item - 1] for item in scale.items]
    extent = (0.0, 100.0) if scale.count != "sum" else (sum(low for low, _ in ends), sum(high for _, high in ends))
    label = {lang: f"{form.title[lang]}: {text}" for lang, text in scale.label.items()}
    plausible = (float(extent[0]), float(extent[1]))
    return Measure(f"{form.id}.{name}", label, "{points}", plausible, scale.better, "", differences)
