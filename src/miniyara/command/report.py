"""How a rule's verdict on a file is printed.

Follows ``handle_message`` of yara's ``cli/yara.c`` to the byte, the space in
``[number =1]`` included.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from miniyara.analysis.program import CheckedRule
    from miniyara.command.options import Options
    from miniyara.scanning.match import StringMatch, StringMatchInstance

HEX_BYTES_SHOWN: Final = 64
"""Bytes printed of what a hex string matched."""

_META_ESCAPES: Final = {ord(character): f"\\{character}" for character in "\"'\\"} | {
    ord(character): f"\\{letter}"
    for character, letter in zip("\a\b\t\n\v\f\r", "abtnvfr", strict=True)
}

_META_BYTES: Final = [
    _META_ESCAPES.get(byte, chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}").encode()
    for byte in range(256)
]
"""How each byte of a text in the metadata is printed."""

_MATCHED_BYTES: Final = [
    (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02X}").encode() for byte in range(256)
]
"""How each byte that a text string or a regular expression matched is printed."""


def render(rule: CheckedRule, strings: Iterable[StringMatch], path: str, options: Options) -> bytes:
    """Return what is printed of a rule: its line and, if wanted, one for each match."""
    lines = [_rule_line(rule, path, options)]
    if shows_matches(options):
        lines += (
            _match_line(string, match, options) for string in strings for match in string.instances
        )
    return b"".join(lines)


def shows_matches(options: Options) -> bool:
    """Tell whether each match of a string is printed."""
    return options.strings or options.lengths or options.xor_keys


def count_line(path: str, count: int) -> bytes:
    """Return ``path: count``, the answer to ``--count`` for one of several files."""
    return os.fsencode(path) + b": %d\n" % count


def _rule_line(rule: CheckedRule, path: str, options: Options) -> bytes:
    """Return ``namespace:rule [tags] [meta] path``."""
    line = f"{rule.name} ".encode()
    if options.namespace:
        line = os.fsencode(rule.namespace) + b":" + line
    if options.tags:
        line += b"[" + ",".join(rule.tags).encode() + b"] "
    if options.meta:
        line += b"[" + b",".join(_meta(item.name, item.value) for item in rule.meta) + b"] "
    return line + os.fsencode(path).replace(b"\n", b"\\n").replace(b"\r", b"\\r") + b"\n"


def _match_line(string: StringMatch, match: StringMatchInstance, options: Options) -> bytes:
    """Return ``offset:length:$name:xor(key,plaintext): data``."""
    line = b"0x%x:" % match.offset
    if options.lengths:
        line += b"%d:" % len(match.matched_data)
    line += string.identifier.encode()
    if options.xor_keys:
        line += b":xor(0x%02x,%b)" % (match.xor_key, _printable(match.plaintext()))
    if options.strings:
        show = _hexadecimal if string.is_hex() else _printable
        line += b": " + show(match.matched_data)
    return line + b"\n"


def _meta(name: str, value: bytes | int | bool) -> bytes:
    if isinstance(value, bool):
        return f"{name}={'true' if value else 'false'}".encode()
    if isinstance(value, int):
        return f"{name} ={value}".encode()
    text, _, _ = value.partition(b"\0")  # to C, the text ends here
    return b'%b="%b"' % (name.encode(), b"".join(map(_META_BYTES.__getitem__, text)))


def _hexadecimal(data: bytes) -> bytes:
    shown = data[:HEX_BYTES_SHOWN].hex(" ").upper().encode()
    return shown + b" ..." if len(data) > HEX_BYTES_SHOWN else shown


def _printable(data: bytes) -> bytes:
    return b"".join(map(_MATCHED_BYTES.__getitem__, data))
