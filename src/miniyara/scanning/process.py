"""The memory of a running process, on Linux.

Follows libyara's ``proc/linux.c``: the regions that ``/proc/PID/maps`` says can be read, by
address, each a block of its own, and in pieces if it is huge.  Nothing is stopped or
attached to; who may read the memory is up to the system.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara import limits
from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE: Final = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) r\S{3} ")
"""A region that can be read."""


class Block(NamedTuple):
    """Memory that is searched at once."""

    base: int
    """Its address."""
    size: int
    """In bytes."""


class ProcessMemory:
    """The memory of a process, as it was divided when it was opened."""

    def __init__(self, descriptor: int, blocks: list[Block]) -> None:
        self._descriptor = descriptor
        self._blocks = blocks

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """The address and the bytes of each block.

        One whose first page cannot be read is left out, as by libyara; behind another page
        that cannot be read there are zeros.
        """
        for base, size in self._blocks:
            data = self._read(base, size)
            if data:
                yield base, data.ljust(size, b"\0")

    def read(self, address: int, size: int, *, across: bool) -> bytes | None:
        """Bytes at an address; None unless all can be read.

        ``across`` says whether they may be in several blocks without a gap.
        """
        number = bisect_right(self._blocks, address, key=lambda block: block.base) - 1
        if number < 0:
            return None
        end = self._blocks[number].base + self._blocks[number].size
        while across and end < address + size and number + 1 < len(self._blocks):
            number += 1
            if self._blocks[number].base != end:
                return None
            end += self._blocks[number].size
        if end < address + size:
            return None
        data = self._read(address, size)
        return data if data is not None and len(data) == size else None

    def _read(self, address: int, size: int) -> bytes | None:
        try:
            return os.pread(self._descriptor, size, address)
        except OSError:
            return None


@contextlib.contextmanager
def open_process(pid: int) -> Iterator[ProcessMemory]:
    """Yield the memory of a process.

    Raises :class:`miniyara.errors.Error` if there is no such process, if the system does
    not let its memory be read, or if it has none, as a process that has ended.
    """
    if sys.platform != "linux":
        raise Error("access denied") from OSError(
            f"processes can be scanned on Linux only, not on {sys.platform}"
        )
    folder = f"/proc/{pid & 0xFFFF_FFFF}"  # as C prints it
    try:
        with open(f"{folder}/maps", "rb") as maps:  # noqa: PTH123 - not before it is read
            blocks = list(_blocks(maps.read()))
        descriptor = os.open(f"{folder}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise Error("access denied") from error
    try:
        if not blocks:
            raise Error("internal error: 47")
        yield ProcessMemory(descriptor, blocks)
    finally:
        os.close(descriptor)


def _blocks(maps: bytes) -> Iterator[Block]:
    for line in maps.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        start, end = (int(number, 16) for number in found.groups())
        if end > 0x7FFF_FFFF_FFFF_FFFF:
            continue  # the kernel's own page, which nobody can read in this way
        for base in range(start, end, limits.MAX_PROCESS_MEMORY_CHUNK):
            yield Block(base, min(limits.MAX_PROCESS_MEMORY_CHUNK, end - base))
