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
        # To the collector all that was made is young, and it would go over it at once. After
        # this it takes it for old. (What others have frozen must not thaw; PyPy's collector
        # does not freeze.)
        if hasattr(gc, "freeze") and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()
