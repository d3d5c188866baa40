"""Syntax trees -> checked rules: names, types, constants, warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.analysis import literals, names, operators, quantifiers, string_uses  # noqa: F401 - they register their checks
from miniyara.analysis.checker import Checker
from miniyara.analysis.last_error import last_error_text
from miniyara.analysis.program import CheckedRule, CheckedString, Program
from miniyara.collection import no_collection
from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name
from miniyara.syntax.parser import parse_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from miniyara.syntax.source import IncludeResolver, SourceText
    from miniyara.values import Scalar

__all__ = ["CheckedRule", "CheckedString", "Program", "compile_program"]


def compile_program(
    sources: Iterable[SourceText],
    *,
    externals: Mapping[str, Scalar],
    include: IncludeResolver | None,
    strict_escape: bool = False,
    max_strings_per_rule: int = limits.MAX_STRINGS_PER_RULE,
) -> Program:
    """Parse and check sources, one after the other, into one program.

    ``include`` finds included files; None disables includes.  Stops at the first
    source with an error, as yara-python does, and raises
    :class:`miniyara.SyntaxError` with all errors of that source; its text is the
    last that libyara would have reported.
    """
    checker = Checker(
        externals, strict_escape=strict_escape, max_strings_per_rule=max_strings_per_rule
    )
    for source in sources:
        with no_collection():
            parse_rules(source, checker, include)
        if checker.errors:
            seen = [error for error in checker.errors if error.is_seen_by_libyara]
            raise SyntaxError(last_error_text(seen), checker.errors, checker.warnings)
    return checker.program()
