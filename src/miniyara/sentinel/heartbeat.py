"""The heartbeat: one record for each scan, so that a host that falls silent is noticed.

It is no alert, and goes to a table of its own.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from miniyara.dropin import MINIYARA_VERSION
from miniyara.sentinel.events import Event, Stream, event
from miniyara.sentinel.text import clean, moment

if TYPE_CHECKING:
    from miniyara.hunting.events import ScanEnd

_NAMESPACE: Final = uuid.UUID("a3d1a5f0-5c0f-5b6e-8f6b-6d696e697961")
"""The namespace of the uids of heartbeats (RFC 9562, version 5)."""


def heartbeat(end: ScanEnd) -> Event:
    """Return the end of a scan as it is sent."""
    ended = moment(end.time)
    host, scan = clean(end.host), clean(end.scan_id)
    return event(
        Stream.SCANS,
        {
            "TimeGenerated": ended,
            # A scan that was interrupted and resumed has ended twice.
            "EventUid": str(uuid.uuid5(_NAMESPACE, f"{ended} {len(host)}:{host}{scan}")),
            "EventResult": "Success" if end.is_complete else "Partial",
            "EventVendor": "miniyara",
            "EventProduct": "miniyara",
            "EventProductVersion": MINIYARA_VERSION,
            "DvcHostname": host,
            "ScanId": scan,
            "Files": end.counts.files,
            "Bytes": end.counts.bytes,
            "Hits": end.counts.hits,
            "Suppressed": end.counts.suppressed,
            "Unreadable": end.counts.unreadable,
            "Skipped": end.counts.skipped,
            "Seconds": round(end.counts.seconds, 3),
        },
    )
