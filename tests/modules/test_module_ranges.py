"""Functions read data of any kind, once, within the deadline, in bounded memory."""

from __future__ import annotations

import mmap
import time
from hashlib import shake_128
from typing import TYPE_CHECKING, Any

import pytest

from miniyara.deadline import Deadline
from miniyara.errors import ScanTimeout
from miniyara.modules import histogram
from miniyara.modules.interface import ModuleScan
from miniyara.modules.ranges import BLOCK_SIZE, MEMO_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = shake_128(b"data").digest(BLOCK_SIZE + 1000)

OF_RANGES = [
    "hash.md5",
    "hash.sha1",
    "hash.sha256",
    "hash.checksum32",
    "hash.crc32",
    "math.mean",
    "math.entropy",
    "math.serial_correlation",
    "math.monte_carlo_pi",
    "math.mode",
]


class CountedReads(bytes):
    """Data that counts how often it is read."""

    reads = 0

    def __getitem__(self, key: Any) -> Any:
        CountedReads.reads += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("function", OF_RANGES)
def test_every_kind_of_data(ours: Callable[..., Any], function: str) -> None:
    expected = ours(ModuleScan(DATA), function, 10, BLOCK_SIZE)
    with mmap.mmap(-1, len(DATA)) as mapped:
        mapped[:] = DATA
        for data in (bytearray(DATA), memoryview(DATA), mapped):
            assert ours(ModuleScan(data), function, 10, BLOCK_SIZE) == expected


@pytest.mark.parametrize("function", OF_RANGES)
def test_deadline(ours: Callable[..., Any], function: str) -> None:
    scan = ModuleScan(DATA, deadline=Deadline(1e-9))
    time.sleep(1e-6)
    with pytest.raises(ScanTimeout):
        ours(scan, function, 0, len(DATA))


@pytest.mark.parametrize("function", OF_RANGES)
def test_a_range_is_read_once_in_a_scan(ours: Callable[..., Any], function: str) -> None:
    scan = ModuleScan(CountedReads(DATA))
    first = ours(scan, function, 0, len(DATA))
    reads = CountedReads.reads
    assert ours(scan, function, 0, len(DATA) + 1) == first
    assert CountedReads.reads == reads


def test_what_is_remembered_is_bounded(ours: Callable[..., Any]) -> None:
    scan = ModuleScan(DATA)
    for offset in range(3 * MEMO_SIZE):
        ours(scan, "hash.crc32", offset, 10)
    assert len(scan.memo) <= MEMO_SIZE


def test_histogram_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [DATA.count(byte) for byte in range(256)]
    assert histogram.histogram(iter([DATA])) == expected
    monkeypatch.setattr(histogram, "_numpy", lambda: None)
    assert histogram.histogram(iter([DATA])) == expected
