"""Literal strings: the texts they are found by.

All occurrences of a text are matches, so that no more is to be said about most
strings than their needles.  Strings with ``xor`` are found by the differences
between neighbouring bytes, which no key changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from miniyara import limits
from miniyara.patterns.atoms import TextAtom, choose_text_atom, text_quality, widen
from miniyara.patterns.letters import NO_LETTERS

if TYPE_CHECKING:
    from miniyara.syntax import nodes


@dataclass(frozen=True)  # no slots: most atoms are never asked for, the others are kept
class Needle:
    """One variant of a literal string."""

    text: bytes
    """What is found, but for case and xor key."""
    is_wide: bool

    @cached_property
    def atom(self) -> TextAtom:
        """Its atom in libyara; where that ends, the match is recorded."""
        if not self.is_wide:
            return choose_text_atom(self.text)
        text, offset = choose_text_atom(self.text[::2])
        return TextAtom(widen(text)[: limits.MAX_ATOM_LENGTH], 2 * offset)

    @property
    def end(self) -> int:
        """Where the atom ends, counted from the start of the match."""
        return self.atom.offset + len(self.atom.text)


@dataclass(frozen=True, slots=True)
class LiteralPart:
    """A string, or a part of a chain, that is plain text."""

    text: bytes
    needles: tuple[Needle, ...]
    """Its variants, in the order in which libyara compares them."""
    nocase: bool
    fullword: bool
    xor_keys: tuple[int, int] | None
    """The lowest and the highest key."""

    @property
    def fits_in_atom(self) -> bool:
        """Whether libyara takes an atom for a match without comparing the string."""
        return max(len(needle.text) for needle in self.needles) <= limits.MAX_ATOM_LENGTH

    @property
    def atom_count(self) -> int:
        """The number of atoms: one for each key, or for each way to write it."""
        if self.xor_keys is not None:
            low, high = self.xor_keys
            return len(self.needles) * (high - low + 1)
        if self.nocase:
            atoms = [needle.atom.text for needle in self.needles]
            return sum(1 << len(atom.translate(None, NO_LETTERS)) for atom in atoms)
        return len(self.needles)

    @property
    def min_atom_quality(self) -> int:
        """The quality of the worst atom."""
        plain = choose_text_atom(self.text).text
        atoms = [needle.atom.text for needle in self.needles]
        if self.xor_keys is not None:
            low, high = self.xor_keys
            atoms = [
                bytes(byte ^ key for byte in atom) for atom in atoms for key in range(low, high + 1)
            ]
        elif self.nocase:
            # The worst has the fewest different letters.
            atoms = [atom.lower() for atom in atoms]
        return min(map(text_quality, [plain, *atoms]))

    @property
    def is_slow(self) -> bool:
        """Whether libyara warns of its atoms."""
        begin = self.text[: limits.MAX_ATOM_LENGTH]
        if (
            len(begin) == limits.MAX_ATOM_LENGTH
            and len({*begin}) > 1
            and self.xor_keys is None
            and not (self.needles[-1].is_wide and b"\0" in self.text)
        ):
            # The best atom is no worse than this one, and that is good enough in any variant.
            return False
        return self.min_atom_quality < limits.ATOM_QUALITY_WARNING_THRESHOLD


def literal_part(text: bytes, modifiers: nodes.Modifiers, *, ascii: bool) -> LiteralPart:  # noqa: A002 - the modifier's name
    """The variants of a text; ``ascii`` says whether the plain text is one of them."""
    needles = []
    if ascii:
        needles.append(Needle(text, False))
    if modifiers.wide:
        needles.append(Needle(widen(text), True))
    xor = modifiers.xor
    return LiteralPart(
        text,
        tuple(needles),
        modifiers.nocase,
        modifiers.fullword,
        None if xor is None else (xor.low, xor.high),
    )
