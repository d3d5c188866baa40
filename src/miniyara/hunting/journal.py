"""The journal of a scan, by which one that was killed goes on where it was.

A journal is a file of lines of JSON: first what the scan is, then its events, and from time to
time a *mark*, which says how far the scan has come.  What stands behind the last mark counts for
nothing: it is cut off, and the files that it is about are scanned again.  So nothing is lost
and nothing is there twice, wherever the scan was killed.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import Error
from miniyara.hunting.events import Counts, Event
from miniyara.hunting.plain import as_plain, from_plain
from miniyara.hunting.walk import START, Position

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION: Final = 1

_MARK: Final = b'{"mark": '
"""How the lines of marks begin."""

INTERVAL: Final = 0.5
"""Seconds between two marks: so much work is done again at most."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What has to be the same for a scan to go on."""

    rules: str
    """A digest of the rules."""
    targets: str
    """A digest of the targets."""


class Journal:
    """A journal that is read up to its last mark, and then written to."""

    def __init__(self, path: str, identity: Identity, scan_id: str) -> None:
        """Open the journal at ``path``, or begin one.

        ``scan_id``: that of the scan if it begins here.  Raises OSError, and
        :class:`miniyara.Error` if the file is the journal of another scan, or none, or is in
        use.
        """
        self.path = path
        self.scan_id = scan_id
        self.position = START
        """How far the scan has come."""
        self.counts = Counts()
        """What had come of it then."""
        self._next = time.monotonic() + INTERVAL
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self._file = os.fdopen(descriptor, "r+b")
        try:
            self._open(identity)
        except BaseException:
            self._file.close()
            raise

    def _open(self, identity: Identity) -> None:
        if not _locked(self._file.fileno()):
            raise Error(f'"{self.path}" is the journal of a scan that is running')
        head = {"journal": _VERSION} | asdict(identity)
        first = self._file.readline()
        if first.endswith(b"\n"):
            found = _values(first) or {}
            self.scan_id = str(found.pop("scan_id", ""))
            if found != head:
                what = "of other rules or targets" if "journal" in found else "no journal"
                raise Error(f'"{self.path}" is {what}')
            self._end = self._find_last_mark(len(first))
        elif first and not first.startswith(b'{"journal": '):
            raise Error(f'"{self.path}" is no journal')
        else:  # new, or killed while its first line was written
            self._file.seek(0)
            self._write(head | {"scan_id": self.scan_id})
            self._end = self._file.tell()
        self._begin = len(first) if first.endswith(b"\n") else self._end
        self._file.truncate(self._end)
        self._file.seek(self._end)

    def _find_last_mark(self, end: int) -> int:
        offset = end
        for line in self._file:
            offset += len(line)
            values = _values(line) if line.startswith(_MARK) else None
            if values is None:
                continue
            try:
                number, way = values["mark"]
                self.position = number, tuple((is_folder, name) for is_folder, name in way)
                self.counts = Counts(**values["counts"])
            except (KeyError, TypeError, ValueError) as error:
                raise Error(f'"{self.path}" has a mark that is broken') from error
            end = offset
        return end

    @property
    def is_new(self) -> bool:
        """Whether nothing has been done yet."""
        return self.position == START

    def events(self) -> Iterator[Event]:
        """Yield what was told before; to be read before anything is written."""
        self._file.seek(self._begin)
        while self._file.tell() < self._end:
            values = _values(self._file.readline()) or {}
            if "mark" not in values:
                yield from_plain(values)

    def add(self, event: Event) -> None:
        """Write an event, which counts from the next mark on."""
        self._write(as_plain(event))

    def mark(self, position: Position, counts: Counts, *, now: bool = False) -> None:
        """Say how far the scan has come, if it is time to say so, or ``now``."""
        if now or time.monotonic() >= self._next:
            self._write({"mark": position, "counts": asdict(counts)})
            self._file.flush()
            os.fsync(self._file.fileno())
            self._next = time.monotonic() + INTERVAL

    def close(self) -> None:
        """Close the file, and leave it where it is."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file: the scan is over, and what it has told is kept elsewhere."""
        self.close()
        Path(self.path).unlink(missing_ok=True)

    def _write(self, values: dict[str, Any]) -> None:
        self._file.write(json.dumps(values).encode() + b"\n")


def _locked(descriptor: int) -> bool:
    """Lock a file for this process, if the system can; False if another one has it.

    Workers do not inherit the lock, so it goes with this process, whatever becomes of them.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on all systems
    except ImportError:
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # not all file systems can
        return True
    return True


def _values(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None if it is none, or not all of it."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if line.endswith(b"\n") and isinstance(values, dict) else None
