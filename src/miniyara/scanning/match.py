"""What a scan found: rules that match, their strings, and where those are.

The classes are yara-python's, attribute for attribute: read-only, with the same
``repr``, ``hash`` and comparisons.  None of them is iterable: programs tell these
classes from the tuples of older versions by that.

A string may be found a million times, and most programs ask only for the rules that
match.  So the places of a string are kept as they come from the search, and become
objects when they are first read.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, fields
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from miniyara.search.hits import Hit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from miniyara.scanning.arguments import ScannedBytes
    from miniyara.search.hits import HitColumns


_Class = TypeVar("_Class")


class StringMatchInstance:
    """One place where a string was found.  Equal only to itself."""

    __module__ = "miniyara"
    __slots__ = ("_hit", "_matched_data")

    def __init__(self, hit: Hit, matched_data: bytes) -> None:
        self._hit = hit
        self._matched_data = matched_data

    @property
    def offset(self) -> int:
        """Where it starts, counted in bytes from the start of the data."""
        return self._hit[0]

    @property
    def matched_data(self) -> bytes:
        """The bytes found, cut to ``set_config``'s ``max_match_data``."""
        return self._matched_data

    @property
    def matched_length(self) -> int:
        """The length of the match in bytes, never cut."""
        return self._hit[1]

    @property
    def xor_key(self) -> int:
        """The key (0 to 255) under which a string with ``xor`` was found."""
        return self._hit[2]

    def plaintext(self) -> bytes:
        """Return :attr:`matched_data` with the xor key removed."""
        key = self.xor_key
        return bytes(byte ^ key for byte in self._matched_data) if key else self._matched_data

    def __repr__(self) -> str:
        return self._matched_data.decode("utf-8", "backslashreplace")

    def __hash__(self) -> int:
        return hash(self._matched_data)


class MatchedData:
    """What was found at some places, copied out of the data whenever it is read."""

    __slots__ = ("_data", "_hits", "_most")

    def __init__(self, data: ScannedBytes, hits: HitColumns, most: int) -> None:
        self._data = data
        self._hits = hits
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        data, most = self._data, self._most
        for offset, length in zip(self._hits.offsets, self._hits.lengths, strict=True):
            yield data[offset : offset + (length if length < most else most)]  # noqa: FURB136 - min takes longer

    def __reduce__(self) -> tuple[type[list[bytes]], tuple[list[bytes]]]:
        # A pickle or a copy holds what was found, and not all of the data.
        return list, (list(self),)


class StringMatch:
    """A string of a rule that was found at least once.  Equal only to itself."""

    __module__ = "miniyara"
    __slots__ = ("_found", "_identifier", "_is_hex", "_is_xor")

    def __init__(
        self,
        identifier: str,
        hits: HitColumns,
        matched_data: Iterable[bytes],
        *,
        is_xor: bool,
        is_hex: bool,
    ) -> None:
        self._identifier = identifier
        self._found: list[StringMatchInstance] | tuple[HitColumns, Iterable[bytes]]
        # One attribute for both forms: threads that read it at once all find one of them.
        self._found = hits, matched_data
        self._is_xor = is_xor
        self._is_hex = is_hex

    @property
    def identifier(self) -> str:
        """Its name with the dollar sign; ``$`` for an anonymous string."""
        return self._identifier

    @property
    def instances(self) -> list[StringMatchInstance]:
        """Where it was found, by offset; empty if the string is private."""
        found = self._found
        if isinstance(found, tuple):
            columns, matched_data = found
            self._found = found = list(map(StringMatchInstance, map(Hit, *columns), matched_data))
        return found

    def first(self, count: int) -> list[StringMatchInstance]:
        """The first places where it was found, without making objects of the others."""
        found = self._found
        if isinstance(found, list):
            return found[:count]
        columns, matched_data = found
        hits = map(Hit, *columns)
        return list(map(StringMatchInstance, islice(hits, count), matched_data))

    def is_xor(self) -> bool:
        """Return whether the string has the ``xor`` modifier."""
        return self._is_xor

    def is_hex(self) -> bool:
        """Return whether it is a hex string, which is shown as bytes and not as text.

        yara-python cannot tell; the tool ``yara`` prints by it.
        """
        return self._is_hex

    def __repr__(self) -> str:
        return self._identifier

    def __hash__(self) -> int:
        return hash(self._identifier)


class Attribute:
    """Lets a class have the name of a dataclass's field, as the classes of yara-python do.

    Programs look for names there: ``hasattr(yara.Match, "strings")``, and mocks with a class
    as their ``spec``.  The value itself is the object's own, and is found before this.
    """

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __get__(self, instance: object, owner: type | None = None) -> Attribute:
        if instance is not None:
            raise AttributeError(self.__name__)
        return self


def named_in_class(class_: type[_Class]) -> type[_Class]:
    """Let a class have the names of its fields."""
    for each in fields(class_):  # type: ignore[arg-type]
        setattr(class_, each.name, Attribute(each.name))
    return class_


@named_in_class
@dataclass(frozen=True, eq=False, repr=False)  # no slots: see Rule
class Match:
    """A rule that matches.

    Matches compare and sort by rule and namespace; comparing one with an object
    of another class raises TypeError.
    """

    __module__ = "miniyara"

    rule: str
    """The name of the rule."""
    namespace: str
    """The namespace that the rule was compiled in."""
    tags: list[str]
    """The tags of the rule in the order of its source."""
    meta: dict[str, Any]
    """The metadata of the rule; with ``allow_duplicate_metadata`` a list under each name."""
    strings: list[StringMatch]
    """The strings of the rule that were found, in the order of its source."""

    def __repr__(self) -> str:
        return self.rule

    def __hash__(self) -> int:
        return hash((self.rule, self.namespace))

    def __eq__(self, other: object) -> bool:
        return self._compare(operator.eq, other)

    def __ne__(self, other: object) -> bool:
        return self._compare(operator.ne, other)

    def __lt__(self, other: object) -> bool:
        return self._compare(operator.lt, other)

    def __le__(self, other: object) -> bool:
        return self._compare(operator.le, other)

    def __gt__(self, other: object) -> bool:
        return self._compare(operator.gt, other)

    def __ge__(self, other: object) -> bool:
        return self._compare(operator.ge, other)

    def _compare(self, comparison: Callable[[Any, Any], bool], other: object) -> bool:
        if not isinstance(other, Match):
            raise TypeError("'Match' objects must be compared with objects of the same class")
        return comparison((self.rule, self.namespace), (other.rule, other.namespace))
