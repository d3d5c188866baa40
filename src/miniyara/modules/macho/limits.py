"""Every limit of the ``macho`` module, with its unit and its reason.

They are ours alone, for libyara has none: without them a file of a megabyte could take
hours. No file that means to be run comes near.
"""

from __future__ import annotations

from typing import Final

MOST_STARTS: Final = 64
"""Load commands that say where the program begins that are looked at; the last ones count.

Each may be compared with each segment. A program has one.
"""

MOST_OVERLAP: Final = 32
"""How many times as large as the data the files in a fat file may be together; further
ones are left out. Files that don't overlap are at most as large as the data."""
