"""Checks of the uses of strings in conditions: ``$a``, ``#a``, ``@a[1]``, ``$a at 0``.

Each use also notes on the string what is asked about it, because libyara records
fewer matches of a string of which less is asked (``yr_parser_reduce_string_identifier``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.analysis import catalog
from miniyara.analysis import condition as steps
from miniyara.analysis.operators import expect
from miniyara.analysis.registry import check, checks
from miniyara.analysis.scope import Checked, RuleScope
from miniyara.modules.interface import Type
from miniyara.syntax import nodes

if TYPE_CHECKING:
    from miniyara.analysis.scope import StringState
    from miniyara.syntax.nodes import Node

_FIRST = steps.Constant(1)


def check_range(scope: RuleScope, node: nodes.Range) -> tuple[steps.Condition, steps.Condition]:
    """Check ``(low..high)``."""
    low, high = check(scope, node.low), check(scope, node.high)
    # Of several things that are wrong libyara names the last, and one thing it
    # checks even if the types are wrong.
    kind = None
    details = {}
    if low.type is not Type.INTEGER:
        kind = catalog.RANGE_LOW
    if high.type is not Type.INTEGER:
        kind = catalog.RANGE_HIGH
    start, end = _bits(low), _bits(high)
    if start is not None and end is not None:
        if start > end:
            kind = catalog.INVALID_VALUE
            details["value"] = "range lower bound must be less than upper bound"
        elif start < 0:
            kind = catalog.INVALID_VALUE
            details["value"] = "range lower bound can not be negative"
    if kind is not None:
        scope.fail(kind, node.span, **details)
    return low.step, high.step


def _bits(bound: Checked) -> int | None:
    """What libyara compares: an integer, or where a text lies, taken for an integer."""
    if bound.type is not Type.STRING:
        return bound.constant
    if isinstance(bound.step, steps.Constant):
        return bound.step.span.start + 1 << 32
    return -1


@checks(nodes.StringMatches)
def _check_matches(scope: RuleScope, node: nodes.StringMatches) -> Checked:
    used = _use(scope, node, node.name)
    for string in used:
        string.use_anywhere()
    step = steps.StringFound(_number(node.name, used), span=node.span)
    return Checked(step, Type.BOOLEAN, required=1)


@checks(nodes.StringAt)
def _check_at(scope: RuleScope, node: nodes.StringAt) -> Checked:
    offset = check(scope, node.offset)
    expect(scope, node, offset, "at", Type.INTEGER)
    used = _use(scope, node, node.name)
    for string in used:
        string.single_match = False
        string.use_at(offset.constant)
    step = steps.StringFoundAt(_number(node.name, used), offset.step, span=node.span)
    return Checked(step, Type.BOOLEAN, required=1)


@checks(nodes.StringIn)
def _check_in(scope: RuleScope, node: nodes.StringIn) -> Checked:
    low, high = check_range(scope, node.range)
    number = _use_all(scope, node, node.name)
    step = steps.StringFoundIn(number, low, high, span=node.span)
    return Checked(step, Type.BOOLEAN, required=1)


@checks(nodes.StringCount)
def _check_count(scope: RuleScope, node: nodes.StringCount) -> Checked:
    if node.range is None:
        number = _use_all(scope, node, node.name)
        return Checked(steps.CountOf(number, span=node.span), Type.INTEGER)
    low, high = check_range(scope, node.range)
    number = _use_all(scope, node, node.name)
    return Checked(steps.CountOfIn(number, low, high, span=node.span), Type.INTEGER)


@checks(nodes.StringOffset)
def _check_offset(scope: RuleScope, node: nodes.StringOffset) -> Checked:
    index = _FIRST if node.index is None else check(scope, node.index).step
    number = _use_all(scope, node, node.name)
    return Checked(steps.OffsetOf(number, index, span=node.span), Type.INTEGER)


@checks(nodes.StringLength)
def _check_length(scope: RuleScope, node: nodes.StringLength) -> Checked:
    index = _FIRST if node.index is None else check(scope, node.index).step
    number = _use_all(scope, node, node.name)
    return Checked(steps.LengthOf(number, index, span=node.span), Type.INTEGER)


def _use_all(scope: RuleScope, node: Node, name: str) -> int | None:
    """Note that all matches of a string are asked about; its number."""
    used = _use(scope, node, name)
    for string in used:
        string.single_match = False
        string.use_anywhere()
    return _number(name, used)


def _use(scope: RuleScope, node: Node, name: str) -> list[StringState]:
    """The strings that a use concerns: the named one, or with ``$`` all of the rule."""
    if name == "$":
        if not scope.names.is_in_string_loop:
            scope.fail(catalog.ANONYMOUS_STRING, node.span)
        return scope.strings
    string = scope.string_named(name)
    if string is None:
        scope.fail(catalog.UNDEFINED_STRING, node.span, name=name)
    string.is_referenced = True
    return [string]


def _number(name: str, used: list[StringState]) -> int | None:
    return None if name == "$" else used[0].number
