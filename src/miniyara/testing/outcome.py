"""All that a caller can see of one scan, as a value that can be compared and read.

Two engines agree when their outcomes are equal.  An outcome knows nothing of the
engine that it came from: it holds names, numbers and texts, and its ``str()`` is
the notation of the golden files and of every report of a difference.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from miniyara.syntax.nodes import Rule, Source
from miniyara.syntax.printer import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

RuleText: TypeAlias = str | Source | Rule
"""Rules as text or as a tree, which is printed before an engine sees it."""

External: TypeAlias = str | int | float | bool
"""The value of an external variable, as yara-python takes it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One match of one string."""

    offset: int
    length: int
    """Bytes matched; ``data`` may hold fewer, because engines cut it."""
    data: bytes
    xor_key: int

    def __str__(self) -> str:
        key = f" xor {self.xor_key:#04x}" if self.xor_key else ""
        return f"{self.offset:#x}:{self.length}{key} {self.data!r}"


@dataclass(frozen=True, slots=True)
class FoundString:
    """A string that was found, with its matches in the engine's order."""

    name: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule that matched."""

    namespace: str
    name: str
    tags: tuple[str, ...]
    meta: tuple[tuple[str, str], ...]
    """Names and the ``repr`` of values, so that ``1`` and ``True`` differ."""
    strings: tuple[FoundString, ...]

    def lines(self) -> Iterable[str]:
        """Yield the notation of this rule, line by line."""
        tags = "".join(f" {tag}" for tag in self.tags)
        yield f"rule {self.namespace}:{self.name}{' :' if tags else ''}{tags}"
        yield from (f"  meta {name} = {value}" for name, value in self.meta)
        for string in self.strings:
            yield f"  string {string.name}"
            yield from (f"    {instance}" for instance in string.instances)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an engine answered to a source and a piece of data."""

    error: str | None = None
    """``"ExceptionName: text"`` of the exception that ended it."""
    warnings: tuple[str, ...] = ()
    """The compiler's warnings, then those of the scan."""
    rules: tuple[FoundRule, ...] = ()
    """The rules that matched, in the engine's order."""
    log: tuple[str, ...] = ()
    """What the console module wrote."""
    exception: Exception | None = field(default=None, compare=False, repr=False)
    """The exception itself, to be chained to a report."""

    def lines(self) -> Iterable[str]:
        """Yield the notation of this outcome, line by line; empty if nothing happened."""
        for warning in self.warnings:
            yield from _indented("warning ", warning)
        for message in self.log:
            yield from _indented("log ", message)
        for rule in self.rules:
            yield from rule.lines()
        if self.error is not None:
            yield from _indented("error ", self.error)

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True, slots=True)
class Compilation:
    """What an engine answered to a source: rules to scan with, or an error."""

    rules: Any
    """The engine's ``Rules``, or None if the source was refused."""
    outcome: Outcome
    """The warnings, or the error."""


def compilation(engine: ModuleType, **arguments: Any) -> Compilation:
    """Compile with ``engine.compile(**arguments)``.

    Whatever the engine raises becomes the outcome's error: a crash of an engine
    is an answer too, and one that differs.
    """
    try:
        rules = engine.compile(**arguments)
    except Exception as exception:  # noqa: BLE001 - a crash is a finding, not an end
        return Compilation(None, _failed(exception))
    return Compilation(rules, Outcome(warnings=tuple(rules.warnings)))


def scan(compiled: Compilation, data: bytes | os.PathLike[str], **arguments: Any) -> Outcome:
    """Scan bytes, or the file at a path, with what was compiled.

    ``arguments`` are further arguments of the engine's ``Rules.match``.  If the
    source was refused, the outcome is the refusal.
    """
    if compiled.rules is None:
        return compiled.outcome
    log: list[str] = []
    warnings: list[str] = []

    def warn(_kind: int, string: Any) -> None:
        warnings.append(f"too many matches for {string.namespace}:{string.rule}:{string.string}")

    target = {"data": data} if isinstance(data, bytes) else {"filepath": os.fspath(data)}
    try:
        matches = compiled.rules.match(
            **target, console_callback=log.append, warnings_callback=warn, **arguments
        )
    except Exception as exception:  # noqa: BLE001 - as above
        failed = _failed(exception)
        rules: tuple[FoundRule, ...] = ()
    else:
        failed = Outcome()
        rules = tuple(_found_rule(match) for match in matches)
    return Outcome(
        error=failed.error,
        warnings=(*compiled.outcome.warnings, *warnings),
        rules=rules,
        log=tuple(log),
        exception=failed.exception,
    )


def outcome(
    engine: ModuleType,
    source: RuleText,
    data: bytes = b"",
    *,
    externals: Mapping[str, External] | None = None,
    fast: bool = False,
    timeout: int = 60,
) -> Outcome:
    """Compile ``source`` and scan ``data`` with one engine.

    ``engine`` is a module with yara-python's interface: ``yara``, ``miniyara``.
    ``timeout`` is in seconds and counts for the scan alone.
    """
    compiled = compilation(engine, source=text_of(source), externals=dict(externals or {}))
    return scan(compiled, data, fast=fast, timeout=timeout)


def text_of(source: RuleText) -> str:
    """Return the source as text, printing it if it is a tree."""
    return source if isinstance(source, str) else render(source)


def _failed(exception: Exception) -> Outcome:
    return Outcome(error=f"{type(exception).__name__}: {exception}", exception=exception)


def _found_rule(match: Any) -> FoundRule:
    return FoundRule(
        namespace=match.namespace,
        name=match.rule,
        tags=tuple(match.tags),
        meta=tuple((name, repr(value)) for name, value in match.meta.items()),
        strings=tuple(
            FoundString(
                string.identifier,
                tuple(
                    Instance(
                        instance.offset,
                        instance.matched_length,
                        instance.matched_data,
                        instance.xor_key,
                    )
                    for instance in string.instances
                ),
            )
            for string in match.strings
        ),
    )


def _indented(label: str, text: str) -> Iterable[str]:
    """Yield the lines of a text under a label; further lines are set off by ``|``."""
    first, *rest = text.split("\n")
    yield label + first
    yield from (f"  | {line}" for line in rest)
