"""What a scan found: rules that match, their strings, and where those are.

The classes are yara-python's, attribute for attribute: read-only, with the same
``repr``, ``hash`` and comparisons.  None of them is iterable: programs tell these
classes from the tuples of older versions by that.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StringMatchInstance:
    """One place where a string was found.  Equal only to itself."""

    offset: int
    """Where it starts, counted in bytes from the start of the data."""
    matched_data: bytes
    """The bytes found, cut to ``set_config``'s ``max_match_data``."""
    matched_length: int
    """The length of the match in bytes, never cut."""
    xor_key: int
    """The key (0 to 255) under which a string with ``xor`` was found."""

    def plaintext(self) -> bytes:
        """Return :attr:`matched_data` with the xor key removed."""
        if self.xor_key == 0:
            return self.matched_data
        return bytes(byte ^ self.xor_key for byte in self.matched_data)

    def __repr__(self) -> str:
        return self.matched_data.decode("utf-8", "backslashreplace")

    def __hash__(self) -> int:
        return hash(self.matched_data)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StringMatch:
    """A string of a rule that was found at least once.  Equal only to itself."""

    identifier: str
    """Its name with the dollar sign; ``$`` for an anonymous string."""
    instances: list[StringMatchInstance]
    """Where it was found, by offset; empty if the string is private."""
    _is_xor: bool
    _is_hex: bool

    def is_xor(self) -> bool:
        """Return whether the string has the ``xor`` modifier."""
        return self._is_xor

    def is_hex(self) -> bool:
        """Return whether it is a hex string, which is shown as bytes and not as text.

        yara-python cannot tell; the tool ``yara`` prints by it.
        """
        return self._is_hex

    def __repr__(self) -> str:
        return self.identifier

    def __hash__(self) -> int:
        return hash(self.identifier)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Match:
    """A rule that matches.

    Matches compare and sort by rule and namespace; comparing one with an object
    of another class raises TypeError.
    """

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
