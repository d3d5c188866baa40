"""The record of a hit: the one thing that the parts of hunting hand to each other.

The scan makes it, exclusions mark it, and reports and the SIEM are given it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SCHEMA_VERSION: Final = 1
"""Version of the record as the machine-readable outputs write it."""

_NAMESPACE: Final = uuid.UUID("5b1f3f0e-6f0e-5c0a-9a55-6d696e697961")
"""The namespace of event ids (RFC 9562, version 5); any fixed UUID serves."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the system says of a file."""

    path: str
    """The path as it was scanned, undecodable bytes as surrogates."""
    size: int | None = None
    """Bytes."""
    sha256: str | None = None
    """Lower-case hexadecimal digits."""
    owner: str | None = None
    """The name of the owner, or the number where it has no name."""
    group: str | None = None
    """The name of the group, or the number where it has no name."""
    mode: int | None = None
    """The permission bits, as ``stat.S_IMODE`` gives them."""
    modified: datetime | None = None
    """When it was last changed, in UTC."""


@dataclass(frozen=True, slots=True)
class FoundString:
    """One place where a string of the rule was found."""

    identifier: str
    """Its name with the dollar sign."""
    offset: int
    """Where it starts, counted in bytes."""
    length: int
    """Its length in bytes, even if ``data`` is cut."""
    data: bytes
    """What was found, cut to a few bytes."""
    xor_key: int = 0
    """The key (0 to 255) of a string with ``xor``."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a hit is known good."""

    exclusion: str
    """The ``id`` of the exclusion."""
    reason: str
    owner: str


@dataclass(frozen=True, slots=True)
class HitRecord:
    """A rule that matched a file."""

    scan_id: str
    """The scan that found it: the same for all hits of one run."""
    time: datetime
    """When it was found, in UTC."""
    host: str
    """The name of the machine on which it was found."""
    rule: str
    namespace: str
    tags: tuple[str, ...]
    meta: Mapping[str, str | int | bool]
    """As ``Match.meta`` has it: of several values of a name the last."""
    file: FileFacts
    strings: tuple[FoundString, ...] = ()
    """The first places of each string that was found."""
    suppression: Suppression | None = None
    """None for a hit that somebody has to look at."""

    @property
    def event_id(self) -> str:
        """An id that is the same for the same scan, host, file and rule.

        A receiver knows by it a record that comes twice.
        """
        file = self.file
        parts = (self.scan_id, self.host, file.path, file.sha256 or "", self.namespace, self.rule)
        # Lengths keep lists of parts apart whose text is the same.
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return str(uuid.uuid5(_NAMESPACE, text.encode("utf-8", "surrogateescape").hex()))
