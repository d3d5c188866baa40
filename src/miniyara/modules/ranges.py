"""The bytes that module functions work on: ranges of the scanned data, and strings.

``math`` and ``hash`` name a range by offset and length. They read it in blocks, so
that memory is bounded and the deadline of the scan holds whatever its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.deadline import Deadline
    from miniyara.modules.interface import ModuleScan

BLOCK_SIZE: Final = 6 << 15
"""Bytes of a block (192 KiB): large against the cost of a call, small against a
timeout, and whole groups of the six bytes that make a point of ``monte_carlo_pi``."""

MEMO_SIZE: Final = 256
"""Results that one scan remembers; a loop over offsets must not fill the memory."""

Result = TypeVar("Result")


def clip(scan: ModuleScan, offset: int, length: int) -> range | None:
    """Return the offsets that a range covers, or None where a result is undefined.

    A range that reaches past the end of the data ends there. One that starts at
    the end or after it is undefined, even if it is empty, and so is a negative
    offset or length (follows ``get_distribution`` in libyara's ``math.c``).
    """
    size = len(scan.data)
    if length < 0 or not 0 <= offset < size:
        return None
    return range(offset, min(offset + length, size))


def blocks(data: Any, span: range, deadline: Deadline) -> Iterator[bytes]:
    """Yield the bytes of ``data`` at ``span``, :data:`BLOCK_SIZE` at a time.

    Raises :class:`~miniyara.errors.ScanTimeout` when ``deadline`` is over.
    """
    for start in range(span.start, span.stop, BLOCK_SIZE):
        deadline.check()
        yield bytes(data[start : min(start + BLOCK_SIZE, span.stop)])


def text_blocks(scan: ModuleScan, text: bytes) -> Iterator[bytes]:
    """Yield a string that is an argument as :func:`blocks` yields data."""
    return blocks(text, range(len(text)), scan.deadline)


def remembered(
    scan: ModuleScan, span: range, compute: Callable[[Iterator[bytes]], Result]
) -> Result:
    """Return ``compute`` of the blocks at ``span``, computed once in a scan.

    Rule packs ask for ``hash.md5(0, filesize)`` in one rule after another.
    """
    key = (compute, span.start, span.stop)
    memo = scan.memo
    if key not in memo:
        if len(memo) >= MEMO_SIZE:
            memo.clear()
        memo[key] = compute(blocks(scan.data, span, scan.deadline))
    result: Result = memo[key]
    return result


def of_range(
    compute: Callable[[Iterator[bytes]], Result],
) -> Callable[[ModuleScan, int, int], Result | Undefined]:
    """Return the overload ``ii`` that is ``compute`` of a range of the data."""

    def call(scan: ModuleScan, offset: int, length: int) -> Result | Undefined:
        span = clip(scan, offset, length)
        return UNDEFINED if span is None else remembered(scan, span, compute)

    return call


def of_text(
    compute: Callable[[Iterator[bytes]], Result],
) -> Callable[[ModuleScan, bytes], Result]:
    """Return the overload ``s`` that is ``compute`` of a string."""

    def call(scan: ModuleScan, text: bytes) -> Result:
        return compute(text_blocks(scan, text))

    return call
