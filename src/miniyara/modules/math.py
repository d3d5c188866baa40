"""YARA's ``math`` module: statistics of the data and of strings, and arithmetic.

Follows libyara's ``modules/math/math.c`` to the last bit, which settles two things.
Floats are added one by one in its order, never by ``sum``, which compensates
rounding errors from Python 3.12 on. And the bytes of a string are signed, as C's
``char`` is on x86, while those of the data are not. A NaN is undefined.
"""

from __future__ import annotations

import math
import struct
from functools import reduce
from operator import add, mul
from typing import TYPE_CHECKING, Final

from miniyara.modules.histogram import histogram
from miniyara.modules.interface import Function, ModuleScan, Structure, Type
from miniyara.modules.ranges import blocks, clip, of_range, of_text, remembered, text_blocks
from miniyara.modules.static import StaticModule
from miniyara.values import UNDEFINED, Undefined, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_POINT: Final = struct.Struct(">HBHB")
"""Two coordinates of 24 bits, each as its upper two bytes and its lowest."""

_RADIUS_SQUARED: Final = (2**24 - 1) ** 2

_SIGN_BITS: Final = 0x808080

_CONSTANT_CORRELATION: Final = -100_000.0
"""What libyara gives for bytes that do not vary, whose correlation is 0 / 0."""

_TO_STRING: Final = {8: "o", 10: "d", 16: "x"}


def _defined(number: float) -> float | Undefined:
    return UNDEFINED if math.isnan(number) else number


def _unsigned(number: int) -> int:
    return number & 0xFFFF_FFFF_FFFF_FFFF


def _single(number: float) -> float:
    """Round to C's ``float``."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def _signed(blocks: Iterable[bytes]) -> Iterator[memoryview]:
    return (memoryview(block).cast("b") for block in blocks)


# -- statistics that read the bytes ---------------------------------------------


def _mean(blocks: Iterable[Sequence[int]]) -> float | Undefined:
    size = total = 0
    for block in blocks:
        size += len(block)
        total += sum(block)
    return total / size if size else UNDEFINED


def _serial_correlation(blocks: Iterable[Sequence[int]]) -> float:
    """Return how far each byte depends on the one before it, the first on the last.

    The sums are whole numbers, so their order does not matter; they become floats
    where libyara's, which are floats all along, begin to be rounded.
    """
    size = total = squares = products = first = last = 0
    for block in blocks:
        if not size:
            first = block[0]
        size += len(block)
        total += sum(block)
        squares += sum(map(mul, block, block))
        products += last * block[0] + sum(map(mul, block, block[1:]))
        last = block[-1]
    products += last * first
    total_squared = float(total) * float(total)
    variation = float(size) * float(squares) - total_squared
    if variation == 0:
        return _CONSTANT_CORRELATION
    return (float(size) * float(products) - total_squared) / variation


def _monte_carlo_pi(blocks: Iterable[bytes], outside: int = 0) -> float | Undefined:
    """Return the relative error of pi as the bytes, taken for points, estimate it.

    A coordinate with a bit of ``outside`` is beyond the circle.
    """
    points = inside = 0
    for block in blocks:
        whole = memoryview(block)[: len(block) // _POINT.size * _POINT.size]
        points += len(whole) // _POINT.size
        for x_high, x_low, y_high, y_low in _POINT.iter_unpack(whole):
            x = x_high << 8 | x_low
            y = y_high << 8 | y_low
            if x * x + y * y <= _RADIUS_SQUARED and not (x | y) & outside:
                inside += 1
    if not points:
        return UNDEFINED
    return abs((4.0 * (inside / points) - math.pi) / math.pi)


def _text_mean(blocks: Iterable[bytes]) -> float | Undefined:
    return _mean(_signed(blocks))


def _text_serial_correlation(blocks: Iterable[bytes]) -> float:
    return _serial_correlation(_signed(blocks))


def _text_monte_carlo_pi(blocks: Iterable[bytes]) -> float | Undefined:
    """Return :func:`_monte_carlo_pi` of a string.

    A negative byte there becomes a coordinate of nearly 2**32.
    """
    return _monte_carlo_pi(blocks, outside=_SIGN_BITS)


def _text_deviation(scan: ModuleScan, text: bytes, mean: float) -> float | Undefined:
    if not text:
        return UNDEFINED
    total = 0.0
    for block in _signed(text_blocks(scan, text)):
        total = reduce(add, [abs(byte - mean) for byte in block], total)
    return _defined(total / len(text))


# -- statistics that count the bytes --------------------------------------------


def _counts(scan: ModuleScan, offset: int, length: int) -> list[int] | None:
    span = clip(scan, offset, length)
    return None if span is None else remembered(scan, span, histogram)


def _entropy(counts: list[int]) -> float:
    """Return Shannon's entropy in bits per byte; 0 if there are no bytes."""
    total = sum(counts)
    entropy = 0.0
    for count in filter(None, counts):
        share = count / total
        entropy -= share * math.log2(share)
    return entropy


