"""What a worker does with a file: scan it, and say what it is if a rule matched.

The records are made here, of the very bytes that were scanned and of the open file they came
from, so that hash, owner and time are those of what matched, even if the path leads to
something else by now.  Only a file that is written to while it is read can be other than its
record says.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from miniyara.errors import Error
from miniyara.hunting.facts import HERE, Names, file_facts
from miniyara.hunting.record import FileFacts, FoundString, HitRecord
from miniyara.hunting.walk import STDIN
from miniyara.scanning.callbacks import CALLBACK_CONTINUE
from miniyara.scanning.files import open_with_status
from miniyara.scanning.scanner import ScanOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.scanning.arguments import ScannedBytes
    from miniyara.scanning.callbacks import RuleString
    from miniyara.scanning.match import Match
    from miniyara.scanning.rules import Rules
    from miniyara.values import Scalar

PLACES_OF_A_STRING: Final = 16
"""Places that a record lists of each string; a string can be found a million times."""

BYTES_OF_A_PLACE: Final = 64
"""Bytes that a record shows of what was found."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What came of one file."""

    size: int = 0
    """Bytes that were scanned."""
    hits: tuple[HitRecord, ...] = ()
    problem: str | None = None
    """Why it was not scanned to its end."""
    warnings: tuple[str, ...] = ()
    console: tuple[str, ...] = ()
    """What its rules had to print."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Scans files; can be sent to another process."""

    rules: Rules
    scan_id: str
    host: str
    externals: Mapping[str, Scalar] | None = None
    """New values of external variables; without, those that the rules were compiled with."""
    fast: bool = False
    timeout: int = 0
    """Seconds for each file; 0 means none."""
    names: Names = HERE
    """Of the users and groups to whom the files belong."""

    def __call__(self, path: str) -> Inspected:
        """Scan a file; whatever happens is in the result."""
        try:
            if path == STDIN:
                data = sys.stdin.buffer.read()
                return self._scanned(data, FileFacts(path, len(data)))
            with open_with_status(path) as (data, status):
                return self._scanned(data, file_facts(path, status, names=self.names))
        except Error as error:
            return Inspected(problem=str(error).removesuffix(f' "{path}"'))
        except Exception as error:  # noqa: BLE001 - one file must not end the others
            return Inspected(problem=f"{type(error).__name__}: {error}")

    def _scanned(self, data: ScannedBytes, file: FileFacts) -> Inspected:
        warnings: list[str] = []
        console: list[str] = []

        def warn(_kind: int, string: RuleString) -> int:
            warnings.append(f'rule "{string.rule}": too many matches for {string.string}')
            return CALLBACK_CONTINUE

        scanner = self.rules._scanner  # noqa: SLF001 - a friend: it takes values as bytes
        given = None if self.externals is None else self.externals.items()
        matches = scanner.scan(
            data,
            ScanOptions(
                externals=scanner.externals(given),
                warnings_callback=warn,
                console_callback=console.append,
                fast=self.fast,
                timeout=self.timeout,
            ),
        )
        hits: tuple[HitRecord, ...] = ()
        if matches:
            file = replace(file, sha256=hashlib.sha256(data).hexdigest())
            hits = tuple(self._record(match, file) for match in matches)
        return Inspected(len(data), hits, None, tuple(warnings), tuple(console))

    def _record(self, match: Match, file: FileFacts) -> HitRecord:
        return HitRecord(
            scan_id=self.scan_id,
            time=datetime.now(timezone.utc),
            host=self.host,
            rule=match.rule,
            namespace=match.namespace,
            tags=tuple(match.tags),
            meta=match.meta,
            file=file,
            strings=found_strings(match),
        )


def found_strings(match: Match) -> tuple[FoundString, ...]:
    """Return the first places of each string of a match."""
    return tuple(
        FoundString(
            string.identifier,
            place.offset,
            place.matched_length,
            place.matched_data[:BYTES_OF_A_PLACE],
            place.xor_key,
        )
        for string in match.strings
        for place in string.first(PLACES_OF_A_STRING)
    )


def lost(_path: str, error: Error) -> Inspected:
    """Say what came of a file at which a worker died."""
    return Inspected(problem=str(error))
