"""The names of persons in certificates: in one line, and as they are compared.

Follows OpenSSL 1.1's ``x509_obj.c`` (``X509_NAME_oneline``) and ``x_name.c``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from miniyara.modules.pe.authenticode import der
from miniyara.modules.pe.authenticode.objects import SHORT_NAMES

if TYPE_CHECKING:
    from miniyara.modules.pe.authenticode.der import Reader

_LONGEST_LINE: Final = 255
"""Bytes of a name in one line; parts that do not fit as a whole are left out."""

_LONGEST: Final = 1 << 20
"""Bytes of a name that OpenSSL reads."""

_ALLOWED: Final = frozenset(
    {
        *(der.BIT_STRING, der.UTF8_STRING, der.SEQUENCE, der.PRINTABLE_STRING),
        *(der.T61_STRING, der.IA5_STRING, der.UNIVERSAL_STRING, der.BMP_STRING),
        *(7, 8, 9, 10, 11, 13, 14, 15, 18, 29),  # numeric and rare ones
    }
)
"""Types that the parts of a name can have."""

_ENCODINGS: Final = {
    der.UTF8_STRING: "utf-8",
    der.BMP_STRING: "utf-16-be",
    der.UNIVERSAL_STRING: "utf-32-be",
    der.PRINTABLE_STRING: "latin-1",
    der.T61_STRING: "latin-1",
    der.IA5_STRING: "latin-1",
    der.VISIBLE_STRING: "latin-1",
}
"""The types whose letters count when names are compared, not their encoding."""

_SPACES: Final = re.compile(r"[ \t\n\v\f\r]+")

_CAPITALS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_PRINTED: Final = tuple(
    chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02X}" for byte in range(256)
)

_SIZE_OF_UNIT: Final = 4


class Part(NamedTuple):
    """A part of a name, such as the country."""

    kind: str
    type: int
    value: bytes

    def line(self) -> str:
        """Return the part as it is in one line."""
        value = self.value
        if self.type == der.GENERAL_STRING and len(value) % _SIZE_OF_UNIT == 0:
            units = [value[place::_SIZE_OF_UNIT] for place in range(_SIZE_OF_UNIT)]
            if not any(map(any, units[:3])):
                value = units[3]
        name = SHORT_NAMES.get(self.kind, self.kind)
        return f"/{name}={''.join(map(_PRINTED.__getitem__, value))}"

    def canonical(self) -> tuple[str, int, bytes]:
        """Return what is compared: neither capitals nor spaces matter in texts."""
        encoding = _ENCODINGS.get(self.type)
        if encoding is None:
            return self.kind, self.type, self.value
        text = _SPACES.sub(" ", self.value.decode(encoding)).strip(" ").translate(_CAPITALS)
        return self.kind, der.UTF8_STRING, text.encode("utf-8")


Canonical: TypeAlias = tuple[tuple[tuple[str, int, bytes], ...], ...]


class Name(NamedTuple):
    """A name: what it is in one line and what it is compared by."""

    line: bytes
    canonical: Canonical


def read_name(reader: Reader) -> Name:
    """Read a name; one with a text that is wrongly encoded is malformed."""
    element = reader.expect(der.SEQUENCE)
    if element.end - element.start > _LONGEST:
        raise der.Malformed
    groups = [[read_part(part) for part in group.each(der.SET)] for group in element.each()]
    try:
        canonical = tuple(tuple(sorted(part.canonical() for part in group)) for group in groups)
    except UnicodeDecodeError:
        raise der.Malformed from None
    line = ""
    for group in groups:
        for part in group:
            text = part.line()
            if len(line) + len(text) > _LONGEST_LINE:
                return Name(line.encode("ascii"), canonical)
            line += text
    return Name(line.encode("ascii"), canonical)


def read_part(reader: Reader) -> Part:
    """Read a part of a name."""
    part = reader.inside()
    kind = part.object()
    element = part.take()
    if element.tag not in _ALLOWED:
        raise der.Malformed
    der.check(element)
    part.finish()
    return Part(kind, element.tag, der.value_of(element))
