"""Forms: what makes "asked, no" sayable.

A form lists the fields that its questions cover. Read with a patient it answers "no" to every covered field
that was not ticked, so that silence on a completed form is an answer and silence without one stays unknown.
Forms are files in `protocols/forms/`; a faulty one is refused with every fault and its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import define, frozen

from exrx import yamlread
from exrx.errors import Diagnostic, FieldError, Location, ProtocolError
from exrx.fields import YES, Dictionary, Field, Members, Possible, Span, Tie, load_dictionary
from exrx.library import library_root, shown_path

_FORM_KEYS = frozenset({"id", "version", "title", "role", "questions", "measure", "note"})
_QUESTION_KEYS = frozenset({"id", "text", "covers", "note"})
_NEEDED = {"form": ("id", "version", "title", "questions"), "question": ("id", "text", "covers")}


@frozen
class Question:
    """One question and the fields it asks about; ticked as a whole it leaves several fields unknown."""

    id: str
    text: dict[str, str]
    covers: tuple[str, ...]


@frozen
class Answers:
    """What a filled form says.

    `ticked` are fields that were answered with yes, `opened` those of a ticked question that covers several
    (at least one of them is yes, nobody knows which), `unanswered` those of an item that was left blank or answered
    "don't know", `unticked` the others it covers. `strangers` are ticks that name neither a field nor a question of
    the form.
    """

    ticked: Mapping[str, Possible]
    opened: Mapping[str, Possible]
    unanswered: Mapping[str, Possible]
    unticked: Mapping[str, Possible]
    strangers: tuple[str, ...]


@define(eq=False, slots=False)
class Form:
    """A form of the library: its questions, the fields they cover and the values to be measured with it."""

    id: str
    version: str
    title: dict[str, str]
    roles: tuple[str, ...]
    questions: tuple[Question, ...]
    measure: tuple[str, ...]
    unticked: dict[str, Possible]
    dictionary: Dictionary

    @cached_property
    def covers(self) -> tuple[str, ...]:
        """Every covered field, in the order the form asks."""
        return tuple(self.unticked)

    @classmethod
    def without_questions(cls, dictionary: Dictionary) -> Form:
        """Stands in for a form that nobody knows: it covers nothing, and ticks on it are names of fields."""
        return cls("", "", {}, (), (), (), {}, dictionary)

    def question_of(self, name: str) -> Question | None:
        """The question that covers the field `name`, or None."""
        return next((question for question in self.questions if name in question.covers), None)

    def answers(self, yes: Iterable[str], unanswered: Iterable[str] = ()) -> Answers:
        """What the form says when `yes` was ticked: names of fields, their aliases, or ids of questions.

        `unanswered`, named alike, are the items that were left blank: they say neither yes nor no. A ticked field
        need not be covered: a reported risk is never dropped. A question that covers one field is that field.
        What a tick implies (`implies:` in fields.yaml) is ticked with it. Never raises for a tick; one that means
        nothing is in `strangers`.
        """
        return self._answers(frozenset(yes), frozenset(unanswered))

    @lru_cache(maxsize=1024)  # noqa: B019 - forms live as long as the process
    def _answers(self, yes: frozenset[str], blank: frozenset[str]) -> Answers:
        questions = {question.id: question for question in self.questions}
        ticked: dict[str, Possible] = {}
        opened: dict[str, Possible] = {}
        strangers = []
        for tick in sorted(yes):
            question = questions.get(tick)
            if question:
                covered = [self.dictionary.fields[name] for name in question.covers]
                if len(covered) == 1:
                    ticked[covered[0].name] = ticked_value(covered[0])
                else:
                    opened |= {entry.name: entry.unknown for entry in covered}
            entry = self.dictionary.fields.get(tick) or _by_alias(self.dictionary, tick, question)
            if entry:
                ticked[entry.name] = ticked_value(entry)
            elif not question:
                strangers.append(tick)
        ticked |= _implied(self.dictionary, ticked)
        opened = {name: possible for name, possible in opened.items() if name not in ticked}
        left, unknown_items = self._left_blank(blank)
        said = ticked.keys() | opened.keys()
        unanswered = {name: possible for name, possible in left.items() if name not in said}
        said |= unanswered.keys()
        unticked = {name: possible for name, possible in self.unticked.items() if name not in said}
        return Answers(
            MappingProxyType(ticked),
            MappingProxyType(opened),
            MappingProxyType(unanswered),
            MappingProxyType(unticked),
            tuple(strangers + unknown_items),
        )

    def _left_blank(self, blank: Iterable[str]) -> tuple[dict[str, Possible], list[str]]:
        """The fields of the items that were left blank, as unknown, and what is no item of this form."""
        left: dict[str, Possible] = {}
        strangers = []
        questions = {question.id: question.covers for question in self.questions}
        for item in sorted(blank):
            names = questions.get(item) or ((item,) if item in self.unticked else ())
            left |= {name: self.dictionary.fields[name].unknown for name in names}
            strangers += [] if names else [item]
        return left, strangers


def _by_alias(dictionary: Dictionary, tick: str, question: Question | None) -> Field | None:
    if question:
        return None
    try:
        return dictionary.field(tick)
    except FieldError:
        return None


def _implied(dictionary: Dictionary, ticked: Mapping[str, Possible]) -> dict[str, Possible]:
    """The fields that follow from ticks, as ticks; a tick on a set says that it has some member."""
    found: dict[str, Possible] = {}
    while True:
        step = {
            tie.then_field: tie.then_mask
            for tie in dictionary.ties
            if tie.then_field not in ticked
            and tie.then_field not in found
            and _certain(ticked.get(tie.if_field, found.get(tie.if_field)), tie, dictionary)
        }
        if not step:
            return found
        found |= step


def _certain(possible: Possible | None, tie: Tie, dictionary: Dictionary) -> bool:
    if isinstance(possible, Members):
        return tie.if_mask == dictionary.fields[tie.if_field].every_option
    return isinstance(possible, int) and not possible & ~tie.if_mask


def unticked_value(entry: Field) -> Possible | None:
    """What "asked, no" means for a field: the dictionary's `no`, never, or the empty set; None if nothing."""
    if entry.kind == "elapsed":
        return entry.never
    if entry.kind == "set":
        return Members(0, 0)
    return entry.unticked


