"""Anchors: bytes that are in the data wherever a part of a string has a hit.

libyara's atoms decide where its matches come from and are at most four bytes long;
anchors only serve to find out fast where it is worth looking.  They are as long as
the pattern allows, some of their bits may be unknown, and there are several of them
if a pattern has variants: then one of them is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara import limits
from miniyara.patterns import expression_anchors
from miniyara.patterns.atoms import widen
from miniyara.patterns.grams import Anchor, Grams, choose_grams
from miniyara.patterns.letters import LETTERS
from miniyara.patterns.literal import LiteralPart
from miniyara.patterns.rarity import FOLD

if TYPE_CHECKING:
    from miniyara.patterns.expression_anchors import FoundAnchor
    from miniyara.patterns.literal import Needle
    from miniyara.patterns.pattern import Part, RegexpPart

_LONGEST: Final = 64
"""Bytes of a text that are looked at; there is something rare among so many."""

MOST: Final = 512
"""Anchors of a part at most: of both variants of a text, one for each xor key."""

_ANY_CASE: Final = bytes(0xFF ^ FOLD if byte in LETTERS else 0xFF for byte in range(256))
_UPPER: Final = bytes(byte & _ANY_CASE[byte] for byte in range(256))


class PlacedAnchor(NamedTuple):
    """An anchor and where it is in a match."""

    anchor: Anchor
    before: int
    """Bytes before it from where the match begins: at most, in a literal exactly."""
    grams: Grams


@dataclass(frozen=True, slots=True)
class Anchors:
    """The anchors of a part."""

    placed: tuple[PlacedAnchor, ...]
    stride: int
    """At which distances of the data it is enough to look for any of them."""
    rarity: int
    """The rarity of the least rare gram by which they are found."""


def anchors(part: Part, most: int = MOST) -> Anchors | None:
    """The anchors of a part, or None if there are none worth looking for, or too many."""
    if isinstance(part, LiteralPart):
        placed = _of_literal(part) if _variants(part) <= most else []
    else:
        placed = _of_expression(part)
    if not placed or len(placed) > most:
        return None
    chosen = []
    for anchor, before in placed:
        grams = choose_grams(anchor)
        if grams is None:
            return None
        chosen.append(PlacedAnchor(anchor, before, grams))
    return Anchors(
        tuple(chosen),
        min([one.grams.stride for one in chosen]),
        min([one.grams.rarity for one in chosen]),
    )


# -- literals -----------------------------------------------------------------------------


def _variants(part: LiteralPart) -> int:
    low, high = part.xor_keys or (0, 0)
    return len(part.needles) * (high - low + 1)


def _of_literal(part: LiteralPart) -> list[FoundAnchor]:
    texts = [needle.text[:_LONGEST] for needle in part.needles]
    if part.xor_keys is not None:
        low, high = part.xor_keys
        has_all = high - low == 0xFF and not part.needles[0].is_wide
        if not has_all and any(_looks_plain(part.text, needle) for needle in part.needles):
            return []
        texts = [
            bytes(byte ^ key for byte in text) for key in range(low, high + 1) for text in texts
        ]
    return [(exact_anchor(text, nocase=part.nocase), 0) for text in texts]


def exact_anchor(text: bytes, *, nocase: bool = False) -> Anchor:
    """The anchor of which everything is known but perhaps its case."""
    if nocase:
        return Anchor(text.translate(_UPPER), text.translate(_ANY_CASE))
    return Anchor(text, b"\xff" * len(text))


def _looks_plain(text: bytes, needle: Needle) -> bool:
    """Whether the atom of the wide variant can be where the plain text is, under other keys.

    libyara then takes the plain text for a match, even under a key that is not asked for.
    """
    place, offset = 2 * needle.atom.offset, needle.atom.offset
    atom = text[place : place + limits.MAX_ATOM_LENGTH]
    if not needle.is_wide:
        return False
    if len(atom) < limits.MAX_ATOM_LENGTH:
        return True
    key = atom[1]
    return atom == bytes((text[offset] ^ key, key, text[offset + 1] ^ key, key))


# -- expressions --------------------------------------------------------------------------


def needed_anchors(part: RegexpPart) -> list[list[FoundAnchor]]:
    """Lists of anchors, however common, with what goes before each: of each one is there."""
    choices = expression_anchors.needed_anchors(part.root, nocase=part.flags.nocase)
    return [_in_all_widths(part, choice) for choice in choices]


def _of_expression(part: RegexpPart) -> list[FoundAnchor]:
    found = expression_anchors.expression_anchors(part.root, nocase=part.flags.nocase)
    return _in_all_widths(part, found)


def _in_all_widths(part: RegexpPart, found: list[FoundAnchor]) -> list[FoundAnchor]:
    """Anchors of characters of one byte, of two bytes or both, as the part asks for."""
    placed = []
    for (text, mask), before in found:
        if part.runs_narrow:
            placed.append((Anchor(text, mask), before))
        if part.runs_wide:
            wide_mask = b"".join(bytes((byte, 0xFF)) for byte in mask)
            wide = Anchor(widen(text)[:-1], wide_mask[:-1])
            placed.append((wide, min(2 * before, expression_anchors.FARTHEST)))
    return placed
