"""From the files of rules to compiled rules, and what is wrong with them to the user.

This goes one step below :func:`miniyara.compile`, because the command prints metadata
byte for byte, words warnings in a way of its own, and takes rules from stdin.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import miniyara
from miniyara.limits import MAX_STRINGS_PER_RULE
from miniyara.scanning.arguments import ABSENT
from miniyara.scanning.preparing import compiled, compiled_once
from miniyara.scanning.rules import Rules
from miniyara.scanning.saving import read_rules
from miniyara.storage import MAGIC, Request
from miniyara.syntax.source import SourceText, read_include
from miniyara.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.analysis.program import CheckedRule
    from miniyara.command.options import RuleOptions
    from miniyara.diagnostics import Diagnostic
    from miniyara.scanning.preparing import Prepared
    from miniyara.scanning.scanner import Scanner
    from miniyara.terminal import Terminal
    from miniyara.values import Scalar

SUFFIXES: Final = (".yar", ".yara")
"""With these end the files of rules in a folder."""


class Ruleset:
    """Compiled rules, with their declarations."""

    def __init__(self, prepared: Prepared, externals: Mapping[str, Scalar]) -> None:
        """Raise :class:`miniyara.Error` for a value of another type than the rules want."""
        self._prepared = prepared
        self.externals = prepared.scanner.externals(externals.items())
        """The values of external variables in a scan."""

    @property
    def scanner(self) -> Scanner:
        """What scans with the rules."""
        return self._prepared.scanner

    @property
    def rules(self) -> Rules:
        """The rules as the API has them."""
        return Rules(self._prepared)

    @cached_property
    def _declarations(self) -> dict[tuple[str, str], CheckedRule]:
        return {(rule.namespace, rule.name): rule for rule in self.scanner.program.rules}

    def declaration(self, namespace: str, name: str) -> CheckedRule:
        """Return the rule of this name."""
        return self._declarations[namespace, name]


def load(
    options: RuleOptions,
    terminal: Terminal,
    *,
    folders: bool = False,
    skip_invalid: bool = False,
) -> Ruleset | None:
    """Compile the rules; return None after telling ``terminal`` why that is impossible.

    With ``folders``, a folder stands for the files of rules in it and below it.  With
    ``skip_invalid``, rules that cannot be compiled are reported and left out.
    """
    try:
        sources = tuple(
            source
            for argument in options.rules
            for source in (_sources(argument) if folders else [_source(argument)])
        )
        if options.compiled or any(source.text.startswith(MAGIC) for source in sources):
            prepared = _restored(sources)
        else:
            prepared = _compiled(sources, options, terminal, skip_invalid=skip_invalid)
        ruleset = Ruleset(prepared, options.externals)
    except OSError as error:
        name = printable(str(error.filename))
        terminal.fail(f"error: could not open file: {name}: {error.strerror}")
        return None
    except miniyara.SyntaxError as error:
        for diagnostic in error.diagnostics:
            if not diagnostic.is_consequence:
                # The rules are somebody's, and their text is shown.
                terminal.fail("\n".join(map(printable, diagnostic.render().split("\n"))))
        return None
    except miniyara.Error as error:  # the environment asks for what there is not
        terminal.fail(f"error: {error}")
        return None
    warnings = ruleset.scanner.program.warnings
    if warnings and not options.no_warnings:
        tell = terminal.fail if options.fail_on_warnings else terminal.note
        for warning in warnings:
            tell(printable(_warning_line(warning)))
        if options.fail_on_warnings:
            return None
    return ruleset


def _compiled(
    sources: tuple[SourceText, ...],
    options: RuleOptions,
    terminal: Terminal,
    *,
    skip_invalid: bool,
) -> Prepared:
    request = Request(sources, options.externals, options.strict_escape, MAX_STRINGS_PER_RULE)
    include = read_include
    if skip_invalid:
        from miniyara.analysis.rejection import Sieve  # noqa: PLC0415 - rarely asked for

        include = sieve = Sieve(read_include)
        good = sieve.good(
            sources,
            options.externals,
            strict_escape=options.strict_escape,
            max_strings_per_rule=MAX_STRINGS_PER_RULE,
        )
        request = replace(request, sources=good)
        for rejection in sieve.rejections:
            for name in rejection.rules or (None,):
                terminal.fail(_rejection_line(name, rejection.error))
    if options.cache is None:
        return compiled(request, include)
    return compiled_once(
        request, include, options.cache, lambda message: terminal.note(f"warning: {message}")
    )


def _restored(sources: tuple[SourceText, ...]) -> Prepared:
    """Load compiled rules; raises :class:`miniyara.Error`."""
    if len(sources) > 1:
        raise miniyara.Error("compiled rules cannot be used together with other rules")
    [source] = sources
    if source.path is None or source.path == "-":
        return read_rules(ABSENT, BytesIO(source.text))
    return read_rules(source.path, ABSENT)


def _sources(argument: str) -> Iterator[SourceText]:
    """Read the file, or the files of the folder, that ``[NAMESPACE:]RULES`` names.

    Each file of a folder is a namespace of its own, of the name of its path in the folder,
    unless one is given.  Raises OSError, and :class:`miniyara.Error` for a folder without.
    """
    namespace, path = _named(argument)
    if not Path(path).is_dir():
        yield _source(argument)
        return
    files = sorted(_rule_files(path))
    if not files:
        raise miniyara.Error(f'no file in "{printable(path)}" ends with {" or ".join(SUFFIXES)}')
    for file in files:
        own = os.path.relpath(file, path).replace(os.sep, "/")
        text = Path(file).read_bytes()
        yield SourceText(text, printable(own) if namespace is None else namespace, file)


def _rule_files(folder: str) -> Iterator[str]:
    def fail(error: OSError) -> None:
        raise error

    for parent, _, names in os.walk(folder, onerror=fail):
        for name in names:
            if name.lower().endswith(SUFFIXES):
                yield os.path.join(parent, name)  # noqa: PTH118 - as the others


def _source(argument: str) -> SourceText:
    """Read the file that ``[NAMESPACE:]RULES`` names; ``-`` is stdin.  Raises OSError."""
    namespace, path = _named(argument)
    text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    return SourceText(text, "default" if namespace is None else namespace, path)


def _named(argument: str) -> tuple[str | None, str]:
    """Return the namespace, if there is one, and the path that ``[NAMESPACE:]RULES`` names.

    A colon is part of the path if there is such a file, and on Windows before a
    backslash (``compile_files`` of yara's ``cli/common.c``).
    """
    namespace, colon, path = argument.partition(":")
    if not colon or path.startswith("\\") or Path(argument).exists():
        return None, argument
    return namespace, path


def _warning_line(warning: Diagnostic) -> str:
    """Word a warning as yara does: one line, since there may be hundreds."""
    place = f"{warning.path}({warning.line})"
    if warning.rule is None:
        return f"{place}: warning: {warning.message}"
    return f'warning: rule "{warning.rule}" in {place}: {warning.message}'


def _rejection_line(rule: str | None, error: Diagnostic) -> str:
    what = "statement" if rule is None else f'rule "{rule}"'
    return printable(f"rejected: {what} in {error.path}({error.line}): {error.message}")
