"""Reads ASN.1 in its encodings DER and BER, with OpenSSL's idea of what is malformed.

libyara leaves it to OpenSSL 1.1 to parse signatures. A structure is refused as a whole
for one flaw in it, and certificates come and go with that, so each check here is one of
``crypto/asn1/tasn_dec.c``, ``a_int.c``, ``a_object.c`` or ``a_bitstr.c`` there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BOOLEAN: Final = 1
INTEGER: Final = 2
BIT_STRING: Final = 3
OCTET_STRING: Final = 4
NULL: Final = 5
OBJECT: Final = 6
ENUMERATED: Final = 10
UTF8_STRING: Final = 12
SEQUENCE: Final = 16
SET: Final = 17
PRINTABLE_STRING: Final = 19
T61_STRING: Final = 20
IA5_STRING: Final = 22
UTC_TIME: Final = 23
GENERALIZED_TIME: Final = 24
VISIBLE_STRING: Final = 26
GENERAL_STRING: Final = 27
UNIVERSAL_STRING: Final = 28
BMP_STRING: Final = 30

CONTEXT: Final = 0x80
"""Added to the number of a tag whose meaning depends on where it is."""

_CONSTRUCTED: Final = 0x20
_LONG_TAG: Final = 0x1F
_INDEFINITE: Final = 0x80

_END_OF_CONTENT: Final = b"\0\0"
"""Ends a content of indefinite length, and must not be anywhere else."""

_LARGEST_TAG: Final = 0x7FFF_FFFF
_MAX_DEPTH: Final = 5
"""Levels of pieces that a string may be in (``ASN1_MAX_STRING_NEST``)."""


class Malformed(Exception):  # noqa: N818 - of data, not an error of ours
    """The data is not what it should be."""


class Element(NamedTuple):
    """A tag, a length and the content."""

    data: bytes
    """What the offsets are of."""
    tag: int
    """The number of the tag; its class in the two highest bits of eight."""
    is_constructed: bool
    start: int
    body: int
    stop: int
    """The end of the content."""
    end: int
    """The end of the element, behind the mark that ends a content of indefinite length."""

    @property
    def raw(self) -> bytes:
        """All bytes of the element."""
        return self.data[self.start : self.end]

    def each(self) -> Iterator[Reader]:
        """Yield a reader of the content, while there is more in it."""
        reader = Reader(self.data, self.body, self.stop)
        while reader:
            yield reader

    @property
    def content(self) -> bytes:
        """The bytes of the content."""
        return self.data[self.body : self.stop]


def element_at(data: bytes, start: int, end: int) -> Element:
    """Read the element at an offset; ``end`` is where it must have ended."""
    if start >= end or data[start : start + 2] == _END_OF_CONTENT:
        raise Malformed
    try:
        first = data[start]
        body = start + 1
        tag = first & _LONG_TAG
        if tag == _LONG_TAG:
            tag, body = _long_tag(data, body)
        length = data[body]
        body += 1
        if length == _INDEFINITE:
            if not first & _CONSTRUCTED:
                raise Malformed
            stop = _find_end(data, body, end)
            return Element(data, first & 0xC0 | tag, True, start, body, stop, stop + 2)
        if length > _INDEFINITE:
            size = length & 0x7F
            digits = data[body : body + size].lstrip(b"\0")
            body += size
            length = int.from_bytes(digits, "big")
    except IndexError:
        raise Malformed from None
    if body + length > end:
        raise Malformed
    stop = body + length
    # Tags above 30 must not be taken for one with a class.
    tag = first & 0xC0 | tag if tag < _LONG_TAG else tag << 8
    return Element(data, tag, bool(first & _CONSTRUCTED), start, body, stop, stop)


def _long_tag(data: bytes, place: int) -> tuple[int, int]:
    """Return a tag of several bytes and where they end."""
    tag = 0
    while True:
        byte = data[place]
        place += 1
        tag = tag << 7 | byte & 0x7F
        if tag > _LARGEST_TAG:
            raise Malformed
        if not byte & 0x80:
            return tag, place


def _find_end(data: bytes, place: int, end: int) -> int:
    """Return where the mark is that ends a content of indefinite length."""
    open_contents = 1
    while True:
        if data[place : place + 2] == _END_OF_CONTENT and place + 2 <= end:
            open_contents -= 1
            if not open_contents:
                return place
            place += 2
            continue
        if place >= end:
            raise Malformed
        # Only its header counts where the content is indefinite again.
        header = place + 1
        if data[place] & _LONG_TAG == _LONG_TAG:
            _, header = _long_tag(data, header)
        if data[header : header + 1] == b"\x80" and data[place] & _CONSTRUCTED:
            open_contents += 1
            place = header + 1
        else:
            place = element_at(data, place, end).end


class Reader:
    """Reads the elements in a content one after the other."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._place = start
        self._end = end

    @classmethod
    def of(cls, data: bytes) -> Reader:
        """Return a reader of all elements in ``data``."""
        return cls(data, 0, len(data))

    def __bool__(self) -> bool:
        return self._place < self._end

    def take(self) -> Element:
        """Return the next element."""
        element = element_at(self._data, self._place, self._end)
        self._place = element.end
        return element

    def expect(self, tag: int) -> Element:
        """Return the next element, which must have the tag."""
        element = self.take()
        if element.tag != tag:
            raise Malformed
        return element

    def has(self, tag: int) -> bool:
        """Whether there is another element and has the tag."""
        if not self:
            return False
        return element_at(self._data, self._place, self._end).tag == tag

    def finish(self) -> None:
        """Check that there is no other element."""
        if self:
            raise Malformed

    # -- types ------------------------------------------------------------------------------

    def inside(self, tag: int = SEQUENCE) -> Reader:
        """Return a reader of the content of the next element."""
        element = self.expect(tag)
        if not element.is_constructed:
            raise Malformed
        return Reader(element.data, element.body, element.stop)

    def explicit(self, tag: int) -> Reader | None:
        """Return a reader of an element in an element with a tag, if that is there."""
        return self.inside(CONTEXT | tag) if self.has(CONTEXT | tag) else None

    def integer(self) -> int:
        """Return an integer."""
        return integer(self.expect(INTEGER))

    def object(self) -> str:
        """Return an object identifier, in numbers with dots."""
        return object_identifier(self.expect(OBJECT))

    def text(self, tag: int) -> bytes:
        """Return the content of a string."""
        return string(self.expect(tag))

    def anything(self) -> Element:
        """Return the next element, whose type is not known beforehand."""
        element = self.take()
        check(element)
        return element

    def each(self, tag: int) -> Iterator[Reader]:
        """Yield a reader of the content of the next element, while there is more in it.

        For sets and sequences of one type: OpenSSL does not ask whether they say that they
        have elements in them.
        """
        return self.expect(tag).each()


