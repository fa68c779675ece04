"""Files written beside their place and moved there when they are whole: no half file is ever seen."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from types import TracebackType

ENDING = ".part"
_NO_SPACE = (28, 122)


class Aside:
    """A new file beside the place it is meant for; inside `with`, `path` is where to write.

    Without an error it takes its place at the end, on the disk and not only on its way there; with one it is gone. A
    link is followed. Faults of the system name the place, not the file beside it.

    Raises:
        OSError: the folder does not exist or cannot be written, or the disk is full; nothing is left behind.
    """

    def __init__(self, place: Path) -> None:
        self._given, self._place = place, place.resolve()
        try:
            handle, name = tempfile.mkstemp(f"{ENDING}", f".{self._place.name[:40]}.", self._place.parent)
        except OSError as error:
            raise about(place, error) from error
        os.close(handle)
        self.path = Path(name)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._finish()
                return
            except OSError as fault:
                error = fault
            finally:
                self.path.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise about(self._given, error) from error
        if kind is None:
            raise error

    def _finish(self) -> None:
        mask = os.umask(0)
        os.umask(mask)
        self.path.chmod(stat.S_IMODE(self._place.stat().st_mode) if self._place.exists() else 0o666 & ~mask)
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(self._place)


def about(path: Path, error: OSError) -> OSError:
    """The same fault, naming the file as the caller named it; a full disk says what is kept."""
    if isinstance(error, BrokenPipeError):
        return error
    text = error.strerror or str(error)
    if error.errno in _NO_SPACE:
        text = "no space is left on the disk; nothing was written there. Make room, or choose another disk with --out"
    return type(error)(error.errno, text, str(path))


def left_behind(folder: Path) -> list[Path]:
    """What a killed program left beside the files of a folder, to be removed."""
    return sorted(path for path in folder.glob(f".*{ENDING}") if path.is_file())
