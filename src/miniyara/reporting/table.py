"""CSV: a row for each hit and for each file that was not scanned.

Spreadsheets take a cell that begins like a formula for one, and run it.  So such a cell gets an
apostrophe before it, as does one that begins with an apostrophe: take one away to have
what was there.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

from miniyara.hunting.events import SkippedFile, UnreadableFile
from miniyara.hunting.plain import as_plain
from miniyara.hunting.record import HitRecord
from miniyara.terminal import printable

if TYPE_CHECKING:
    from miniyara.hunting.events import Event
    from miniyara.reporting.report import Write

COLUMNS: Final = (
    "kind",
    "time",
    "host",
    "rule",
    "namespace",
    "tags",
    "path",
    "size",
    "sha256",
    "owner",
    "group",
    "mode",
    "modified",
    "strings",
    "meta",
    "exclusion",
    "reason",
    "scan_id",
    "event_id",
)

_FORMULA: Final = (
    *"=+-@'",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""With these begin formulas, and what was made harmless."""


class CsvReport:
    """Writes rows, at once."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._write_row(COLUMNS)

    def add(self, event: Event) -> None:
        """Write a row, if the event has one."""
        if isinstance(event, (HitRecord, SkippedFile, UnreadableFile)):
            cells = _cells(event)
            self._write_row([cells.get(name, "") for name in COLUMNS])

    def _write_row(self, cells: list[str] | tuple[str, ...]) -> None:
        row = io.StringIO()
        csv.writer(row, quoting=csv.QUOTE_ALL).writerow(map(harmless, cells))
        self._write(row.getvalue().encode())


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    shown = printable(cell)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _cells(event: HitRecord | SkippedFile | UnreadableFile) -> dict[str, str]:
    values = as_plain(event)
    if isinstance(event, HitRecord):
        values |= values["file"]
        values["tags"] = " ".join(event.tags)
        values["meta"] = json.dumps(values["meta"])
        values["strings"] = " ".join(
            f"{string.identifier}@{string.offset:#x}" for string in event.strings
        )
    if values.get("suppression"):
        values["exclusion"] = values["suppression"]["exclusion"]
        values["reason"] = values["suppression"]["reason"]
    return {name: "" if value is None else str(value) for name, value in values.items()}
