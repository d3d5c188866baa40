"""Saved rules: the file format, and what compiles rules from it when they are needed.

A file holds the sources of its rules and what takes long to work out of them: which
anchors find which strings, and which strings trigger which rules.  It holds no code and
no syntax trees.  What a scan needs of a rule is compiled from its text.
"""

from __future__ import annotations

from miniyara.storage.cache import Cache
from miniyara.storage.container import MAGIC, ForeignError, FormatError, VersionError, read
from miniyara.storage.origin import Request
from miniyara.storage.rules import Saved, dump, load

__all__ = [
    "MAGIC",
    "Cache",
    "ForeignError",
    "FormatError",
    "Request",
    "Saved",
    "VersionError",
    "dump",
    "load",
    "read",
]
