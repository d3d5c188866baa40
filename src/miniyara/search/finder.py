"""What finds the parts of strings in data.

libyara finds matches in the order in which its automaton comes to the ends of
atoms, and sometimes that order shows: where two matches begin at one offset, where
there are too many, and in chains.  So a finder tells where each atom ends, and is
asked for a stretch of such ends at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.search.haystack import Haystack
    from miniyara.search.hits import Hit


class Occurrence(NamedTuple):
    """An atom that was found, and the hits that were found from it."""

    end: int
    """Offset behind the atom."""
    atom_length: int
    hits: Sequence[Hit]


class Finder(Protocol):
    """Finds one part of a string; immutable, shared by threads."""

    reach: int
    """How many bytes before the end of its atom a hit can begin, at most."""

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """The occurrences with hits whose atoms end from ``low`` to before ``high``, in order."""
        ...

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """The hits of :meth:`occurrences` found at once, where they may be at every byte.

        Offsets and lengths of the hits that are kept, by offset; None if there is no
        faster way than one by one.
        """
        ...

    def is_absent(self, haystack: Haystack, deadline: Deadline) -> bool:
        """Whether a look at C's speed shows that there is no hit; False if it shows nothing."""
        ...

    def most_hits(self, haystack: Haystack, deadline: Deadline) -> int:
        """A number that the hits do not exceed; costs next to nothing compared to finding them.

        It need not be exact beyond :data:`miniyara.limits.MAX_STRING_MATCHES`.
        """
        ...


class FinderAt:
    """Finds hits at one offset only."""

    def __init__(self, finder: Finder, offset: int) -> None:
        self._finder = finder
        self._offset = offset
        self.reach = finder.reach

    def dense_spans(
        self, data: Data, low: int, high: int, deadline: Deadline
    ) -> list[tuple[int, int]] | None:
        """See :class:`Finder`: one hit is not many."""

    def is_absent(self, haystack: Haystack, deadline: Deadline) -> bool:  # noqa: ARG002 - the protocol's signature
        """See :class:`Finder`: one place is looked at as fast."""
        return False

    def most_hits(self, haystack: Haystack, deadline: Deadline) -> int:  # noqa: ARG002 - the protocol's signature
        """See :class:`Finder`."""
        return 1

    def occurrences(
        self, haystack: Haystack, low: int, high: int, deadline: Deadline
    ) -> Iterator[Occurrence]:
        """See :class:`Finder`."""
        low, high = max(low, self._offset), min(high, self._offset + self.reach + 1)
        if low < high:
            for occurrence in self._finder.occurrences(haystack, low, high, deadline):
                hits = [hit for hit in occurrence.hits if hit.offset == self._offset]
                if hits:
                    yield occurrence._replace(hits=hits)
