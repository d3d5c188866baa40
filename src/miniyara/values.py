"""The values that a condition computes with.

An integer is an ``int`` in the range of a signed 64-bit number, a float is a
``float``, a string is ``bytes``, a boolean is ``bool``.  ``UNDEFINED`` is what
libyara calls undefined: the value of a field that is not there, of an offset
past the end, of a division by zero.  It is a value with rules of its own, and
never ``None``.
"""

from __future__ import annotations

import enum
from typing import Final, Literal, TypeAlias


class Undefined(enum.Enum):
    """The type of the one undefined value."""

    UNDEFINED = "undefined"

    def __repr__(self) -> str:
        return "UNDEFINED"

    def __bool__(self) -> Literal[False]:
        return False


UNDEFINED: Final = Undefined.UNDEFINED

Scalar: TypeAlias = int | float | bytes | bool
"""A defined value of a simple type."""


def wrap(value: int) -> int:
    """Reduce an integer to 64 bits and sign, as C's ``int64_t`` does on overflow."""
    return (value + 0x8000_0000_0000_0000 & 0xFFFF_FFFF_FFFF_FFFF) - 0x8000_0000_0000_0000


UNDEFINED_IN_C: Final = 0xFFFA_BADA_FABA_DAFF
"""The number that stands for undefined in libyara (YR_UNDEFINED)."""


def integer_field(value: int) -> int | Undefined:
    """Return what a field is in which libyara stores an integer of any sign.

    That is the integer as 64 bits with sign, but for the one that means undefined.
    """
    value &= 0xFFFF_FFFF_FFFF_FFFF
    return UNDEFINED if value == UNDEFINED_IN_C else wrap(value)
