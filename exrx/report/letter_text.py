"""Letters ready to send: the question to a role with a tick-box reply, and the messages of a course between sectors.

A letter names a person by pseudonym only; who it is stands on the envelope or in the message's own head. It holds the
need and the findings, never a programme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape

from attrs import frozen

from exrx.fields import Dictionary, load_dictionary
from exrx.pathway.state import Pathway
from exrx.pathway.vocabulary import load_vocabulary
from exrx.report import Phrases, shown_date
from exrx.report.decision_text import reason_value
from exrx.report.pathway_text import say_step
from exrx.report.pathway_words import BECAUSE, REFERRAL, SAY
from exrx.screening import Decision, Reason

KINDS = ("need", "gp", "transfer")


@frozen
class Letter:
    """A letter: its subject, and paragraphs of lines; `boxes` are drawn to be ticked, `blanks` to be filled in."""

    subject: str
    paragraphs: tuple[tuple[str, tuple[str, ...]], ...]
    boxes: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()

    def text(self) -> str:
        """Plain text to paste into a message."""
        parts = [self.subject, ""]
        for title, lines in self.paragraphs:
            parts += [title, *(f"  {line}" for line in lines), ""]
        parts += [*(f"[ ] {box}" for box in self.boxes), *self.blanks]
        return "\n".join(parts).rstrip() + "\n"

    def html(self, lang: str) -> str:
        """One HTML page to print: no script, nothing from the network, every text escaped."""
        return letters_html([self], lang)

    def article(self) -> str:
        """The letter as a part of a page."""
        body = "".join(
            f"<h2>{escape(title)}</h2><ul>{''.join(map(_item, lines))}</ul>" for title, lines in self.paragraphs
        )
        boxes = "".join(f'<p class="box">&#9744; {escape(box)}</p>' for box in self.boxes)
        boxes += "".join(f'<p class="box">{escape(blank)}</p>' for blank in self.blanks)
        return f"<article><h1>{escape(self.subject)}</h1>{body}{boxes}</article>"


def letters_html(letters: Sequence[Letter], lang: str) -> str:
    """Letters as one HTML document, each on a page of its own."""
    title = escape(letters[0].subject)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{''.join(letter.article() for letter in letters)}</body></html>\n"
    )


def _item(line: str) -> str:
    return f"<li>{escape(line.removeprefix('- '))}</li>"


_STYLE = """
body{font:11pt/1.45 "Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#000;max-width:175mm;
  margin:12mm auto;padding:0 6mm;overflow-wrap:break-word}
