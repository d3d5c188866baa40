"""Every limit of the ``dex`` module, with its unit and its reason."""

from __future__ import annotations

from typing import Final

MAX_INDEX: Final = 0x8_0000
"""The greatest index that a class, field or method may have into a table; what is named
by a greater one is not looked up (a number in libyara's ``dex.c``)."""

MOST_MEMBERS: Final = 1 << 17
"""Fields, and methods, that are listed. Ours alone: libyara follows classes that share
their members for hours, or until memory is used up. A file has at most 65,536 of each."""
