"""The math module gives libyara's results, to the last bit of a float."""

from __future__ import annotations

import math
from hashlib import shake_128
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.modules.ranges import BLOCK_SIZE
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable

NOISE = shake_128(b"noise").digest(2 * BLOCK_SIZE + 7)

DATA = {
    "empty": b"",
    "one": b"a",
    "text": b"The quick brown fox jumps over the lazy dog.\n",
    "constant": bytes(100),
    "edge of the circle": b"\xff\xff\xff\x00\x00\x00\xff\xff\xff\x00\x00\x01",
    "every byte": bytes(range(256)) * 3,
    "blocks": NOISE,
    "skewed blocks": bytes(map(min, NOISE, NOISE[:BLOCK_SIZE:-1])),
}

RANGES = [
    (0, 0), (0, 1), (0, 6), (0, 2**63 - 1), (1, 5), (3, 17), (44, 0), (44, 1), (45, 0),
    (45, 1), (100, 1000), (-1, 1), (-1, 0), (0, -1), (-(2**63), 2**63 - 1), (7, BLOCK_SIZE),
    (BLOCK_SIZE - 3, 9), (2**63 - 1, 2**63 - 1),
]  # fmt: skip

BYTES = [0, 1, 0x61, 255, 256, -1, 2**63 - 1]

MEANS = [0.0, 127.5, 0.1, -3.7, 1e300, 5e-324, math.inf, -math.inf, math.nan]

int64 = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
@pytest.mark.parametrize(
    "function", ["mean", "entropy", "serial_correlation", "monte_carlo_pi", "mode"]
)
def test_statistics_of_ranges(agree_on_all: Callable[..., Any], function: str, data: bytes) -> None:
    agree_on_all(data, f"math.{function}", RANGES)


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_deviation_of_ranges(agree_on_all: Callable[..., Any], data: bytes) -> None:
    agree_on_all(data, "math.deviation", [(*place, mean) for place in RANGES for mean in MEANS])


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
@pytest.mark.parametrize("function", ["count", "percentage"])
def test_occurrences(agree_on_all: Callable[..., Any], function: str, data: bytes) -> None:
    agree_on_all(
        data, f"math.{function}", [(byte, *place) for byte in BYTES for place in [(), *RANGES]]
    )


@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_mode_of_everything(agree: Callable[..., Any], data: bytes) -> None:
    agree(data, "math.mode")


def test_results_that_are_defined_and_not(agree: Callable[..., Any]) -> None:
    assert agree(b"abc", "math.mean", 0, 0) is UNDEFINED
    assert agree(b"abc", "math.entropy", 0, 0) == 0.0
    assert agree(b"abc", "math.serial_correlation", 0, 0) == -100_000.0
    assert agree(b"abc", "math.monte_carlo_pi", 0, 3) is UNDEFINED
    assert agree(b"", "math.percentage", 0) is UNDEFINED
    assert agree(b"", "math.count", 0) == 0
    assert agree(b"ba", "math.mode") == 0x61


@given(data=st.binary(max_size=300), offset=st.integers(-1, 301), length=st.integers(-1, 301))
def test_any_range_of_any_data(
    agree: Callable[..., Any], data: bytes, offset: int, length: int
) -> None:
    for function in ("mean", "entropy", "serial_correlation", "monte_carlo_pi", "mode"):
        agree(data, f"math.{function}", offset, length)


@given(text=st.binary(max_size=300))
def test_statistics_of_strings(agree: Callable[..., Any], text: bytes) -> None:
    for function in ("mean", "entropy", "serial_correlation", "monte_carlo_pi"):
        agree(b"", f"math.{function}", text)


@given(data=st.binary(max_size=300), mean=st.floats())
def test_deviation(agree: Callable[..., Any], data: bytes, mean: float) -> None:
    agree(b"", "math.deviation", data, mean)
    agree(data, "math.deviation", 0, len(data), mean)


def test_bytes_of_strings_are_signed(agree: Callable[..., Any]) -> None:
    assert agree(b"\xff\x80", "math.mean", b"\xff\x80") == -64.5
    assert agree(b"\xff\x80", "math.mean", 0, 2) == 191.5
    assert agree(b"", "math.monte_carlo_pi", b"\x00\x00\x80\x00\x00\x00") == 1.0


@given(left=int64, right=int64)
def test_min_and_max(agree: Callable[..., Any], left: int, right: int) -> None:
    agree(b"", "math.min", left, right)
    agree(b"", "math.max", left, right)


@given(number=int64, base=st.one_of(st.sampled_from([8, 10, 16]), int64))
def test_to_string(agree: Callable[..., Any], number: int, base: int) -> None:
    agree(b"", "math.to_string", number)
    agree(b"", "math.to_string", number, base)


@given(test=st.floats(), lower=st.floats(), upper=st.floats())
def test_in_range(agree: Callable[..., Any], test: float, lower: float, upper: float) -> None:
    agree(b"", "math.in_range", test, lower, upper)
    agree(b"", "math.in_range", test, test, upper)
    agree(b"", "math.in_range", test, lower, test)


@given(number=int64)
def test_abs(agree: Callable[..., Any], number: int) -> None:
    agree(b"", "math.abs", number)


def test_abs_of_the_least_integer(agree: Callable[..., Any]) -> None:
    assert agree(b"", "math.abs", -(2**63)) == -(2**63)


@pytest.mark.parametrize("condition", [True, False])
def test_to_number(agree: Callable[..., Any], condition: bool) -> None:
    assert agree(b"", "math.to_number", condition) == int(condition)
