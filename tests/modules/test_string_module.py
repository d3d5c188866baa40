"""The string module reads numbers as libyara, that is as C's strtoll, does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"", UNDEFINED),
        (b"12", 12),
        (b"-12", -12),
        (b"+12", 12),
        (b"--12", UNDEFINED),
        (b"+ 12", UNDEFINED),
        (b" \t\n\v\f\r12", 12),
        (b"12 ", UNDEFINED),
        (b"12\x0034", 12),
        (b"\x0012", UNDEFINED),
        (b"12a", UNDEFINED),
        (b"1_2", UNDEFINED),
        (b"0", 0),
        (b"00", 0),
        (b"010", 8),
        (b"-010", -8),
        (b"08", UNDEFINED),
        (b"0o7", UNDEFINED),
        (b"0b1", UNDEFINED),
        (b"0x1f", 31),
        (b"-0X1F", -31),
        (b"0x", UNDEFINED),
        (b"0x-1", UNDEFINED),
        (b"0x0x1", UNDEFINED),
        (b"9223372036854775807", 2**63 - 1),
        (b"9223372036854775808", UNDEFINED),
        (b"-9223372036854775808", -(2**63)),
        (b"-9223372036854775809", UNDEFINED),
        (b"0" * 5000 + b"7", 7),
        (b"1" * 5000, UNDEFINED),
        (b"\xd9\xa1", UNDEFINED),
        (b"\xa01", UNDEFINED),
    ],
)
def test_to_int(agree: Callable[..., Any], text: bytes, value: object) -> None:
    assert agree(b"", "string.to_int", text) == value


@pytest.mark.parametrize(
    ("text", "base", "value"),
    [
        (b"0xff", 16, 255),
        (b"ff", 16, 255),
        (b"0x", 16, UNDEFINED),
        (b"0x0x1", 16, UNDEFINED),
        (b"0b1", 2, UNDEFINED),
        (b"0b1", 16, 0xB1),
        (b"0o7", 8, UNDEFINED),
        (b"-" + b"1" + b"0" * 63, 2, -(2**63)),
        (b"1" + b"0" * 63, 2, UNDEFINED),
        (b"zZ", 36, 35 * 36 + 35),
        (b"0x1", 36, 33 * 36 + 1),
        (b"010", 0, 8),
        (b"010", 10, 10),
        (b"1", 1, UNDEFINED),
        (b"1", 37, UNDEFINED),
        (b"1", -10, UNDEFINED),
        (b"1", 2**32 + 10, UNDEFINED),
    ],
)
def test_to_int_in_a_base(agree: Callable[..., Any], text: bytes, base: int, value: object) -> None:
    assert agree(b"", "string.to_int", text, base) == value


@given(
    text=st.text("+- 0123456789abxzABXZ_\t\0\xa0", max_size=24).map(str.encode),
    base=st.integers(-1, 38),
)
def test_to_int_of_anything(agree: Callable[..., Any], text: bytes, base: int) -> None:
    agree(b"", "string.to_int", text)
    agree(b"", "string.to_int", text, base)


@given(text=st.binary(max_size=50))
def test_length(agree: Callable[..., Any], text: bytes) -> None:
    assert agree(b"", "string.length", text) == len(text)
