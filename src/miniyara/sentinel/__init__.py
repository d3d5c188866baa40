"""Hits to Microsoft Sentinel, through the Logs Ingestion API of Azure Monitor (extra ``sentinel``).

A :class:`Sender` takes the hits of one scan.  Each becomes a record of ASIM's schema
AlertEvent, waits in a spool on the disk, and is sent from there::

    from miniyara.sentinel import Sender, load

    sender = Sender(load("sentinel.toml"))
    sender.add(record)  # a miniyara.hunting.HitRecord
    sender.close(end)  # a miniyara.hunting.events.ScanEnd, the heartbeat

Every event arrives at least once, and once by its ``EventUid``: the parser function for the
workspace (``examples/sentinel``) shows each uid once.
"""

from miniyara.sentinel.config import Config, load
from miniyara.sentinel.events import DeliveryError
from miniyara.sentinel.outgoing import outgoing
from miniyara.sentinel.sender import Delivered, Sender
from miniyara.sentinel.spool import Refusal

__all__ = [
    "Config",
    "Delivered",
    "DeliveryError",
    "Refusal",
    "Sender",
    "load",
    "outgoing",
]
