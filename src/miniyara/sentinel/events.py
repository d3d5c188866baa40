"""An event: what waits in the spool and is sent, whatever it says."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Mapping


class DeliveryError(Error):
    """Events could not be kept or delivered; the message says why, and where they are."""


class Stream(enum.IntEnum):
    """Which stream of the data collection rule an event goes to."""

    ALERTS = 0
    SCANS = 1


@dataclass(frozen=True, slots=True)
class Event:
    """One object of the JSON array that the endpoint is sent."""

    uid: str
    """Its ``EventUid``: events of one uid are one event."""
    stream: Stream
    body: bytes
    """The object as JSON, in ASCII."""


def event(stream: Stream, fields: Mapping[str, Any]) -> Event:
    """Make an event of its fields, of which ``EventUid`` is one."""
    body = json.dumps(fields, separators=(",", ":"), allow_nan=False).encode("ascii")
    return Event(fields["EventUid"], stream, body)
