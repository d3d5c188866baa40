"""Texts that are nearly found: in another case, as part of a word, in the other encoding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import ScanTimeout
from miniyara.explaining.explanation import NearMiss
from miniyara.syntax.nodes import TextString

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.explaining.patience import Patience
    from miniyara.syntax.nodes import StringDeclaration

MOST_BYTES: Final = 16 << 20
"""Bytes of the data that are looked at: no search can be broken off."""


def near_miss(string: StringDeclaration, data: Any, patience: Patience) -> NearMiss | None:
    """Look for a text that was not found as it is declared, while there is time for it."""
    if not isinstance(string, TextString) or _is_encoded(string):
        return None
    head = data[:MOST_BYTES] if len(data) > MOST_BYTES else data
    try:
        with patience.extra():
            for text, flags, how in _forms(string):
                patience.check()
                found = re.compile(re.escape(text), flags).search(head)
                if found is not None:
                    return NearMiss(offset=found.start(), how=how)
    except ScanTimeout:
        pass
    return None


def _is_encoded(string: TextString) -> bool:
    modifiers = string.modifiers
    return any(each is not None for each in (modifiers.xor, modifiers.base64, modifiers.base64wide))


def _forms(string: TextString) -> Iterator[tuple[bytes, int, str]]:
    """Yield what nearly is the text, and how it differs from it, nearest first."""
    modifiers, plain = string.modifiers, string.value
    wide = b"".join(bytes((byte, 0)) for byte in plain)
    wanted = [plain] * (modifiers.ascii or not modifiers.wide) + [wide] * modifiers.wide
    as_declared = re.IGNORECASE if modifiers.nocase else 0
    for text in wanted:
        yield text, as_declared, "within a word" if modifiers.fullword else "at another place"
    for text in wanted:
        yield text, re.IGNORECASE, "in another case"
    if wide not in wanted:
        yield wide, re.IGNORECASE, "as wide characters"
    if plain not in wanted:
        yield plain, re.IGNORECASE, "as plain characters"
