"""Asking two engines the same question, and showing how their answers differ."""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import miniyara
from miniyara.testing.outcome import Outcome, compilation, scan, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from miniyara.testing.outcome import External, RuleText

SHOWN_DATA = 400
"""Bytes of the data that a report shows before it cuts."""

SHOWN_DIFFERENCES = 60
"""Lines of the difference that a report shows before it cuts."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question, the reference's answer and the engine's."""

    source: str
    data: bytes
    expected: Outcome
    """The answer of the reference."""
    actual: Outcome
    """The answer of the engine under test."""
    externals: Mapping[str, External] = field(default_factory=dict)
    fast: bool = False
    """Whether the scan was one in libyara's fast mode."""
    is_accepted: bool = True
    """Whether the reference accepts the source."""

    @property
    def agrees(self) -> bool:
        """Whether the two answers are the same."""
        return self.expected == self.actual

    def report(self) -> str:
        """Describe the question and the difference for a reader."""
        parts = ["the engines disagree", "", *_numbered(self.source)]
        if self.externals:
            parts.append(f"externals: {dict(self.externals)!r}")
        if self.fast:
            parts.append("scanned in fast mode")
        parts.append(f"data ({len(self.data)} bytes): {_shortened(self.data)}")
        return "\n".join([*parts, "", *difference(self.expected, self.actual)])

    def as_test(self) -> str:
        """Write the question as a test, ready to be pasted into a test file."""
        source = "\n        ".join(repr(line) for line in self.source.splitlines(keepends=True))
        arguments = [source or repr(""), repr(self.data)]
        if self.externals:
            arguments.append(f"externals={dict(self.externals)!r}")
        if self.fast:
            arguments.append("fast=True")
        body = "".join(f"        {argument},\n" for argument in arguments)
        return f"def test_found_by_fuzzing() -> None:\n    assert_agrees(\n{body}    )"

    def check(self) -> None:
        """Raise AssertionError with the report unless the answers are the same."""
        if not self.agrees:
            raise AssertionError(self.report()) from self.actual.exception


def compare(
    source: RuleText,
    many_data: Iterable[bytes],
    *,
    externals: Mapping[str, External] | None = None,
    fast: bool = False,
    timeout: int = 60,
    engine: ModuleType = miniyara,
    reference: ModuleType | None = None,
) -> Iterator[Comparison]:
    """Compile once on both engines, and yield a comparison for every piece of data.

    The arguments are those of :func:`assert_agrees`.
    """
    text = text_of(source)
    known = dict(externals or {})
    theirs = compilation(reference or yara_python(), source=text, externals=known)
    ours = compilation(engine, source=text, externals=known)
    for data in many_data:
        expected = scan(theirs, data, fast=fast, timeout=timeout)
        actual = scan(ours, data, fast=fast, timeout=timeout)
        yield Comparison(
            source=text,
            data=data,
            expected=expected,
            actual=actual,
            externals=known,
            fast=fast,
            is_accepted=theirs.rules is not None,
        )


def assert_agrees(
    source: RuleText,
    data: bytes = b"",
    *,
    externals: Mapping[str, External] | None = None,
    fast: bool = False,
    timeout: int = 60,
    engine: ModuleType = miniyara,
    reference: ModuleType | None = None,
) -> Outcome:
    """Assert that an engine answers as the reference does, and return the answer.

    Compared are acceptance and the error's text, warnings, matching rules in
    their order with tags and meta, strings with offset, length, bytes and xor
    key, the console's output, and exceptions.

    ``engine`` and ``reference`` are modules with yara-python's interface; without a
    reference, yara-python is asked.  ``timeout`` is in seconds.  Raises AssertionError
    with a report that shows the source, the data and a unified difference of the two
    outcomes, ImportError if yara-python is asked and not installed.
    """
    (comparison,) = compare(
        source,
        [data],
        externals=externals,
        fast=fast,
        timeout=timeout,
        engine=engine,
        reference=reference,
    )
    comparison.check()
    return comparison.expected


def yara_python() -> ModuleType:
    """Return yara-python; raises ImportError if it is not installed.

    It is imported here and not above because the strategies are of use without it.
    """
    module: ModuleType = importlib.import_module("yara")
    return module


def difference(expected: Outcome, actual: Outcome) -> list[str]:
    """Return a unified difference of two outcomes, cut to a readable length."""
    lines = list(
        difflib.unified_diff(
            list(expected.lines()),
            list(actual.lines()),
            fromfile="reference",
            tofile="engine",
            lineterm="",
            n=2,
        )
    )
    hidden = len(lines) - SHOWN_DIFFERENCES
    return [*lines[:SHOWN_DIFFERENCES], f"... {hidden} more lines"] if hidden > 0 else lines


def _numbered(source: str) -> list[str]:
    return [f"{number:4} | {line}" for number, line in enumerate(source.split("\n"), 1)]


def _shortened(data: bytes) -> str:
    if len(data) <= SHOWN_DATA:
        return repr(data)
    return f"{data[:SHOWN_DATA]!r} ... and {len(data) - SHOWN_DATA} more"
