"""Python's garbage collector, stopped while rules are compiled.

Compiling makes many small objects and keeps nearly all of them.  The collector goes
over them again and again to find nothing, which takes a third of the time.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_collection() -> Iterator[None]:
    """Stop the collector; does nothing if it is stopped already, as inside of this."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        _call_old()
        gc.enable()


def _call_old() -> None:
    """Let the collector take what there is for old.

    To it all that was made is young, so it would go over it as soon as it may.
    """
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
