"""Literal strings: the texts they are found by.

All occurrences of a text are matches, so that no more is to be said about most
strings than their needles.  Strings with ``xor`` are found by the differences
between neighbouring bytes, which no key changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara import limits
from miniyara.patterns.atoms import TextAtom, choose_text_atom, text_quality, widen

if TYPE_CHECKING:
    from miniyara.syntax import nodes


@dataclass(frozen=True, slots=True)
class Needle:
    """One variant of a literal string."""

    text: bytes
    """What is found, but for case and xor key."""
    is_wide: bool
    atom: TextAtom
    """libyara's atom in it; where the atom ends, the match is recorded."""

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
    atom_count: int
    min_atom_quality: int

    @property
    def fits_in_atom(self) -> bool:
        """Whether libyara takes an atom for a match without comparing the string."""
        return max(len(needle.text) for needle in self.needles) <= limits.MAX_ATOM_LENGTH


def literal_part(text: bytes, modifiers: nodes.Modifiers, *, ascii: bool) -> LiteralPart:  # noqa: A002 - the modifier's name
    """The variants of a text; ``ascii`` says whether the plain text is one of them."""
    atom = choose_text_atom(text)
    needles = []
    if ascii:
        needles.append(Needle(text, is_wide=False, atom=atom))
    if modifiers.wide:
        wide_atom = TextAtom(widen(atom.text)[: limits.MAX_ATOM_LENGTH], 2 * atom.offset)
        needles.append(Needle(widen(text), is_wide=True, atom=wide_atom))
    keys = (modifiers.xor.low, modifiers.xor.high) if modifiers.xor else None
    atoms = [needle.atom.text for needle in needles]
    count = len(atoms)
    if keys is not None:
        variants = range(keys[0], keys[1] + 1)
        atoms = [bytes(byte ^ key for byte in plain) for plain in atoms for key in variants]
        count = len(atoms)
    elif modifiers.nocase:
        # An atom is looked for in each case; the worst has the fewest different letters.
        count = sum(1 << len(plain.translate(None, _NO_LETTERS)) for plain in atoms)
        atoms = [plain.lower() for plain in atoms]
    return LiteralPart(
        text,
        tuple(needles),
        modifiers.nocase,
        modifiers.fullword,
        keys,
        count,
        min(map(text_quality, [atom.text, *atoms])),
    )


_NO_LETTERS: Final = bytes(byte for byte in range(256) if not bytes([byte]).isalpha())
