"""The small files beside a morning list: who comes when, what yesterday said, and the names by pseudonym."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from exrx.errors import InputFileError, MissingDependencyError
from exrx.io.csvread import TextTable, read_csv
from exrx.io.decisions_json import read_decisions
from exrx.io.patients_json import read_bytes, shown_name
from exrx.io.sources import PARQUET
from exrx.values import has_identifier, is_unshowable
from exrx.worklist import Session

_HEADERS = {
    "id": "id", "patient": "id", "pseudonym": "id",
    "team": "team", "hold": "team",
    "time": "time", "tid": "time", "klokken": "time",
    "room": "room", "lokale": "room", "rum": "room",
    "name": "name", "navn": "name",
}  # fmt: skip
_CLOCK = re.compile(r"(?:kl\.? ?)?(\d{1,2})(?:[:.](\d\d)(?:[:.]\d\d)?)?")
_CPR = (
    "{name}, line {row}: a CPR number stands in the column '{column}'. Put the pseudonym that the patient data have "
    "there, and keep the numbers in the hospital's own key."
)


def read_sessions(path: str | Path) -> tuple[Session, ...]:
    """The sessions of a CSV with the columns id, team, time, room (or hold, tid, lokale); only id is needed.

    `9:05`, `9.05` and `kl. 9` become `09:05` and `09:00`; another text stays as it is.

    Raises:
        InputFileError: it cannot be read, has no id column, a row has no id, or a CPR number stands in it.
    """
    name, table, columns = _table(path, needed=("id",), known=("id", "team", "time", "room"))
    found = []
    for row in range(table.n):
        cells = {key: table.columns[at][row] for key, at in columns.items()}
        if not cells["id"]:
            raise InputFileError(
                f"{name}, line {row + 2}: this session has no id, so nobody knows whose it is. Write the pseudonym "
                "that the patient data have, or take the row out."
            )
        for key, text in cells.items():
            _refuse(name, row, key, text)
        found.append(Session(cells["id"], cells.get("team", ""), _time(cells.get("time", "")), cells.get("room", "")))
    return tuple(dict.fromkeys(found))


def read_ids(path: str | Path) -> tuple[str, ...]:
    """The ids of a CSV with a column id, a list of sessions or a table of patients, each once.

    Raises:
        InputFileError: as `read_sessions`.
    """
    return tuple(dict.fromkeys(session.id for session in read_sessions(path)))


def read_names(path: str | Path) -> dict[str, str]:
    """Names by pseudonym, from a CSV with the columns id and name.

    Raises:
        InputFileError: it cannot be read, lacks a column, holds a CPR number, or gives an id two names.
    """
    name, table, columns = _table(path, needed=("id", "name"), known=("id", "name"))
    keys: dict[str, str] = {}
    for row in range(table.n):
        key, person = (table.columns[columns[part]][row] for part in ("id", "name"))
        _refuse(name, row, "id", key)
        _refuse(name, row, "name", person)
        if not key or not person:
            continue
        if keys.get(key, person) != person:
            raise InputFileError(f"{name}, line {row + 2}: this id has another name further up. Keep one of them.")
        keys[key] = person
    return keys


def read_earlier(path: str | Path) -> Sequence[Mapping[str, Any]]:
    """The decisions of an earlier run: what `exrx screen` wrote as JSON or JSON lines, a worklist's JSON, or Parquet.

    Raises:
        InputFileError: it cannot be read as that, or a line of it is damaged.
        MissingDependencyError: Parquet without pyarrow.
    """
    name = shown_name(path)
    if Path(path).suffix.lower() in PARQUET:
        return _parquet(path, name)
    stored = read_decisions(path)
    damaged = [entry for entry in stored if entry.fault]
    if damaged:
        raise InputFileError(f"{damaged[0].place}: {damaged[0].fault['en']}, so its patients cannot be compared.")
    found: list[Mapping[str, Any]] = []
    for entry in stored:
        content = entry.content
        if isinstance(content, dict) and content.get("schema") == "exrx/worklist/1":
            try:
                found += _of_worklist(content)
            except (KeyError, TypeError, AttributeError):
                raise InputFileError(f"{name} is no list that can be read; give what exrx worklist wrote.") from None
        else:
            found.append(content)
    return found


def _of_worklist(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    common = {key: content[key] for key in ("as_of", "stage", "protocols")}
    rows = [row for group in content["groups"] for row in group["rows"]] + list(content["without_session"])
    unique = {row["patient"]: row for row in rows if not row["no_data"]}
    return [{**common, **{key: row[key] for key in ("patient", "clearance", "track")}} for row in unique.values()]


def _parquet(path: str | Path, name: str) -> list[Mapping[str, Any]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError.of("pyarrow", "tables", "Reading Parquet") from error
    try:
        rows: list[Mapping[str, Any]] = parquet.read_table(path).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputFileError(f"{name} is not a Parquet file that can be read.") from error
    return rows


def _table(path: str | Path, needed: Sequence[str], known: Sequence[str]) -> tuple[str, TextTable, dict[str, int]]:
    name = shown_name(path)
    table = read_csv(read_bytes(path), name)
    if table.problems:
        raise InputFileError(f"{table.problems[0].place}: {table.problems[0].message}")
    columns: dict[str, int] = {}
    for at, header in enumerate(table.header):
        key = _HEADERS.get(header.strip().casefold())
        if key in known and key in columns:
            raise InputFileError(f"{name}: two columns are the {key}; keep one.")
        if key in known and key is not None:
            columns[key] = at
    lacking = [key for key in needed if key not in columns]
    if lacking:
        raise InputFileError(
            f"{name} has no column '{lacking[0]}'. It has: {', '.join(table.header)}. Its first line names the "
            f"columns: {','.join(known)}."
        )
    return name, table, columns


def _refuse(name: str, row: int, column: str, text: str) -> None:
    if has_identifier(text):
        raise InputFileError(_CPR.format(name=name, row=row + 2, column=column))
    if is_unshowable(text):
        raise InputFileError(f"{name}, line {row + 2}: the {column} holds a control character, such as a line break.")


def _time(text: str) -> str:
    found = _CLOCK.fullmatch(text.strip().casefold())
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        return text.strip()
    return f"{int(found[1]):02d}:{int(found[2] or 0):02d}"
