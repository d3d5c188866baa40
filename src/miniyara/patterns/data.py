"""The data that is scanned."""

from __future__ import annotations

import mmap
from typing import TypeAlias

Data: TypeAlias = "bytes | mmap.mmap"
"""Bytes in memory or in a mapped file; a slice of either is ``bytes``."""
