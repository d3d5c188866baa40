"""Data in which a pattern matches, read off the pattern's text.

The text of a hex string or of a regular expression is read once, into a function
that draws an example.  Assertions are taken as holding and ``.`` draws from a
small alphabet, so an example is a good guess and no promise.  This reading owes
nothing to the engine, so that a fault there cannot hide itself here.
"""

from __future__ import annotations

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, TypeAlias

from hypothesis import strategies as st

from miniyara.testing.strategies.drawing import Draw

Example: TypeAlias = Callable[[Draw], bytes]
"""Draws bytes that the pattern, or a part of it, may match."""

_MOST_REPEATS: Final = 3
"""Repetitions that an example adds to the fewest possible ones."""

_ANY: Final = b"abA0 _.\x00\xff"
"""What stands for any byte."""

_CLASSES: Final = {
    "w": b"abAZ09_",
    "W": b" .-\x80\x00",
    "s": b" \t\n\x0b",
    "S": b"ab0.",
    "d": b"019",
    "D": b"ab .",
}

_ESCAPES: Final = {"n": b"\n", "t": b"\t", "r": b"\r", "f": b"\f", "a": b"\a"}

_HEX_TOKEN: Final = re.compile(
    r"\s+|//[^\n]*|/\*.*?\*/|(?P<byte>~?[0-9a-fA-F?]{2})|(?P<sign>[(|)])"
    r"|(?P<jump>\[\s*(?P<low>\d*)\s*(?P<dash>-?)\s*(?P<high>\d*)\s*\])",
    re.DOTALL,
)

_REPEAT: Final = re.compile(
    r"(?P<sign>[*+?])|\{(?!\})(?P<low>\d*)(?: *(?P<comma>,) *(?P<high>\d*))?\}"
)


def hex_example(text: bytes) -> Example:
    """Return the example of what stands between the braces of a hex string."""
    return _HexReader(text.decode("latin-1")).alternatives()


def regexp_example(body: bytes) -> Example:
    """Return the example of a regular expression."""
    return _RegexpReader(body.decode("latin-1")).alternatives()


class _Reader(ABC):
    """Reads a pattern: alternatives of sequences of items, some of them groups."""

    @abstractmethod
    def sign(self) -> str:
        """Return the next sign if it is one of ``( | )``, or an empty text."""

    @abstractmethod
    def skip(self) -> None:
        """Go past a sign."""

    @abstractmethod
    def at_end(self) -> bool:
        """Whether everything was read."""

    @abstractmethod
    def item(self) -> Example:
        """Read what is no sign, or a group with what follows it."""

    def alternatives(self) -> Example:
        """Read sequences parted by ``|``."""
        branches = [self._sequence()]
        while self.sign() == "|":
            self.skip()
            branches.append(self._sequence())
        if len(branches) == 1:
            return branches[0]
        choice = st.sampled_from(branches)
        return lambda draw: draw(choice)(draw)

    def group(self) -> Example:
        """Read alternatives in parentheses."""
        self.skip()
        inner = self.alternatives()
        self.skip()
        return inner

    def _sequence(self) -> Example:
        items: list[Example] = []
        while not self.at_end() and self.sign() not in {"|", ")"}:
            items.append(self.item())
        return lambda draw: b"".join([item(draw) for item in items])


class _HexReader(_Reader):
    def __init__(self, text: str) -> None:
        self._tokens = [match for match in _HEX_TOKEN.finditer(text) if match.lastgroup]
        self._next = 0

    def sign(self) -> str:
        return "" if self.at_end() else self._tokens[self._next]["sign"] or ""

    def skip(self) -> None:
        self._next += 1

    def at_end(self) -> bool:
        return self._next >= len(self._tokens)

    def item(self) -> Example:
        if self.sign() == "(":
            return self.group()
        token = self._tokens[self._next]
        self._next += 1
        if token["byte"]:
            return _one_of(_masked(token["byte"].lower()))
        low = int(token["low"] or 0)
        high = int(token["high"]) if token["high"] else low + 10 * len(token["dash"])
        return _repeated(_one_of(_ANY), low, min(high, low + _MOST_REPEATS))


