"""Compiles operators, where one of Python's means the same, to that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.analysis import condition as steps
from miniyara.evaluation import operations
from miniyara.evaluation.compiler import pieces
from miniyara.evaluation.compiler.code import UNDEFINED, Code, Frame, Kind, compiles
from miniyara.evaluation.compiler.values import hits_of
from miniyara.modules.interface import Type

if TYPE_CHECKING:
    import ast

# -- one operand -------------------------------------------------------------------------


@compiles(steps.Negate)
def _negate(frame: Frame, step: steps.Negate) -> Code:
    operand = frame.compile(step.operand)
    if operand.kind.is_small:
        value, kind = pieces.minus(operand.value), Kind.SMALL
    else:
        value, kind = pieces.call("negate", operand.value), operand.kind
    return Code(value, kind, operand.guards, operand.has_effect)


@compiles(steps.Complement)
def _complement(frame: Frame, step: steps.Complement) -> Code:
    operand = frame.compile(step.operand)
    value = pieces.arithmetic(operand.value, "^", pieces.constant(-1))
    return Code(value, Kind.INTEGER, operand.guards, operand.has_effect)


@compiles(steps.ToFloat)
def _to_float(frame: Frame, step: steps.ToFloat) -> Code:
    operand = frame.compile(step.operand)
    value = pieces.call("float", operand.value)
    return Code(value, Kind.OTHER, operand.guards, operand.has_effect)


@compiles(steps.IsNotEmpty)
def _is_not_empty(frame: Frame, step: steps.IsNotEmpty) -> Code:
    operand = frame.compile(step.operand)
    value = pieces.compare(operand.value, "!=", pieces.constant(b""))
    return Code(value, Kind.BOOLEAN, operand.guards, operand.has_effect)


@compiles(steps.Not)
def _not(frame: Frame, step: steps.Not) -> Code:
    operand = frame.compile(step.operand)
    value = pieces.negation(operand.defined_truth())
    return Code(value, Kind.BOOLEAN, operand.guards, operand.has_effect)


@compiles(steps.Defined)
def _defined(frame: Frame, step: steps.Defined) -> Code:
    operand = frame.compile(step.operand)
    if operand.has_effect:
        guard, _ = frame.keep_defined(operand.whole())
        return Code(guard, Kind.BOOLEAN, has_effect=True)
    return Code(pieces.conjunction(operand.guards), Kind.BOOLEAN)


# -- and, or -----------------------------------------------------------------------------


@compiles(steps.And)
def _and(frame: Frame, step: steps.And) -> Code:
    first, *others = map(frame.compile, step.operands)
    has_effect = first.has_effect or any(operand.has_effect for operand in others)
    operands = [first.truth()]
    if first.guards and others[0].has_effect:
        # A first operand that is undefined does not keep the second from being evaluated.
        computed, kept = frame.keep(first.whole())
        is_open = pieces.disjunction(
            [pieces.compare(computed, "is", UNDEFINED), pieces.call("is_true", kept)]
        )
        operands = [is_open, others.pop(0).truth(), pieces.compare(kept, "is not", UNDEFINED)]
    operands += [operand.truth() for operand in others]
    return Code(pieces.conjunction(operands), Kind.BOOLEAN, has_effect=has_effect)


@compiles(steps.Or)
def _or(frame: Frame, step: steps.Or) -> Code:
    first, *others = map(frame.compile, step.operands)
    has_effect = first.has_effect or any(operand.has_effect for operand in others)
    truths = [operand.truth() for operand in others]
    if first.kind is Kind.BOOLEAN:
        return Code(pieces.disjunction([first.truth(), *truths]), Kind.BOOLEAN, (), has_effect)
    # A first operand that decides alone is the value as it is.
    computed, kept = frame.keep(first.whole())
    is_decided = pieces.call("is_true", computed)
    return Code(pieces.either(is_decided, kept, pieces.disjunction(truths)), has_effect=has_effect)


# -- two operands ------------------------------------------------------------------------


@compiles(steps.Binary)
def _binary(frame: Frame, step: steps.Binary) -> Code:
    if isinstance(step.left, steps.CountOf) and step.operator in _REACHES:
        reached = _reaches(frame, step.left, step.operator, step.right)
        if reached is not None:
            return reached
    left, right = frame.compile(step.left), frame.compile(step.right)
    (one, other), guards, has_effect = frame.together(left, right)
    if step.operator == "matches":
        # May raise an error if there are too many ways to match.
        matches = pieces.method(other, "matches", one, frame.local("deadline"))
        return Code(matches, Kind.BOOLEAN, guards, has_effect=True)
    kind = _kind(step)
    if (step.type, step.operator) in _MAY_BE_UNDEFINED:
        function = frame.unit.bind(operations.OPERATIONS[step.type][step.operator])
        return frame.defined(pieces.call(function, one, other), kind, guards, has_effect=has_effect)
    value = _value(frame, step, one, other)
    if (step.type, step.operator) in _MAY_OVERFLOW and not (
        left.kind.is_small and right.kind.is_small and step.operator != "*"
    ):
        value = pieces.call("wrap", value)
    code = Code(value, kind, guards, has_effect)
    if step.type is Type.FLOAT and step.operator == "<":
        # Of all comparisons this one alone is false, not undefined (OP_DBL_LT).
        return Code(code.truth(), kind, (), has_effect)
    return code


def _reaches(
    frame: Frame, count: steps.CountOf, symbol: str, bound: steps.Condition
) -> Code | None:
    """``#a > 3`` and its like: no more hits are counted than the answer needs."""
    if not (isinstance(bound, steps.Constant) and isinstance(bound.value, int)):
        return None
    beyond, is_negated = _REACHES[symbol]
    number = pieces.constant(bound.value + beyond)
    reached = pieces.method(hits_of(frame, count.string), "reaches", number)
    return Code(pieces.negation(reached) if is_negated else reached, Kind.BOOLEAN)


def _kind(step: steps.Binary) -> Kind:
    if step.type is Type.STRING or step.operator in _COMPARISONS:
        return Kind.BOOLEAN
    return Kind.INTEGER if step.type is Type.INTEGER else Kind.OTHER


def _value(frame: Frame, step: steps.Binary, one: ast.expr, other: ast.expr) -> ast.expr:
    symbol = step.operator
    if symbol not in _AS_IN_PYTHON[step.type]:
        function = frame.unit.bind(operations.OPERATIONS[step.type][symbol])
        return pieces.call(function, one, other)
    if symbol == "contains":
        return pieces.compare(other, "in", one)
    if symbol in _COMPARISONS:
        return pieces.compare(one, symbol, other)
    return pieces.arithmetic(one, symbol, other)


_COMPARISONS: Final = frozenset(("==", "!=", "<", "<=", ">", ">="))

_REACHES: Final = {">": (1, False), ">=": (0, False), "<": (0, True), "<=": (1, True)}
"""What to add to the number to be reached, and whether it must not be."""

_AS_IN_PYTHON: Final = {
    Type.INTEGER: _COMPARISONS | {"+", "-", "*", "&", "|", "^"},
    Type.FLOAT: _COMPARISONS - {"==", "!="} | {"+", "-", "*"},
    Type.STRING: frozenset(("==", "!=", "contains")),
}
"""What Python has an operator for that does the same, up to overflow."""

_MAY_OVERFLOW: Final = {(Type.INTEGER, symbol) for symbol in ("+", "-", "*")}
_MAY_BE_UNDEFINED: Final = {(Type.INTEGER, symbol) for symbol in ("\\", "%", "<<", ">>")}
