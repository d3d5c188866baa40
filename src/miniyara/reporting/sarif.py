"""SARIF 2.1.0: what code scanning and its viewers read.

A hit is a result at a place in a file.  One that is known good is there, too, as a suppressed
result.  The file names a rule by its position, so the rules come behind the results; in
JSON an object has no order.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from miniyara.hunting.events import ScanEnd, ScanStart, SkippedFile, UnreadableFile
from miniyara.hunting.plain import as_plain
from miniyara.hunting.record import HitRecord

if TYPE_CHECKING:
    from miniyara.hunting.events import Event
    from miniyara.reporting.report import Write

SCHEMA_URI: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_HEAD: Final = f'{{"$schema": "{SCHEMA_URI}", "version": "2.1.0", "runs": [{{"results": [\n'

MAX_NOTIFICATIONS: Final = 10_000
"""Files that were not scanned and are listed; SARIF has them in one list, at the end."""


class SarifReport:
    """Writes a log of one run, results at once."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._start: ScanStart | None = None
        self._rules: dict[tuple[str, str], int] = {}
        self._descriptors: list[dict[str, Any]] = []
        self._notifications: list[dict[str, Any]] = []
        self._before = _HEAD

    def add(self, event: Event) -> None:
        """Write a result; of what has no place among the results, keep what is needed."""
        match event:
            case ScanStart():
                self._start = event
            case HitRecord():
                self._write((self._before + json.dumps(self._result(event))).encode())
                self._before = ",\n"
            case UnreadableFile():
                self._notify(event.path, event.reason, "error")
            case SkippedFile():
                self._notify(event.path, f"skipped: {event.detail}", "note")
            case ScanEnd():
                opened = self._before if not self._rules else ""
                rest = json.dumps(self._run(event))
                self._write(f"{opened}\n], {rest[1:]}]}}\n".encode())

    def _result(self, hit: HitRecord) -> dict[str, Any]:
        plain = as_plain(hit)
        location: dict[str, Any] = {"artifactLocation": {"uri": uri(hit.file.path)}}
        regions = [{"byteOffset": one.offset, "byteLength": one.length} for one in hit.strings]
        places = [location | {"region": region} for region in regions] or [location]
        result: dict[str, Any] = {
            "ruleId": _rule_id(hit),
            "ruleIndex": self._rule(hit),
            "kind": "fail",
            "level": _level(hit),
            "message": {"text": f"{hit.rule} matches {plain['file']['path']}"},
            "locations": [{"physicalLocation": places[0]}],
            "guid": hit.event_id,
            "properties": {name: plain[name] for name in ("host", "time", "tags", "meta", "file")},
        }
        if hit.file.sha256 is not None:
            result["fingerprints"] = {"sha256/v1": hit.file.sha256}
        if len(places) > 1:
            result["relatedLocations"] = [
                {"id": number, "physicalLocation": place} for number, place in enumerate(places)
            ]
        if hit.suppression is not None:
            result["suppressions"] = [
                {
                    "kind": "external",
                    "status": "accepted",
                    "justification": hit.suppression.reason,
                    "properties": {
                        "exclusion": hit.suppression.exclusion,
                        "owner": hit.suppression.owner,
                    },
                }
            ]
        return result

    def _rule(self, hit: HitRecord) -> int:
        """Return the position of a rule, which is described when it is first hit."""
        key = hit.namespace, hit.rule
        if key not in self._rules:
            self._rules[key] = len(self._descriptors)
            description = hit.meta.get("description")
            text = description if isinstance(description, str) and description else hit.rule
            self._descriptors.append(
                {
                    "id": _rule_id(hit),
                    "name": hit.rule,
                    "shortDescription": {"text": text},
                    "properties": {"tags": list(hit.tags), "meta": dict(hit.meta)},
                }
            )
        return self._rules[key]

    def _notify(self, path: str, text: str, level: str) -> None:
        if len(self._notifications) < MAX_NOTIFICATIONS:
            place = {"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}
            self._notifications.append(
                {"level": level, "message": {"text": text}, "locations": [place]}
            )

    def _run(self, end: ScanEnd) -> dict[str, Any]:
        start = self._start
        invocation: dict[str, Any] = {
            "executionSuccessful": end.is_complete,
            "endTimeUtc": as_plain(end)["time"],
            "machine": end.host,
            "toolExecutionNotifications": self._notifications,
            "properties": as_plain(end),
        }
        driver: dict[str, Any] = {"name": "miniyara", "rules": self._descriptors}
        if start is not None:
            invocation["startTimeUtc"] = as_plain(start)["time"]
            driver["version"] = start.version
        return {
            "tool": {"driver": driver},
            "automationDetails": {"guid": end.scan_id},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
        }


def uri(path: str) -> str:
    """Return the URI of a path: absolute for an absolute path, and else relative."""
    if os.path.isabs(path):  # noqa: PTH117 - paths are text here
        return "file://" + quote(os.fsencode(path)) if os.name == "posix" else Path(path).as_uri()
    relative = path.replace(os.sep, "/")
    return quote(os.fsencode(relative if ":" not in relative else f"./{relative}"))


def _rule_id(hit: HitRecord) -> str:
    return f"{hit.namespace}/{hit.rule}"


def _level(hit: HitRecord) -> str:
    """Return SARIF's level of a rule, by the severity in its metadata."""
    severity = str(hit.meta.get("severity", "")).lower()
    if severity in {"low", "info", "informational"}:
        return "note"
    return "warning" if severity == "medium" else "error"
