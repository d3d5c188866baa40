"""What the operators of conditions do with values (libyara's ``exec.c``, ``sizedstr.c``)."""

from __future__ import annotations

import operator
import struct
import sys
from typing import TYPE_CHECKING, Any, Final

from miniyara.analysis.operators import divide, remainder
from miniyara.modules.interface import Type
from miniyara.values import UNDEFINED, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.deadline import Deadline


def is_true(value: Any) -> bool:
    """Whether a value counts as true: undefined does not, nor does 0.

    Of a float libyara looks at the bits, so -0.0 is true.  A regular expression is
    true, and so is any object.
    """
    if isinstance(value, int):
        return value != 0
    if value is UNDEFINED:
        return False
    return as_integer(value) != 0


def as_integer(value: Any) -> int:
    """The bits of a defined value as an integer, which is how libyara counts in loops."""
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        bits: int = struct.unpack("<q", struct.pack("<d", value))[0]
        return bits
    # Anything else is the address of an object; any large number will do.
    return 1 << 40


def negate(value: float) -> float:
    """``-value``, as the integer or the float that it is."""
    return -value if isinstance(value, float) else wrap(-value)


def apply(symbol: str, kind: Type, left: Any, right: Any, deadline: Deadline) -> Any:
    """The value of ``left symbol right`` for operands of the type ``kind``."""
    if left is UNDEFINED or right is UNDEFINED:
        # Of all comparisons this one alone is false, not undefined (OP_DBL_LT).
        return False if symbol == "<" and kind is Type.FLOAT else UNDEFINED
    if symbol == "matches":
        return right.matches(left, deadline)
    return OPERATIONS[kind][symbol](left, right)


def _or_undefined(value: int | None) -> Any:
    return UNDEFINED if value is None else value


def _shift_left(left: int, right: int) -> Any:
    if right < 0:
        return UNDEFINED
    return wrap(left << right) if right < 64 else 0


def _shift_right(left: int, right: int) -> Any:
    if right < 0:
        return UNDEFINED
    return left >> right if right < 64 else 0


def _divide_floats(left: float, right: float) -> Any:
    try:
        result = left / right
    except ZeroDivisionError:
        # IEEE 754: an infinity with the sign of both, or a NaN.
        return left * (1.0 if str(right)[0] != "-" else -1.0) * float("inf")
    return result


def _lower(text: bytes) -> bytes:
    return text.lower()


def _is_below(left: bytes, right: bytes) -> bool:
    """Whether ``left`` is less than ``right`` as C's signed characters are."""
    return left.translate(_SIGNED) < right.translate(_SIGNED)


_SIGNED: Final = bytes((byte + 128) & 255 for byte in range(256))
"""Maps bytes so that their order becomes that of signed characters."""

_COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

OPERATIONS: Final[dict[Type, dict[str, Callable[[Any, Any], Any]]]] = {
    Type.INTEGER: {
        **_COMPARISONS,
        "+": lambda left, right: wrap(left + right),
        "-": lambda left, right: wrap(left - right),
        "*": lambda left, right: wrap(left * right),
        "\\": lambda left, right: _or_undefined(divide(left, right)),
        "%": lambda left, right: _or_undefined(remainder(left, right)),
        "&": operator.and_,
        "|": operator.or_,
        "^": operator.xor,
        "<<": _shift_left,
        ">>": _shift_right,
    },
    Type.FLOAT: {
        **_COMPARISONS,
        # DBL_EPSILON, not relative to the operands.
        "==": lambda left, right: abs(left - right) < sys.float_info.epsilon,
        "!=": lambda left, right: abs(left - right) >= sys.float_info.epsilon,
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "\\": _divide_floats,
    },
    Type.STRING: {
        "==": operator.eq,
        "!=": operator.ne,
        "<": _is_below,
        "<=": lambda left, right: not _is_below(right, left),
        ">": lambda left, right: _is_below(right, left),
        ">=": lambda left, right: not _is_below(left, right),
        "contains": lambda left, right: right in left,
        "icontains": lambda left, right: _lower(right) in _lower(left),
        "startswith": bytes.startswith,
        "istartswith": lambda left, right: _lower(left).startswith(_lower(right)),
        "endswith": bytes.endswith,
        "iendswith": lambda left, right: _lower(left).endswith(_lower(right)),
        "iequals": lambda left, right: _lower(left) == _lower(right),
    },
}
"""By the type of the operands, which are defined, and the operator; all but ``matches``."""
