"""The command line: parse arguments, call, print. No rule logic; here, and in `web/`, a clock may be read.

Exit codes: 0 done; 1 done, but some value, row or file was refused or a plan could not be given (each is
named); 2 nothing was done. Answers go to stdout, everything else to stderr. This module holds what the
commands share.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tempfile
from argparse import ArgumentTypeError
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

DONE, DONE_WITH_PROBLEMS, NOTHING_DONE = 0, 1, 2
WIDTH, NARROWEST = 80, 20
_AS_IT_STANDS = (("dev",), ("proc",))


_MAYBE_IDENTIFIER = re.compile(r"(?:\d[^\d]{0,3}){9}\d")


def warn(message: str) -> None:
    """One line, or a few, on stderr; a CPR number that stands in what the user gave is not repeated."""
    if sys.stderr is not None:
        print(_withheld(message), file=sys.stderr)


def _withheld(message: str) -> str:
    if not _MAYBE_IDENTIFIER.search(message):
        return message
    from exrx.values import without_identifiers

    return without_identifiers(message)


def iso_date(text: str) -> date:
    """The date of a `YYYY-MM-DD` argument; a plain refusal for argparse otherwise."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentTypeError(f"'{text}' is not a date; write it as 2026-11-23")


def day_of(given: date | None) -> date:
    """The day to answer for: the one given, or today, which is then said on stderr."""
    if given is not None:
        return given
    today = date.today()  # noqa: DTZ011 - the day of the clinic, wherever it stands
    warn(f"exrx: as of {today.isoformat()} (today; choose another day with --as-of)")
    return today


def terminal(file: str | None = None) -> Console:
    """A console for people, never wider than 80 columns; colour only where the terminal has it."""
    from rich.console import Console

    class Terminal(Console):
        """A console that leaves a closed pipe to `main`."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    console = Terminal(highlight=False, markup=False, emoji=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.width >= NARROWEST else WIDTH
    return console


def print_text(text: str) -> None:
    """Text that is already whole, such as JSON, on stdout."""
    print_parts([text if text.endswith("\n") else text + "\n"])


def print_parts(parts: Iterable[str]) -> None:
    """Text for programs on stdout: UTF-8 whatever the terminal's encoding is."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        sys.stdout.writelines(parts)
        return
    sys.stdout.flush()
    for part in parts:
        stream.write(part.encode("utf-8", "replace"))
    stream.flush()


def out_file(text: str) -> Path:
    """The path of an `--out` argument; a plain refusal for argparse where it is empty."""
    if not text.strip():
        raise ArgumentTypeError("the name of the file is empty")
    return Path(text)


def write_aside(path: Path, parts: Iterable[str]) -> None:
    """Write a text file beside its place and move it there when it is whole: no half file is ever seen.

    A link is followed. What is no regular file (a device, a pipe) is written to as it stands.

    Raises:
        OSError: the folder does not exist or cannot be written; nothing is left behind. It names `path`.
    """
    _write_aside(path, (part.encode("utf-8", "replace") for part in parts))


def write_aside_bytes(path: Path, content: bytes) -> None:
    """Write a file that is not text, such as a PDF, as `write_aside` does.

    Raises:
        OSError: as `write_aside`.
    """
    _write_aside(path, [content])


def _write_aside(path: Path, parts: Iterable[bytes]) -> None:
    try:
        place = path.resolve()
        if path.absolute().parts[1:2] in _AS_IT_STANDS or (path.exists() and not path.is_file()):
            with path.open("wb") as file:
                file.writelines(parts)
            return
        handle, aside = tempfile.mkstemp(prefix=f".{place.name[:40]}.", dir=place.parent)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _about(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        mask = os.umask(0)
        os.umask(mask)
        Path(aside).chmod(stat.S_IMODE(place.stat().st_mode) if place.exists() else 0o666 & ~mask)
        Path(aside).replace(place)
    except OSError as error:
        Path(aside).unlink(missing_ok=True)
        raise _about(path, error) from error
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _about(path: Path, error: OSError) -> OSError:
    """The same fault, naming the file as the caller named it."""
    return type(error)(error.errno, error.strerror or str(error), str(path))
