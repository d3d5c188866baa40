"""YARA's ``string`` module: the length of strings and the numbers they spell.

Follows libyara's ``modules/string/string.c``.
"""

from __future__ import annotations

import re
from typing import Final

from miniyara.modules.interface import Function, ModuleScan, Structure, Type
from miniyara.modules.static import StaticModule
from miniyara.values import UNDEFINED, Undefined

_NUMBER: Final = re.compile(rb"[ \t\n\v\f\r]*([+-]?)([0-9a-zA-Z]+)")
"""White space, sign and digits as C's ``strtoll`` reads them; any base, any prefix."""

_MOST_DIGITS: Final = 64
"""Digits of -2**63 in base 2: a longer number is out of range, whatever its base."""


def _to_int(_scan: ModuleScan, text: bytes, base: int = 0) -> int | Undefined:
    """Return the number that ``text``, up to a NUL, is in ``base``.

    As in C's ``strtoll``, base 0 takes the base from the prefix ``0x`` or ``0``, and
    base 16 allows the prefix. Undefined if any of the text is not part of the
    number or the number does not fit into 64 bits.
    """
    number = _NUMBER.fullmatch(text.partition(b"\0")[0])
    if number is None or not (base == 0 or 2 <= base <= 36):
        return UNDEFINED
    sign, digits = number.groups()
    if base in (0, 16) and digits[:2] in (b"0x", b"0X"):
        base, digits = 16, digits[2:]
    elif base == 0:
        base = 8 if digits.startswith(b"0") else 10
    # Without leading zeros int() finds no second prefix, nor much to convert.
    digits = digits[:-1].lstrip(b"0") + digits[-1:]
    if len(digits) > _MOST_DIGITS:
        return UNDEFINED
    try:
        value = int(sign + digits, base)
    except ValueError:
        return UNDEFINED
    return value if -(2**63) <= value < 2**63 else UNDEFINED


def _length(_scan: ModuleScan, text: bytes) -> int:
    """Return the number of bytes in ``text``, NULs included."""
    return len(text)


MODULE: Final = StaticModule(
    "string",
    Structure(
        {
            "to_int": Function(Type.INTEGER, {"s": _to_int, "si": _to_int}),
            "length": Function(Type.INTEGER, {"s": _length}),
        }
    ),
)
