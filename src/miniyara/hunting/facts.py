"""What the system says of a file, with names instead of numbers."""

from __future__ import annotations

import stat
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING

from miniyara.hunting.record import FileFacts

if TYPE_CHECKING:
    import os


def file_facts(path: str, status: os.stat_result, sha256: str | None = None) -> FileFacts:
    """Return what ``status`` says of the file at ``path``."""
    return FileFacts(
        path=path,
        size=status.st_size,
        sha256=sha256,
        owner=_owner(status.st_uid),
        group=_group(status.st_gid),
        mode=stat.S_IMODE(status.st_mode),
        modified=_time(status.st_mtime),
    )


def _time(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc)
    except (OverflowError, OSError, ValueError):  # a file can claim any time
        return None


@cache
def _owner(number: int) -> str | None:
    try:
        import pwd  # noqa: PLC0415 - not on all systems
    except ImportError:
        return None
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@cache
def _group(number: int) -> str | None:
    try:
        import grp  # noqa: PLC0415 - not on all systems
    except ImportError:
        return None
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
