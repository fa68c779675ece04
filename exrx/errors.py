"""What can go wrong, as a tree.

    ExrxError                      everything exrx raises on purpose
    |- FieldError        KeyError      a field, option or vocabulary key that does not exist
    |- QuantityError     ValueError    a value that cannot be used
    |  |- UnitError                    its unit is missing, unknown or of the wrong kind
    |  '- ImplausibleError             it lies outside the plausible range
    |- PatientError      ValueError    an input that is not a patient at all
    |- ProtocolError     ValueError    a protocol file that must not be used (carries diagnostics)
    |- ConditionError    ValueError    a condition that cannot be built
    |- InputFileError    ValueError    a file that cannot be read as what it claims to be
    |- PlanError         ValueError    a plan that cannot be given
    '- MissingDependencyError  ImportError   an optional library that is not installed

A patient's gaps and implausible values are never raised: they become unknown and a `Problem`.
A protocol author's faults are `Diagnostic` records, all of a file reported at once.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen
class Location:
    """A place in a text file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@frozen
class Diagnostic:
    """One fault or remark about a protocol file: what, where, and what to do about it."""

    code: str
    message: str
    location: Location
    suggestion: str | None = None
    severity: str = "error"

    def __str__(self) -> str:
        hint = f"\n    {self.suggestion}" if self.suggestion else ""
        return f"{self.location}: {self.severity} {self.code}: {self.message}{hint}"


@frozen
class Problem:
    """A value of a patient that was refused or contradicts another; the field is then unknown."""

    field: str
    given: Any
    code: str
    message: str


class ExrxError(Exception):
    """Base of every error that exrx raises on purpose."""


class FieldError(ExrxError, KeyError):
    """A field, option or vocabulary key that does not exist."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class QuantityError(ExrxError, ValueError):
    """A value that cannot be used.

    `code` is stable (see `Problem.code`), `given` the value as it came, `suggestion` what to do.
    """

    def __init__(self, message: str, *, code: str, given: Any = None, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.given, self.suggestion = message, code, given, suggestion

    def __str__(self) -> str:
        return f"{self.message} {self.suggestion}" if self.suggestion else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_quantity_error, (type(self), self.message, self.code, self.given, self.suggestion)


def _rebuild_quantity_error(
    kind: type[QuantityError], message: str, code: str, given: Any, suggestion: str | None
) -> QuantityError:
    return kind(message, code=code, given=given, suggestion=suggestion)


class UnitError(QuantityError):
    """A unit that is missing, unknown, or of the wrong kind for the field."""


class ImplausibleError(QuantityError):
    """A value outside the plausible range of its field."""


class PatientError(ExrxError, ValueError):
    """An input that is not a patient at all (not a mapping, for example)."""


class ConditionError(ExrxError, ValueError):
    """A condition that cannot be built: `code`, `location` and `suggestion` say why and where."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "condition",
        location: Location | None = None,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.location, self.suggestion = message, code, location, suggestion

    def __str__(self) -> str:
        place = f"{self.location}: " if self.location else ""
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{place}{self.message}{hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_condition_error, (self.message, self.code, self.location, self.suggestion)


def _rebuild_condition_error(
    message: str, code: str, location: Location | None, suggestion: str | None
) -> ConditionError:
    return ConditionError(message, code=code, location=location, suggestion=suggestion)


class ProtocolError(ExrxError, ValueError):
    """A protocol that must not be used; `diagnostics` holds every fault found, not only the first."""

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(message, diagnostics)
        self.message, self.diagnostics = message, tuple(diagnostics)

    def __str__(self) -> str:
        return "\n".join([self.message, *map(str, self.diagnostics)])


class InputFileError(ExrxError, ValueError):
    """A file that cannot be read as what it claims to be."""


class PlanError(ExrxError, ValueError):
    """A plan that cannot be given for what was asked."""


class MissingDependencyError(ExrxError, ImportError):
    """An optional library that is not installed; the message holds the install line."""

    @classmethod
    def of(cls, library: str, extra: str, purpose: str) -> MissingDependencyError:
        """The error for `library`, which the optional extra `extra` installs, needed for `purpose`."""
        return cls(f'{purpose} needs {library}. Install it with: python -m pip install "exrx[{extra}]"')
