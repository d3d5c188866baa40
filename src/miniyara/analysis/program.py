"""Rules that are checked: what analysis hands on to search and evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miniyara.analysis.condition import Condition
    from miniyara.analysis.origin import Origin, RuleText
    from miniyara.diagnostics import Diagnostic
    from miniyara.patterns import Pattern
    from miniyara.syntax import nodes
    from miniyara.values import Scalar


@dataclass(frozen=True, slots=True)
class CheckedString:
    """A string of a rule."""

    name: str
    """With its dollar sign."""
    declaration: nodes.StringDeclaration
    pattern: Pattern
    fixed_offset: int | None
    """The one offset that the condition asks about (``$a at 0`` and nothing else):
    libyara records a literal string's matches nowhere else then."""
    single_match: bool
    """Whether one match is all that the condition needs; fast mode stops there."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A rule but for its condition and its strings."""

    name: str
    namespace: str
    is_private: bool
    is_global: bool
    tags: tuple[str, ...]
    meta: tuple[nodes.Meta, ...]
    strings: range
    """The numbers of its strings in :attr:`Program.strings`."""
    needs_hit: bool
    """Whether libyara evaluates it only if one of its strings has a match."""
    has_effect: bool
    """Whether evaluating it can be observed (it calls ``console.log``)."""


@dataclass(frozen=True, slots=True)
class Program:
    """All rules of a compilation, in their order."""

    rules: Sequence[CheckedRule]
    conditions: Sequence[Condition]
    """By rule, its condition, with names bound and types known."""
    strings: Sequence[CheckedString]
    modules: tuple[str, ...]
    """The imported modules in the order in which libyara loads them; a module that
    two namespaces import is there twice."""
    externals: Mapping[str, Scalar]
    warnings: tuple[Diagnostic, ...]
    texts: Sequence[RuleText] | None = None
    """By rule, its text; None if there is a rule that begins in one source and ends in another."""
    origin: Origin | None = None
    """What it was compiled from, if it was compiled here."""
