"""From the targets of a scan to its files, in an order in which it can go on after a kill.

Where a walk is, is a *position*: the number of the target, and the way down from it.  A folder's
files come before the folders in it, each in the order of their names, so the positions of
a walk only ever grow, whatever is added or removed meanwhile.
"""

from __future__ import annotations

import glob
import os
import stat
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from miniyara.hunting.events import SkipReason
from miniyara.hunting.mounts import pseudo_file_systems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

STDIN: Final = "-"
"""The target that stands for data on the standard input."""

Position: TypeAlias = tuple[int, tuple[tuple[bool, str], ...]]
"""The number of a target, and of each step below it whether it is a folder, and its name."""

START: Final[Position] = (-1, ())
"""Before everything."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to scan."""

    position: Position
    path: str
    status: os.stat_result | None
    """What the system said of it; None for what is no file, and for what is not there."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What could not be looked at."""

    position: Position
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is left out on purpose."""

    position: Position
    path: str
    reason: SkipReason
    detail: str


Step: TypeAlias = Found | Unreadable | Skipped


@dataclass(frozen=True, slots=True)
class Walk:
    """How folders are searched for files: always with the folders in them."""

    max_size: int = 0
    """Skip files of more bytes; 0 skips none."""
    follow_symlinks: bool = False
    """Scan what the symbolic links in folders lead to.  Targets are always followed."""
    pseudo: Mapping[int, str] = field(default_factory=pseudo_file_systems)
    """File systems that are not entered, by device."""

    def steps(self, targets: Iterable[str], after: Position = START) -> Iterator[Step]:
        """Yield what is found behind a position, in the order of the positions.

        A target is a file, a folder, or a pattern if nothing has its very name; ``-`` is
        data on the standard input.
        """
        for number, target in enumerate(targets):
            if number < after[0]:
                continue
            for step in self._target(number, target):
                if step.position > after:
                    yield step

    def _target(self, number: int, target: str) -> Iterator[Step]:
        if target == STDIN:
            yield Found((number, ()), target, None)
        elif glob.has_magic(target) and not os.path.lexists(target):
            paths = sorted(glob.glob(target, recursive=True))  # noqa: PTH207 - paths stay as they are
            if not paths:
                yield Unreadable((number, ()), target, "nothing has a name like this")
            for name in paths:
                path = f".{os.sep}{name}" if name == STDIN else name  # a file, whatever its name
                yield from self._top(number, ((True, name),), path)
        else:
            yield from self._top(number, (), target)

    def _top(self, number: int, way: tuple[tuple[bool, str], ...], path: str) -> Iterator[Step]:
        try:
            status = Path(path).stat()
        except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
            yield Unreadable((number, way), path, _reason(error))
            return
        if stat.S_ISDIR(status.st_mode):
            yield from self._below(number, way, path, status)
        else:
            yield self._file((number, way), path, status)

    def _below(
        self,
        number: int,
        way: tuple[tuple[bool, str], ...],
        top: str,
        status: os.stat_result,
    ) -> Iterator[Step]:
        pending = [(way, top, status)]
        entered: set[tuple[int, int]] = set()
        while pending:
            way, folder, status = pending.pop()
            if status.st_dev in self.pseudo:
                kind = self.pseudo[status.st_dev]
                detail = f"the file system is of type {kind}, which holds no files"
                yield Skipped((number, way), folder, SkipReason.PSEUDO_FILE_SYSTEM, detail)
                continue
            if self.follow_symlinks:  # a link can lead back
                identity = (status.st_dev, status.st_ino)
                if identity in entered:
                    continue
                entered.add(identity)
            try:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=attrgetter("name"))
            except OSError as error:
                yield Unreadable((number, way), folder, _reason(error))
                continue
            inner = []
            for entry in entries:
                if entry.is_symlink() and not self.follow_symlinks:
                    continue
                path = os.path.join(folder, entry.name)  # noqa: PTH118 - Path drops "./"
                try:
                    status = entry.stat()
                except OSError as error:
                    yield Unreadable((number, (*way, (False, entry.name))), path, _reason(error))
                    continue
                if stat.S_ISDIR(status.st_mode):
                    inner.append(((*way, (True, entry.name)), path, status))
                else:
                    yield self._file((number, (*way, (False, entry.name))), path, status)
            pending.extend(reversed(inner))

    def _file(self, position: Position, path: str, status: os.stat_result) -> Step:
        if not stat.S_ISREG(status.st_mode):
            return Skipped(position, path, SkipReason.SPECIAL_FILE, "no regular file")
        if 0 < self.max_size < status.st_size:
            detail = f"{status.st_size:,} bytes are more than {self.max_size:,}"
            return Skipped(position, path, SkipReason.TOO_LARGE, detail)
        return Found(position, path, status)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
