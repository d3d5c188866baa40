"""What every form of output is: given the events one by one, it writes as it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from miniyara.hunting.events import Event

Write: TypeAlias = Callable[[bytes], object]


class Report(Protocol):
    """Writes the events of a scan.

    It is made with a function that writes bytes.  It keeps no events, so that a scan may have
    any number of them.
    """

    def add(self, event: Event) -> None:
        """Write an event; the last one, a ``ScanEnd``, ends the document."""
        ...
