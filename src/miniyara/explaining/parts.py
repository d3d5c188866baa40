"""How the steps of a condition become the nodes of its explanation: their kinds and parts."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from miniyara.analysis import condition as steps
from miniyara.syntax.nodes import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.analysis.condition import Condition

_KINDS: Final[dict[type, str]] = {
    steps.Constant: "constant",
    steps.Regexp: "regexp",
    steps.FileSize: "filesize",
    steps.EntryPoint: "entrypoint",
    steps.ReadInteger: "integer",
    steps.Variable: "variable",
    steps.External: "external",
    steps.RuleMatches: "rule",
    steps.ModuleRoot: "field",
    steps.FieldOf: "field",
    steps.ItemOf: "field",
    steps.EntryOf: "field",
    steps.CallOf: "call",
    steps.StringFound: "string",
    steps.StringFoundAt: "string",
    steps.StringFoundIn: "string",
    steps.CountOf: "count",
    steps.CountOfIn: "count",
    steps.OffsetOf: "offset",
    steps.LengthOf: "length",
    steps.Negate: "arithmetic",
    steps.Complement: "arithmetic",
    steps.IsNotEmpty: "not empty",
    steps.Not: "not",
    steps.Defined: "defined",
    steps.And: "and",
    steps.Or: "or",
    steps.OfStrings: "of",
    steps.OfRules: "of",
    steps.Loop: "for",
}

_ARITHMETIC: Final = frozenset(("+", "-", "*", "\\", "%", "&", "|", "^", "<<", ">>"))

_OWNERS: Final = frozenset(("owner", "iterator", "array", "dictionary"))
"""Fields with what is no value: not it is shown, but what it is made of (an index)."""


def kind_of(step: Condition) -> str:
    """What a step is called."""
    if isinstance(step, steps.Binary):
        return "arithmetic" if step.operator in _ARITHMETIC else "comparison"
    return _KINDS[type(step)]


def parts_of(step: Condition | steps.Iterator) -> Iterator[Condition]:
    """The steps below a step that have values of their own and are written down."""
    if isinstance(step, steps.Binary) and step.operator in _ARITHMETIC:
        yield from _operands(step)
        return
    for field in fields(step):
        inner = getattr(step, field.name)
        for each in inner if isinstance(inner, tuple) else (inner,):
            if not _is_written(each):
                continue
            if field.name in _OWNERS:
                yield from parts_of(each)
            elif field.name == "quantifier":
                if not isinstance(each, steps.Constant):
                    yield each
            elif field.name != "body":
                yield each


def _is_written(step: object) -> bool:
    return isinstance(step, steps.Step) and step.span is not NOWHERE


def _operands(step: steps.Binary) -> Iterator[Condition]:
    """What a chain such as ``1 + 2 + 3``, which hangs to the left, computes with."""
    chain = [step]
    while isinstance(chain[-1].left, steps.Binary):
        chain.append(chain[-1].left)
    yield chain[-1].left
    for link in reversed(chain):
        yield link.right
