"""Rule text, where it comes from, and how includes are found."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from miniyara import limits

IncludeResolver: TypeAlias = Callable[[str, "str | None", str], "bytes | None"]
"""Gets the path in the ``include``, the path of the including file (None for text
that is no file) and the namespace; returns the rule text, or None if there is none."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """One piece of rule text."""

    text: bytes
    namespace: str = "default"
    path: str | None = None
    """The name for messages and for relative includes; None for text that is no file."""
    _newlines: list[int] = field(default_factory=list, init=False, compare=False, repr=False)
    _characters: list[str] = field(default_factory=list, init=False, compare=False, repr=False)

    def characters(self) -> str:
        """The text with a character for each byte; made once."""
        if not self._characters:
            self._characters.append(self.text.decode("latin-1"))
        return self._characters[0]

    def _ends_of_lines(self) -> list[int]:
        """Where the lines end, but the last; found once."""
        if not self._newlines:
            position = self.text.find(b"\n")
            while position >= 0:
                self._newlines.append(position)
                position = self.text.find(b"\n", position + 1)
        return self._newlines

    def line_at(self, offset: int) -> int:
        """The line, counted from 1, that libyara is in after reading up to ``offset``.

        The end of the source, -1, is its line 0.
        """
        if offset < 0:
            return 0
        return bisect_left(self._ends_of_lines(), offset) + 1

    def line_text(self, line: int) -> str:
        """The text of a line (counted from 1), without its end, for excerpts."""
        ends = self._ends_of_lines()
        if line > len(ends) + 1:
            return ""
        start = ends[line - 2] + 1 if line > 1 else 0
        end = ends[line - 1] if line <= len(ends) else len(self.text)
        return self.text[start:end].rstrip(b"\r").decode("utf-8", "replace")

    def column_at(self, offset: int) -> int:
        """The column, counted from 0 in characters, of an offset within its line."""
        start = self.text.rfind(b"\n", 0, offset) + 1
        return len(self.text[start:offset].decode("utf-8", "replace"))


def read_include(path: str, including: str | None, namespace: str) -> bytes | None:  # noqa: ARG001 - the resolver's signature
    """Read an included file relative to the including one, as libyara does by default.

    Only regular files are read (``_yr_compiler_default_include_callback``).
    """
    try:
        file = Path(include_path(path, including))
        if not file.is_file():
            return None
        with file.open("rb") as opened:
            return opened.read(limits.MAX_INCLUDED_TEXT + 1)  # more is too much
    except (OSError, ValueError):
        return None


class Included(NamedTuple):
    """A text that was included: what the resolver was asked for, and what it gave."""

    path: str
    including: str | None
    namespace: str
    text: bytes


class RecordedIncludes:
    """A resolver that asks another one and keeps what it gives."""

    def __init__(self, resolver: IncludeResolver) -> None:
        self._resolver = resolver
        self.reads_files = reads_files(resolver)
        self.included: list[Included] = []
        """What was included, in order."""

    def __call__(self, path: str, including: str | None, namespace: str) -> bytes | None:
        """Return what the other resolver gives."""
        text = self._resolver(path, including, namespace)
        if text is not None:
            self.included.append(Included(path, including, namespace, text))
        return text


class KeptIncludes:
    """A resolver that gives again what was included before, in the same order."""

    def __init__(self, included: Iterable[Included], *, reads_files: bool) -> None:
        self.reads_files = reads_files
        self._left: dict[tuple[str, str | None, str], deque[bytes]] = {}
        for path, including, namespace, text in included:
            self._left.setdefault((path, including, namespace), deque()).append(text)

    def __call__(self, path: str, including: str | None, namespace: str) -> bytes | None:
        """Return the text that was included then, or None if there was none."""
        left = self._left.get((path, including, namespace))
        return left.popleft() if left else None


def reads_files(resolver: IncludeResolver) -> bool:
    """Whether a resolver takes paths for those of files, as libyara's own does."""
    return resolver is read_include or getattr(resolver, "reads_files", False)


def include_path(path: str, including: str | None) -> str:
    """The path that ``include "path"`` names in a file (``lexer.l``)."""
    if including is None or os.path.isabs(path):  # noqa: PTH117 - paths are text here
        return path
    folder = including.rpartition("/")[0]
    if os.sep == "\\":
        folder = max(folder, including.rpartition("\\")[0], key=len)
    return f"{folder}/{path}" if folder or including.startswith("/") else path
