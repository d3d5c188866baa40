"""Makes the finders of strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miniyara.patterns.literal import LiteralPart
from miniyara.search.finder import FinderAt
from miniyara.search.literals import LiteralFinder, XorFinder
from miniyara.search.regexps import RegexpFinder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.patterns.pattern import Part
    from miniyara.search.finder import Finder
    from miniyara.search.searcher import SearchString
    from miniyara.search.stages import SweptPart


def make_finders(string: SearchString, swept: Sequence[SweptPart | None]) -> list[Finder]:
    """The finders of the parts of a string, which are swept like that."""
    finders = list(map(_finder, string.pattern.parts, swept))
    if string.fixed_offset is not None and string.is_fixed:
        finders[0] = FinderAt(finders[0], string.fixed_offset)
    return finders


def _finder(part: Part, swept: SweptPart | None) -> Finder:
    if not isinstance(part, LiteralPart):
        return RegexpFinder(part, swept)
    if part.xor_keys is not None:
        return XorFinder(part, *part.xor_keys, swept)
    return LiteralFinder(part, swept)
