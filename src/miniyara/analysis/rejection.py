"""Sources without the rules in them that cannot be compiled, for who wants the others.

A rule that is rejected becomes blanks, so that all else keeps its line.  Then the text is
compiled again, because other rules may have needed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from miniyara.analysis.compiler import compile_program
from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name
from miniyara.syntax import catalog
from miniyara.syntax.source import reads_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from miniyara.diagnostics import Diagnostic
    from miniyara.syntax.source import IncludeResolver, SourceText
    from miniyara.values import Scalar

_START: Final = re.compile(
    rb"^[ \t]*(?:(?:(?:private|global)[ \t]+)*rule|import|include)\b", re.MULTILINE
)
"""Where a piece of a text begins: what an error can be held against."""

_NAME: Final = re.compile(rb"\brule[ \t]+(\w+)\s*(?::[^{]*)?\{")

_MAX_ROUNDS: Final = 1000
"""Each round rejects at least one piece, and takes as long as compiling does."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A piece of a source that was left out."""

    rules: tuple[str, ...]
    """The names of the rules in it; none if it is an import or an include."""
    error: Diagnostic
    """Why."""


class Sieve:
    """Leaves out what cannot be compiled; also a resolver of includes without that."""

    def __init__(self, include: IncludeResolver) -> None:
        self.rejections: list[Rejection] = []
        self.reads_files = reads_files(include)
        self._include = include
        self._instead: dict[bytes, bytes] = {}
        """For a text the one that it has become."""

    def __call__(self, path: str, including: str | None, namespace: str) -> bytes | None:
        """Return the text to include, without what was rejected."""
        text = self._include(path, including, namespace)
        return None if text is None else self._without_rejected(text)

    def good(
        self,
        sources: Sequence[SourceText],
        externals: Mapping[str, Scalar],
        *,
        strict_escape: bool,
        max_strings_per_rule: int,
    ) -> tuple[SourceText, ...]:
        """Return sources that compile, with this as the resolver of their includes.

        Raises :class:`miniyara.SyntaxError` for an error that no rule can be blamed for.
        """

        def compile_some(group: Sequence[SourceText]) -> None:
            compile_program(
                group,
                externals=externals,
                include=self,
                strict_escape=strict_escape,
                max_strings_per_rule=max_strings_per_rule,
            )

        # Rules know those of their namespace only.
        for _, group in groupby(sorted(sources, key=_namespace), _namespace):
            members = tuple(group)
            for _ in range(_MAX_ROUNDS):
                try:
                    compile_some(tuple(map(self._good, members)))
                    break
                except SyntaxError as error:
                    new = list(self._reject_all(error.diagnostics))
                    if not new:
                        raise
                    self.rejections += new
        return tuple(map(self._good, sources))

    def _good(self, source: SourceText) -> SourceText:
        return replace(source, text=self._without_rejected(source.text))

    def _without_rejected(self, text: bytes) -> bytes:
        while text in self._instead:
            text = self._instead[text]
        return text

    def _reject_all(self, errors: Sequence[Diagnostic]) -> Iterator[Rejection]:
        for error in errors:
            if error.is_consequence:
                continue
            text = self._without_rejected(error.source.text)
            start, end = _piece(text, error)
            piece = text[start:end]
            if piece.strip():
                blank = re.sub(rb"[^\r\n]", b" ", piece)
                self._instead[text] = text[:start] + blank + text[end:]
                is_statement = piece.lstrip().startswith((b"import", b"include"))
                names = () if is_statement else tuple(map(bytes.decode, _NAME.findall(piece)))
                yield Rejection(names, error)


def _piece(text: bytes, error: Diagnostic) -> tuple[int, int]:
    """Return where the piece begins and ends that an error is in."""
    place = error.labels[0].start
    start = 0
    for found in _START.finditer(text):
        if found.start() > place:
            return start, found.start()
        # If a rule has no end, the beginning of the next one is where that is noticed.
        is_noticed_here = error.kind is catalog.SYNTAX_ERROR and place < found.end()
        if is_noticed_here and text[start : found.start()].strip():
            return start, found.start()
        start = found.start()
    return start, len(text)


_namespace = attrgetter("namespace")
