"""The folder of a run: its parts, their problems, and the manifest that says what they belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from exrx.errors import InputFileError
from exrx.io.aside import Aside, left_behind
from exrx.io.sources import fingerprint
from exrx.stream.batch import PROBLEMS
from exrx.stream.sinks import Sink

if TYPE_CHECKING:
    from exrx.stream.run import Run, Summary

MANIFEST, PROBLEM_FOLDER = "_manifest.json", "_problems"
SCHEMA = "exrx/parts/1"
_WHOLE_TABLE = "whole-table"
_WORDS = {
    "input_sha256": "the input has changed since (its name, size, date or content)",
    "as_of": "the day is another one: begun with --as-of {then}",
    "stage": "the stage is another one: begun with --stage {then}",
    "protocol": "the protocol is another one: begun with --protocol {then}",
    "protocol_sha256": "the protocol's files have changed since",
    "dictionary_sha256": "the dictionary of fields has changed since",
    "engine": "begun with {then}",
    "mapping": "the mapping has changed since",
    "reasons": "begun with --reasons {then}",
    "keep": "begun with --keep {then}",
    "part_rows": "the parts have {then} rows each",
}


class Folder:
    """The parts of a run in a folder; inside `with`, nobody else writes there."""

    def __init__(self, path: Path, run: Run) -> None:
        self.path, self.finished, self._run = path, 0, run
        self._lock = path / ".lock"
        self._locked = False

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._locked:
            self._lock.unlink(missing_ok=True)

    def begin(self, resume: bool) -> None:
        """Make the folder, or look at what is there.

        Raises:
            InputFileError: there is something in it, and `resume` is not set, or it belongs to another run.
            OSError: the folder cannot be made.
        """
        there = self._read_manifest()
        if there is not None and not resume:
            state = "a finished run" if there.get("complete") else "a run that was not finished"
            raise InputFileError(f"{self.path} holds {state}. Take it up with --resume, or write to another folder.")
        if there is None and self.path.exists() and any(path.name[:1] != "." for path in self.path.iterdir()):
            raise InputFileError(f"{self.path} is not empty and holds no run. Write to a new or an empty folder.")
        self.path.mkdir(parents=True, exist_ok=True)
        self._take()
        if there is not None:
            self._same_run(there)
        for folder in (self.path, self.path / PROBLEM_FOLDER):
            for path in left_behind(folder):
                path.unlink()
        if there is None:
            self._write_manifest(self._manifest | {"complete": False})
        (self.path / PROBLEM_FOLDER).mkdir(exist_ok=True)
        self.finished = self._whole_parts()

    def end(self, summary: Summary) -> None:
        """Write down that everything is there; InputFileError if the input is not what it was."""
        if fingerprint(self._run.source.paths) != self._manifest["input_sha256"]:
            raise InputFileError(f"{self._run.source.name} was changed while it was read; screen it into a new folder.")
        counts = {"rows": summary.rows, "parts": self.finished, "clearance": dict(summary.clearance),
                  "track": dict(summary.track), "problems": dict(sorted(summary.problems.items()))}  # fmt: skip
        self._write_manifest(self._manifest | {"complete": True} | counts)

    def write(self, number: int, decisions: Any) -> None:
        """Write the answers of a part, whose problems are there."""
        with Sink(self._part(number), self._run.header.schema, self._run.settings.provenance) as sink:
            sink.write(decisions)
        self.finished = number + 1

    def problem_sink(self, number: int | str) -> Sink:
        """Where the problems of a part go, or those of the whole table."""
        return Sink(self._problems(number), PROBLEMS, self._run.settings.provenance)

    def decisions(self, number: int) -> Any:
        """What a summary needs of a part's answers."""
        return pq.read_table(self._part(number), columns=["patient", "clearance", "track"], partitioning=None)

    def problems(self, number: int | str) -> Any:
        """The problems of a part, or those of the whole table."""
        return pq.read_table(self._problems(number), partitioning=None)

    def all_problems(self) -> Iterator[Any]:
        """The problems of every part and of the whole table."""
        for number in [*range(self.finished), _WHOLE_TABLE]:
            yield self.problems(number)

    def _part(self, number: int) -> Path:
        return self.path / f"part-{number:05}.parquet"

    def _problems(self, number: int | str) -> Path:
        name = number if isinstance(number, str) else f"part-{number:05}"
        return self.path / PROBLEM_FOLDER / f"{name}.parquet"

    def _whole_parts(self) -> int:
        """How many parts are there from the first on; only the last may be shorter than the others."""
        number = 0
        while self._part(number).exists() and self._problems(number).exists():
            number += 1
        return number

    def _take(self) -> None:
        """Hold the folder, so that no second run writes to it; a killed run's hold does not count.

        Raises:
            InputFileError: another run that is still going has it.
        """
        try:
            holder = int(self._lock.read_text(encoding="utf-8"))
            alive = holder != os.getpid() and _is_alive(holder)
        except (OSError, ValueError):
            alive = False
        if alive:
            raise InputFileError(f"another run (process {holder}) is writing to {self.path}; wait until it is done.")
        self._lock.write_text(str(os.getpid()), encoding="utf-8")
        self._locked = True

    @cached_property
    def _manifest(self) -> dict[str, Any]:
        run, made = self._run, self._run.settings.provenance
        return {
            "schema": SCHEMA,
            "engine": made["exrx.engine"],
            "input": run.source.name,
            "input_sha256": fingerprint(run.source.paths),
            "protocol": made["exrx.protocol"],
            "protocol_version": made["exrx.protocol_version"],
            "protocol_sha256": made["exrx.protocol_sha256"],
            "dictionary_sha256": made["exrx.dictionary_sha256"],
            "stage": run.settings.stage,
            "as_of": run.settings.as_of.isoformat(),
            "mapping": json.loads(run.settings.mapping) if run.settings.mapping else None,
            "reasons": run.settings.reasons,
            "keep": list(run.settings.keep),
            "local_changes": json.loads(made["exrx.local_changes"]),
            "columns_not_read": list(run.header.unread),
            "part_rows": run.part_rows,
        }

    def _same_run(self, there: dict[str, Any]) -> None:
        wanted = self._manifest
        if there.get("schema") != SCHEMA:
            raise InputFileError(f"{self.path / MANIFEST} was not written by this version of exrx; start a new folder.")
        moved = [text.format(then=there.get(key)) for key, text in _WORDS.items() if there.get(key) != wanted[key]]
        if moved:
            raise InputFileError(
                f"{self.path} cannot be taken up again, because its answers would not belong together: "
                f"{'; '.join(moved)}. Give the same call, or write to a new folder."
            )

    def _read_manifest(self) -> dict[str, Any] | None:
        try:
            content = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (NotADirectoryError, ValueError) as error:
            raise InputFileError(f"{self.path} is not a folder that exrx wrote; write to a new folder.") from error
        return content if isinstance(content, dict) else {}

    def _write_manifest(self, content: dict[str, Any]) -> None:
        with Aside(self.path / MANIFEST) as path:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _is_alive(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 is not a question
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
