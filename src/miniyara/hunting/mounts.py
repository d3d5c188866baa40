"""Which file systems hold no files, but show what the kernel knows.

A scan of them finds nothing, and may never end: they have files without an end, files that
wait for an event, and files that do something when they are read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PSEUDO: Final = frozenset(
    {
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "efivarfs",
        "fusectl",
        "mqueue",
        "nsfs",
        "proc",
        "pstore",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "sysfs",
        "tracefs",
    }
)
"""Their types.  ``devtmpfs`` and ``tmpfs`` are not among them: anybody can put a file into
``/dev/shm``, and those who have something to hide do."""

_MOUNTS: Final = "/proc/self/mountinfo"


def pseudo_file_systems() -> Mapping[int, str]:
    """Return the type of each mounted pseudo file system by its device, as ``st_dev`` has it.

    Nothing where the system does not tell: only Linux does.
    """
    try:
        with Path(_MOUNTS).open("rb") as lines:
            return _pseudo(lines)
    except OSError:
        return {}


def _pseudo(lines: Iterable[bytes]) -> dict[int, str]:
    """Read ``mountinfo`` (see proc(5)): the device is the third field, the type follows a dash."""
    found = {}
    for line in lines:
        before, _, after = line.partition(b" - ")
        fields, kind = before.split(), after.partition(b" ")[0].decode("ascii", "replace")
        if kind in PSEUDO and len(fields) > 2:
            major, _, minor = fields[2].partition(b":")
            found[os.makedev(int(major), int(minor))] = kind
    return found
