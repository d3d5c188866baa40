"""From an atom that was found to the matches around it.

Follows ``_yr_scan_verify_re_match`` in libyara's ``scan.c``: from the atom forwards
to the end that libyara prefers, and if there is one, backwards to all starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.patterns.directions import Backward, Forward
from miniyara.patterns.words import stands_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.deadline import Deadline
    from miniyara.patterns.data import Data
    from miniyara.patterns.pattern import Entry, RegexpPart


class Verifier:
    """Finds the matches of an expression around one of its atoms; shared by threads."""

    def __init__(self, part: RegexpPart, entry: Entry) -> None:
        self._fullword = part.fullword
        # libyara forgets that characters are wide if there is nothing to match backwards.
        self._runs = [
            (
                Forward(part, entry, wide=wide),
                None
                if entry.backward is None
                else Backward(part, entry, entry.backward, wide=wide),
                wide and entry.backward is not None,
            )
            for wide, runs in ((False, part.runs_narrow), (True, part.runs_wide))
            if runs
        ]

    def matches(self, data: Data, offset: int, deadline: Deadline) -> Iterator[tuple[int, int]]:
        """Offsets and lengths of the matches around the atom at ``offset``, in libyara's order."""
        for forward, backward, wide in self._runs:
            length = forward.length(data, offset, deadline)
            if length >= 0:
                end = offset + length
                for before in [0] if backward is None else backward.lengths(data, offset, deadline):
                    start = offset - before
                    if not self._fullword or stands_alone(data, start, end, wide=wide):
                        yield start, end - start
