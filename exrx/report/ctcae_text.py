"""CTCAE grades in words: one grade with its limits, where the editions differ, and the documentation page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from exrx.outcomes.ctcae import Grade
from exrx.outcomes.ctcae_table import (
    EDITIONS,
    Cell,
    Difference,
    OnAnticoagulation,
    Part,
    Term,
    differences,
    find_term,
    load_ctcae,
)

_WORDS = {
    "da": {
        "lln": "nedre normalgrænse", "uln": "øvre normalgrænse", "baseline": "patientens udgangsværdi",
        "on anticoagulation": "i blodfortyndende behandling", "and": " og ", "or": " eller ", "grade": "grad",
        "to": "til", "name": "navn", "none": "ikke ud fra et tal", "open": "ikke afgjort", "missing": "Mangler",
        "no grade": "grad 0 (ingen)", "arrow": "bliver", "edition": "udgave",
        "notice": "Graden beskriver en bivirkning. Den er ingen grænse for træning.",
        "value": "værdien", "lower_limit_of_normal": "nedre normalgrænse (--lln)",
        "upper_limit_of_normal": "øvre normalgrænse (--uln)", "on_anticoagulation":
        "om patienten får blodfortyndende behandling (--anticoagulated)",
    },
    "en": {
        "lln": "lower limit of normal", "uln": "upper limit of normal", "baseline": "the patient's baseline",
        "on anticoagulation": "on anticoagulation", "and": " and ", "or": " or ", "grade": "grade", "to": "to",
        "name": "name", "none": "not by a number", "open": "not settled", "missing": "Missing",
        "no grade": "grade 0 (none)", "arrow": "becomes", "edition": "edition",
        "notice": "The grade describes a toxicity. It is no limit for exercise.",
        "value": "the value", "lower_limit_of_normal": "lower limit of normal (--lln)",
        "upper_limit_of_normal": "upper limit of normal (--uln)", "on_anticoagulation":
        "whether the patient is on anticoagulation (--anticoagulated)",
    },
}  # fmt: skip
_BASELINE = {"da": "patientens udgangsværdi (--baseline)", "en": "the patient's baseline (--baseline)"}


def grade_lines(found: Grade, given: str, lang: str) -> Iterator[str]:
    """The grade, what is missing, and the limits of its edition."""
    words, term = _WORDS[lang], find_term(found.term)
    yield f"{found.name} (CTCAE {found.edition}): {_grade(found, lang)}"
    yield f"{term.label[lang]}: {given}"
    if found.missing:
        names = [_BASELINE[lang] if name == "baseline" else words[name] for name in found.missing]
        yield f"{words['missing']}: {', '.join(names)}"
    for number, cell in term.criterion(found.edition).cells.items():
        yield f"  {words['grade']} {number}  {say_cell(cell, term.units, lang)}"
    if term.remarks:
        yield term.remarks[lang]
    yield words["notice"]


def _grade(found: Grade, lang: str) -> str:
    words = _WORDS[lang]
    if not found.is_certain:
        return f"{words['grade']} {found.lowest} {words['to']} {found.highest}, {words['open']}"
    return f"{words['grade']} {found.lowest}" if found.lowest else words["no grade"]


def say_cell(cell: Cell, units: tuple[str, ...], lang: str) -> str:
    """A cell in words: `< 100 g/L, 10.0 g/dL, 6.2 mmol/L`, `> 1.5 × upper limit of normal`."""
    words = _WORDS[lang]
    return words["or"].join(words["and"].join(_part(part, units, lang) for part in a) for a in cell.alternatives)


def _part(part: Part, units: tuple[str, ...], lang: str) -> str:
    words = _WORDS[lang]
    if isinstance(part, OnAnticoagulation):
        return words["on anticoagulation"]
    subject = f"{words[part.subject]} " if part.subject != "value" else ""
    if part.numbers:
        pairs = zip(part.numbers, units, strict=True)
        amount = ", ".join(f"{_number(n, lang)} {u}".removesuffix(" {INR}") for n, u in pairs)
    else:
        times = f"{_number(part.times, lang)} × " if part.times != 1 else ""
        plus = f" + {_number(part.plus, lang)} {units[0]}" if part.plus else ""
        amount = f"{times}{words[part.of]}{plus}"
    return f"{subject}{part.operator} {amount}"


def _number(number: Decimal, lang: str) -> str:
    return str(number).replace(".", ",") if lang == "da" else str(number)


def term_lines(lang: str) -> Iterator[str]:
    """Every term with its own id, what it is, and the adverse event's names."""
    for term in load_ctcae().values():
        names = dict.fromkeys(criterion.name for criterion in term.criteria.values())
        yield f"{term.id}: {term.label[lang]} ({', '.join(names)})"


def difference_lines(lang: str) -> Iterator[str]:
    """What each edition changed, term by term."""
    words, terms, last = _WORDS[lang], load_ctcae(), ""
    for found in _shown_differences():
        if found.term != last:
            last = found.term
            yield f"{terms[last].label[lang]} ({last})"
        was, now = _both(found, terms[last], lang)
        row = f"{words['grade']} {found.grade}" if found.grade else words["name"]
        yield f"  {words['edition']} {found.before} -> {found.after}, {row}: {was}; {words['arrow']}: {now}"


