"""The letters whose case ``nocase`` does not mind."""

from __future__ import annotations

from typing import Final

CAPITALS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS: Final = frozenset(CAPITALS + CAPITALS.lower())
NO_LETTERS: Final = bytes(byte for byte in range(256) if byte not in LETTERS)
