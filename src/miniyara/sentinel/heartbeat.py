"""The heartbeat: one record for each scan, so that a host that falls silent is noticed.

It is no alert, and goes to a table of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.dropin import MINIYARA_VERSION
from miniyara.sentinel.events import Event, Stream, event
from miniyara.sentinel.text import clean, moment

if TYPE_CHECKING:
    from datetime import datetime

_NAMESPACE: Final = uuid.UUID("a3d1a5f0-5c0f-5b6e-8f6b-6d696e697961")


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a scan did."""

    scan_id: str
    host: str
    started: datetime
    ended: datetime
    """Both in UTC."""
    completed: bool
    """Whether it came to its end; False if it was interrupted."""
    rules: int
    files: int
    """How many files were scanned."""
    bytes: int
    """Their size together."""
    hits: int
    """How many hits were found, those that are suppressed among them."""
    suppressed: int
    skipped: int
    """How many files an exclusion kept from being opened."""
    unreadable: int
    """How many files could not be read or scanned."""


def heartbeat_event(heartbeat: Heartbeat) -> Event:
    """Return the heartbeat as it is sent."""
    ended = moment(heartbeat.ended)
    # A scan that is interrupted and resumed has two of them.
    identity = f"{ended} {len(heartbeat.scan_id)}:{heartbeat.scan_id}{heartbeat.host}"
    return event(
        Stream.SCANS,
        {
            "TimeGenerated": ended,
            "EventUid": str(uuid.uuid5(_NAMESPACE, clean(identity))),
            "EventStartTime": moment(heartbeat.started),
            "EventEndTime": ended,
            "EventResult": "Success" if heartbeat.completed else "Partial",
            "EventVendor": "miniyara",
            "EventProduct": "miniyara",
            "EventProductVersion": MINIYARA_VERSION,
            "DvcHostname": clean(heartbeat.host),
            "ScanId": clean(heartbeat.scan_id),
            "Rules": heartbeat.rules,
            "Files": heartbeat.files,
            "Bytes": heartbeat.bytes,
            "Hits": heartbeat.hits,
            "Suppressed": heartbeat.suppressed,
            "Skipped": heartbeat.skipped,
            "Unreadable": heartbeat.unreadable,
        },
    )
