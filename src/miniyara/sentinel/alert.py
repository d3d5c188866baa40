"""A hit as a record of ASIM's schema AlertEvent, version 0.1.

ASIM is Microsoft Sentinel's common form for events of all products; the fields are
documented at https://learn.microsoft.com/azure/sentinel/normalization-schema-alert.  Aliases
(``AlertId``, ``Rule``, ``Hostname``, ...) are made by the parser function and not sent.  What
has no field there is in ``AdditionalFields``.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final

from miniyara.dropin import MINIYARA_VERSION
from miniyara.hunting.record import SCHEMA_VERSION
from miniyara.sentinel.events import Event, Stream, event
from miniyara.sentinel.severity import severity
from miniyara.sentinel.text import LONGEST, clean, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from miniyara.hunting.record import FileFacts, FoundString, HitRecord

MOST: Final = 32
"""Tags, metadata and strings, of each, that are sent at most."""

LARGEST: Final = 64_000
"""Bytes of ``AdditionalFields``: a larger field is cut by the service, and would be no JSON."""

SHORT: Final = 250
"""Characters of a value in ``AdditionalFields``."""

SHOWN: Final = 64
"""Bytes of a string that was found."""

_CATEGORIES: Final = {
    name.lower(): name
    for name in (
        "Malware", "Ransomware", "Trojan", "Virus", "Worm", "Adware", "Spyware", "Rootkit",
        "Cryptominor",  # as it is spelt there
        "Phishing", "Spam",
    )
}  # fmt: skip
"""Those of ASIM's threat categories that rules are tagged with."""

_TECHNIQUE: Final = re.compile(r"(?<![A-Z0-9])T\d{4}(?:[._]\d{3})?(?![0-9])", re.IGNORECASE)
_TACTIC: Final = re.compile(r"(?<![A-Z0-9])TA\d{4}(?![0-9])", re.IGNORECASE)
_ATTACK_KEYS: Final = ("mitre", "att_ck", "attack", "technique", "tactic")


def alert(record: HitRecord) -> Event:
    """Return the hit as it is sent."""
    fields = {
        "TimeGenerated": moment(record.time),
        "EventCount": 1,
        "EventStartTime": moment(record.time),
        "EventEndTime": moment(record.time),
        "EventType": "Alert",
        "EventSubType": "Suspicious Activity",  # a match is no proof of malice
        "EventUid": record.event_id,
        "EventMessage": clean(f"The rule {record.rule} matches the file {record.file.path}"),
        "EventProduct": "miniyara",
        "EventProductVersion": MINIYARA_VERSION,
        "EventVendor": "miniyara",
        "EventSchema": "AlertEvent",
        "EventSchemaVersion": "0.1",
        "AlertName": clean(record.rule),
        "AlertVerdict": "Unknown" if record.suppression is None else "Benign Positive",
        "AlertStatus": "Active" if record.suppression is None else "Closed",
        "DetectionMethod": "Antivirus",  # ASIM's word for all that goes by signatures
        "RuleName": clean(record.rule),
        "RuleDescription": _text(record.meta.get("description"), LONGEST),
        "IndicatorType": "File",
        **_severity(record.meta),
        **_threat(record),
        **_device(record.host),
        **_file(record.file),
        "AdditionalFields": _additional(record),
    }
    return event(
        Stream.ALERTS, {name: value for name, value in fields.items() if value is not None}
    )


def _severity(meta: Mapping[str, Any]) -> dict[str, Any]:
    found = severity(meta)
    return {
        "EventSeverity": found.name,
        "EventOriginalSeverity": _text(found.original),
        "ThreatRiskLevel": found.risk,
    }


def _threat(record: HitRecord) -> dict[str, Any]:
    categories = [_CATEGORIES[tag.lower()] for tag in record.tags if tag.lower() in _CATEGORIES]
    said = [
        *record.tags,
        *(
            _text(value) or ""
            for name, value in record.meta.items()
            if any(each in name.lower() for each in _ATTACK_KEYS)
        ),
    ]
    return {
        "ThreatName": _text(record.meta.get("threat_name")),
        "ThreatCategory": next(iter(categories), "Unknown"),
        "AttackTechniques": _listed(_TECHNIQUE, said),
        "AttackTactics": _listed(_TACTIC, said),
    }


def _listed(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    """Return the ids of MITRE ATT&CK in the texts, each once."""
    found = dict.fromkeys(
        match[0].upper().replace("_", ".") for text in texts for match in pattern.finditer(text)
    )
    return ", ".join(islice(found, MOST)) or None


def _device(host: str) -> dict[str, Any]:
    host = clean(host, SHORT)
    name, _, domain = host.partition(".")
    if not domain or host.replace(".", "").isdigit():
        return {"DvcHostname": host}
    return {
        "DvcHostname": name,
        "DvcDomain": domain,
        "DvcDomainType": "FQDN",
        "DvcFQDN": host,
    }


def _file(file: FileFacts) -> dict[str, Any]:
    pure = PureWindowsPath if re.match(r"[A-Za-z]:\\|\\\\", file.path) else PurePosixPath
    return {
        "FileName": clean(pure(file.path).name),
        "FilePath": clean(file.path),
        "FileSHA256": file.sha256,
        "FileSize": file.size,
        "Username": _text(file.owner),
        "UsernameType": None if file.owner is None else "Simple",
    }


def _additional(record: HitRecord) -> dict[str, Any]:
    """Return what ASIM has no field for; so much of it as there is room for."""
    most = MOST
    while _size(fields := _additional_fields(record, most)) > LARGEST:
        most //= 2
    return fields


def _size(fields: dict[str, Any]) -> int:
    return len(json.dumps(fields, ensure_ascii=False).encode())


def _additional_fields(record: HitRecord, most: int) -> dict[str, Any]:
    file, suppression = record.file, record.suppression
    fields = {
        "RecordVersion": SCHEMA_VERSION,
        "ScanId": clean(record.scan_id, SHORT),
        "Namespace": clean(record.namespace, SHORT),
        "Tags": [clean(tag, SHORT) for tag in record.tags[:most]],
        "Meta": {
            clean(name, SHORT): value if isinstance(value, int) else _text(value)
            for name, value in islice(record.meta.items(), most)
        },
        "Strings": [_string(each) for each in record.strings[:most]],
        "StringsFound": len(record.strings),
        "FileGroup": _text(file.group),
        "FileMode": None if file.mode is None else f"{file.mode:04o}",
        "FileModified": None if file.modified is None else moment(file.modified),
    }
    if suppression is not None:
        fields |= {
            "ExclusionId": clean(suppression.exclusion, SHORT),
            "ExclusionReason": clean(suppression.reason, SHORT),
            "ExclusionOwner": clean(suppression.owner, SHORT),
        }
    return {name: value for name, value in fields.items() if value is not None}


def _string(found: FoundString) -> dict[str, Any]:
    shown = found.data[:SHOWN]
    text = (
        {"Text": shown.decode("ascii")} if shown.isascii() and shown.decode().isprintable() else {}
    )
    return {
        "Identifier": clean(found.identifier, SHORT),
        "Offset": found.offset,
        "Length": found.length,
        "Hex": shown.hex(),
        **text,
        **({"XorKey": found.xor_key} if found.xor_key else {}),
    }


def _text(value: object, longest: int = SHORT) -> str | None:
    if value is None:
        return None
    return clean(value if isinstance(value, (str, bytes)) else str(value), longest)
