"""Hits to send, and a place to send them to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from miniyara.hunting import FileFacts, FoundString, HitRecord
from miniyara.hunting.events import Counts, ScanEnd
from miniyara.sentinel import Config
from miniyara.testing.ingestion import RULE_ID, IngestionServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NOW = datetime(2026, 11, 26, 4, 30, tzinfo=timezone.utc)

HIT = HitRecord(
    scan_id="5f0c8d52",
    time=NOW,
    host="web01.contoso.example",
    rule="EQGRP_payload",
    namespace="default",
    tags=("apt", "Trojan", "T1059_006"),
    meta={
        "description": "EQGRP Toolset Firewall - file payload.py",
        "score": 85,
        "mitre_attack": "T1059.006, TA0002",
        "threat_name": "EQGRP",
    },
    file=FileFacts(
        path="/opt/tools/payload.py",
        size=1234,
        sha256="21bed6d699b1fbde74cbcec93575c9694d5bea832cd191f59eb3e4140e5c5e07",
        owner="root",
        group="root",
        mode=0o644,
        modified=NOW,
    ),
    strings=(FoundString("$s2", 17, 14, b"class Payload:"),),
)


@pytest.fixture
def hit() -> HitRecord:
    return HIT


@pytest.fixture
def hits() -> Sequence[HitRecord]:
    """Hits in files of their own."""
    return [replace(HIT, file=replace(HIT.file, path=f"/srv/{number}")) for number in range(2500)]


@pytest.fixture
def end() -> ScanEnd:
    counts = Counts(files=10, bytes=4096, hits=2, suppressed=1, unreadable=1, seconds=1.5)
    return ScanEnd("5f0c8d52", NOW, "web01.contoso.example", True, counts)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[IngestionServer]:
    with IngestionServer(tmp_path) as server:
        yield server


@pytest.fixture
def config(server: IngestionServer, tmp_path: Path) -> Config:
    return Config(
        server.url, RULE_ID, tmp_path / "spool", ca_bundle=server.certificate, patience=20
    )
