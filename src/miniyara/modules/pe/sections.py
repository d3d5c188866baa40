"""The table of sections, and what is appended to the file behind them all.

Follows the second half of ``pe_parse_header`` and ``pe_get_section_full_name`` in
libyara's ``modules/pe/pe.c``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from miniyara.modules.pe.limits import MAX_SECTION_NAME_LENGTH
from miniyara.modules.plain import PlainStructure
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from miniyara.modules.interface import Value
    from miniyara.modules.pe.image import Image, SectionHeader
    from miniyara.values import Undefined

_SYMBOL_SIZE: Final = 18

_DIGITS: Final = re.compile(rb"[0-9]*")

_PRINTABLE: Final = re.compile(rb"[ -~]*")


def short_name(section: SectionHeader) -> bytes:
    """Return the name in the header; there may be NULs in it, but none at its end."""
    return section.name.rstrip(b"\0")


def full_name(image: Image, section: SectionHeader) -> bytes | Undefined:
    """Return the name, from the table of strings if the header refers to it.

    A name such as ``/4`` stands for that at offset 4 of the table, which follows the
    table of symbols.
    """
    symbols = image.fields["pointer_to_symbol_table"]
    if not symbols or not section.name.startswith(b"/"):
        return short_name(section)
    table = symbols + image.fields["number_of_symbols"] * _SYMBOL_SIZE
    digits = _DIGITS.match(section.name, 1)
    assert digits is not None, "no digit is a match, too"
    start = table + int(digits.group() or b"0")
    if not image.fits(start, 1):
        return UNDEFINED
    name = _PRINTABLE.match(image.data, start, start + MAX_SECTION_NAME_LENGTH)
    assert name is not None, "nothing is a match, too"
    end = name.end()
    return name.group() if image.fits(end, 1) and image.data[end] == 0 else UNDEFINED


class SectionValue:
    """A section; its full name is looked up only when it is asked for."""

    __slots__ = ("_header", "_image")

    def __init__(self, image: Image, index: int) -> None:
        self._image = image
        self._header = image.sections[index]

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a field of ``pe.sections[i]``."""
        if name == "name":
            return short_name(self._header)
        if name == "full_name":
            return full_name(self._image, self._header)
        number: int = getattr(self._header, _ATTRIBUTES[name])
        return number


_ATTRIBUTES: Final = {
    "characteristics": "characteristics",
    "virtual_address": "virtual_address",
    "virtual_size": "virtual_size",
    "raw_data_offset": "raw_offset",
    "raw_data_size": "raw_size",
    "pointer_to_relocations": "relocations",
    "pointer_to_line_numbers": "line_numbers",
    "number_of_relocations": "number_of_relocations",
    "number_of_line_numbers": "number_of_line_numbers",
}


def overlay(image: Image) -> PlainStructure:
    """Return what follows the section that ends last, or zeros if nothing does."""
    # libyara adds up in 32 bits.
    ends = (section.raw_offset + section.raw_size & 0xFFFF_FFFF for section in image.sections)
    end = 0
    for section, section_end in zip(image.sections, ends, strict=True):
        if section_end > end:
            end = section.raw_offset + section.raw_size
    if end and image.size > end:
        return PlainStructure({"offset": end, "size": image.size - end})
    return PlainStructure({"offset": 0, "size": 0})