class _RegexpReader(_Reader):
    def __init__(self, body: str) -> None:
        self._body = body
        self._at = 0

    def sign(self) -> str:
        here = self._body[self._at : self._at + 1]
        return here if here in {"(", "|", ")"} else ""

    def skip(self) -> None:
        self._at += 1

    def at_end(self) -> bool:
        return self._at >= len(self._body)

    def item(self) -> Example:
        single = self.group() if self.sign() == "(" else self._single()
        repeat = _REPEAT.match(self._body, self._at)
        if repeat is None:
            return single
        self._at = repeat.end()
        if self._body.startswith("?", self._at):
            self._at += 1
        fewest, most = _bounds(repeat)
        return _repeated(single, fewest, min(most, fewest + _MOST_REPEATS))

    def _single(self) -> Example:
        character = self._take()
        match character:
            case "[":
                return _one_of(self._character_class())
            case "\\":
                return _one_of(self._escape())
            case ".":
                return _one_of(_ANY)
            case "^" | "$":
                return _one_of(b"")
        return _one_of(character.encode("latin-1"))

    def _take(self) -> str:
        character = self._body[self._at : self._at + 1]
        self._at += 1
        return character

    def _escape(self) -> bytes:
        """Read what follows a backslash; return the bytes that it may stand for."""
        character = self._take()
        if character in {"b", "B"}:
            return b""
        if character == "x":
            digits = self._take() + self._take()
            return bytes([int(digits, 16)])
        known = _CLASSES.get(character) or _ESCAPES.get(character)
        return known or character.encode("latin-1")

    def _character_class(self) -> bytes:
        is_negated = self._body.startswith("^", self._at)
        self._at += is_negated
        members = set(self._take().encode("latin-1")) if self._is_next("]") else set[int]()
        while not self.at_end() and not self._is_next("]"):
            low = self._member()
            if self._is_next("-") and not self._body.startswith("-]", self._at):
                self._at += 1
                members.update(range(low[0], self._member()[0] + 1))
            else:
                members.update(low)
        self._at += 1
        if is_negated:
            wanted = [byte for byte in _ANY if byte not in members]
            return bytes(wanted or [byte for byte in range(256) if byte not in members])
        return bytes(sorted(members))

    def _is_next(self, character: str) -> bool:
        return self._body.startswith(character, self._at)

    def _member(self) -> bytes:
        character = self._take()
        return self._escape() if character == "\\" else character.encode("latin-1")


def _one_of(members: bytes) -> Example:
    """Return the example of a class of bytes; without members it is empty."""
    if len(members) <= 1:
        return lambda _draw: members
    choice = st.sampled_from(members)
    return lambda draw: bytes([draw(choice)])


def _repeated(single: Example, fewest: int, most: int) -> Example:
    times = st.integers(fewest, max(fewest, most))
    return lambda draw: b"".join([single(draw) for _ in range(draw(times))])


def _bounds(repeat: re.Match[str]) -> tuple[int, int]:
    if repeat["sign"]:
        return {"*": (0, 100), "+": (1, 100), "?": (0, 1)}[repeat["sign"]]
    low = int(repeat["low"] or 0)
    if not repeat["comma"]:
        return low, low
    return low, int(repeat["high"] or low + 100)


@functools.lru_cache(maxsize=1024)
def _masked(token: str) -> bytes:
    """Return the bytes for which ``6?``, ``~61`` and their like stand."""
    is_negated = token.startswith("~")
    high, low = token[-2], token[-1]
    return bytes(
        value
        for value in range(256)
        if is_negated != (high in {"?", f"{value >> 4:x}"} and low in {"?", f"{value & 15:x}"})
    )