def _shown_differences() -> Iterator[Difference]:
    """The differences without the cells of an edition that does not have the term: its name says that already."""
    for found in differences():
        criteria = find_term(found.term).criteria
        if not found.grade or (found.before in criteria and found.after in criteria):
            yield found


def _both(found: Difference, term: Term, lang: str) -> tuple[str, str]:
    def say(entry: str | Cell | None) -> str:
        if entry is None:
            return _WORDS[lang]["none"]
        return entry if isinstance(entry, str) else say_cell(entry, term.units, lang)

    return say(found.was), say(found.now)


_PAGE = """\
# CTCAE laboratory grades

<!-- written by docs/make_ctcae.py from protocols/ctcae.yaml -->

`exrx.outcomes` grades a laboratory value by an edition of CTCAE that is always named, because the same count has
another grade in another edition: neutrophils of 0.4 10^9/L are grade 4 in edition 5 and grade 3 in edition 6.
A grade describes a toxicity. It is no limit for exercise; those stand in `protocols/screening/`.

```python
from exrx.outcomes import grade, grade_column

grade("platelets", 45, edition=5)                            # Platelet count decreased, grade 3
grade("platelets", 90, edition=6)                            # Thrombocytopenia, 0 to 1: the lower limit is missing
grade("anaemia", "7.9 g/dL", edition=5)                      # grade 3
grade_column("neutrophils", counts, edition=6).highest       # uint8, a grade for each row
```

```
exrx ctcae platelets 45 --edition 5 --lln 150 --lang da
exrx ctcae --differences
```

## Rules

- **Edges as printed.** 50 is not below 50. A grade holds where its cell is true and no higher one is.
- **Unknown is an interval.** A limit of normal or a baseline that is not given may be any number: the answer is every
  grade that is then possible, and it names what would settle it. A missing value may have every grade that a number
  can give.
- **Units.** A value is held against the limit printed in its own unit; a value in another unit is converted to the
  first one printed. Printed units are rounded differently (8.0 g/dL is 4.96 mmol/L, printed as 4.9). Haemoglobin and
  glucose need their unit. Limits of normal and baseline are in the value's unit.
- **Grades without a number** (life-threatening, death, transfusion) cannot be told here: anaemia stops at grade 3.
- **Anticoagulation** is asked for INR only; unknown leaves both readings open.
- **Names.** A term is found by its id, by the adverse event's name in any edition, or by a field with one term.
- **Not here.** Terms whose blood test the dictionary lacks, such as lymphocytes.

## Where this differs from the table it was checked against

The numbers were compared cell by cell, and both sides of every edge, with an independent table of the laboratory
criteria (`protocols/sources.yaml`, nci-ctcae-4 to -6). With all facts given every grade is equal. Otherwise:

- The other table gives no grade where a limit is missing, or the lowest one it can show. Here it is the interval,
  which holds the other's grade.
- High haemoglobin, edition 4: a value that is not above the patient's own baseline is grade 0 here whatever the upper
  limit of normal is; the other table gives none without that limit.
- INR: the other table always reads as if on anticoagulation; here that is an argument.
- Creatinine, edition 6: the baseline counts only when it is below the lower limit of normal. The other table then
  uses it instead of the upper limit, here it counts beside it; no grade differs, since it is the lower of the two.
- Few platelets, edition 6, grade 4: the other table's text lacks a sign in one unit; its condition has it.

## The terms

{terms}## What the editions changed

{changes}
"""


def ctcae_page() -> str:
    """The page `docs/ctcae.md`: rules, every term by edition, and the differences."""
    return _PAGE.format(terms="".join(_term_table(term) for term in load_ctcae().values()), changes=_change_table())


def _term_table(term: Term) -> str:
    grades = sorted({number for criterion in term.criteria.values() for number in criterion.cells})
    rows = [f"### {term.id}: {term.label['en']} (`{term.field}`)\n"]
    rows.append("| edition | name | " + " | ".join(f"grade {number}" for number in grades) + " |")
    rows.append("|---" * (len(grades) + 2) + "|")
    for edition in EDITIONS:
        criterion = term.criteria.get(edition)
        cells = criterion.cells if criterion else {}
        said = [say_cell(cells[number], term.units, "en") if number in cells else "-" for number in grades]
        rows.append(f"| {edition} | {criterion.name if criterion else 'not by a number'} | {' | '.join(said)} |")
    return "\n".join(rows) + "\n\n" + (f"{term.remarks['en']}\n\n" if term.remarks else "")


def _change_table() -> str:
    rows = ["| term | editions | what | before | after |", "|---|---|---|---|---|"]
    for found in _shown_differences():
        was, now = _both(found, find_term(found.term), "en")
        what = f"grade {found.grade}" if found.grade else "name"
        rows.append(f"| {found.term} | {found.before} to {found.after} | {what} | {was} | {now} |")
    return "\n".join(rows)
