"""What the system says of a file, with names instead of numbers.

In the file system of another machine, numbers are users of that machine, and its own tables
name them.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.hunting.record import FileFacts
from miniyara.hunting.rooted import below

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


MAX_TABLE: Final = 16 << 20
"""Bytes of a table of names that are read; an image can hold anything."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the users and groups of a machine, by their numbers."""

    users: Mapping[int, str] | None = None
    """None for those of this machine."""
    groups: Mapping[int, str] | None = None
    """None for those of this machine."""


HERE: Final = Names()
"""This machine."""


def names_of(root: str | None) -> Names:
    """Return the names on the machine whose file system is below ``root``; None is this one."""
    if root is None or os.name == "nt":  # where files belong to no numbers
        return HERE
    return Names(_table(root, "etc/passwd"), _table(root, "etc/group"))


def file_facts(
    path: str, status: os.stat_result, sha256: str | None = None, names: Names = HERE
) -> FileFacts:
    """Return what ``status`` says of the file at ``path``."""
    return FileFacts(
        path=path,
        size=status.st_size,
        sha256=sha256,
        owner=_name(status.st_uid, names.users, _owner),
        group=_name(status.st_gid, names.groups, _group),
        mode=stat.S_IMODE(status.st_mode),
        modified=_time(status.st_mtime),
    )


def _name(
    number: int, names: Mapping[int, str] | None, here: Callable[[int], str | None]
) -> str | None:
    return here(number) if names is None else names.get(number, str(number))


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


def _table(root: str, path: str) -> Mapping[int, str]:
    """Read ``/etc/passwd`` or ``/etc/group``; without it, numbers have no names."""
    names: dict[int, str] = {}
    text = b""
    with contextlib.suppress(OSError):
        real = below(Path(os.path.realpath(root)), path)
        if real is not None and real.is_file():
            with real.open("rb") as file:
                text = file.read(MAX_TABLE)
    for line in text.split(b"\n"):
        name, *fields = line.split(b":")
        if len(fields) > 1 and fields[1].isdigit() and len(fields[1]) <= 10:
            names.setdefault(int(fields[1]), os.fsdecode(name))
    return names
