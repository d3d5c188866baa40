"""How long an explanation may take, over a scan."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from miniyara.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator


class Patience(Deadline):
    """The deadline of a scan; and an earlier one for what a scan would have passed over.

    ``extra`` is how many seconds in all there are for the latter.  One object has both, since
    search, modules and conditions have each been given it when the time comes.
    """

    __slots__ = ("_is_extra", "_left")

    def __init__(self, seconds: float, extra: float) -> None:
        super().__init__(seconds)
        self._left = extra
        self._is_extra = False

    @contextmanager
    def extra(self) -> Iterator[None]:
        """Do what is not needed for the verdict; may raise ``ScanTimeout`` early."""
        if self._is_extra:
            yield
            return
        end, begun = self._at, time.monotonic()
        self._at, self._is_extra = min(end, begun + self._left), True
        try:
            yield
        finally:
            self._left -= time.monotonic() - begun
            self._at, self._is_extra = end, False
