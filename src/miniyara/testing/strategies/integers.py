"""Productions of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from miniyara.syntax.nodes import (
    Binary,
    BitwiseNot,
    Entrypoint,
    Expression,
    Filesize,
    IntegerAt,
    IntegerLiteral,
    Negative,
    Range,
    StringCount,
    StringLength,
    StringOffset,
)
from miniyara.testing.strategies.folding import INTEGER_MAX, constant, is_accepted
from miniyara.testing.strategies.grammar import Kind, Scope, expression, produces, variable

if TYPE_CHECKING:
    from miniyara.testing.strategies.drawing import Draw

INTEGER_FUNCTIONS: Final = tuple(
    f"{sign}int{bits}{order}" for sign in ("", "u") for bits in (8, 16, 32) for order in ("", "be")
)
"""The functions that read an integer from the data."""

_SMALL: Final = st.integers(0, 12)

_EDGES: Final = st.sampled_from(
    [31, 32, 63, 64, 65, 100, 255, 256, 1024, 65536, 2**31 - 1, 2**31, 2**32, 2**62, INTEGER_MAX]
)

_ARITHMETIC: Final = st.sampled_from(["+", "-", "*", "\\", "%"])
_BITWISE: Final = st.sampled_from(["&", "|", "^", "<<", ">>"])


def has_strings(scope: Scope) -> bool:
    """Whether the scope has a string that a condition can name."""
    return bool(scope.named_strings())


@produces(Kind.INTEGER, is_leaf=True, weight=3)
def literal(draw: Draw, _scope: Scope) -> Expression:
    """Draw a small number, or one at an edge of a type."""
    return IntegerLiteral(draw(_SMALL if draw(st.integers(0, 4)) < 4 else _EDGES))


@produces(Kind.INTEGER, is_leaf=True)
def filesize(_draw: Draw, _scope: Scope) -> Expression:
    """Draw ``filesize``."""
    return Filesize()


variable(Kind.INTEGER)


@produces(Kind.INTEGER, is_leaf=True)
def entrypoint(_draw: Draw, _scope: Scope) -> Expression:
    """Draw ``entrypoint``, which is undefined unless the data are a program."""
    return Entrypoint()


@produces(Kind.INTEGER, is_leaf=True, weight=2, fits=has_strings)
def string_count(draw: Draw, scope: Scope) -> Expression:
    """Draw ``#a``."""
    return StringCount(string_name(draw, scope))


@produces(Kind.INTEGER, fits=has_strings)
def string_count_in(draw: Draw, scope: Scope) -> Expression:
    """Draw ``#a in (low..high)``."""
    return StringCount(string_name(draw, scope), byte_range(draw, scope))


@produces(Kind.INTEGER, weight=2, fits=has_strings)
def string_place(draw: Draw, scope: Scope) -> Expression:
    """Draw ``@a``, ``@a[index]``, ``!a`` or ``!a[index]``."""
    name = string_name(draw, scope)
    index = expression(draw, Kind.INTEGER, scope.deeper()) if draw(st.booleans()) else None
    return StringOffset(name, index) if draw(st.booleans()) else StringLength(name, index)


@produces(Kind.INTEGER, weight=2)
def integer_at(draw: Draw, scope: Scope) -> Expression:
    """Draw ``uint16(offset)`` or a sister."""
    function = draw(st.sampled_from(INTEGER_FUNCTIONS))
    return IntegerAt(function, expression(draw, Kind.INTEGER, scope.deeper()))


@produces(Kind.INTEGER)
def unary(draw: Draw, scope: Scope) -> Expression:
    """Draw ``-x`` or ``~x``."""
    operand = expression(draw, Kind.INTEGER, scope.deeper())
    return Negative(operand) if draw(st.booleans()) else BitwiseNot(operand)


@produces(Kind.INTEGER, weight=2)
def arithmetic(draw: Draw, scope: Scope) -> Expression:
    """Draw ``x + y`` and its like."""
    return _operation(draw, scope, draw(_ARITHMETIC))


@produces(Kind.INTEGER)
def bitwise(draw: Draw, scope: Scope) -> Expression:
    """Draw ``x & y`` and its like."""
    return _operation(draw, scope, draw(_BITWISE))


def _operation(draw: Draw, scope: Scope, operator: str) -> Expression:
    left = expression(draw, Kind.INTEGER, scope.deeper())
    right = expression(draw, Kind.INTEGER, scope.deeper())
    if not is_accepted(operator, constant(left, scope), constant(right, scope)):
        right = Filesize()
    return Binary(operator, left, right)


def string_name(draw: Draw, scope: Scope) -> str:
    """Draw the name of a string in scope; there must be one."""
    return draw(st.sampled_from(scope.named_strings()))


def byte_range(draw: Draw, scope: Scope) -> Range:
    """Draw a range of offsets that the compiler accepts."""
    low = expression(draw, Kind.INTEGER, scope.deeper())
    high = expression(draw, Kind.INTEGER, scope.deeper())
    return accepted_range(low, high, scope)


def accepted_range(low: Expression, high: Expression, scope: Scope) -> Range:
    """Return a range of these bounds, changed if the compiler would refuse it."""
    first, last = constant(low, scope), constant(high, scope)
    if first is None or last is None or 0 <= first <= last:
        return Range(low, high)
    return Range(low, Filesize())
