"""What is sent is what ASIM's AlertEvent documents, whatever the rule and the file are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.hunting import FileFacts, FoundString, HitRecord, Suppression
from miniyara.sentinel import outgoing
from miniyara.sentinel.severity import severity

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/sentinel/alert-event.schema.json").read_text("utf-8"))
TEMPLATE = json.loads((ROOT / "examples/sentinel/azuredeploy.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def fields(hit: HitRecord) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(outgoing(hit).body)
    VALIDATOR.validate(values)
    return values


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_hit(hit: HitRecord) -> None:
    values = fields(hit)
    version = values.pop("EventProductVersion")
    assert version
    time = "2026-11-26T04:30:00.000000Z"
    assert values == {
        "TimeGenerated": time,
        "EventCount": 1,
        "EventStartTime": time,
        "EventEndTime": time,
        "EventType": "Alert",
        "EventSubType": "Suspicious Activity",
        "EventUid": hit.event_id,
        "EventMessage": "The rule EQGRP_payload matches the file /opt/tools/payload.py",
        "EventProduct": "miniyara",
        "EventVendor": "miniyara",
        "EventSchema": "AlertEvent",
        "EventSchemaVersion": "0.1",
        "EventSeverity": "High",
        "EventOriginalSeverity": "85",
        "DvcHostname": "web01",
        "DvcDomain": "contoso.example",
        "DvcDomainType": "FQDN",
        "DvcFQDN": "web01.contoso.example",
        "AlertName": "EQGRP_payload",
        "AlertVerdict": "Unknown",
        "AlertStatus": "Active",
        "DetectionMethod": "Antivirus",
        "RuleName": "EQGRP_payload",
        "RuleDescription": "EQGRP Toolset Firewall - file payload.py",
        "ThreatName": "EQGRP",
        "ThreatCategory": "Trojan",
        "ThreatRiskLevel": 85,
        "AttackTechniques": "T1059.006",
        "AttackTactics": "TA0002",
        "IndicatorType": "File",
        "FileName": "payload.py",
        "FilePath": "/opt/tools/payload.py",
        "FileSHA256": "21bed6d699b1fbde74cbcec93575c9694d5bea832cd191f59eb3e4140e5c5e07",
        "FileSize": 1234,
        "Username": "root",
        "UsernameType": "Simple",
        "AdditionalFields": {
            "RecordVersion": 1,
            "ScanId": "5f0c8d52",
            "Namespace": "default",
            "Tags": ["apt", "Trojan", "T1059_006"],
            "Meta": dict(hit.meta),
            "Strings": [
                {
                    "Identifier": "$s2",
                    "Offset": 17,
                    "Length": 14,
                    "Hex": b"class Payload:".hex(),
                    "Text": "class Payload:",
                }
            ],
            "StringsFound": 1,
            "FileGroup": "root",
            "FileMode": "0644",
            "FileModified": time,
        },
    }


def test_a_hit_that_is_known_good(hit: HitRecord) -> None:
    values = fields(replace(hit, suppression=Suppression("ops-0017", "log rotation", "ops")))
    assert (values["AlertVerdict"], values["AlertStatus"]) == ("Benign Positive", "Closed")
    assert values["AdditionalFields"]["ExclusionId"] == "ops-0017"
    assert values["EventSeverity"] == "High"  # of the rule, as before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/a\\b", "a\\b"),
        ("C:\\Windows\\a.exe", "a.exe"),
        ("\\\\server\\share\\a.exe", "a.exe"),
        ("relative/a", "a"),
        ("/srv/\udcff", "\\udcff"),
    ],
)
def test_the_name_of_a_file(path: str, name: str, hit: HitRecord) -> None:
    assert fields(replace(hit, file=FileFacts(path)))["FileName"] == name


@pytest.mark.parametrize("host", ["web01", "10.0.0.1", "web01.", ""])
def test_a_host_without_a_domain(host: str, hit: HitRecord) -> None:
    values = fields(replace(hit, host=host))
    assert values["DvcHostname"] == host
    assert "DvcDomain" not in values


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, ("Medium", None, None)),
        ({"severity": "Critical"}, ("High", "Critical", None)),
        ({"Severity": " low "}, ("Low", " low ", None)),
        ({"severity": 100}, ("High", "100", 100)),
        ({"score": "60"}, ("Medium", "60", 60)),
        ({"score": 59}, ("Low", "59", 59)),
        ({"score": 0}, ("Informational", "0", 0)),
        ({"severity": "whatever", "score": 80}, ("High", "80", 80)),
        ({"score": 101}, ("Medium", None, None)),
        ({"score": -1}, ("Medium", None, None)),
        ({"severity": True}, ("Medium", None, None)),
    ],
)
def test_the_severity(meta: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert severity(meta) == expected


TEXT = st.text(st.characters(), max_size=40) | st.builds(
    lambda text, times: text * times, st.text(st.characters(), max_size=8), st.integers(1, 9000)
)
RECORDS = st.builds(
    HitRecord,
    scan_id=TEXT,
    time=st.datetimes(timezones=st.just(timezone.utc)),
    host=TEXT,
    rule=TEXT,
    namespace=TEXT,
    tags=st.lists(TEXT, max_size=40).map(tuple),
    meta=st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=40),
    file=st.builds(
        FileFacts,
        path=TEXT,
        size=st.none() | st.integers(0, 2**63),
        owner=st.none() | TEXT,
        group=st.none() | TEXT,
        mode=st.none() | st.integers(0, 0o7777),
    ),
    strings=st.lists(
        st.builds(
            FoundString,
            TEXT,
            st.integers(0, 2**40),
            st.integers(0, 2**40),
            st.binary(max_size=100),
            st.integers(0, 255),
        ),
        max_size=40,
    ).map(tuple),
    suppression=st.none() | st.builds(Suppression, TEXT, TEXT, TEXT),
)


@given(RECORDS)
def test_any_record(hit: HitRecord) -> None:
    values = fields(hit)
    for value in values.values():
        as_stored = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        assert len(as_stored.encode()) < 65536, "the service would cut the field"


def test_of_a_record_that_is_too_large_less_is_sent(hit: HitRecord) -> None:
    escaped = "\1" * 250  # six bytes each in JSON
    large = replace(hit, tags=(escaped,) * 40, meta={str(number): escaped for number in range(40)})
    values = fields(large)["AdditionalFields"]
    assert len(json.dumps(values)) < 65536
    assert len(values["Tags"]) == len(values["Meta"]) == 16


@pytest.mark.parametrize("kind", ["alert", "scan"])
def test_the_template_has_the_columns(kind: str, hit: HitRecord, end: Any) -> None:
    columns = {each["name"]: each["type"] for each in TEMPLATE["variables"][f"{kind}Columns"]}
    if kind == "alert":
        assert list(columns) == list(SCHEMA["properties"])
    values = json.loads(outgoing(hit if kind == "alert" else end).body)
    assert values.keys() <= columns.keys()
    types = {"string": str, "int": int, "long": int, "real": float, "dynamic": dict}
    for name, value in values.items():
        if columns[name] == "datetime":
            assert datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None
        else:
            assert isinstance(value, types[columns[name]])


def test_the_heartbeat(end: Any) -> None:
    values = json.loads(outgoing(end).body)
    assert values["EventResult"] == "Success"
    assert (values["Files"], values["Hits"], values["Suppressed"]) == (10, 2, 1)
    interrupted = outgoing(replace(end, is_complete=False, time=datetime.now(timezone.utc)))
    assert json.loads(interrupted.body)["EventResult"] == "Partial"
    assert interrupted.uid != values["EventUid"]
