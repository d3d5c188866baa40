"""Which paths a pattern means.

A pattern is a whole path with ``/`` between its segments.  In a segment ``*`` stands for
any characters and ``?`` for one, leading dots included; a segment ``**`` stands for any
number of segments, none included.  Nothing else is special.  Capitals count, except on
Windows.

Matching takes time in proportion to the lengths of pattern and path multiplied, whatever
the pattern is: the last star alone ever takes back what it took.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ANYTHING: Final = "**"
"""The segment that stands for any number of segments."""


@dataclass(frozen=True)
class Glob:
    """A pattern for paths, or for names, which are paths of one segment."""

    text: str
    ignore_case: bool = False

    def matches(self, path: str) -> bool:
        """Tell whether the pattern means ``path``, which has ``/`` between its segments."""
        folded = self._folded(path)
        return folded.startswith(self._start) and _matches(
            self.segments, folded.split("/"), ANYTHING, match_segment
        )

    def reaches(self, folder: str) -> bool:
        """Tell whether there can be a path below ``folder`` that the pattern means."""
        # How many segments of the pattern may be behind us.
        passed = self._with_anything_passed({0})
        for name in self._folded(folder).split("/"):
            passed = self._with_anything_passed(
                {
                    count if segment == ANYTHING else count + 1
                    for count in passed
                    for segment in self.segments[count : count + 1]
                    if segment == ANYTHING or match_segment(segment, name)
                }
            )
        return any(count < len(self.segments) for count in passed)

    @cached_property
    def segments(self) -> list[str]:
        """What stands between the slashes."""
        return self._folded(self.text).split("/")

    @cached_property
    def _start(self) -> str:
        """What all paths begin with that the pattern means: most paths are ruled out by it."""
        return "/".join(takewhile(is_plain, self.segments))

    def _with_anything_passed(self, counts: set[int]) -> set[int]:
        """Add what comes of passing segments that may stand for nothing."""
        passed = set(counts)
        for count in counts:
            run = takewhile(ANYTHING.__eq__, self.segments[count:])
            passed.update(range(count, count + sum(1 for _ in run) + 1))
        return passed

    def _folded(self, text: str) -> str:
        return text.lower() if self.ignore_case else text


def is_plain(pattern: str) -> bool:
    """Tell whether a pattern means one path, or one segment."""
    return "*" not in pattern and "?" not in pattern


def match_segment(pattern: str, name: str) -> bool:
    """Tell whether a segment of a pattern means a segment of a path."""
    return _matches(pattern, name, "*", lambda wanted, letter: wanted in ("?", letter))


def _matches(
    pattern: Sequence[str], parts: Sequence[str], star: str, means: Callable[[str, str], bool]
) -> bool:
    """Match part by part, where ``star`` stands for any number of parts."""
    at = place = 0
    after_star, taken = -1, 0  # what follows the last star, and the place up to which it took
    while place < len(parts):
        if at < len(pattern) and pattern[at] == star:
            at += 1
            after_star, taken = at, place
        elif at < len(pattern) and means(pattern[at], parts[place]):
            at += 1
            place += 1
        elif after_star >= 0:
            taken += 1
            at, place = after_star, taken
        else:
            return False
    return all(each == star for each in pattern[at:])