h1{font-size:15pt;margin:0 0 4mm} h2{font-size:11.5pt;margin:5mm 0 1mm} ul{margin:0;padding-left:6mm}
.box{margin:2.5mm 0;border-bottom:.5pt solid #999;padding-bottom:2mm}
article+article{break-before:page;margin-top:16mm}
@page{size:A4;margin:18mm 16mm} @media print{body{margin:0;max-width:none}}
"""
_WORDS = {
    "da": {
        "question": "Må personen træne? Forespørgsel til {role}", "about": "Om", "asked": "Spørgsmålet",
        "may": "Må {id} deltage i fysisk træning, og i givet fald med hvilke grænser?",
        "until now": "Indtil svaret foreligger, trænes der ikke.", "findings": "Fund",
        "none": "intet fund er angivet",
        "reply": "Svar: sæt ét kryds, udfyld, og send tilbage",
        "open": "Ikke afklaret. Det følgende gælder kun, hvis svaret viser det",
        "need subject": "behovsvurdering, kræft", "assessed": "Behovsvurdering",
        "tool": "skema: {tool}, {day}", "no assessment": "ikke foretaget", "need": "Behov", "domains": "Områder",
        "wish": "ønsker hjælp", "level": "Niveau og henvisning", "contact": "Funktion", "restrictions":
        "Lægelige begrænsninger, som kommunen skal respektere", "no restrictions": "ingen er oplyst",
        "not confirmed": "IKKE BEKRÆFTET AF EN LÆGE", "gp subject": "Orientering til egen læge: GOP og behov",
        "transfer subject": "Overdragelse fra hospital til kommune", "where": "Status i forløbet", "due":
        "Udestår", "programme": "Indhold planlægges i kommunen sammen med borgeren.", "goals": "Borgerens mål",
        "loss": "funktionstab", "confirmed": "{by}, {day}", "undated": "uden dato",
        "refused": "AFSLÅET AF EN LÆGE", "limits": "med grænser",
        "support": "Hensyn", "discharge": "Udskrevet",
    },
    "en": {
        "question": "May this person train? A question to the {role}", "about": "About", "asked": "The question",
        "may": "May {id} take part in physical training, and if so within which limits?",
        "until now": "Until the reply is there, no training takes place.", "findings": "Findings",
        "none": "no finding is stated", "reply": "Reply: tick one box, fill in, and send back",
        "open": "Not known. The following holds only if the answer shows it",
        "need subject": "needs assessment, cancer", "assessed": "Needs assessment",
        "tool": "form: {tool}, {day}", "no assessment": "not made", "need": "Need", "domains": "Areas",
        "wish": "wants help", "level": "Level and referral", "contact": "Function", "restrictions":
        "Medical restrictions that the municipality has to respect", "no restrictions": "none are stated",
        "not confirmed": "NOT CONFIRMED BY A PHYSICIAN", "gp subject": "To the general practitioner: GOP and needs",
        "transfer subject": "Transfer from hospital to municipality", "where": "Where the course stands", "due":
        "Outstanding", "programme": "The content is planned in the municipality with the citizen.", "goals":
        "The citizen's goals", "loss": "loss of function", "confirmed": "{by}, {day}", "undated": "undated",
        "refused": "REFUSED BY A PHYSICIAN", "limits": "within limits",
        "support": "Regards",
        "discharge": "Discharged",
    },
}  # fmt: skip

_BOXES = {
    "da": ("Ja, uden grænser", "Ja, med grænser: ______________________________________________",
                  "Nej. Grund: ______________________________________________"),
    "en": ("Yes, without limits", "Yes, with limits: ______________________________________________",
                  "No. Reason: ______________________________________________"),
}  # fmt: skip
_BLANKS = {
    "da": ("Gælder til (dato): ____________", "Dato og navn: ______________________________________"),
    "en": ("Holds until (date): ____________", "Date and name: ______________________________________"),
}


def question_letter(decision: Decision, role: str, lang: str, names: Dictionary) -> Letter:
    """The letter to one role: the question, the findings that ask for it, what is unknown, and the reply form."""
    words = _WORDS[lang]
    title = names.vocabulary["roles"][role][lang]
    asking = [reason for reason in decision.reasons if role in reason.restriction.consult]
    found = [line for reason in asking if reason.state == "fires" for line in _finding(reason, lang, names)]
    open_ = tuple(reason.because[lang] for reason in asking if reason.state != "fires")
    question = (words["may"].format(id=decision.patient), words["until now"])
    return Letter(
        words["question"].format(role=title),
        (
            (words["about"], (f"{decision.patient}, {shown_date(decision.as_of.isoformat(), lang)}",)),
            (words["asked"], question),
            (words["findings"], tuple(found) or (words["none"],)),
            *([(words["open"], open_)] if open_ else []),
            (decision.notice[lang], ()),
            (words["reply"], ()),
        ),
        _BOXES[lang],
        _BLANKS[lang],
    )


def _finding(reason: Reason, lang: str, names: Dictionary) -> Iterator[str]:
    phrases = Phrases(lang, names)
    yield reason.because[lang]
    for name, value in reason.to_dict()["values"].items():
        if value.get("value"):
            yield f"- {reason_value(phrases, name, value)}"


def course_letter(found: Pathway, kind: str, lang: str) -> Letter:
    """A message of a course: `need` (korrespondance), `gp` (summary) or `transfer` (hospital to municipality)."""
    return _LETTERS[kind](found, lang)


def _need(found: Pathway, lang: str) -> Letter:
    words = _WORDS[lang]
    return Letter(words["need subject"], (
        (words["about"], _about(found, lang)), (words["assessed"], tuple(_assessed(found, lang))),
        (words["need"], tuple(_need_lines(found, lang))), (SAY[lang]["notice"], ()),
    ))  # fmt: skip


def _gp(found: Pathway, lang: str) -> Letter:
    words = _WORDS[lang]
    return Letter(words["gp subject"], (
        (words["about"], _about(found, lang)), (words["level"], tuple(_level(found, lang))),
        (words["need"], tuple(_need_lines(found, lang))),
        (words["restrictions"], tuple(_restrictions(found, lang))), (SAY[lang]["notice"], ()),
    ))  # fmt: skip


def _transfer(found: Pathway, lang: str) -> Letter:
    words, lists = _WORDS[lang], load_vocabulary()
    support = tuple(lists.say("supports", entry.support, lang) for entry in found.supports)
    goals = tuple(goal.text for goal in found.course.goals)
    due = tuple(lists.say("triggers", entry.trigger, lang) for entry in found.due)
    parts = (
        (words["about"], _about(found, lang)), (words["where"], (say_step(found.here, lang),)),
        (words["level"], tuple(_level(found, lang))), (words["need"], tuple(_need_lines(found, lang))),
        (words["restrictions"], tuple(_restrictions(found, lang))), (words["goals"], goals),
        (words["support"], support), (words["due"], due), (words["programme"], ()), (SAY[lang]["notice"], ()),
    )  # fmt: skip
    return Letter(words["transfer subject"], tuple(part for part in parts if part[1] or part[0] in _CLOSING[lang]))


_LETTERS = {"need": _need, "gp": _gp, "transfer": _transfer}
_CLOSING = {lang: (words["programme"], SAY[lang]["notice"]) for lang, words in _WORDS.items()}


def _about(found: Pathway, lang: str) -> tuple[str, ...]:
    place = f", {found.course.municipality}" if found.course.municipality else ""
    return (f"{found.course.id}, {shown_date(found.as_of.isoformat(), lang)}{place}",)


def _date(day: date, lang: str) -> str:
    return shown_date(day.isoformat(), lang)


def _assessed(found: Pathway, lang: str) -> Iterator[str]:
    words, lists = _WORDS[lang], load_vocabulary()
    if not found.course.assessments:
        yield words["no assessment"]
    for entry in found.course.assessments:
        yield words["tool"].format(tool=lists.say("tools", entry.tool, lang), day=_date(entry.day, lang))


def _need_lines(found: Pathway, lang: str) -> Iterator[str]:
    lists, need = load_vocabulary(), found.need
    signed = load_dictionary().vocabulary["roles"].get(need.signed_by, {}).get(lang, need.signed_by)
    yield f"{SAY[lang][need.value]}: {BECAUSE[lang][need.because]}{' ' + signed if need.because == 'signed' else ''}"
    for domain in need.domains:
        yield f"{lists.say('domains', domain, lang)}: {_WORDS[lang]['wish']}"
    if need.not_asked:
        listed = ", ".join(lists.say("domains", domain, lang) for domain in need.not_asked)
        yield f"{BECAUSE[lang]['not-asked']}: {listed}"


def _level(found: Pathway, lang: str) -> Iterator[str]:
    lists = load_vocabulary()
    for entry in found.course.referrals:
        level = f", {lists.say('levels', entry.level, lang)}" if entry.level else ""
        left = f"; {_WORDS[lang]['discharge'].lower()} {_date(entry.discharge, lang)}" if entry.discharge else ""
        yield f"{lists.say('referral_types', entry.type, lang)} {_date(entry.day, lang)}{level}{left}"
    if not found.course.referrals:
        advice = found.referral
        name = lists.say("referral_types", advice.type, lang) if advice.type else SAY[lang]["none"]
        yield f"{name}: {REFERRAL[lang][advice.because]}"


def _restrictions(found: Pathway, lang: str) -> Iterator[str]:
    """What training has to leave out, each with whether a physician stands behind it."""
    words, names = _WORDS[lang], load_dictionary()
    avoid = [names.vocabulary["avoid"][tag][lang] for tag in sorted(found.decision.restriction.avoid)]
    said = {
        name: words["confirmed"].format(
            by=names.fields[name].label[lang], day=shown_date(given.date or words["undated"], lang)
        )
        for name, given in found.decision.inputs.items() if names.fields[name].kind == "gate"
    }  # fmt: skip
    answer = {name: found.decision.inputs[name].value for name in said}
    yield from avoid or [words["no restrictions"]]
    yield from [f"{words['refused']}: {line}" for name, line in said.items() if answer[name] == "refused"]
    yes = [name for name in said if answer[name] in ("cleared", "limited")]
    signed = [said[name] + _limits(found, name, words) for name in yes]
    yield from signed or [words["not confirmed"]]


def _limits(found: Pathway, name: str, words: dict[str, str]) -> str:
    """The limits that a physician wrote beside an answer, in their own words."""
    observed = found.course.patient.observations.get(name)
    limits = observed.note.limits if observed is not None and observed.note is not None else None
    text = limits.get("text") if isinstance(limits, Mapping) else limits
    return f": {words['limits']}: {text}" if text else ""
