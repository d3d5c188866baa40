"""From the targets of the command to the files to scan.

Follows ``scan_dir`` of yara's ``cli/yara.c``, with three differences: the files
of a directory come in the order of their names, so that two runs print the
same; a directory that several links lead to is entered once, so that no loop of
links can keep us; and a directory that cannot be read is reported.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Walk:
    """How directories are searched for files."""

    recursive: bool = False
    """Enter the directories inside a directory."""
    follow_symlinks: bool = True
    """Scan what the symbolic links inside a directory lead to."""
    skip_larger: int = 0
    """Skip files of this many bytes or more inside a directory; 0 skips none."""

    def files(self, targets: Iterable[str], terminal: Terminal) -> Iterator[str]:
        """Yield the paths of the files to scan.

        A target that is no directory is yielded as it is, be it there or not:
        scanning it will tell.  What cannot be read on the way is reported to
        ``terminal``.
        """
        for target in targets:
            if is_directory(target):
                yield from self._files_below(target, terminal)
            else:
                yield target

    def _files_below(self, top: str, terminal: Terminal) -> Iterator[str]:
        pending = [top]
        entered: set[tuple[int, int]] = set()
        while pending:
            directory = pending.pop()
            try:
                itself = Path(directory).stat()
                identity = (itself.st_dev, itself.st_ino)
                if identity in entered:
                    continue
                entered.add(identity)
                with os.scandir(directory) as found:
                    entries = sorted(found, key=attrgetter("name"))
            except OSError as error:
                terminal.fail(f"error scanning {directory}: {error.strerror}")
                continue
            inner: list[str] = []
            for entry in entries:
                # Joined as yara joins: "dir/" gives "dir//file".
                path = f"{directory}{os.sep}{entry.name}"
                status = self._status(entry, path, terminal)
                if status is None:
                    continue
                if stat.S_ISDIR(status.st_mode):
                    inner.append(path)
                elif stat.S_ISREG(status.st_mode) and not self._is_skipped(
                    path, status.st_size, terminal
                ):
                    yield path
            if self.recursive:
                pending.extend(reversed(inner))

    def _status(
        self, entry: os.DirEntry[str], path: str, terminal: Terminal
    ) -> os.stat_result | None:
        """Return what is at ``path``; None if it is not to be scanned."""
        is_link = entry.is_symlink()
        if is_link and not self.follow_symlinks:
            return None
        try:
            return Path(path).stat()
        except OSError as error:
            if not is_link:  # yara passes over links to nowhere without a word, and so do we
                terminal.fail(f"error scanning {path}: {error.strerror}")
            return None

    def _is_skipped(self, path: str, size: int, terminal: Terminal) -> bool:
        if not 0 < self.skip_larger <= size:
            return False
        terminal.note(
            f"skipping {path} ({size} bytes) because it's larger than {self.skip_larger} bytes."
        )
        return True


def is_directory(path: str) -> bool:
    """Tell whether there is a directory at ``path``."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises what isdir takes for a no


def listed(path: str, terminal: Terminal) -> Iterator[str]:
    """Yield the targets that the file at ``path`` lists, one a line."""
    try:
        lines = Path(path).read_bytes().split(b"\n")
    except OSError:
        terminal.fail(f'error: could not open file "{path}".')
        return
    for line in lines:
        target = line.removesuffix(b"\r").partition(b"\0")[0]  # to C, a path ends at a NUL
        if target:
            yield os.fsdecode(target)
