"""Compiles a rule of a program again, from its text alone.

Rules that were saved are compiled when a scan needs them, and most never are.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara.analysis import compiler  # noqa: F401 - with it come the checks of all nodes
from miniyara.analysis.checker import Checker
from miniyara.analysis.scope import Names
from miniyara.errors import SyntaxError  # noqa: A004 - yara-python's name
from miniyara.modules import find
from miniyara.syntax.parser import parse_rules
from miniyara.syntax.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from miniyara.analysis.program import Program
    from miniyara.modules.interface import Declaration
    from miniyara.values import Scalar


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a rule is compiled among, when it is compiled alone."""

    namespace: str
    rules: Mapping[tuple[str, str], int]
    """The numbers of all rules by namespace and name."""
    rules_before: Sequence[str]
    """The names of the rules before it."""
    strings_before: int
    """The number of the strings before its own."""
    modules: Iterable[str]
    """What its namespace has imported."""
    externals: Mapping[str, Scalar]
    strict_escape: bool


def compile_rule(name: str, text: bytes, around: Surroundings) -> Program:
    """Compile again a rule of a program, from its text alone.

    Its condition and its strings have the numbers that they had there.  Raises
    :class:`miniyara.SyntaxError` if it is not good, or not one rule.
    """
    rules = dict(around.rules)
    del rules[around.namespace, name]
    modules: dict[str, Declaration] = {
        module: found.declaration for module in around.modules if (found := find(module))
    }
    names = Names(
        around.externals, rules, list(around.rules_before), imports={around.namespace: modules}
    )
    checker = Checker(
        names,
        strict_escape=around.strict_escape,
        max_strings_per_rule=sys.maxsize,
        strings_before=around.strings_before,
    )
    parse_rules(SourceText(text, around.namespace), checker, None)
    program = checker.program()
    if checker.errors or checker.imports or [rule.name for rule in program.rules] != [name]:
        raise SyntaxError("not the text of a rule", checker.errors)
    return program
