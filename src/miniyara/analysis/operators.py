"""Checks of operators: types, constants, conversions.

Constants are folded only to find the errors that libyara finds (``grammar.y``);
what is evaluated is the expression as it was written.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Final

from miniyara.analysis import catalog
from miniyara.analysis import condition as steps
from miniyara.analysis.registry import check, checks
from miniyara.analysis.scope import Checked, RuleScope
from miniyara.modules.interface import Type
from miniyara.syntax import nodes
from miniyara.values import wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.syntax.nodes import Expression, Node

_TYPE_NAMES: Final = {
    Type.INTEGER: "integer",
    Type.FLOAT: "float",
    Type.STRING: "string",
    Type.BOOLEAN: "boolean",
}

INT64_MAX: Final = 0x7FFF_FFFF_FFFF_FFFF
INT64_MIN: Final = -INT64_MAX - 1


def expect(scope: RuleScope, node: Node, operand: Checked, symbol: str, *types: Type) -> None:
    """Fail unless the operand has one of the types."""
    if operand.type in types:
        return
    name = _TYPE_NAMES.get(operand.type) if operand.type is not None else None
    if name is None:
        scope.fail(catalog.WRONG_TYPE_UNNAMED, node.span)
    scope.fail(catalog.WRONG_TYPE, node.span, type=name, operator=symbol)


def check_boolean(scope: RuleScope, node: Expression) -> Checked:
    """Check an expression that stands where a condition is needed."""
    checked = check(scope, node)
    if checked.type is Type.BOOLEAN:
        return checked
    step = checked.step
    if checked.type is Type.STRING:
        if isinstance(step, steps.Constant) and isinstance(step.value, bytes):
            text = step.value.partition(b"\0")[0].decode("utf-8", "replace")
            scope.warn(catalog.LITERAL_AS_BOOLEAN, scope.with_next_token(node.span), text=text)
        step = steps.IsNotEmpty(step, span=node.span)
    return Checked(step, Type.BOOLEAN)


# -- one operand -----------------------------------------------------------------------


@checks(nodes.Not)
def _check_not(scope: RuleScope, node: nodes.Not) -> Checked:
    operand = check_boolean(scope, node.operand)
    return Checked(steps.Not(operand.step, span=node.span), Type.BOOLEAN)


@checks(nodes.Defined)
def _check_defined(scope: RuleScope, node: nodes.Defined) -> Checked:
    operand = check_boolean(scope, node.operand)
    return Checked(steps.Defined(operand.step, span=node.span), Type.BOOLEAN)


@checks(nodes.Negative)
def _check_negative(scope: RuleScope, node: nodes.Negative) -> Checked:
    operand = check(scope, node.operand)
    expect(scope, node, operand, "-", Type.INTEGER, Type.FLOAT)
    constant = None if operand.constant is None else -operand.constant
    return Checked(steps.Negate(operand.step, span=node.span), operand.type, constant)


@checks(nodes.BitwiseNot)
def _check_bitwise_not(scope: RuleScope, node: nodes.BitwiseNot) -> Checked:
    operand = check(scope, node.operand)
    expect(scope, node, operand, "~", Type.INTEGER)
    constant = None if operand.constant is None else ~operand.constant
    return Checked(steps.Complement(operand.step, span=node.span), Type.INTEGER, constant)


# -- and, or ---------------------------------------------------------------------------


@checks(nodes.And)
def _check_and(scope: RuleScope, node: nodes.And) -> Checked:
    operands = [check_boolean(scope, operand) for operand in node.operands]
    return Checked(
        steps.And(tuple(operand.step for operand in operands), span=node.span),
        Type.BOOLEAN,
        required=sum(operand.required for operand in operands),
    )


@checks(nodes.Or)
def _check_or(scope: RuleScope, node: nodes.Or) -> Checked:
    operands = [check_boolean(scope, operand) for operand in node.operands]
    return Checked(
        steps.Or(tuple(operand.step for operand in operands), span=node.span),
        Type.BOOLEAN,
        required=min(operand.required for operand in operands),
    )


# -- two operands ------------------------------------------------------------------------


@checks(nodes.Binary)
def _check_binary(scope: RuleScope, node: nodes.Binary) -> Checked:
    # A chain such as 1 + 2 + 3 hangs to the left; it may be long, so no recursion.
    chain = [node]
    while isinstance(chain[-1].left, nodes.Binary):
        chain.append(chain[-1].left)
    left = check(scope, chain[-1].left)
    for link in reversed(chain):
        right = check(scope, link.right)
        left = _COMBINE[link.operator](scope, link, left, right)
    return left


def _check_text_operation(
    scope: RuleScope, node: nodes.Binary, left: Checked, right: Checked
) -> Checked:
    expect(scope, node, left, node.operator, Type.STRING)
    wanted = Type.REGEXP if node.operator == "matches" else Type.STRING
    expect(scope, node, right, node.operator, wanted)
    step = steps.Binary(node.operator, Type.STRING, left.step, right.step, span=node.span)
    return Checked(step, Type.BOOLEAN)


def _check_comparison(
    scope: RuleScope, node: nodes.Binary, left: Checked, right: Checked
) -> Checked:
    return Checked(_same_type(scope, node, left, right), Type.BOOLEAN)


def _check_arithmetic(
    scope: RuleScope, node: nodes.Binary, left: Checked, right: Checked
) -> Checked:
    step = _same_type(scope, node, left, right)
    if step.type is Type.FLOAT:
        return Checked(step, Type.FLOAT)
    constant = None
    if node.operator == "\\":
        if right.constant == 0:
            scope.fail(catalog.DIVISION_BY_ZERO, node.span)
        if left.constant is not None and right.constant is not None:
            constant = divide(left.constant, right.constant)
    elif left.constant is not None and right.constant is not None:
        constant = _FOLD_ARITHMETIC[node.operator](left.constant, right.constant)
        if _overflows(node.operator, left.constant, right.constant, constant):
            scope.fail(
                catalog.CONSTANT_OVERFLOW,
                node.span,
                left=left.constant,
                operator=node.operator,
                right=right.constant,
            )
    return Checked(step, Type.INTEGER, constant)


def _overflows(symbol: str, left: int, right: int, result: int) -> bool:
    if symbol == "*":
        # libyara compares magnitudes, so -2**63 counts as an overflow, too.
        return right != 0 and abs(left) > INT64_MAX // abs(right)
    return not INT64_MIN <= result <= INT64_MAX


def _check_bitwise(scope: RuleScope, node: nodes.Binary, left: Checked, right: Checked) -> Checked:
    # In messages libyara calls "&" by the name of its neighbour.
    symbol = "^" if node.operator == "&" else node.operator
    expect(scope, node, left, symbol, Type.INTEGER)
    expect(scope, node, right, symbol, Type.INTEGER)
    constant = None
    if node.operator == "%" and right.constant == 0:
        scope.fail(catalog.DIVISION_BY_ZERO, node.span)
    if node.operator in ("<<", ">>") and right.constant is not None and right.constant < 0:
        scope.fail(catalog.NEGATIVE_SHIFT, node.span)
    if left.constant is not None and right.constant is not None:
        constant = _FOLD_BITWISE[node.operator](left.constant, right.constant)
    elif node.operator in ("<<", ">>") and right.constant is not None and right.constant >= 64:
        constant = 0
    step = steps.Binary(node.operator, Type.INTEGER, left.step, right.step, span=node.span)
    return Checked(step, Type.INTEGER, constant)


def _same_type(scope: RuleScope, node: nodes.Binary, left: Checked, right: Checked) -> steps.Binary:
    """Both operands as numbers of one type, or as strings (``yr_parser_reduce_operation``)."""
    if left.type in _NUMBERS and right.type in _NUMBERS:
        one, other = left.step, right.step
        if left.type is right.type:
            kind = left.type
        else:
            kind = Type.FLOAT
            if left.type is Type.INTEGER:
                one = steps.ToFloat(one, span=node.span)
            else:
                other = steps.ToFloat(other, span=node.span)
        return steps.Binary(node.operator, kind, one, other, span=node.span)
    if left.type is Type.STRING and right.type is Type.STRING:
        if node.operator in _ARITHMETIC:
            scope.fail(catalog.STRING_OPERATION, node.span, operator=node.operator)
        return steps.Binary(node.operator, Type.STRING, left.step, right.step, span=node.span)
    scope.fail(catalog.TYPE_MISMATCH, node.span)


def divide(left: int, right: int) -> int | None:
    """C's integer division, towards zero; None where it has no result."""
    if right == 0 or (left == INT64_MIN and right == -1):
        return None
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int | None:
    """C's remainder, with the sign of the dividend; None where it has no result."""
    if right == 0 or (left == INT64_MIN and right == -1):
        return None
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _shift_left(left: int, right: int) -> int:
    return wrap(left << right) if right < 64 else 0


_NUMBERS: Final = (Type.INTEGER, Type.FLOAT)
_ARITHMETIC: Final = ("+", "-", "*", "\\")

_FOLD_ARITHMETIC: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}

_FOLD_BITWISE: Final[dict[str, Callable[[int, int], int | None]]] = {
    "%": remainder,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": _shift_left,
    # libyara folds a shift to the right as one to the left (grammar.y); it shows
    # only where a constant is checked, never in what is evaluated.
    ">>": _shift_left,
}

_COMBINE: Final = {
    **dict.fromkeys(_ARITHMETIC, _check_arithmetic),
    **dict.fromkeys(("%", "&", "|", "^", "<<", ">>"), _check_bitwise),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _check_comparison),
    **dict.fromkeys(
        (
            "contains",
            "icontains",
            "startswith",
            "istartswith",
            "endswith",
            "iendswith",
            "iequals",
            "matches",
        ),
        _check_text_operation,
    ),
}
