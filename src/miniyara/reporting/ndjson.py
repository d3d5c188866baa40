"""JSON: one record a line (``ndjson``), or the same records in one array.

``hunting-1.schema.json`` beside this file is the schema of a record.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from miniyara.errors import Error
from miniyara.hunting.events import ScanEnd
from miniyara.hunting.plain import as_plain, from_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from miniyara.hunting.events import Event
    from miniyara.reporting.report import Write


class NdjsonReport:
    """Writes each event as a line of JSON, at once."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def add(self, event: Event) -> None:
        """Write a line."""
        self._write(_json(event) + b"\n")


class JsonReport:
    """Writes the events as one array of JSON."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._before = b"[\n"

    def add(self, event: Event) -> None:
        """Write an item, and the end of the array after the last."""
        self._write(self._before + _json(event))
        self._before = b",\n"
        if isinstance(event, ScanEnd):
            self._write(b"\n]\n")


def schema() -> dict[str, Any]:
    """Return the JSON schema of a record."""
    file = resources.files("miniyara.reporting") / "hunting-1.schema.json"
    values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return values


def read(lines: Iterable[bytes]) -> Iterator[Event]:
    """Read what ``miniyara scan --format ndjson`` has written.

    ``lines``: the lines, as an open binary file gives them; empty ones are passed over.

    Raises :class:`miniyara.Error`, which names the line, for one that is no record or of a
    later version of the schema.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values: Any = json.loads(line)
            yield from_plain(values)
        except (ValueError, Error) as error:
            raise Error(f"line {number}: {error}") from error


def _json(event: Event) -> bytes:
    # All but ASCII is escaped: no character of a file's name reaches a terminal.
    return json.dumps(as_plain(event)).encode()
