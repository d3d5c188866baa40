"""Events of all kinds, with all that can be hostile in them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from miniyara.hunting import FileFacts, FoundString, HitRecord, Suppression
from miniyara.hunting.events import (
    Counts,
    Event,
    ScanEnd,
    ScanStart,
    SkippedFile,
    SkipReason,
    UnreadableFile,
)

COMMON = (
    "0f7ff0f4-91a3-4c52-9b1f-0242ac120002",
    datetime(2026, 1, 2, 3, 4, 5, 600, timezone.utc),
    "host",
)
GOOD = Suppression("E1", "=known good", "me")
FILE = FileFacts(
    path="/srv/=cmd|' /C calc'!A0\x1b]0;owned\x07\n\udcff\N{RIGHT-TO-LEFT OVERRIDE}.é",
    size=1234567,
    sha256="ab" * 32,
    owner="root",
    group="wheel",
    mode=0o4755,
    modified=datetime(1999, 12, 31, tzinfo=timezone.utc),
)
STRINGS = (
    FoundString("$a", 7, 100, b"\x1b[31mred", 0),
    FoundString("$", 0, 3, b"abc", 255),
)
HIT = HitRecord(
    *COMMON,
    rule="a_rule",
    namespace="@SUM(A1)",
    tags=("one", "two"),
    meta={"description": '=HYPERLINK("http://x")', "level": 3, "old": False},
    file=FILE,
    strings=STRINGS,
)
EVENTS: list[Event] = [
    ScanStart(*COMMON, "1.0", 2, ("/srv",)),
    HIT,
    HitRecord(*COMMON, "other", "default", (), {}, FileFacts("-"), (), GOOD),
    UnreadableFile(*COMMON, "\tgone", "no such file"),
    SkippedFile(*COMMON, "/proc", SkipReason.PSEUDO_FILE_SYSTEM, "proc"),
    SkippedFile(*COMMON, "cache", SkipReason.EXCLUSION, "known good", GOOD),
    ScanEnd(*COMMON, is_complete=False, counts=Counts(1, 2, 3, 4, 5, 6, 7.5)),
]


@pytest.fixture(scope="session")
def events() -> list[Event]:
    return EVENTS