def ticked_value(entry: Field) -> Possible:
    """What a tick means for a field: yes, any answer but "no", or unknown where a tick cannot say more."""
    if entry.kind == "flag":
        return YES
    if isinstance(entry.unticked, int):
        return entry.every_option & ~entry.unticked
    if isinstance(entry.unticked, Span) and entry.worse.kind == "higher":
        return Span(entry.unticked.high + 1, entry.ticks.highest)
    return entry.unknown


def load_forms() -> Mapping[str, Form]:
    """The shipped forms by id, read once a process.

    Raises:
        ProtocolError: a shipped form is damaged.
    """
    return _shipped(library_root())


@lru_cache(maxsize=4)
def _shipped(root: Path) -> Mapping[str, Form]:
    dictionary = load_dictionary()
    forms = [read_form(path, dictionary) for path in sorted((root / "forms").glob("*.yaml"))]
    return MappingProxyType({form.id: form for form in forms})


def read_form(path: Path, dictionary: Dictionary) -> Form:
    """Read one form.

    Raises:
        ProtocolError: not YAML, an unknown or missing key, a field that does not exist, stands twice or
        cannot be
            answered by leaving it unticked; every fault with its place.
    """
    return form_of(yamlread.read_yaml(path, shown_path(path)), dictionary)


