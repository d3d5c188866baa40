"""Every limit of the ``crx`` module, with its unit and its reason. They are ours alone."""

from __future__ import annotations

from typing import Final

MOST_JSON: Final = 1 << 24
"""Bytes of a manifest or of texts in a language that are unpacked; larger ones are taken
for missing, or else a small file could fill the memory."""

MOST_ENDS: Final = 16
"""Ends of an archive that are tried. Each false one may have a directory to read."""

MOST_HEADER: Final = 1 << 20
"""Bytes of the header, with keys and signatures; with a larger one there is no extension."""

DEEPEST_GROUP: Final = 100
"""Groups inside each other in the header; there are none in a sound one."""

MOST_SIGNATURES: Final = 64
"""Signatures that are read; each one is a power of a large number. There are two or three."""
