"""Columns and records as the sections of a file, and the checks on the way back.

A file that somebody has changed may hold any numbers under the right checksum.  What is
read here is within its bounds, so that no scan goes astray over it; that it makes sense
is not said.
"""

from __future__ import annotations

import json
import operator
import sys
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, TypeAlias

from miniyara.columns import Column, Lists, column
from miniyara.storage.container import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Sections: TypeAlias = "Mapping[str, memoryview]"


# -- numbers ------------------------------------------------------------------------------


def packed(numbers: Iterable[int]) -> bytes:
    """Numbers as a section: four bytes each, little-endian."""
    found = column(numbers)
    if sys.byteorder == "big":
        found.byteswap()
    return found.tobytes()


def section(sections: Sections, name: str, length: int | None = None) -> memoryview:
    """A section, which has so many bytes."""
    found = sections.get(name)
    if found is None:
        raise FormatError(f"section {name} is missing")
    require(length is None or len(found) == length, name)
    return found


def numbers(
    sections: Sections, name: str, count: int | None = None, below: int | None = None
) -> Column:
    """The numbers of a section: so many, all below a bound."""
    content = section(sections, name, None if count is None else 4 * count)
    require(len(content) % 4 == 0, name)
    found = column()
    found.frombytes(content)
    if sys.byteorder == "big":
        found.byteswap()
    require(below is None or max(found, default=-1) < below, name)
    return found


def lists(sections: Sections, sizes: str, values: str, count: int, below: int) -> Lists:
    """The lists of two sections, of their sizes and their values: so many, of such numbers."""
    found = numbers(sections, values, below=below)
    return _lists(numbers(sections, sizes, count), found, sizes)


def packed_lists(sizes: str, values: str, packed_lists: Lists) -> dict[str, bytes]:
    """The sections of some lists."""
    return {sizes: packed(packed_lists.counts()), values: packed(packed_lists.values)}


def _lists(sizes: Column, values: Column, name: str) -> Lists:
    require(sum(sizes) == len(values), name)
    return Lists(sizes, values)


def all_below(numbers: Iterable[int], bounds: Iterable[int], name: str) -> None:
    """Check that each number is below its bound."""
    require(all(map(operator.lt, numbers, bounds)), name)


def spread(values: Iterable[int], counts: Iterable[int]) -> Iterable[int]:
    """Each value as often as its count says."""
    return chain.from_iterable(map(repeat, values, counts))


def require(holds: bool, name: str) -> None:
    """Raise :class:`FormatError` unless something holds."""
    if not holds:
        raise FormatError(f"section {name} does not fit the others")


# -- records ------------------------------------------------------------------------------
# Bytes are kept as texts of as many characters.


def record(value: object) -> bytes:
    """A value as JSON."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def read_record(content: memoryview | bytes) -> Any:
    """The value of a record.  Its types are not checked."""
    try:
        return json.loads(bytes(content))
    except (ValueError, RecursionError) as error:
        raise FormatError("a record is broken") from error


def items(value: Any, count: int | None = None) -> list[Any]:
    """A list, of so many items."""
    if not isinstance(value, list) or count not in (None, len(value)):
        raise FormatError("a record is not what it should be")
    return value


def whole(value: Any, below: int = 1 << 64) -> int:
    """An integer from 0."""
    if type(value) is not int or not 0 <= value < below:
        raise FormatError("a record has a number that it cannot have")
    return value


def flag(value: Any) -> bool:
    """A boolean."""
    if not isinstance(value, bool):
        raise FormatError("a record is not what it should be")
    return value


def text(value: Any) -> str:
    """A text."""
    if not isinstance(value, str):
        raise FormatError("a record is not what it should be")
    return value


def optional_text(value: Any) -> str | None:
    """A text or nothing."""
    return None if value is None else text(value)


def octets(value: Any) -> bytes:
    """Bytes."""
    try:
        return text(value).encode("latin-1")
    except UnicodeEncodeError as error:
        raise FormatError("a record is not what it should be") from error


def characters(value: bytes) -> str:
    """Bytes, as a record has them."""
    return value.decode("latin-1")


def scalar(value: Any) -> bool | int | float | bytes:
    """A value of an external variable or of metadata."""
    if isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        if not -(1 << 63) <= value < 1 << 63:
            raise FormatError("a record has a number that it cannot have")
        return value
    return octets(value)


def plain(value: bool | float | bytes) -> bool | int | float | str:
    """Such a value, as a record has it."""
    return characters(value) if isinstance(value, bytes) else value
