"""The data that is scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import mmap

Data: TypeAlias = "bytes | mmap.mmap"
"""Bytes in memory or in a mapped file; a slice of either is ``bytes``."""
