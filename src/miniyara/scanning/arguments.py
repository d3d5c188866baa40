"""yara-python's conventions for arguments, shared by all public functions.

yara-python checks its arguments with the format codes of C Python, before it
looks at what they mean.  A program that passes something wrong gets the same
exception here.  In two points we take more than yara-python: a path may also be
``bytes`` or an ``os.PathLike``, and data may be any contiguous or strided buffer.
"""

from __future__ import annotations

import enum
import mmap
import operator
import os
from typing import TYPE_CHECKING, Final, SupportsIndex, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Buffer

    from miniyara.values import Scalar


class Absent(enum.Enum):
    """The type of the default of an argument for which None is an error."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "<absent>"


ABSENT: Final = Absent.ABSENT

Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]

Data: TypeAlias = "str | Buffer"

ScannedBytes: TypeAlias = bytes | mmap.mmap
"""What search and evaluation work on: never copied as a whole, sliced to ``bytes``."""


def path_argument(value: object, position: int) -> str:
    """Return a path as ``str``.

    Raises TypeError naming ``position`` (counted from 1) for anything else,
    ValueError for a path with a NUL.
    """
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise _not_text(value, position)
    path = os.fsdecode(value)
    if "\0" in path:
        raise ValueError("embedded null character")
    return path


def text_argument(value: object, position: int) -> bytes:
    """Return a text as UTF-8.

    Raises TypeError naming ``position`` (counted from 1) unless it is a ``str``,
    ValueError for a NUL or a lone surrogate.
    """
    if not isinstance(value, str):
        raise _not_text(value, position)
    if "\0" in value:
        raise ValueError("embedded null character")
    return value.encode()


def _not_text(value: object, position: int) -> TypeError:
    name = "None" if value is None else type(value).__name__
    return TypeError(f"argument {position} must be str, not {name}")


def c_long(value: SupportsIndex) -> int:
    """Return an integer that fits 64 bits; raise TypeError or OverflowError."""
    number = operator.index(value)
    if not -0x8000_0000_0000_0000 <= number <= 0x7FFF_FFFF_FFFF_FFFF:
        raise OverflowError("Python int too large to convert to C long")
    return number


def int_argument(value: SupportsIndex) -> int:
    """Return an integer that fits C's ``int``; raise TypeError or OverflowError."""
    number = c_long(value)
    if number > 0x7FFF_FFFF:
        raise OverflowError("signed integer is greater than maximum")
    if number < -0x8000_0000:
        raise OverflowError("signed integer is less than minimum")
    return number


def flag_argument(value: SupportsIndex) -> bool:
    """Return a flag given as an integer from 0 to 255; raise TypeError or OverflowError."""
    number = c_long(value)
    if number > 255:
        raise OverflowError("unsigned byte integer is greater than maximum")
    if number < 0:
        raise OverflowError("unsigned byte integer is less than minimum")
    return bool(number)


def data_argument(value: Data) -> ScannedBytes:
    """Return data to scan: a text as UTF-8, ``bytes`` and ``mmap`` as they are.

    Any other buffer is copied, because search needs slices that are ``bytes``.  A map
    is not, so nobody may change it or shrink its file during the scan.  Raises
    TypeError for what is neither text nor buffer.
    """
    if isinstance(value, (bytes, mmap.mmap)):
        return value
    if isinstance(value, str):
        return value.encode()
    try:
        return memoryview(value).tobytes()
    except TypeError as error:
        raise TypeError(str(error).removeprefix("memoryview: ")) from None


def modules_data_argument(value: object) -> Mapping[str, bytes]:
    """Return the entries of a ``modules_data`` argument that can be for a module.

    As in yara-python, an entry is passed over unless its name is a ``str`` and its value
    ``bytes``.  Raises TypeError unless the argument is a dictionary.
    """
    if value is ABSENT:
        return {}
    if not isinstance(value, dict):
        raise TypeError("'modules_data' must be a dictionary")
    return {
        name: data
        for name, data in value.items()
        if isinstance(name, str) and isinstance(data, bytes)
    }


def c_text(text: str) -> bytes:
    """Return a text as C sees it: UTF-8, up to the first NUL."""
    return text.encode().partition(b"\0")[0]


def external_values(externals: object) -> Iterator[tuple[str, Scalar]]:
    """Yield the names and values of an ``externals`` argument; None stands for none.

    Raises TypeError for what is not a dictionary of strings to integers, floats,
    booleans and strings, OverflowError for an integer of more than 64 bits.
    """
    if externals is None:
        return
    if not isinstance(externals, dict):
        raise TypeError("'externals' must be a dictionary")
    for name, value in externals.items():
        if not isinstance(name, str):
            raise TypeError("keys of externals dict must be strings")
        yield c_text(name).decode(), _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        if not -0x8000_0000_0000_0000 <= value <= 0x7FFF_FFFF_FFFF_FFFF:
            raise OverflowError("int too big to convert")
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return c_text(value)
    raise TypeError("external values must be of type integer, float, boolean or string")
