"""The interface between conditions and search: lazy hits.

A condition asks (`is $a there? how often? at 0?`), and search does no more work
than the question needs.  Whoever answers keeps what he found, so that asking
again costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Hit(NamedTuple):
    """One match of one string."""

    offset: int
    """Where it starts, counted in bytes from the start of the data."""
    length: int
    """Its length in bytes; 0 is possible for a regular expression."""
    xor_key: int = 0
    """The key (0 to 255) under which a string with ``xor`` was found."""


class HitColumns(NamedTuple):
    """The offsets, lengths and keys of hits."""

    offsets: Sequence[int]
    lengths: Sequence[int]
    keys: Sequence[int]


NO_COLUMNS: Final = HitColumns((), (), ())


class NoHits:
    """The hits of a string that is not there."""

    abandoned_at = None

    def any(self) -> bool:
        """Whether there is a hit at all."""
        return False

    def count(self) -> int:
        """How many hits there are."""
        return 0

    def reaches(self, number: int) -> bool:
        """Whether there are at least ``number`` hits."""
        return number <= 0

    def at(self, offset: int) -> bool:  # noqa: ARG002 - the protocol's signature
        """Whether a hit starts at ``offset``."""
        return False

    def within(self, low: int, high: int) -> bool:  # noqa: ARG002 - the protocol's signature
        """Whether a hit starts in an interval."""
        return False

    def count_within(self, low: int, high: int) -> int:  # noqa: ARG002 - the protocol's signature
        """How many hits start in an interval."""
        return 0

    def hit(self, index: int) -> Hit | None:  # noqa: ARG002 - the protocol's signature
        """The hit of a number."""
        return None

    def __iter__(self) -> Iterator[Hit]:
        return iter(())

    def columns(self) -> HitColumns:
        """All hits."""
        return NO_COLUMNS


NO_HITS = NoHits()


class Hits(Protocol):
    """All matches of one string in one piece of data, in the order of their offsets.

    There is at most one hit at an offset.  Any method may raise
    :class:`miniyara.errors.ScanTimeout`.
    """

    def any(self) -> bool:
        """Whether there is a hit at all; stops at the first."""
        ...

    def count(self) -> int:
        """How many hits there are."""
        ...

    def reaches(self, number: int) -> bool:
        """Whether there are at least ``number`` hits; counts no further than that."""
        ...

    def at(self, offset: int) -> bool:
        """Whether a hit starts at ``offset``."""
        ...

    def within(self, low: int, high: int) -> bool:
        """Whether a hit starts in the closed interval from ``low`` to ``high``."""
        ...

    def count_within(self, low: int, high: int) -> int:
        """How many hits start in the closed interval from ``low`` to ``high``."""
        ...

    def hit(self, index: int) -> Hit | None:
        """The hit of this number, counted from 1; None if there are fewer or ``index < 1``."""
        ...

    def __iter__(self) -> Iterator[Hit]:
        """All hits by offset."""
        ...

    def columns(self) -> HitColumns:
        """All hits by offset, without an object for each."""
        ...

    @property
    def abandoned_at(self) -> tuple[int, int] | None:
        """Where libyara abandons the string because of ``limits.MAX_STRING_MATCHES`` hits.

        The end of the atom of the next hit, and minus its length, which is the order in
        which libyara comes to them; None for a string with fewer hits.
        """
        ...
