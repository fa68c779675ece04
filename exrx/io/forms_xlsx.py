"""Forms in Excel: written with drop-downs, one row a patient, and read back as signed forms.

    row 1, 2    title, how to fill it in
    row 3       hidden: what each column is (`q:heart`, `value:temperature`), so that columns may be moved or hidden
    row 4       what people read
    row 5 ..    one patient each

A hidden sheet holds which form each sheet is, in which version, for whom it was made, and the lists of the drop-downs.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from exrx.errors import InputFileError, MissingDependencyError, Problem
from exrx.fields import Field
from exrx.forms import load_forms
from exrx.io.form_cells import Cells, RowReader, text
from exrx.io.patients_json import Intake, mark_duplicates, named, read_bytes, shown_name
from exrx.io.sheets import bold, put, saved, workbook
from exrx.patient import Patient
from exrx.protocol.paper import PaperForm
from exrx.report.form_words import FORM_WORDS, role_word, unit_word

SCHEMA = "exrx/form/1"
_HIDDEN = "_exrx"
_KEYS_ROW, _HEAD_ROW = 3, 4
_SPARE_ROWS = 30
_MOST_ROWS, _MOST_COLUMNS = 5000, 400
_ZIP = b"PK\x03\x04"


def forms_workbook(
    papers: Sequence[PaperForm], lang: str, *, patients: Sequence[str] = (), protocol: str = ""
) -> bytes:
    """A workbook with a sheet a form and a row a patient; without `patients` with empty rows.

    Raises:
        MissingDependencyError: openpyxl is not installed.
    """
    book = workbook()
    hidden = book.create_sheet(_HIDDEN)
    for row in ((SCHEMA, lang, protocol), ("patients", *patients)):
        _append(hidden, row)
    for paper in papers:
        _FormSheet(book, hidden, paper, lang).write(patients, protocol)
    hidden.sheet_state = "hidden"
    book.move_sheet(hidden, offset=len(papers))
    book.active = 0
    return saved(book)


def _append(sheet: Any, cells: Sequence[str]) -> int:
    row = sheet.max_row + 1 if sheet["A1"].value is not None else 1
    for column, content in enumerate(cells, 1):
        put(sheet.cell(row, column), content)
    return int(row)


class _FormSheet:
    """Writes one sheet."""

    def __init__(self, book: Any, hidden: Any, paper: PaperForm, lang: str) -> None:
        self.words, self.lang, self.paper = FORM_WORDS[lang], lang, paper
        self.hidden = hidden
        title = paper.form.title[lang][:31]
        self.sheet = book.create_sheet(title)
        _append(hidden, ("sheet", title, paper.form.id, paper.form.version))
        self.columns = list(self._columns())

    def _columns(self) -> Iterator[tuple[str, str, int, list[str] | None, Field | None]]:
        """Key, head, width, drop-down and, for a number, its field, column by column."""
        words, lang, form = self.words, self.lang, self.paper.form
        yield "id", words["id"], 20, None, None
        yield "date", words["date"], 13, None, None
        yield "role", words["role"], 16, [role_word(role, lang) for role in form.roles], None
        answers = [words["yes"], words["no"], words["unknown"]]
        for number, question in enumerate(form.questions, 1):
            yield f"q:{question.id}", f"{number}. {question.text[lang]}", 26, answers, None
            details = self.paper.details(question, lang)
            if details:
                yield f"which:{question.id}", f"{number}. {words['which']}", 22, list(details), None
            for entry in self.paper.dated(question):
                head = f"{number}. {words['date of'].format(x=entry.labelled(lang))}"
                yield f"date:{entry.name}", head, 14, None, None
        if any(entry.group == "blood" for entry in self.paper.measure):
            yield "sampled", words["sampled"], 14, None, None
        for entry in self.paper.measure:
            yield f"value:{entry.name}", self._measure_head(entry), 15, self._options(entry, answers), entry

    def _measure_head(self, entry: Field) -> str:
        label = entry.labelled(self.lang)
        if entry.kind == "elapsed":
            return self.words["date of"].format(x=label)
        unit = unit_word(entry, self.lang)
        return f"{label} [{unit}]" if unit else label

    def _options(self, entry: Field, answers: list[str]) -> list[str] | None:
        if entry.kind == "flag":
            return answers
        return [entry.option_label(option, self.lang) for option in entry.options] or None

    def write(self, patients: Sequence[str], protocol: str) -> None:
        from openpyxl.styles import Alignment, Border, PatternFill, Side
        from openpyxl.utils import get_column_letter

        sheet, form, words = self.sheet, self.paper.form, self.words
        used = " · ".join(filter(None, (words["version"].format(form=form.id, version=form.version), protocol)))
        put(sheet["A1"], f"{form.title[self.lang]} · {used}").font = bold(13)
        put(sheet["A2"], f"{words['how sheet']} {words['notice']}")
        sheet["A1"].alignment = Alignment(wrap_text=False)
        sheet.merge_cells("A2:G2")
        sheet.row_dimensions[2].height = 48
        rows = max(len(patients), 0) or _SPARE_ROWS
        last = _HEAD_ROW + rows
        line = Side(style="thin", color="999999")
        for column, (key, head, width, options, entry) in enumerate(self.columns, 1):
            letter = get_column_letter(column)
            put(sheet.cell(_KEYS_ROW, column), key)
            cell = put(sheet.cell(_HEAD_ROW, column), head)
            cell.font, cell.fill = bold(), PatternFill("solid", start_color="EEEEEE")
            sheet.column_dimensions[letter].width = width
            self._validate(key, options, entry, f"{letter}{_HEAD_ROW + 1}:{letter}{last}")
            for row in range(_HEAD_ROW + 1, last + 1):
                cell = sheet.cell(row, column)
                cell.border = Border(top=line, bottom=line, left=line, right=line)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if key in ("date", "sampled") or key.startswith("date:") or (entry and entry.kind == "elapsed"):
                    cell.number_format = "yyyy-mm-dd"
        for row, patient in enumerate(patients, _HEAD_ROW + 1):
            put(sheet.cell(row, 1), patient)
        sheet.row_dimensions[_KEYS_ROW].hidden = True
        sheet.row_dimensions[_HEAD_ROW].height = 150
        sheet.freeze_panes = f"B{_HEAD_ROW + 1}"
        self._lay_out()

    def _validate(self, key: str, options: list[str] | None, entry: Field | None, cells: str) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation

        if options:
            row = _append(self.hidden, ("list", f"{self.paper.form.id}:{key}", *options))
            from openpyxl.utils import get_column_letter

            source = f"{_HIDDEN}!$C${row}:${get_column_letter(2 + len(options))}${row}"
            rule = DataValidation(type="list", formula1=source, allow_blank=True)
            several = key.startswith("which:") or (entry is not None and entry.kind == "set")
            rule.showErrorMessage = not several  # several answers are written with semicolons
            rule.error = self.words["options"].format(x=", ".join(options))[:250]
        elif entry is not None and entry.kind == "quantity":
            scale = entry.ticks
            rule = DataValidation(
                type="decimal", operator="between", formula1=str(scale.low), formula2=str(scale.high), allow_blank=True
            )
            rule.errorStyle, rule.showErrorMessage = "warning", True
            rule.error = f"{scale.low} - {scale.high} {scale.unit}"
        else:
            return
        self.sheet.add_data_validation(rule)
        rule.add(cells)

    def _lay_out(self) -> None:
        sheet, notice = self.sheet, self.words["notice"]
        sheet.print_title_rows, sheet.print_title_cols = f"{_HEAD_ROW}:{_HEAD_ROW}", "A:A"
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
        sheet.oddHeader.left.text = self.paper.form.title[self.lang].replace("&", "&&")
        sheet.oddFooter.left.text = notice.replace("&", "&&")
        sheet.oddFooter.right.text = "&P / &N"


def is_forms_workbook(path: str | Path) -> bool:
    """Whether a file is a workbook of forms that exrx made; False for every other file."""
    if not str(path).lower().endswith(".xlsx") or not Path(path).is_file():
        return False
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            return f'name="{_HIDDEN}"'.encode() in archive.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False


def read_forms(path: str | Path) -> Intake:
    """The patients of a filled workbook, each with the forms that were filled in, in the order of the rows.

    A patient on several sheets is one patient. A row without an id is a patient of its own, a row that was not
    filled in a patient of whom nothing is known.

    Raises:
        InputFileError: it cannot be read, is no workbook of forms, or holds a form of another version.
        MissingDependencyError: openpyxl is not installed.
    """
    name = shown_name(path)
    book = _opened(read_bytes(path), name)
    hidden = [[text(cell) for cell in row] for row in book[_HIDDEN].iter_rows(values_only=True)]
    if not hidden or hidden[0][0] != SCHEMA:
        raise InputFileError(f"{name} was not made by this version of exrx form; make the forms anew.")
    roster = {patient for row in hidden if row[0] == "patients" for patient in row[1:] if patient}
    found: dict[str, list[RowReader]] = {}
    for row in hidden:
        if row[0] == "sheet":
            for key, reader in _sheet(book, name, *row[1:4]):
                found.setdefault(key, []).append(reader)
    patients = [_patient(key, readers, roster) for key, readers in found.items()]
    notes = [f"{name} holds no patients."] if not patients else []
    return Intake(patients=mark_duplicates(named(patients)), notes=tuple(notes))


def _opened(data: bytes, name: str) -> Any:
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise MissingDependencyError.of("openpyxl", "excel", "Reading forms from Excel") from error
    import zipfile

    try:
        book = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InputFileError(f"{name} is not an Excel workbook that can be read; save it again as .xlsx.") from error
    if _HIDDEN not in book.sheetnames:
        raise InputFileError(
            f"{name} is no workbook of forms: its hidden sheet {_HIDDEN} is gone. Make one with exrx form, and fill it "
            "in without deleting sheets."
        )
    return book


def _sheet(book: Any, name: str, title: str, form_id: str, version: str) -> Iterator[tuple[str, RowReader]]:
    if title not in book.sheetnames:
        raise InputFileError(f"{name}: the sheet '{title}' is gone or was renamed; give it its name back.")
    form = load_forms().get(form_id)
    if form is None or form.version != version:
        there = f"version {form.version}" if form else "no such form"
        raise InputFileError(
            f"{name}: '{title}' is the form '{form_id}' {version}, and exrx has {there}. Make it anew."
        )
    sheet = book[title]
    keys = _keys(sheet, name, title)
    dictionary = form.dictionary
    measure = [key.removeprefix("value:") for key in keys.values() if key.startswith("value:")]
    paper = PaperForm(form, tuple(dictionary.fields[field] for field in measure if field in dictionary.fields))
    first = _HEAD_ROW + 1
    for number, cells in enumerate(sheet.iter_rows(min_row=first, values_only=True), first):
        row: Cells = {key: cells[at] for at, key in keys.items() if at < len(cells)}
        patient = text(row.get("id"))
        reader = RowReader(paper, row, f"{title}, row {number}", number)
        if not patient and not reader.is_filled:
            continue
        if number > _MOST_ROWS:
            raise InputFileError(f"{name}: '{title}' has more than {_MOST_ROWS} rows; divide it into several.")
        reader.read()
        yield patient or f"\0{title} {number}", reader


def _keys(sheet: Any, name: str, title: str) -> dict[int, str]:
    """The key of each column by its place.

    Raises:
        InputFileError: the hidden row of keys is damaged, or a column stands twice.
    """
    cells = next(sheet.iter_rows(min_row=_KEYS_ROW, max_row=_KEYS_ROW, max_col=_MOST_COLUMNS, values_only=True))
    keys = {at: text(cell) for at, cell in enumerate(cells) if text(cell)}
    twice = [key for key, times in Counter(keys.values()).items() if times > 1]
    if "id" not in keys.values() or twice:
        wrong = f"the column '{twice[0]}' stands twice" if twice else "its hidden row 3 is damaged"
        raise InputFileError(
            f"{name}: on the sheet '{title}' {wrong}. Copy the answers into a new workbook of exrx form."
        )
    return keys


def _patient(key: str, readers: Sequence[RowReader], roster: set[str]) -> Patient:
    """One patient of all rows with this id."""
    identifier = "" if key.startswith("\0") else key
    problems = [problem for reader in readers for problem in reader.problems]
    content: dict[str, Any] = {"id": identifier}
    forms: list[Any] = []
    for reader in readers:
        forms += reader.content.pop("forms", [])
        for name, said in reader.content.items():
            content[name] = [*content[name], said] if isinstance(content.get(name), list) else (
                [content[name], said] if name in content else said
            )  # fmt: skip
    if forms:
        content["forms"] = forms
    patient = Patient.from_dict(content)
    first = readers[0]
    if not patient.id:  # never called as another file calls its nameless: their forms would be joined
        patient = evolve(patient, id=f"{first.paper.form.id}-row-{first.row}")
        problems.append(Problem("id", None, "no-patient", f"{first.place}: there is no id that can be used."))
    else:
        problems += _about_the_id(patient.id, readers, roster)
    return evolve(patient, problems=(*patient.problems, *problems))


def _about_the_id(identifier: str, readers: Sequence[RowReader], roster: set[str]) -> Iterator[Problem]:
    sheets = Counter(reader.paper.form.id for reader in readers)
    for form, times in sheets.items():
        if times > 1:
            yield Problem(
                "id", identifier, "duplicate-id",
                f"'{identifier}' stands {times} times on the form '{form}'; see that each row is the right person's.",
            )  # fmt: skip
    if roster and identifier not in roster:
        yield Problem(
            "id", identifier, "unknown-patient",
            f"{readers[0].place}: this patient was not among those the forms were made for; check the id.",
        )  # fmt: skip
