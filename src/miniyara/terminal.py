"""What the user of a command sees: results, messages and progress."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, TextIO

PATIENCE: Final = 2.0
"""Seconds before progress is shown: a short run shows none."""

REFRESH: Final = 0.2
"""Seconds between two updates of the progress line."""

_UNKNOWN: Final = 80
"""Columns of a terminal that does not say how many it has."""

_ECHO: Final = len("^C")
"""Columns behind a progress line: Ctrl-C is shown there."""

_COLOUR: Final = re.compile(r"(\x1b\[[0-9;]*m)")


def printable(text: str) -> str:
    """Return a text with all escaped that a terminal could take for more than a character.

    That are control characters, those that change the direction of writing, and bytes
    that are no text, which Python has as lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def wants_colour() -> bool:
    """Whether output is for eyes that want colours (https://no-color.org)."""
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _cut(text: str, columns: int) -> str:
    """Return as much of a text as fits, with all of its colours."""
    parts = _COLOUR.split(text)
    for place in range(0, len(parts), 2):  # colours are between the others
        parts[place] = parts[place][:columns]
        columns -= len(parts[place])
    return "".join(parts)


class Terminal:
    """Results go to ``output`` as bytes, everything else to ``messages``.

    Results are bytes because a file's name and a rule's metadata need not be
    text.  Progress is shown only if ``messages`` is a terminal, and is wiped
    before anything else is printed.
    """

    def __init__(
        self,
        output: BinaryIO,
        messages: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.status = 0
        self._output = output
        self._messages = messages
        self._clock = clock
        self._shown = ""
        self._next = clock() + PATIENCE if messages.isatty() else float("inf")

    @property
    def shows_progress(self) -> bool:
        """Whether there is a terminal to show it on."""
        return self._next < float("inf")

    @property
    def columns(self) -> int:
        """Columns that a progress line can have, so that it does not wrap."""
        try:
            columns = os.get_terminal_size(self._messages.fileno()).columns
        except OSError:
            columns = 0
        return (columns or _UNKNOWN) - _ECHO - 1

    def write(self, result: bytes) -> None:
        """Print a result at once: whoever reads it may act on it while we go on."""
        self.clear()
        self._output.write(result)
        self._output.flush()

    def say(self, text: str) -> None:
        """Print a result that is text; a lone surrogate in it is escaped."""
        self.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def note(self, text: str) -> None:
        """Print a message that says nothing is wrong."""
        self.clear()
        self._messages.write(text + "\n")
        self._messages.flush()

    def fail(self, text: str) -> None:
        """Print what went wrong; the command goes on, and ends with status 1."""
        self.status = 1
        self.note(text)

    def progress(self, text: str | Callable[[], str]) -> None:
        """Say how far the command is, if it is time to say so.

        ``text``: one line, or what makes it; may have colours.  What does not fit is cut,
        because a line that wraps cannot be wiped.
        """
        now = self._clock()
        if now < self._next:
            return
        self.clear()
        self._next = now + REFRESH
        self._shown = _cut(text if isinstance(text, str) else text(), self.columns)
        self._messages.write("\r" + self._shown)
        self._messages.flush()

    def clear(self) -> None:
        """Wipe the progress line, if there is one."""
        if self._shown:
            width = len(_COLOUR.sub("", self._shown))
            self._messages.write("\r" + " " * (width + _ECHO) + "\r")
            self._messages.flush()
            self._shown = ""
