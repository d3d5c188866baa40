"""Events as plain data and back: what the machine-readable outputs and the journal write.

``reporting/hunting-1.schema.json`` describes it.  A change that a reader of the old form cannot
read gets a new :data:`~miniyara.hunting.record.SCHEMA_VERSION`.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from miniyara.errors import Error
from miniyara.hunting.events import (
    Counts,
    Event,
    ScanEnd,
    ScanStart,
    SkippedFile,
    SkipReason,
    UnreadableFile,
)
from miniyara.hunting.record import SCHEMA_VERSION, FileFacts, FoundString, HitRecord, Suppression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Value = TypeVar("_Value")


def as_plain(event: Event) -> dict[str, Any]:
    """Return an event as a dictionary that JSON can write."""
    common = {"schema": SCHEMA_VERSION, "kind": ""}
    own = {"scan_id": event.scan_id, "time": _as_text(event.time), "host": event.host}
    about: dict[str, Any]
    match event:
        case HitRecord():
            return (
                common
                | {"kind": "hit", "event_id": event.event_id}
                | own
                | {
                    "rule": event.rule,
                    "namespace": event.namespace,
                    "tags": list(event.tags),
                    "meta": dict(event.meta),
                    "file": _file(event.file),
                    "strings": list(map(_string, event.strings)),
                    "suppression": _suppression(event.suppression),
                }
            )
        case ScanStart():
            about = {
                "version": event.version,
                "rules": event.rules,
                "targets": [_path(target)["path"] for target in event.targets],
            }
            return common | {"kind": "scan-start"} | own | about
        case UnreadableFile():
            about = _path(event.path) | {"reason": event.reason}
            return common | {"kind": "unreadable"} | own | about
        case SkippedFile():
            about = _path(event.path) | {
                "reason": event.reason.value,
                "detail": event.detail,
                "suppression": _suppression(event.suppression),
            }
            return common | {"kind": "skipped"} | own | about
        case ScanEnd():
            outcome = "complete" if event.is_complete else "interrupted"
            about = {"outcome": outcome, **asdict(event.counts)}
            return common | {"kind": "scan-end"} | own | about


def from_plain(values: Mapping[str, Any]) -> Event:
    """Return the event that :func:`as_plain` has made a dictionary of.

    Raises :class:`miniyara.Error` for what is none, or one of a later version.
    """
    try:
        if values["schema"] != SCHEMA_VERSION:
            raise Error(f"the record is of schema {values['schema']}, not {SCHEMA_VERSION}")
        return _event(values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Error(f"this is no record of a scan: {error!r}") from error


def _event(values: Mapping[str, Any]) -> Event:
    common = (_text(values["scan_id"]), _as_time(values["time"]), _text(values["host"]))
    kind = values["kind"]
    if kind == "hit":
        return HitRecord(
            *common,
            rule=_text(values["rule"]),
            namespace=_text(values["namespace"]),
            tags=tuple(map(_text, values["tags"])),
            meta={
                _text(name): value if isinstance(value, int) else _text(value)
                for name, value in values["meta"].items()
            },
            file=_read_file(values["file"]),
            strings=tuple(map(_read_string, values["strings"])),
            suppression=_read_suppression(values["suppression"]),
        )
    if kind == "scan-start":
        return ScanStart(*common, values["version"], values["rules"], tuple(values["targets"]))
    if kind == "unreadable":
        return UnreadableFile(*common, _read_path(values), values["reason"])
    if kind == "skipped":
        suppression = _read_suppression(values["suppression"])
        reason = SkipReason(values["reason"])
        return SkippedFile(*common, _read_path(values), reason, values["detail"], suppression)
    if kind == "scan-end":
        counts = Counts(**{name: values[name] for name in Counts.__dataclass_fields__})
        return ScanEnd(*common, values["outcome"] == "complete", counts)
    raise ValueError(kind)


# -- parts -----------------------------------------------------------------------


def _as_text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _as_time(text: str) -> datetime:
    # What fromisoformat takes depends on the version of Python.
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def _path(path: str) -> dict[str, str]:
    """A path, and its bytes if these are no text, as JSON has to be."""
    try:
        path.encode()
    except UnicodeEncodeError:
        name = os.fsencode(path)
        return {"path": name.decode("utf-8", "backslashreplace"), "path_hex": name.hex()}
    return {"path": path}


def _read_path(values: Mapping[str, Any]) -> str:
    if "path_hex" in values:
        return os.fsdecode(bytes.fromhex(values["path_hex"]))
    return _text(values["path"])


def _file(file: FileFacts) -> dict[str, Any]:
    return _path(file.path) | {
        "size": file.size,
        "sha256": file.sha256,
        "owner": file.owner,
        "group": file.group,
        "mode": None if file.mode is None else f"{file.mode:04o}",
        "modified": None if file.modified is None else _as_text(file.modified),
    }


def _read_file(values: Mapping[str, Any]) -> FileFacts:
    return FileFacts(
        path=_read_path(values),
        size=_if_known(_number, values["size"]),
        sha256=_if_known(_text, values["sha256"]),
        owner=_if_known(_text, values["owner"]),
        group=_if_known(_text, values["group"]),
        mode=_if_known(lambda mode: int(mode, 8), values["mode"]),
        modified=_if_known(_as_time, values["modified"]),
    )


def _string(string: FoundString) -> dict[str, Any]:
    return {
        "identifier": string.identifier,
        "offset": string.offset,
        "length": string.length,
        "data": string.data.hex(),
        "xor_key": string.xor_key,
    }


def _read_string(values: Mapping[str, Any]) -> FoundString:
    return FoundString(
        _text(values["identifier"]),
        _number(values["offset"]),
        _number(values["length"]),
        bytes.fromhex(values["data"]),
        _number(values["xor_key"]),
    )


def _suppression(suppression: Suppression | None) -> dict[str, str] | None:
    return None if suppression is None else asdict(suppression)


def _read_suppression(values: Mapping[str, Any] | None) -> Suppression | None:
    if values is None:
        return None
    return Suppression(**{name: _text(value) for name, value in values.items()})


# -- values of records, which can be anybody's --------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    value.encode("utf-8", "surrogateescape")  # a surrogate that stands for no byte is an error
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    return value


def _if_known(read: Callable[[Any], _Value], value: Any) -> _Value | None:
    return None if value is None else read(value)
