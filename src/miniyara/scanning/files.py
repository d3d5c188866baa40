"""Opening files to scan.

Follows libyara's filemap.c, so that a file is refused here exactly where libyara
refuses it, with the same text; only a FIFO, for which libyara would wait forever,
is refused too.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.scanning.arguments import ScannedBytes

MAP_THRESHOLD: Final = 256 << 20
"""Files of more bytes than this are mapped instead of read.

Reading is the better way while memory allows: ``bytes`` are searched faster than
a map, and where a mapped file shrinks during the scan, the system ends the process
with SIGBUS.
"""

_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    # Not to wait for a FIFO's writer or a terminal.
    | getattr(os, "O_NONBLOCK", 0)
)


@contextlib.contextmanager
def open_target(path: str) -> Iterator[ScannedBytes]:
    """Yield the contents of the file at ``path``.

    A device is empty, as it is for libyara.  Raises :class:`miniyara.errors.Error`
    for a file that cannot be opened (directories, FIFOs and the files of ``/proc``
    among them) or not be read to its end.
    """
    with open_with_status(path) as (data, _):
        yield data


@contextlib.contextmanager
def open_with_status(path: str) -> Iterator[tuple[ScannedBytes, os.stat_result]]:
    """Yield the contents of the file and what the system says of it, of one and the same file.

    Raises as :func:`open_target`.
    """
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise _not_opened(path) from error
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode) or stat.S_ISFIFO(status.st_mode) or _is_in_proc(status):
            raise _not_opened(path)
        data = _contents(descriptor, status.st_size, path)
    finally:
        os.close(descriptor)
    try:
        yield data, status
    finally:
        if isinstance(data, mmap.mmap):
            # The traceback of a scan that fails may still hold views of the data.
            with contextlib.suppress(BufferError):
                data.close()


def _contents(descriptor: int, size: int, path: str) -> ScannedBytes:
    try:
        if size > MAP_THRESHOLD:
            return mmap.mmap(descriptor, size, access=mmap.ACCESS_READ)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(size)
    except OSError as error:
        raise _not_mapped(path) from error
    if len(data) < size:  # sysfs announces more than there is, and libyara cannot map it
        raise _not_mapped(path)
    return data


def _is_in_proc(status: os.stat_result) -> bool:
    """Whether a file belongs to Linux's ``/proc``, where sizes mean nothing."""
    try:
        return Path("/proc/self").stat().st_dev == status.st_dev
    except OSError:
        return False


def _not_opened(path: str) -> Error:
    return Error(f'could not open file "{path}"')


def _not_mapped(path: str) -> Error:
    return Error(f'could not map file "{path}" into memory')
