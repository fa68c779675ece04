"""Which forms a protocol's stage needs on paper or in Excel, and what is to be measured with each."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from exrx.errors import ProtocolError
from exrx.fields import Dictionary, Field, load_dictionary
from exrx.forms import Form, Question, load_forms
from exrx.protocol.model import Protocol
from exrx.protocol.stage import stage_rules

_BY_STAGE = {"enrolment": ("enrolment", "cycle"), "session": ("door", "cycle")}


@frozen
class PaperForm:
    """A form to fill in: its questions, and the fields to measure or look up with it, in order."""

    form: Form
    measure: tuple[Field, ...]

    def dated(self, question: Question) -> tuple[Field, ...]:
        """The fields of a question that are answered with a date."""
        return tuple(entry for entry in self._covered(question) if entry.kind == "elapsed")

    def details(self, question: Question, lang: str) -> dict[str, tuple[str, str]]:
        """What "yes, which?" can be answered with: label to field and option (empty for a plain yes).

        Empty where the question asks about one thing that is either so or not.
        """
        covered = self._covered(question)
        if len(covered) == 1 and covered[0].kind not in ("choice", "ordered"):
            return {}
        found: dict[str, tuple[str, str]] = {}
        for entry in covered:
            if entry.kind in ("choice", "ordered") and isinstance(entry.unticked, int):
                for option in entry.names(entry.every_option & ~entry.unticked):
                    found[f"{entry.labelled(lang)}: {entry.option_label(option, lang)}"] = (entry.name, option)
            elif entry.kind != "elapsed":
                found[entry.labelled(lang)] = (entry.name, "")
        return found

    def _covered(self, question: Question) -> tuple[Field, ...]:
        return tuple(self.form.dictionary.fields[name] for name in question.covers)


def paper_forms(
    protocol: Protocol | None = None, stage: str | None = None, only: str | None = None
) -> tuple[PaperForm, ...]:
    """The forms of a protocol's stage, or the one called `only`.

    A door form gets what the stage's rules ask at the door and no form holds, such as the list that is checked each
    day; a cycle form the formalities that they look up in the record, such as whether there is a monitoring plan.

    Raises:
        ProtocolError: there is no such form or stage, or neither is named.
    """
    shipped = load_forms()
    if only is not None and only not in shipped:
        raise ProtocolError(f"there is no form '{only}'. There are: {', '.join(sorted(shipped))}.")
    if only is None and (protocol is None or stage is None):
        raise ProtocolError("say which form with --form, or for which stage of which protocol.")
    if only is None and stage not in _BY_STAGE:
        raise ProtocolError(f"no forms are known for the stage '{stage}'; choose one with --form.")
    names = [only] if only is not None else [name for name in _BY_STAGE[stage or ""] if name in shipped]
    return tuple(_paper(shipped[name], protocol, stage, shipped) for name in names)


def _paper(form: Form, protocol: Protocol | None, stage: str | None, shipped: Mapping[str, Form]) -> PaperForm:
    dictionary = load_dictionary()
    names = list(form.measure)
    if protocol is not None and stage in protocol.stages:
        names += _asked_besides(form.id, protocol, stage or "", dictionary, shipped)
    return PaperForm(form, tuple(dictionary.fields[name] for name in names))


def _asked_besides(
    form: str, protocol: Protocol, stage: str, dictionary: Dictionary, shipped: Mapping[str, Form]
) -> list[str]:
    """What the stage's rules ask and no form holds: at the door, and formalities of the record with the cycle.

    A physician's own answers are on no form: nobody gives them for a physician.
    """
    held = {name for each in shipped.values() for name in (*each.covers, *each.measure)}
    asked = stage_rules(protocol, stage).rules_by_field
    return [
        name
        for name, entry in dictionary.fields.items()
        if name in asked
        and name not in held
        and not entry.items
        and (
            (form == "door" and entry.who == "door")
            or (form == "cycle" and entry.who == "record" and entry.group == "gates" and entry.kind == "flag")
        )
    ]
