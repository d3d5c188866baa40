"""A folder of saved rules, one file for each thing that was compiled.

The name of a file is a digest of all that was given to the compiler but for the included
texts, which the compiler finds on its way.  What was included is in the file; it is asked
for again, and compared.

The folder is kept within :data:`~miniyara.limits.MAX_CACHE` bytes: who writes a file removes
those that have not been used for longest. Processes need not know of each other for that. A
file that goes away is one that is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.storage.container import FormatError
from miniyara.storage.rules import load, version
from miniyara.storage.sections import plain, record
from miniyara.syntax.source import reads_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.storage.origin import Request
    from miniyara.storage.rules import Saved
    from miniyara.syntax.source import IncludeResolver

SUFFIX: Final = ".miniyara"
"""With this end the names of the files."""

_PATIENCE: Final = 3600.0
"""Seconds after which a file that is being written is nobody's any more."""


class Cache:
    """A folder of saved rules; shared by any number of processes."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def find(self, request: Request, include: IncludeResolver | None) -> tuple[Saved, bytes] | None:
        """What was compiled of a request, and its file; None if there is nothing good.

        Asks ``include`` for all texts that were included then.
        """
        kept = self._path(request, include)
        try:
            data = kept.read_bytes()
            saved = load(data)
        except (OSError, FormatError):
            return None
        if saved.ready is None or saved.origin.request != request:
            return None
        for path, including, namespace, text in saved.origin.includes:
            if include is None or include(path, including, namespace) != text:
                return None
        with contextlib.suppress(OSError):  # the folder may be for reading only
            os.utime(kept)
        return saved, data

    def keep(self, request: Request, include: IncludeResolver | None, data: bytes) -> None:
        """Write the file of what was compiled of a request.

        A reader gets the old file or the new one, whole.  Others are removed if the folder
        is too large with it.  Raises OSError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(request, include)
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
        try:
            with temporary.open("xb") as file:
                file.write(data)
            os.replace(temporary, path)  # noqa: PTH105 - the same with either
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._prune(path)

    def _prune(self, newest: Path) -> None:
        """Remove what has not been used for longest until the folder is within its limit."""
        room, now = limits.MAX_CACHE, time.time()
        for used, size, path in sorted(self._files(), reverse=True):
            room -= size
            is_being_written = path.suffix != SUFFIX and now - used < _PATIENCE
            if room < 0 and path != newest and not is_being_written:
                with contextlib.suppress(OSError):  # another process was faster, or reads it
                    path.unlink()

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each file was last used, its size and its path."""
        for path in self._folder.glob(f"*{SUFFIX}*"):
            with contextlib.suppress(OSError):  # likewise
                status = path.stat()
                yield status.st_mtime, status.st_size, path

    def _path(self, request: Request, include: IncludeResolver | None) -> Path:
        settings = [
            version().decode(),
            request.strict_escape,
            request.max_strings_per_rule,
            None if include is None else reads_files(include),
            [[name, plain(value)] for name, value in request.externals.items()],
            [[one.namespace, one.path, len(one.text)] for one in request.sources],
        ]
        digest = hashlib.sha256(record(settings))
        for source in request.sources:
            digest.update(source.text)
        return self._folder / (digest.hexdigest()[:40] + SUFFIX)