def form_of(node: yamlread.Node, dictionary: Dictionary) -> Form:
    """A form from its YAML node; raises as `read_form`."""
    faults: list[Diagnostic] = []
    content = _block(node, "form", _FORM_KEYS, faults)
    questions = [
        (_block(item, "question", _QUESTION_KEYS, faults), item) for item in _items(content.get("questions"), faults)
    ]
    seen: set[str] = set()
    asked = tuple(_question(block, dictionary, seen, faults) for block, _ in questions)
    for question, (_, item) in zip(asked, questions, strict=True):
        if sum(other.id == question.id for other in asked) > 1:
            faults.append(_fault("duplicate-id", f"two questions are called '{question.id}'", item.location))
    measured = tuple(
        entry.name for item in _items(content.get("measure"), faults) if (entry := _field(item, dictionary, faults))
    )
    title = _labels(content.get("title"), faults)
    if faults:
        raise ProtocolError(f"the form {node.location.file} is not valid", tuple(faults))
    unticked = {name: unticked_value(dictionary.fields[name]) for question in asked for name in question.covers}
    return Form(
        id=_text(content["id"]),
        version=_text(content["version"]),
        title=title,
        roles=_words(content.get("role")),
        questions=asked,
        measure=measured,
        unticked={name: possible for name, possible in unticked.items() if possible is not None},
        dictionary=dictionary,
    )


def _question(
    block: dict[str, yamlread.Node], dictionary: Dictionary, seen: set[str], faults: list[Diagnostic]
) -> Question:
    covers = []
    for item in _items(block.get("covers"), faults):
        entry = _field(item, dictionary, faults)
        if entry is None:
            continue
        if entry.name in seen:
            faults.append(_fault("duplicate-field", f"'{entry.name}' is asked twice", item.location))
        if unticked_value(entry) is None:
            faults.append(
                _fault(
                    "not-answerable",
                    f"'{entry.name}' has no answer that leaving it unticked could mean",
                    item.location,
                    "give it `no:` in fields.yaml, or list it under `measure`",
                )
            )
        seen.add(entry.name)
        covers.append(entry.name)
    return Question(_text(block.get("id")), _labels(block.get("text"), faults), tuple(covers))


def _field(item: yamlread.Node, dictionary: Dictionary, faults: list[Diagnostic]) -> Field | None:
    name = _text(item)
    if name in dictionary.fields:
        return dictionary.fields[name]
    try:
        hint = f"write '{dictionary.field(name).name}'"
    except FieldError as error:
        hint = str(error)
    faults.append(_fault("unknown-field", f"'{name}' is not the name of a field", item.location, hint))
    return None


def _block(node: yamlread.Node, what: str, known: frozenset[str], faults: list[Diagnostic]) -> dict[str, Any]:
    if not isinstance(node, yamlread.Mapping):
        faults.append(_fault("wrong-shape", f"a {what} must be a block of keys", node.location))
        return {}
    for key, place in node.places.items():
        if key not in known:
            hint = f"a {what} has: {', '.join(sorted(known))}"
            faults.append(_fault("unknown-key", f"'{key}' is not a key of a {what}", place, hint))
    faults += [
        _fault("missing-key", f"this {what} has no '{key}'", node.location)
        for key in _NEEDED[what]
        if key not in node.entries
    ]
    return node.entries


def _items(node: yamlread.Node | None, faults: list[Diagnostic]) -> Iterator[yamlread.Node]:
    if isinstance(node, yamlread.Sequence):
        yield from node
    elif node is not None:
        faults.append(_fault("wrong-shape", "this must be a list", node.location))


def _words(node: yamlread.Node | None) -> tuple[str, ...]:
    if isinstance(node, yamlread.Sequence):
        return tuple(_text(item) for item in node)
    return (_text(node),) if node is not None else ()


def _labels(node: yamlread.Node | None, faults: list[Diagnostic]) -> dict[str, str]:
    if node is None:
        return {}
    entries = node.entries if isinstance(node, yamlread.Mapping) else {}
    labels = {language: _text(text) for language, text in entries.items()}
    if labels.keys() != {"da", "en"} or not all(labels.values()):
        hint = 'write {da: "..", en: ".."}; a text with a comma needs the quotes'
        faults.append(_fault("wrong-shape", "a text stands in Danish and in English", node.location, hint))
    return labels


def _text(node: yamlread.Node | None) -> str:
    return node.text if isinstance(node, yamlread.Scalar) else ""


def _fault(code: str, message: str, place: Location, suggestion: str | None = None) -> Diagnostic:
    return Diagnostic(code, message, place, suggestion)
