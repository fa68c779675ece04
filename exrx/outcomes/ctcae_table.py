"""The laboratory criteria of CTCAE by edition, as data: terms, cells, and where the editions differ.

Source: the numbers of NCI CTCAE v4, v5 and v6, read second-hand (protocols/ctcae.yaml says where). secondary
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from attrs import define, field, frozen

from exrx.errors import FieldError, Location, ProtocolError
from exrx.fields import Dictionary, load_dictionary
from exrx.library import library_root, shown_path
from exrx.protocol.schema import Reader
from exrx.quantities import Scale
from exrx.yamlread import Mapping, Node, Scalar, Sequence, read_yaml

EDITIONS = ("4", "5", "6")
GRADES = (1, 2, 3, 4)
ON_ANTICOAGULATION = "on anticoagulation"

_NUMBER = r"\d+(?:\.\d+)?"
_COMPARISON = re.compile(
    rf"(?:(?P<subject>baseline) )?(?P<operator>[<>]) "
    rf"(?:(?P<numbers>{_NUMBER}(?: / {_NUMBER})*)"
    rf"|(?:(?P<times>{_NUMBER}) x )?(?P<of>lln|uln|baseline)(?: \+ (?P<plus>{_NUMBER}))?)"
)


@frozen
class Comparison:
    """`subject operator amount`: the amount is a number in each printed unit, or `times x of + plus`.

    `subject` and `of` are names of what is known: value, lln, uln, baseline. `plus` is in the first printed unit.
    """

    subject: str
    operator: str
    numbers: tuple[Decimal, ...] = ()
    of: str = ""
    times: Decimal = Decimal(1)
    plus: Decimal = Decimal(0)


@frozen
class OnAnticoagulation:
    """The part holds only for a patient whose blood is thinned on purpose."""


Part = Comparison | OnAnticoagulation


@frozen
class Cell:
    """When a grade is reached: any of the alternatives, each of them all of its parts."""

    alternatives: tuple[tuple[Part, ...], ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part of every alternative."""
        return tuple(part for alternative in self.alternatives for part in alternative)


@frozen
class Criterion:
    """A term in one edition: the adverse event's own name, and the cells by grade."""

    edition: str
    name: str
    cells: dict[int, Cell] = field(hash=False)

    @property
    def highest(self) -> int:
        """The highest grade that a number can give."""
        return max(self.cells)


@frozen(eq=False)
class Term:
    """One laboratory term: the field whose value is graded, the printed units, and a criterion by edition."""

    id: str
    field: str
    scale: Scale
    label: dict[str, str]
    units: tuple[str, ...]
    criteria: dict[str, Criterion]
    remarks: dict[str, str]

    def criterion(self, edition: str | int) -> Criterion:
        """The criterion of an edition.

        Raises:
            FieldError: no such edition, or an edition that does not grade this term by a number.
        """
        wanted = str(edition)
        if wanted not in EDITIONS:
            raise FieldError(f"there is no CTCAE edition '{edition}' here. Name one of: {', '.join(EDITIONS)}")
        if wanted not in self.criteria:
            raise FieldError(
                f"CTCAE {wanted} does not grade '{self.id}' by a number; editions that do: {', '.join(self.criteria)}"
            )
        return self.criteria[wanted]


@frozen
class Difference:
    """What an edition changed in a term: its name (grade 0) or a cell, `was` and `now`; None where there is none."""

    term: str
    grade: int
    before: str
    after: str
    was: str | Cell | None
    now: str | Cell | None


@lru_cache(maxsize=1)
def load_ctcae() -> dict[str, Term]:
    """The shipped terms by id.

    Raises:
        ProtocolError: the file contradicts itself; every fault with its place.
    """
    return read_ctcae(library_root() / "ctcae.yaml", load_dictionary())


def find_term(wanted: str) -> Term:
    """The term with this id, adverse event name (of any edition), label, or the only one of this field.

    Raises:
        FieldError: there is none, or several; the message names those that are near.
    """
    terms, key = load_ctcae(), _key(wanted)
    found = [term for term in terms.values() if key in map(_key, _names(term))]
    if not found:
        aliases = load_dictionary().fields
        found = [term for term in terms.values() if key in map(_key, (term.field, *aliases[term.field].aliases))]
    if len(found) == 1:
        return found[0]
    if found:
        raise FieldError(f"'{wanted}' has several CTCAE terms. Name one of: {', '.join(term.id for term in found)}")
    near = get_close_matches(key, [_key(name) for term in terms.values() for name in _names(term)], n=1)
    hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(terms)}"
    raise FieldError(f"there is no CTCAE term '{wanted}' here. {hint}")


def _names(term: Term) -> tuple[str, ...]:
    return (term.id, *(criterion.name for criterion in term.criteria.values()), *term.label.values())


