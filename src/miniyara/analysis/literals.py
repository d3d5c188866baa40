"""Checks of literals and of the values that every scan has."""

from __future__ import annotations

from miniyara.analysis import catalog
from miniyara.analysis import condition as steps
from miniyara.analysis.operators import expect
from miniyara.analysis.registry import check, checks
from miniyara.analysis.scope import Checked, RuleScope
from miniyara.modules.interface import Type
from miniyara.patterns import PatternError, compile_regexp
from miniyara.syntax import nodes


@checks(nodes.BooleanLiteral)
def _check_boolean(_scope: RuleScope, node: nodes.BooleanLiteral) -> Checked:
    return Checked(steps.Constant(node.value, span=node.span), Type.BOOLEAN)


@checks(nodes.IntegerLiteral)
def _check_integer(_scope: RuleScope, node: nodes.IntegerLiteral) -> Checked:
    return Checked(steps.Constant(node.value, span=node.span), Type.INTEGER, node.value)


@checks(nodes.FloatLiteral)
def _check_float(_scope: RuleScope, node: nodes.FloatLiteral) -> Checked:
    return Checked(steps.Constant(node.value, span=node.span), Type.FLOAT)


@checks(nodes.TextLiteral)
def _check_text(_scope: RuleScope, node: nodes.TextLiteral) -> Checked:
    return Checked(steps.Constant(node.value, span=node.span), Type.STRING)


@checks(nodes.RegexpLiteral)
def _check_regexp(scope: RuleScope, node: nodes.RegexpLiteral) -> Checked:
    try:
        regexp = compile_regexp(node, strict_escape=scope.strict_escape)
    except PatternError as error:
        scope.fail(catalog.INVALID_PATTERN, node.span, message=str(error))
    if regexp.unknown_escape:
        scope.warn(catalog.UNKNOWN_ESCAPE, node.span)
    return Checked(steps.Regexp(regexp, span=node.span), Type.REGEXP)


@checks(nodes.Filesize)
def _check_filesize(_scope: RuleScope, node: nodes.Filesize) -> Checked:
    return Checked(steps.FileSize(span=node.span), Type.INTEGER)


@checks(nodes.Entrypoint)
def _check_entrypoint(scope: RuleScope, node: nodes.Entrypoint) -> Checked:
    scope.warn(catalog.DEPRECATED_ENTRYPOINT, node.span)
    return Checked(steps.EntryPoint(span=node.span), Type.INTEGER)


@checks(nodes.IntegerAt)
def _check_integer_at(scope: RuleScope, node: nodes.IntegerAt) -> Checked:
    offset = check(scope, node.offset)
    expect(scope, node, offset, "intXXXX or uintXXXX", Type.INTEGER)
    function = node.function
    is_big_endian = function.endswith("be")
    bits = function.removesuffix("be").rpartition("int")[2]
    return Checked(
        steps.ReadInteger(
            int(bits) // 8, not function.startswith("u"), is_big_endian, offset.step, span=node.span
        ),
        Type.INTEGER,
    )
