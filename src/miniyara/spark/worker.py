"""What happens in the Python processes of Spark's workers: data in, rows out.

Nothing here needs Spark.  Rows are plain tuples, in the order of the fields of
:mod:`miniyara.spark.scans`.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from miniyara.errors import Error
from miniyara.hunting.inspection import found_strings
from miniyara.scanning.loader import load

if TYPE_CHECKING:
    from pyspark import Broadcast

    from miniyara.hunting.record import FoundString
    from miniyara.scanning.match import Match
    from miniyara.scanning.rules import Rules


@dataclass(frozen=True)
class SharedRules:
    """Rules as all workers have them."""

    digest: str
    """Tells them from others."""
    saved: Broadcast[bytes] = field(compare=False)


class HitRow(NamedTuple):
    """A rule that matched, or why the data could not be scanned."""

    rule: str | None = None
    namespace: str | None = None
    tags: list[str] | None = None
    meta: dict[str, str] | None = None
    strings: list[StringRow] | None = None
    error: str | None = None


StringRow: TypeAlias = "tuple[str, int, int, bytes, int]"


@lru_cache(maxsize=4)
def loaded(shared: SharedRules) -> Rules:
    """Load rules once in each process, which Spark uses for many tasks."""
    return load(file=io.BytesIO(shared.saved.value))


@dataclass(frozen=True)
class Scan:
    """Scans a value; can be sent to a worker."""

    rules: SharedRules
    timeout: int
    """Seconds for each value; 0 means none."""

    def hits(self, data: bytes | bytearray | str | None) -> list[HitRow]:
        """Return a row for each rule that matches, or one that says what went wrong.

        Text is scanned as UTF-8.  Nothing is raised: one value must not end the others.
        """
        if data is None:
            return []
        try:
            if isinstance(data, str):
                data = data.encode("utf-8", "surrogatepass")
            matches = loaded(self.rules).match(data=bytes(data), timeout=self.timeout)
            return [_row(match) for match in matches]
        except Error as error:
            return [HitRow(error=str(error))]
        except Exception as error:  # noqa: BLE001 - as said above
            return [HitRow(error=f"{type(error).__name__}: {error}")]

    def file(self, data: bytes | bytearray) -> tuple[str, list[HitRow]]:
        """Return the sha256 of a file, and what :meth:`hits` does."""
        return hashlib.sha256(data).hexdigest(), self.hits(data)


def _row(match: Match) -> HitRow:
    return HitRow(
        match.rule,
        match.namespace,
        list(match.tags),
        {name: str(value) for name, value in match.meta.items()},
        [_string_row(found) for found in found_strings(match)],
    )


def _string_row(found: FoundString) -> StringRow:
    return found.identifier, found.offset, found.length, found.data, found.xor_key
