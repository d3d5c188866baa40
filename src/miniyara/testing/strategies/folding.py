"""What libyara's compiler knows about integers while it reads a condition.

It refuses an overflow, a division by zero, a negative shift or a bad bound if it
can compute it from constants.  Strategies ask here, to draw conditions that are
not refused.  Follows the actions of libyara's grammar.y, with their quirks: an
external counts as a constant, and a right shift is computed as a left shift.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.syntax.nodes import (
    Binary,
    BitwiseNot,
    Expression,
    Identifier,
    IntegerLiteral,
    Negative,
)
from miniyara.values import wrap

if TYPE_CHECKING:
    from miniyara.testing.strategies.grammar import Scope

INTEGER_MAX: Final = 2**63 - 1
INTEGER_MIN: Final = -(2**63)


def constant(expression: Expression, scope: Scope) -> int | None:
    """Return the value of an integer expression that the compiler knows, or None."""
    match expression:
        case IntegerLiteral(value=value):
            return value
        case Identifier(name=name):
            known = scope.externals.get(name)
            return int(known) if isinstance(known, int) else None
        case Negative(operand=operand):
            inner = constant(operand, scope)
            return None if inner is None else wrap(-inner)
        case BitwiseNot(operand=operand):
            inner = constant(operand, scope)
            return None if inner is None else ~inner
        case Binary(operator=operator, left=left, right=right):
            return _folded(operator, constant(left, scope), constant(right, scope))
    return None


def is_accepted(operator: str, left: int | None, right: int | None) -> bool:
    """Whether the compiler accepts an operation on what it knows of the operands."""
    if operator in {"<<", ">>"}:
        return right is None or right >= 0
    if operator in {"\\", "%"}:
        # libyara itself crashes on the smallest integer divided by -1.
        return right != 0 and not (left == INTEGER_MIN and right == -1)
    if left is None or right is None:
        return True
    exact = {"+": left + right, "-": left - right, "*": left * right}.get(operator, 0)
    return INTEGER_MIN < exact <= INTEGER_MAX


def _folded(operator: str, left: int | None, right: int | None) -> int | None:
    if operator in {"<<", ">>"} and right is not None and right >= 64:
        return 0
    if left is None or right is None:
        return None
    match operator:
        case "+":
            return wrap(left + right)
        case "-":
            return wrap(left - right)
        case "*":
            return wrap(left * right)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "<<" | ">>":
            return wrap(left << right)
        case "\\":
            return _divided(left, right)
        case "%":
            return left - right * _divided(left, right)
    return None


def _divided(left: int, right: int) -> int:
    """Divide towards zero, as C does."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient
