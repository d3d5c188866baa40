"""From the files of rules to compiled rules, and what is wrong with them to the user.

This goes one step below :func:`miniyara.compile`, because the command prints metadata
byte for byte, words warnings in a way of its own, and takes rules from stdin.
"""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import miniyara
from miniyara.limits import MAX_STRINGS_PER_RULE
from miniyara.scanning.preparing import compiled, compiled_once
from miniyara.storage import Request
from miniyara.syntax.source import SourceText, read_include

if TYPE_CHECKING:
    from miniyara.analysis.program import CheckedRule
    from miniyara.command.options import Options
    from miniyara.diagnostics import Diagnostic
    from miniyara.scanning.scanner import Scanner
    from miniyara.terminal import Terminal


class Ruleset:
    """Compiled rules, with their declarations."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner

    @cached_property
    def _declarations(self) -> dict[tuple[str, str], CheckedRule]:
        return {(rule.namespace, rule.name): rule for rule in self.scanner.program.rules}

    def declaration(self, namespace: str, name: str) -> CheckedRule:
        """Return the rule of this name."""
        return self._declarations[namespace, name]


def load(options: Options, terminal: Terminal) -> Ruleset | None:
    """Compile the rules; return None after telling ``terminal`` why that is impossible."""
    try:
        request = Request(
            tuple(_source(argument) for argument in options.rules),
            options.externals,
            options.strict_escape,
            MAX_STRINGS_PER_RULE,
        )
        if options.cache is None:
            scanner = compiled(request, read_include).scanner
        else:
            scanner = compiled_once(
                request,
                read_include,
                options.cache,
                lambda message: terminal.note(f"warning: {message}"),
            ).scanner
    except OSError as error:
        terminal.fail(f"error: could not open file: {error.filename}: {error.strerror}")
        return None
    except miniyara.SyntaxError as error:
        for diagnostic in error.diagnostics:
            if not diagnostic.is_consequence:
                terminal.fail(diagnostic.render())
        return None
    except miniyara.Error as error:  # the environment asks for what there is not
        terminal.fail(f"error: {error}")
        return None
    warnings = scanner.program.warnings
    if warnings and not options.no_warnings:
        tell = terminal.fail if options.fail_on_warnings else terminal.note
        for warning in warnings:
            tell(_warning_line(warning))
        if options.fail_on_warnings:
            return None
    return Ruleset(scanner)


def _source(argument: str) -> SourceText:
    """Read the file that ``[NAMESPACE:]RULES`` names; ``-`` is stdin.

    A colon is part of the path if there is such a file, and on Windows before a
    backslash (``compile_files`` of yara's ``cli/common.c``).  Raises OSError.
    """
    namespace, colon, path = argument.partition(":")
    if not colon or path.startswith("\\") or Path(argument).exists():
        namespace, path = "default", argument
    text = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    return SourceText(text, namespace, path)


def _warning_line(warning: Diagnostic) -> str:
    """Word a warning as yara does: one line, since there may be hundreds."""
    place = f"{warning.path}({warning.line})"
    if warning.rule is None:
        return f"{place}: warning: {warning.message}"
    return f'warning: rule "{warning.rule}" in {place}: {warning.message}'
