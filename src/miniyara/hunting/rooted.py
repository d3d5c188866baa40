"""Paths of another machine, whose file system lies below a folder here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_LINKS: Final = 40
"""Symbolic links in the way to one file, as on Linux."""


def below(root: Path, path: str) -> Path | None:
    """Follow a path as if ``root``, which is no link itself, were the root of all files.

    None if there are too many links in it.  Raises OSError for one that cannot be read.
    """
    real = root
    links = 0
    ahead = path.split("/")[::-1]
    while ahead:
        name = ahead.pop()
        if name in ("", "."):
            continue
        if name == "..":
            real = real if real == root else real.parent
            continue
        real /= name
        if os.path.islink(real):  # noqa: PTH114 - Path.is_symlink raises what islink takes for a no
            links += 1
            if links > MAX_LINKS:
                return None
            target = os.fspath(real.readlink())
            real = root if target.startswith("/") else real.parent
            ahead += target.split("/")[::-1]
    return real
