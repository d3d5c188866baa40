"""The exceptions of miniyara.

::

    Error
     +-- SyntaxError      a rule that cannot be compiled; carries every diagnostic
     +-- WarningError     compile(error_on_warning=True) met a warning
     +-- TimeoutError     a scan took longer than its timeout
    ScanTimeout           (internal) raised inside a scan, leaves it as TimeoutError

The first four are those of yara-python, by name, base and message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.diagnostics import Diagnostic


class Error(Exception):
    """Base of all errors that miniyara raises on purpose."""

    __module__ = "miniyara"


class SyntaxError(Error):  # noqa: A001 - yara-python's name
    """The rules cannot be compiled.

    ``str()`` of it is the text that libyara gives, ``diagnostics`` are all
    errors of the source in order, each with its place, and ``warnings`` what had
    been warned of before.
    """

    __module__ = "miniyara"

    def __init__(
        self,
        message: str,
        diagnostics: Sequence[Diagnostic] = (),
        warnings: Sequence[Diagnostic] = (),
    ) -> None:
        super().__init__(message)
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        self.warnings: tuple[Diagnostic, ...] = tuple(warnings)


class TimeoutError(Error):  # noqa: A001 - yara-python's name
    """A scan took longer than the timeout it was given."""

    __module__ = "miniyara"


class WarningError(Error):
    """The rules have warnings and ``error_on_warning`` was asked for."""

    __module__ = "miniyara"

    def __init__(self, warnings: Sequence[str]) -> None:
        super().__init__(list(warnings))

    @property
    def warnings(self) -> list[str]:
        """The warnings in libyara's words."""
        warnings: list[str] = self.args[0]
        return warnings


class ScanTimeout(Exception):  # noqa: N818 - not an error yet
    """The deadline of the running scan is over; becomes :class:`TimeoutError`.

    No :class:`Error`, so that what handles those on the way does not hold it up.
    """