def integer(element: Element) -> int:
    """Return the value of an integer in its shortest form."""
    content = element.content
    if element.is_constructed or not content:
        raise Malformed
    if len(content) > 1 and content[0] in (0x00, 0xFF) and (content[0] ^ content[1]) < 0x80:
        raise Malformed
    return int.from_bytes(content, "big", signed=True)


def object_identifier(element: Element) -> str:
    """Return an object identifier, in numbers with dots."""
    content = element.content
    if element.is_constructed or not content or content[-1] & 0x80:
        raise Malformed
    numbers: list[int] = []
    number = 0
    is_first = True
    for byte in content:
        if is_first and byte == 0x80:
            raise Malformed
        number = number << 7 | byte & 0x7F
        is_first = not byte & 0x80
        if is_first:
            numbers.append(number)
            number = 0
    arc = min(numbers[0] // 40, 2)
    return ".".join(map(str, (arc, numbers[0] - 40 * arc, *numbers[1:])))


def string(element: Element, depth: int = 0) -> bytes:
    """Return the content of a string, put together if it is in pieces."""
    if not element.is_constructed:
        return element.content
    if depth >= _MAX_DEPTH:
        raise Malformed
    return b"".join(string(pieces.take(), depth + 1) for pieces in element.each())


def bit_string(element: Element) -> bytes:
    """Return the bytes of a bit string; bits that do not count are zero."""
    content = string(element)
    if not content or content[0] > 7:
        raise Malformed
    if len(content) == 1:
        return b""
    return content[1:-1] + bytes([content[-1] & 0xFF << content[0] & 0xFF])


_CHECKS: Final[dict[int, Callable[[Element], object]]] = {
    INTEGER: integer,
    ENUMERATED: integer,
    OBJECT: object_identifier,
    BIT_STRING: bit_string,
}

_MULTIPLES: Final = {BMP_STRING: 2, UNIVERSAL_STRING: 4}

_SIZES: Final = {BOOLEAN: 1, NULL: 0}


def check(element: Element) -> None:
    """Check what can be checked of an element of any type."""
    tag = element.tag
    if tag in _CHECKS:
        _CHECKS[tag](element)
    elif tag in _SIZES:
        if element.is_constructed or element.stop - element.body != _SIZES[tag]:
            raise Malformed
    elif tag in (SEQUENCE, SET):
        if not element.is_constructed:
            raise Malformed
    elif tag < _LONG_TAG and len(string(element)) % _MULTIPLES.get(tag, 1):
        raise Malformed


def value_of(element: Element) -> bytes:
    """Return what OpenSSL keeps of an element of any type as its data."""
    if element.tag in (SEQUENCE, SET) or element.tag > _LONG_TAG:
        return element.raw
    if element.tag in (INTEGER, ENUMERATED):
        number = abs(integer(element))  # the sign is kept apart
        return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    return bit_string(element) if element.tag == BIT_STRING else string(element)


def encoded(first: int, content: bytes) -> bytes:
    """Return an element with a tag of one byte, in DER."""
    size = len(content)
    if size < _INDEFINITE:
        return bytes([first, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([first, _INDEFINITE | len(digits)]) + digits + content


def encoded_object(identifier: str) -> bytes:
    """Return an object identifier, in DER."""
    first, second, *others = map(int, identifier.split("."))
    content = bytearray()
    for number in (40 * first + second, *others):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        content += bytes(reversed(digits))
    return encoded(OBJECT, bytes(content))
