"""What a machine says of itself: where files really are, and what is there.

The machine is this one, or one whose file system lies below a folder: a mounted image, or
a made-up one.  There, links lead to places below that folder, as they did on the machine.
"""

from __future__ import annotations

import os
import re
import stat
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.exclusions.schedules import references
from miniyara.hunting.rooted import below

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TEXT: Final = 1 << 20
"""Bytes of a unit or a crontab; larger files are not read."""

IGNORES_CASE: Final = os.name == "nt"
"""Whether capitals make no difference in paths."""


_ON_DRIVE: Final = re.compile(r"[A-Za-z]:[\\/]")
"""How whole paths of Windows begin."""


class Host:
    """A machine and its file system."""

    def __init__(self, root: str | None = None) -> None:
        self._root = None if root is None else os.path.realpath(root)

    def path_of(self, scanned: str) -> str | None:
        """Return where on the machine the file really is that was scanned as ``scanned``.

        All links are followed, so neither they nor ``..`` hide the place; ``/`` is
        between the segments.  None for a file that is not on the machine.
        """
        try:
            real = os.path.realpath(scanned)
        except (OSError, ValueError):  # a NUL in it
            return None
        if self._root is not None:
            root = self._root.rstrip(os.sep) + os.sep
            if not real.startswith(root):
                return None
            real = os.sep + real[len(root) :]
        return real.replace(os.sep, "/")

    def has(self, path: str) -> bool:
        """Tell whether there is a file or a folder at ``path`` on the machine."""
        real = self._resolved(path)
        return real is not None and os.path.lexists(real)  # what it cannot tell is a no

    @cached_property
    def references(self) -> Mapping[str, Mapping[str, str]]:
        """What systemd and cron start: by the path, where that is said, by who starts it.

        The paths are those that :meth:`path_of` gives.
        """
        found: dict[str, dict[str, str]] = {}
        for reference in references(self.folder, self.text):
            real = self._resolved(reference.path)
            path = None if real is None else self.path_of(os.fspath(real))
            if path is not None:
                found.setdefault(path, {}).setdefault(reference.kind, reference.source)
        return found

    def folder(self, path: str) -> list[str]:
        """Return the names in a folder of the machine, sorted; none if it cannot be read."""
        real = self._resolved(path)
        try:
            return [] if real is None else sorted(each.name for each in real.iterdir())
        except OSError:
            return []

    def text(self, path: str) -> str | None:
        """Return a small file of the machine as text; None if there is none that can be read."""
        real = self._resolved(path)
        try:
            if real is None or not stat.S_ISREG(real.stat().st_mode):
                return None
            with real.open("rb") as file:
                data = file.read(MAX_TEXT + 1)
        except OSError:
            return None
        return None if len(data) > MAX_TEXT else os.fsdecode(data)

    def _resolved(self, path: str) -> Path | None:
        """Return where a path of the machine is here; None if its links lead nowhere."""
        try:
            if self._root is None:
                return Path(os.path.realpath(path))
            return below(Path(self._root), path)
        except (OSError, ValueError):  # a NUL in it, or a link that just went away
            return None


class OtherHost(Host):
    """A machine that cannot be asked: only the hit itself speaks of it."""

    def path_of(self, scanned: str) -> str | None:
        """Return the path if it is whole and plain; whether there are links in it is not known."""
        path = scanned.replace("\\", "/") if _ON_DRIVE.match(scanned) else scanned
        first, *names = path.split("/")
        if (first and not _ON_DRIVE.match(scanned)) or not {"", ".", ".."}.isdisjoint(names):
            return None
        return path

    def folder(self, path: str) -> list[str]:  # noqa: ARG002 - the signature of the base
        """Return no names."""
        return []

    def text(self, path: str) -> str | None:  # noqa: ARG002 - the signature of the base
        """Return nothing."""
        return None

    def has(self, path: str) -> bool:  # noqa: ARG002 - the signature of the base
        """Say that nothing is known to be there."""
        return False
