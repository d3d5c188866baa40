"""How much of a file is read: libyara's limits, and ours where libyara has none.

libyara's stand in its ``include/yara/dotnet.h`` and ``modules/dotnet/dotnet.c``. Ours
are for files that are made to keep a scanner busy; a file that some tool wrote is far
below them.
"""

from __future__ import annotations

from typing import Final

from miniyara.values import UNDEFINED, Undefined

LONGEST_NAME: Final = 1024
"""Bytes of a string of the heap ``#Strings``; a longer one counts as missing."""

MOST_ROWS: Final = 15_000
"""Rows of a table; behind a larger one no table is read, and no classes."""

MOST_GUIDS: Final = 16

STREAM_NAME_SIZE: Final = 32
"""Bytes that a name of a stream may have (DOTNET_STREAM_NAME_SIZE)."""

LONGEST_VERSION: Final = 255

DEEPEST_TYPE: Final = 16
"""Types inside a type of a signature (MAX_TYPE_DEPTH)."""

DEEPEST_NESTING: Final = 10
"""Classes inside each other that make a namespace (MAX_NAMESPACE_DEPTH)."""

MOST_RANKS: Final = 50
"""Dimensions of an array (MAX_ARRAY_RANK)."""

MOST_PARAMETERS: Final = 2000
"""Parameters of a method (MAX_PARAM_COUNT)."""

MOST_GENERIC_ARGUMENTS: Final = 1000
"""Arguments of a generic type (MAX_GEN_PARAM_COUNT)."""

MOST_METHODS: Final = 20_000
"""Methods of a class (MAX_METHOD_COUNT)."""

MOST_METHOD_ROWS: Final = 400_000
"""Ours: rows of methods that are read for all classes together. A table has at most
15,000, but classes can claim the same ones; those after so many have no methods."""

MOST_LISTED_METHODS: Final = 60_000
"""Ours: methods of all classes together, likewise. Most claims of a file that is broken
by accident are on methods that cannot be read."""

MOST_BLOB_BYTES: Final = 64 << 20
"""Ours: bytes of all constants together, and of all public keys. Rows can share a blob;
those after so many bytes have none."""

MOST_WORK: Final = 32 << 20
"""Ours: bytes of the names of types that are put together, an element of a signature
counting for :data:`WORK_PER_ELEMENT`. libyara takes exponential time for types that
contain each other; here names are missing after so much work."""

WORK_PER_ELEMENT: Final = 16


class Budget:
    """What is left of :data:`MOST_WORK` for a file."""

    def __init__(self) -> None:
        self._left = MOST_WORK

    def allows(self, work: int) -> bool:
        """Take some work from what is left; whether it was there."""
        self._left -= work
        return self._left >= 0

    def named(self, name: bytes | Undefined) -> bytes | Undefined:
        """Return a name that was put together, or undefined if that was too much work."""
        return UNDEFINED if name is UNDEFINED or not self.allows(len(name)) else name
