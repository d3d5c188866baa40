"""What can be printed of bytes and texts that may be anybody's."""

from __future__ import annotations

import json
from typing import Final

HEX: Final = "hex:"
"""Marks the bytes of what is no text that can be printed."""


def as_text(data: bytes) -> str:
    """Return the text if it is UTF-8 and can be printed, and else ``hex:`` with the bytes.

    A text that begins with ``hex:`` itself is shown by its bytes, too, so that what is shown
    can always be read back.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return HEX + data.hex()
    return text if text.isprintable() and not text.startswith(HEX) else HEX + data.hex()


def quoted(data: bytes) -> str:
    """Return a text in quotes, or the bytes of what is none without them."""
    text = as_text(data)
    return text if text.startswith(HEX) else json.dumps(text, ensure_ascii=False)


def printable(text: str) -> str:
    """Return a text with all escaped that a terminal could take for more than a character.

    That are control characters, those that change the direction of writing, and bytes
    that are no text, which Python has as lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
