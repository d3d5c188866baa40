"""How far a scan is: a line on the terminal, with a bar if ``rich`` is there.

How much there is to do becomes known by a second walk over the targets, which goes on some
steps with each file that is scanned.  Until it is at its end there is no bar.
"""

from __future__ import annotations

import time
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from miniyara.hunting.walk import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from miniyara.hunting.events import Counts
    from miniyara.hunting.walk import Step

_STEPS: Final = 20
"""Steps that the second walk takes at a time."""

_BYTES_FOR_A_FILE: Final = 1 << 14
"""A file costs as much time, whatever is in it, as so many bytes."""

_BAR: Final = 20
"""Columns of the bar, if there is room."""

_SHORTEST_BAR: Final = 5


class Progress:
    """What is known of how far a scan is."""

    def __init__(
        self, steps: Iterator[Step], before: Counts, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``steps``: of a walk over all targets.  ``before``: what earlier runs have done."""
        self._steps = steps
        self._before = before
        self._clock = clock
        self._started = clock()
        self._work = 0
        self._is_counted = False

    def count(self) -> None:
        """Go on counting what there is to do."""
        if self._is_counted:
            return
        steps = list(islice(self._steps, _STEPS))
        self._work += sum(
            _work(1, step.status.st_size)
            for step in steps
            if isinstance(step, Found) and step.status is not None
        )
        self._is_counted = len(steps) < _STEPS

    def line(self, counts: Counts, columns: int) -> str:
        """Return what to show in so many columns."""
        elapsed = max(self._clock() - self._started, 1e-6)
        rate = (counts.bytes - self._before.bytes) / elapsed
        parts = [
            counted(counts.files, "file"),
            in_units(counts.bytes),
            f"{in_units(rate)}/s",
            counted(counts.hits, "hit"),
        ]
        if not self._is_counted:
            return _fitting(parts, columns)
        done = _work(counts.files, counts.bytes)
        new = done - _work(self._before.files, self._before.bytes)
        part = min(done / self._work, 1.0) if self._work else 1.0
        if new > 0:
            left = max(self._work - done, 0) / new * elapsed
            parts.append(f"{_as_time(left)} left")
        percentage = f"{part:4.0%}  "
        text = percentage + _fitting(parts, columns - len(percentage))
        return _bar(part, min(columns - len(text) - 3, _BAR)) + text


def _fitting(parts: list[str], columns: int) -> str:
    """Return a line of those parts that fit; the ones in the middle are left out first."""
    while len(line := "  ".join(parts)) > columns and len(parts) > 1:
        del parts[(len(parts) - 1) // 2]
    return line


def _work(files: int, size: int) -> int:
    return files * _BYTES_FOR_A_FILE + size


def counted(number: int, noun: str) -> str:
    """Return how many there are of something."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def in_units(number: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def _as_time(seconds: float) -> str:
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}"


def _bar(part: float, width: int) -> str:
    if width < _SHORTEST_BAR:
        return ""
    screen = console()
    if screen is None:
        return f"[{'#' * round(part * width):{width}}] "
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - it is an extra

    with screen.capture() as captured:
        screen.print(ProgressBar(total=1.0, completed=part, width=width), end="")
    return f"{captured.get()} "


@cache
def console() -> Any:
    """Return what draws the bar.

    None without rich, and without colours, as its bar has no end to be seen then.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - it is an extra
    except ImportError:
        return None
    screen = Console(stderr=True)
    return None if screen.no_color or screen.color_system is None else screen
