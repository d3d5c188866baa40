"""When a scan has to stop.

One :class:`Deadline` is made for a scan and handed to everything in it that can
take long: the search, the matchers, loops in conditions, module functions.
"""

from __future__ import annotations

import time

from miniyara.errors import ScanTimeout


class Deadline:
    """A moment after which :meth:`check` raises :class:`ScanTimeout`.

    ``seconds`` is counted from now; 0 or less means never, as in yara-python.
    """

    __slots__ = ("_at",)

    def __init__(self, seconds: float = 0) -> None:
        self._at = time.monotonic() + seconds if seconds > 0 else float("inf")

    def check(self) -> None:
        """Raise :class:`ScanTimeout` if the time is over.

        Costs some 50 ns: call it per block, per candidate or per iteration,
        not per byte.
        """
        if time.monotonic() > self._at:
            raise ScanTimeout


NEVER = Deadline()
"""The deadline of a scan that may take as long as it takes."""
