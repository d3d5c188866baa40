"""What a command shows: results on standard output, progress on a terminal only."""

from __future__ import annotations

import sys
import time
from typing import Final

REFRESH: Final = 0.2
"""Seconds between two updates of the progress line."""


class Screen:
    """Results go to standard output, one line of progress to standard error."""

    def __init__(self) -> None:
        self._is_live = sys.stderr.isatty()
        self._next = 0.0
        self._shown = 0

    def say(self, text: str = "") -> None:
        """Print lines of a result at once; what cannot be encoded is escaped."""
        self._wipe()
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stdout.flush()

    def progress(self, text: str) -> None:
        """Show how far the command is, if there is a terminal and it is time."""
        now = time.monotonic()
        if not self._is_live or now < self._next:
            return
        self._next = now + REFRESH
        self._wipe()
        sys.stderr.write(text)
        sys.stderr.flush()
        self._shown = len(text)

    def _wipe(self) -> None:
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
            self._shown = 0