def _key(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def differences() -> tuple[Difference, ...]:
    """Everything that changes from an edition to the next: names, cells, terms that come or go; in the file's order."""
    return tuple(
        Difference(term.id, row, before, after, was, now)
        for term in load_ctcae().values()
        for before, after in pairwise(EDITIONS)
        for row in (0, *GRADES)
        if (was := _entry(term, before, row)) != (now := _entry(term, after, row))
    )


def _entry(term: Term, edition: str, row: int) -> str | Cell | None:
    criterion = term.criteria.get(edition)
    if criterion is None:
        return None
    return criterion.cells.get(row) if row else criterion.name


def read_ctcae(path: Path, dictionary: Dictionary) -> dict[str, Term]:
    """The terms of a file of the format of ctcae.yaml.

    Raises:
        ProtocolError: every fault with its place.
    """
    read = _TableReader(dictionary=dictionary)
    root = read.table(read_yaml(path, shown_path(path)), "the file", ("editions", "terms"), ("editions", "terms"))
    for edition, node in read.table(root.get("editions"), "editions", EDITIONS, EDITIONS).entries.items():
        read.table(node, f"edition {edition}", ("source", "verified"), ("source", "verified"))
    terms = [read.term(name, node) for name, node in read.table(root.get("terms"), "terms").entries.items()]
    if read.diagnostics:
        raise ProtocolError(f"{shown_path(path)} cannot be used", tuple(read.diagnostics))
    return {term.id: term for term in terms if term is not None}


@define
class _TableReader(Reader):
    dictionary: Dictionary = field(kw_only=True)

    def term(self, name: str, node: Node) -> Term | None:
        keys = ("field", "label", "units", "editions", "remarks")
        table = self.table(node, f"term '{name}'", keys, ("field", "label", "editions"))
        of = self.text(table.get("field"), f"{name}: field")
        entry = self.dictionary.fields.get(of)
        if entry is None or entry.scale is None:
            self.fault("unknown-field", f"there is no number called '{of}' in the dictionary", table.location)
            return None
        units = tuple(unit.text for unit in self.texts(table.get("units"), f"{name}: units"))
        editions = self.table(table.get("editions"), f"{name}: editions", EDITIONS)
        criteria = {key: self._criterion(name, key, cells, units) for key, cells in editions.entries.items()}
        return Term(
            id=name,
            field=of,
            scale=entry.scale,
            label=self.both_languages(table.get("label"), f"{name}: label"),
            units=units,
            criteria={key: criterion for key, criterion in criteria.items() if criterion.cells},
            remarks=self.both_languages(table.get("remarks"), f"{name}: remarks"),
        )

    def _criterion(self, name: str, edition: str, node: Node, units: tuple[str, ...]) -> Criterion:
        what = f"{name}, edition {edition}"
        table = self.table(node, what, ("name", *map(str, GRADES)), ("name",))
        cells = {grade: self._cell(f"{what}, grade {grade}", table.get(str(grade)), units)
                 for grade in GRADES if str(grade) in table.entries}  # fmt: skip
        if not cells and isinstance(node, Mapping):
            self.fault("missing-key", f"{what} needs at least one grade", table.location)
        return Criterion(edition, self.text(table.get("name"), f"{what}: name"), cells)

    def _cell(self, what: str, node: Node | None, units: tuple[str, ...]) -> Cell:
        items = node.items if isinstance(node, Sequence) else (node,)
        texts = [item for item in items if isinstance(item, Scalar)]
        alternatives = tuple(
            tuple(self._part(what, part, item.location, units) for part in item.text.split(" and ")) for item in texts
        )
        return Cell(alternatives)

    def _part(self, what: str, text: str, place: Location, units: tuple[str, ...]) -> Part:
        if text == ON_ANTICOAGULATION:
            return OnAnticoagulation()
        found = _COMPARISON.fullmatch(text)
        if found is None:
            self.fault("syntax", f"{what}: '{text}' is not a comparison", place,
                       "write for example '< 75', '> 1.5 x uln' or '> uln + 2'")  # fmt: skip
            return Comparison("value", "<")
        numbers = tuple(Decimal(number) for number in (found["numbers"] or "").split(" / ") if number)
        if numbers and len(numbers) != len(units):
            self.fault("wrong-shape", f"{what}: {len(numbers)} limits for {len(units)} units", place)
        if found["plus"] and not units:
            self.fault("needs-unit", f"{what}: a limit with a sum needs the unit of its number", place)
        return Comparison(
            found["subject"] or "value", found["operator"], numbers, found["of"] or "",
            Decimal(found["times"] or 1), Decimal(found["plus"] or 0),
        )  # fmt: skip
