"""The hash module gives libyara's digests and checksums."""

from __future__ import annotations

from hashlib import shake_128
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.modules.ranges import BLOCK_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS = ["md5", "sha1", "sha256", "checksum32", "crc32"]

LARGE = shake_128(b"large").digest(2 * BLOCK_SIZE + 7)


@pytest.mark.parametrize("function", FUNCTIONS)
@given(data=st.binary(max_size=80), offset=st.integers(-2, 82), length=st.integers(-2, 82))
def test_ranges(
    agree: Callable[..., Any], function: str, data: bytes, offset: int, length: int
) -> None:
    agree(data, f"hash.{function}", offset, length)


@pytest.mark.parametrize("function", FUNCTIONS)
@given(text=st.binary(max_size=200))
def test_strings(agree: Callable[..., Any], function: str, text: bytes) -> None:
    agree(b"", f"hash.{function}", text)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, len(LARGE)), (5, 2**63 - 1), (BLOCK_SIZE - 1, 2), (1, BLOCK_SIZE), (2**63 - 1, 1)],
)
def test_blocks(agree: Callable[..., Any], function: str, offset: int, length: int) -> None:
    agree(LARGE, f"hash.{function}", offset, length)
