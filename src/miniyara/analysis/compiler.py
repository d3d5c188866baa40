"""Compiles sources: parses and checks them into a program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.analysis import literals, names, operators, quantifiers, string_uses  # noqa: F401 - they register their checks
from miniyara.analysis.checker import Checker
from miniyara.analysis.last_error import last_error_text
from miniyara.analysis.origin import Origin, stand_alone
from miniyara.analysis.scope import Names
from miniyara.collection import no_collection
from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name
from miniyara.syntax.parser import parse_rules
from miniyara.syntax.source import RecordedIncludes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from miniyara.analysis.program import Program
    from miniyara.syntax.source import IncludeResolver, SourceText
    from miniyara.values import Scalar


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
        Names(externals), strict_escape=strict_escape, max_strings_per_rule=max_strings_per_rule
    )
    recorded = None if include is None else RecordedIncludes(include)
    read = []
    for source in sources:
        read.append(replace(source))
        with no_collection():
            parse_rules(source, checker, recorded)
        if checker.errors:
            seen = [error for error in checker.errors if error.is_seen_by_libyara]
            raise SyntaxError(last_error_text(seen), checker.errors, checker.warnings)
    included = () if recorded is None else tuple(recorded.included)
    # Without includes, each rule is in one text.
    are_whole = not included or stand_alone(checker.first_rules)
    origin = Origin(
        tuple(read),
        included,
        recorded is not None and recorded.reads_files,
        strict_escape,
        max_strings_per_rule,
        tuple(checker.imports),
    )
    texts = tuple(checker.texts) if are_whole else None
    return replace(checker.program(), texts=texts, origin=origin)
