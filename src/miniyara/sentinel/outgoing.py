"""Which event a record of a scan is sent as."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.hunting.events import ScanEnd
from miniyara.sentinel.alert import alert
from miniyara.sentinel.heartbeat import heartbeat

if TYPE_CHECKING:
    from miniyara.hunting.record import HitRecord
    from miniyara.sentinel.events import Event


def outgoing(record: HitRecord | ScanEnd) -> Event:
    """Return the event that is sent of a hit, or of the end of a scan, its heartbeat."""
    return heartbeat(record) if isinstance(record, ScanEnd) else alert(record)
