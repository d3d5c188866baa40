"""Values as golden files write them: literals of Python."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from miniyara.testing.outcome import External

_DATA: Final = re.compile(r"(?:(?P<times>\d+) \* )?(?P<literal>b.*)")


def data_of(text: str) -> bytes:
    r"""Read a line of data, ``b"a\x00"`` or ``300 * b"a"``; raises ValueError."""
    match = _DATA.fullmatch(text.strip())
    value = ast.literal_eval(match["literal"]) if match else None
    if match is None or not isinstance(value, bytes):
        raise ValueError(f"not a literal of bytes: {text}")
    return value * int(match["times"] or 1)


def external_of(text: str) -> dict[str, External]:
    """Read a line ``name = value`` of an external variable; raises ValueError."""
    name, _, literal = text.partition("=")
    value = ast.literal_eval(literal.strip())
    if not isinstance(value, str | int | float):
        raise ValueError(f"not a value of an external variable: {text}")  # noqa: TRY004 - a bad text
    return {name.strip(): value}
