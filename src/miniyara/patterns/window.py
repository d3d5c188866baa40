"""What a match may look at: the symbols that the thread machine reads around an atom.

A match goes at most 1,024 bytes forwards and as many backwards from where the atom
begins.  Characters of two bytes (``wide``) are one symbol each, and a match goes no
further than to the first that is not a byte and a zero.  Follows ``yr_re_exec`` in
libyara's ``re.c``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.patterns.machine import CLIPPED, CLIPPED_AT_WORD, END, IS_WORD

if TYPE_CHECKING:
    from miniyara.patterns.data import Data


def forward_window(data: Data, offset: int, *, wide: bool) -> tuple[bytes, int]:
    """The symbols from ``offset`` on, and the one for going no further."""
    end = offset + _room(len(data) - offset, wide=wide)
    symbols = data[offset:end]
    if wide:
        readable = _leading_zeros(symbols[1::2])
        if 2 * readable < len(symbols):
            return symbols[: 2 * readable : 2], CLIPPED
        symbols = symbols[::2]
    if end == len(data):
        return symbols, END
    return symbols, CLIPPED_AT_WORD if is_word_at(data, end, wide=wide) else CLIPPED


def backward_window(data: Data, offset: int, *, wide: bool) -> tuple[bytes, int]:
    """The symbols before ``offset``, the last first, and the one for going no further."""
    start = offset - _room(offset, wide=wide)
    symbols = data[start:offset][::-1]
    if wide:
        readable = _leading_zeros(symbols[::2])
        if 2 * readable < len(symbols):
            return symbols[1 : 2 * readable : 2], CLIPPED
        symbols = symbols[1::2]
    if start == 0:
        return symbols, END
    at_word = is_word_at(data, start - 1 - wide, wide=wide)
    return symbols, CLIPPED_AT_WORD if at_word else CLIPPED


def is_word_at(data: Data, place: int, *, wide: bool) -> bool:
    """Whether there is a whole character at ``place`` that is a word character."""
    if place < 0 or place + wide >= len(data):
        return False
    return IS_WORD[data[place]] == 1 and (not wide or data[place + 1] == 0)


def _room(available: int, *, wide: bool) -> int:
    """How many bytes a match may take."""
    room = min(available, limits.RE_SCAN_LIMIT)
    return room - room % 2 if wide else room


def _leading_zeros(text: bytes) -> int:
    return len(text) - len(text.lstrip(b"\0"))