def _data_entropy(scan: ModuleScan, offset: int, length: int) -> float | Undefined:
    counts = _counts(scan, offset, length)
    return UNDEFINED if counts is None else _entropy(counts)


def _text_entropy(scan: ModuleScan, text: bytes) -> float:
    return _entropy(histogram(text_blocks(scan, text)))


def _data_deviation(scan: ModuleScan, offset: int, length: int, mean: float) -> float | Undefined:
    """Return the mean distance from ``mean`` of the bytes in a range."""
    counts = _counts(scan, offset, length)
    if not counts or not any(counts):
        return UNDEFINED
    total = 0.0
    for byte, count in enumerate(counts):
        total += abs(byte - mean) * count
    return _defined(total / sum(counts))


def _span(scan: ModuleScan, place: tuple[int, ...]) -> range | None:
    """Return the range at ``place``, an offset and a length, or all the data for none."""
    return clip(scan, *place) if place else range(len(scan.data))


def _mode(scan: ModuleScan, *place: int) -> int | Undefined:
    """Return the most frequent byte, the lowest of several."""
    span = _span(scan, place)
    if span is None:
        return UNDEFINED
    counts = remembered(scan, span, histogram)
    return counts.index(max(counts))


def _count(scan: ModuleScan, byte: int, *place: int) -> int | Undefined:
    """Return how often a byte occurs; undefined for what is no byte."""
    span = _span(scan, place)
    if span is None or not 0 <= byte <= 255:
        return UNDEFINED
    return sum(block.count(byte) for block in blocks(scan.data, span, scan.deadline))


def _percentage(scan: ModuleScan, byte: int, *place: int) -> float | Undefined:
    """Return the share of a byte, between 0 and 1 and in single precision."""
    span = _span(scan, place)
    count = _count(scan, byte, *place)
    if not span or count is UNDEFINED:
        return UNDEFINED
    return _single(_single(count) / _single(len(span)))


# -- arithmetic -------------------------------------------------------------------


def _in_range(_scan: ModuleScan, test: float, lower: float, upper: float) -> int:
    return int(lower <= test <= upper)


def _min(_scan: ModuleScan, left: int, right: int) -> int:
    """Return the lesser of two integers, which count as unsigned."""
    return min(left, right, key=_unsigned)


def _max(_scan: ModuleScan, left: int, right: int) -> int:
    """Return the greater of two integers, which count as unsigned."""
    return max(left, right, key=_unsigned)


def _abs(_scan: ModuleScan, number: int) -> int:
    """Return the absolute value; the least integer has none and stays as it is."""
    return wrap(abs(number))


def _to_number(_scan: ModuleScan, condition: bool) -> int:
    return int(condition)


def _to_string(_scan: ModuleScan, number: int, base: int = 10) -> bytes | Undefined:
    """Return the digits in base 8, 10 or 16; only base 10 has negative numbers."""
    if base not in _TO_STRING:
        return UNDEFINED
    return format(number if base == 10 else _unsigned(number), _TO_STRING[base]).encode("ascii")


MODULE: Final = StaticModule(
    "math",
    Structure(
        {
            "MEAN_BYTES": Type.FLOAT,
            "in_range": Function(Type.INTEGER, {"fff": _in_range}),
            "deviation": Function(Type.FLOAT, {"iif": _data_deviation, "sf": _text_deviation}),
            "mean": Function(Type.FLOAT, {"ii": of_range(_mean), "s": of_text(_text_mean)}),
            "serial_correlation": Function(
                Type.FLOAT,
                {"ii": of_range(_serial_correlation), "s": of_text(_text_serial_correlation)},
            ),
            "monte_carlo_pi": Function(
                Type.FLOAT,
                {"ii": of_range(_monte_carlo_pi), "s": of_text(_text_monte_carlo_pi)},
            ),
            "entropy": Function(Type.FLOAT, {"ii": _data_entropy, "s": _text_entropy}),
            "min": Function(Type.INTEGER, {"ii": _min}),
            "max": Function(Type.INTEGER, {"ii": _max}),
            "to_number": Function(Type.INTEGER, {"b": _to_number}),
            "abs": Function(Type.INTEGER, {"i": _abs}),
            "count": Function(Type.INTEGER, {"iii": _count, "i": _count}),
            "percentage": Function(Type.FLOAT, {"iii": _percentage, "i": _percentage}),
            "mode": Function(Type.INTEGER, {"ii": _mode, "": _mode}),
            "to_string": Function(Type.STRING, {"i": _to_string, "ii": _to_string}),
        }
    ),
    constants={"MEAN_BYTES": 127.5},
)
