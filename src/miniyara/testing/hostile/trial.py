"""One input for one parser: what has to hold of it, and what does not."""

from __future__ import annotations

import contextlib
import time
import traceback
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import miniyara

if TYPE_CHECKING:
    from miniyara.testing.hostile.parser import Parser

MAX_INPUT: Final = 1 << 16
"""Bytes of an input at most; the bounds below hold for it."""

SECONDS: Final = 4.0
"""Seconds of processor time for an input, of which a scan may take one: see ``SCAN_SECONDS``."""

MEMORY: Final = 1 << 28
"""Bytes by which the memory of the process may grow over an input."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that does not leave a parser as it should be left."""

    kind: str
    """The name of the exception, ``slow`` or ``memory``."""
    place: str
    """Where an exception was raised."""
    report: str

    @property
    def key(self) -> tuple[str, str]:
        """What is the same of findings that have the same cause."""
        return self.kind, self.place


def trial(parser: Parser, data: bytes) -> Finding | None:
    """Let a parser read some data; return what is wrong with that, if anything is."""
    begun = time.process_time()
    try:
        parser.read(data)
    except miniyara.Error:
        pass
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename.rpartition('miniyara')[2]}:{frame.lineno}"
        return Finding(type(error).__name__, place, traceback.format_exc())
    spent = time.process_time() - begun
    if spent > SECONDS:
        return Finding("slow", "", f"takes {spent:.1f} s")
    return None


def measured(parser: Parser, data: bytes) -> Finding | None:
    """The same, with the memory measured that Python's objects take; that takes longer."""
    finding = trial(parser, data)  # what is imported and made once is there then
    if finding is not None:
        return finding
    tracemalloc.start()
    try:
        with contextlib.suppress(miniyara.Error):
            parser.read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Finding("memory", "", f"takes {peak:,} bytes") if peak > MEMORY else None
