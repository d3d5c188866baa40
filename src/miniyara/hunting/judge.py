"""Who says which hits are known good: what a scan asks of exclusions.

The scan knows nothing else of them, so that whatever answers these questions can judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miniyara.hunting.record import FileFacts, HitRecord, Suppression


class Summary(Protocol):
    """What a judge has to say at the end."""

    def lines(self) -> Iterable[str]:
        """Return the lines that are shown to a person: hits per exclusion, what was unused."""
        ...


class Judge(Protocol):
    """Decides which files need not be opened, and which hits are known good."""

    def skips(self, file: FileFacts) -> Suppression | None:
        """Say why a file is not to be opened; None if it is to be scanned.

        Asked before the file is opened, so ``file`` has no ``sha256``.
        """
        ...

    def judge(self, hits: Sequence[HitRecord]) -> Sequence[HitRecord]:
        """Return the hits with ``suppression`` set where they are known good.

        ``hits`` are all hits of one file, private rules excepted; they come back in the
        same order, and none is lost.
        """
        ...

    def summary(self) -> Summary:
        """Return what was decided until now."""
        ...
