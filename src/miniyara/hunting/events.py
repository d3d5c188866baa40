"""What a scan tells, in its order: that it starts, what it finds and leaves out, that it ends."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from miniyara.hunting.record import HitRecord

if TYPE_CHECKING:
    from datetime import datetime

    from miniyara.hunting.record import Suppression


class SkipReason(enum.Enum):
    """Why a file or a folder was left out on purpose."""

    EXCLUSION = "exclusion"
    PSEUDO_FILE_SYSTEM = "pseudo-file-system"
    SPECIAL_FILE = "special-file"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class ScanStart:
    """The first event of a scan."""

    scan_id: str
    time: datetime
    host: str
    version: str
    """Of miniyara."""
    rules: int
    """How many there are."""
    targets: tuple[str, ...]
    """As they were given."""


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file that was not scanned, or not to its end, because something went wrong.

    Also a folder that could not be read, and a target that is not there.
    """

    scan_id: str
    time: datetime
    host: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file or a folder that was left out on purpose."""

    scan_id: str
    time: datetime
    host: str
    path: str
    reason: SkipReason
    detail: str
    """The same for people: which file system, how many bytes."""
    suppression: Suppression | None = None
    """The exclusion, if it is one that says so."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What has come of a scan until now."""

    files: int = 0
    """Files that were scanned to their end."""
    bytes: int = 0
    """Their contents."""
    hits: int = 0
    """Hits in all, those that are known good among them."""
    suppressed: int = 0
    unreadable: int = 0
    skipped: int = 0
    seconds: float = 0.0
    """How long the scan was at work, all its runs together."""


@dataclass(frozen=True, slots=True)
class ScanEnd:
    """The last event of a scan, also of one that was interrupted."""

    scan_id: str
    time: datetime
    host: str
    is_complete: bool
    """False if it was interrupted."""
    counts: Counts


Event: TypeAlias = ScanStart | HitRecord | UnreadableFile | SkippedFile | ScanEnd
