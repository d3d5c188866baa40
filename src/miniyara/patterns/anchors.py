"""Anchors: bytes that are in the data wherever a part of a string has a hit.

libyara's atoms decide where its matches come from and are at most four bytes long;
anchors only serve to find out fast where it is worth looking.  They are as long as
the pattern allows, some of their bits may be unknown, and there are several of them
if a pattern has variants: then one of them is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from miniyara import limits
from miniyara.patterns.atoms import widen
from miniyara.patterns.literal import LiteralPart
from miniyara.patterns.rarity import FOLD, FOLDED, GRAM, gram_rarities
from miniyara.patterns.tree import (
    Alternation,
    AnyByte,
    Assertion,
    Byte,
    ByteSet,
    Concatenation,
    Empty,
    Jump,
    Node,
    Plus,
    Repeat,
    Star,
    accepted_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.patterns.literal import Needle
    from miniyara.patterns.pattern import Part, RegexpPart

_LONGEST: Final = 64
"""Bytes of an anchor at most; there is something rare among so many."""

_MOST: Final = 512
"""Anchors of a part at most: of both variants of a text, one for each xor key."""

_LONGEST_JUMP: Final = 16
"""Unknown bytes in a row within an anchor."""

_FARTHEST: Final = 2 * limits.RE_SCAN_LIMIT + limits.MAX_ATOM_LENGTH
"""Bytes of a match before an anchor at most."""

_RARE: Final = 18 * 8
_UNCOMMON: Final = 13 * 8
"""Rarities (:mod:`miniyara.patterns.rarity`) of grams that are worth looking for
whatever they cost, and if there is nothing better."""

STRIDES: Final = (4, 2, 1)
"""At every fourth byte of the data, at every second, or at each."""

_KNOWN: Final = b"\xff" * GRAM

_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_ANY_CASE: Final = bytes(0xFF ^ FOLD if byte in _LETTERS else 0xFF for byte in range(256))
_UPPER: Final = bytes(byte & _ANY_CASE[byte] for byte in range(256))


class Anchor(NamedTuple):
    """Bytes, of which some bits may be unknown."""

    text: bytes
    """The bytes; unknown bits are 0."""
    mask: bytes
    """The known bits of each."""


class Grams(NamedTuple):
    """By which four bytes in a row an anchor is found.

    A search that looks at every fourth byte of the data needs four grams that stand
    at different distances, modulo 4, from the start of the anchor: one of them is
    looked at wherever the anchor is.
    """

    offsets: tuple[int, ...]
    """Where the grams are in the anchor, one for each remainder of a division by the stride."""
    rarity: int
    """The rarity of the least rare one."""
    rarest: int
    """Where the rarest gram of the anchor is."""

    @property
    def stride(self) -> int:
        """At which distances of the data it is enough to look."""
        return len(self.offsets)

    def at_every_byte(self) -> Grams:
        """What is enough if every byte of the data is looked at."""
        return Grams((self.rarest,), self.rarity, self.rarest)


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


_Placed: TypeAlias = "tuple[Anchor, int]"
"""An anchor, and what goes before it."""


def anchors(part: Part) -> Anchors | None:
    """The anchors of a part, or None if there are none worth looking for."""
    placed = _of_literal(part) if isinstance(part, LiteralPart) else _of_expression(part)
    if not placed or len(placed) > _MOST:
        return None
    chosen = []
    for anchor, before in placed:
        grams = choose_grams(anchor)
        if grams is None:
            return None
        chosen.append(PlacedAnchor(anchor, before, grams))
    return Anchors(
        tuple(chosen),
        min(one.grams.stride for one in chosen),
        min(one.grams.rarity for one in chosen),
    )


def choose_grams(anchor: Anchor) -> Grams | None:
    """The rarest grams of an anchor, for the longest stride for which there are rare ones.

    None if there is no gram that is worth looking for.
    """
    rarities = gram_rarities(anchor.text)
    if anchor.mask.translate(FOLDED).count(0xFF) < len(anchor.mask):
        known = anchor.mask.translate(FOLDED)
        rarities = [
            rarity if known.startswith(_KNOWN, offset) else -1
            for offset, rarity in enumerate(rarities)
        ]
    for stride in STRIDES:
        if len(rarities) >= stride:
            best = [max(rarities[remainder::stride]) for remainder in range(stride)]
            rarity = min(best)
            if rarity >= (_UNCOMMON if stride == 1 else _RARE):
                offsets = (
                    remainder + stride * rarities[remainder::stride].index(highest)
                    for remainder, highest in enumerate(best)
                )
                return Grams(tuple(offsets), rarity, rarities.index(max(best)))
    return None


# -- literals -----------------------------------------------------------------------------


def _of_literal(part: LiteralPart) -> list[_Placed]:
    texts = [needle.text[:_LONGEST] for needle in part.needles]
    if part.xor_keys is not None:
        low, high = part.xor_keys
        has_all = high - low == 0xFF and not part.needles[0].is_wide
        if not has_all and any(_looks_plain(part.text, needle) for needle in part.needles):
            return []
        texts = [
            bytes(byte ^ key for byte in text) for key in range(low, high + 1) for text in texts
        ]
    if part.nocase:
        return [(Anchor(text.translate(_UPPER), text.translate(_ANY_CASE)), 0) for text in texts]
    return [(Anchor(text, b"\xff" * len(text)), 0) for text in texts]


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


def _of_expression(part: RegexpPart) -> list[_Placed]:
    best = _best(part.root, nocase=part.flags.nocase)
    placed = []
    for (text, mask), before in best:
        if part.runs_narrow:
            placed.append((Anchor(text, mask), min(before, _FARTHEST)))
        if part.runs_wide:
            wide_mask = b"".join(bytes((byte, 0xFF)) for byte in mask)
            wide = Anchor(widen(text)[:-1], wide_mask[:-1])
            placed.append((wide, min(2 * before, _FARTHEST)))
    return placed


def _best(root: Node, *, nocase: bool) -> list[_Placed]:
    """The anchors that are rarest of those that an expression gives the choice of."""
    choices = list(_choices(root, nocase=nocase))
    return max(choices, key=_quality, default=[])


def _quality(choice: list[_Placed]) -> tuple[int, int]:
    """How good anchors are: at which stride the worst is found, and how rare it is."""
    found = [choose_grams(anchor) for anchor, _ in choice]
    return min(
        ((grams.stride, grams.rarity) if grams else (0, 0) for grams in found), default=(0, 0)
    )


def _choices(root: Node, *, nocase: bool) -> Iterator[list[_Placed]]:
    """Anchors of which one list will do: runs of bytes, and alternatives."""
    run: list[Anchor] = []
    begin = before = length = 0
    for node, longest in _in_order(root):
        known = _known_bits(node, nocase=nocase)
        if known is None or length >= _LONGEST:
            yield _anchor(run, begin)
            run = []
        elif not run:
            begin, length = before, 0
        if known is not None:
            run.append(known)
            length += len(known.text)
        elif isinstance(node, Alternation):
            branches = [_best(branch, nocase=nocase) for branch in node.branches]
            if all(branches):
                yield [(anchor, before + more) for branch in branches for anchor, more in branch]
        before = min(before + longest, _FARTHEST)
    yield _anchor(run, begin)


def _anchor(run: list[Anchor], begin: int) -> list[_Placed]:
    """The anchor that is a run of bytes, without those that are unknown at its ends."""
    text = b"".join(known.text for known in run)
    mask = b"".join(known.mask for known in run)
    skipped = len(mask) - len(mask.lstrip(b"\x00"))
    end = len(mask.rstrip(b"\x00"))
    if skipped >= end:
        return []
    return [(Anchor(text[skipped:end], mask[skipped:end]), begin + skipped)]


def _in_order(root: Node) -> Iterator[tuple[Node | None, int]]:
    """What every match goes through, and how many bytes each takes at most.

    None is where others may be between.
    """
    pending: list[Node | int] = [root]
    while pending:
        node = pending.pop()
        match node:
            case int():
                yield None, node
            case Concatenation():
                pending.extend(reversed(node.items))
            case Plus():
                pending.extend((_FARTHEST, node.item))
            case Repeat() if node.low:
                pending.extend(((node.high - 1) * _max_length(node.item), node.item))
            case _:
                yield node, _max_length(node)


def _max_length(node: Node) -> int:
    """Bytes that a node takes at most, up to what a match can take."""
    length = 0
    match node:
        case Byte() | AnyByte() | ByteSet():
            length = 1
        case Jump():
            length = node.high
        case Star() | Plus():
            length = _FARTHEST
        case Repeat():
            length = node.high * _max_length(node.item)
        case Concatenation():
            length = sum(map(_max_length, node.items))
        case Alternation():
            length = max(map(_max_length, node.branches))
    return min(length, _FARTHEST)


def _known_bits(node: Node | None, *, nocase: bool) -> Anchor | None:
    """What is known of the bytes that a node takes; None if it may take more or less."""
    match node:
        case Byte(value=value, mask=mask):
            if nocase and mask == 0xFF:
                return Anchor(_UPPER[value : value + 1], _ANY_CASE[value : value + 1])
            if not nocase:
                return Anchor(bytes((value & mask,)), bytes((mask,)))
            return _common_bits(accepted_bytes(node, nocase=nocase))
        case ByteSet():
            return _common_bits(accepted_bytes(node, nocase=nocase))
        case AnyByte():
            return _UNKNOWN
        case Assertion() | Empty():
            return Anchor(b"", b"")
        case Jump(low=low, high=high) if low == high <= _LONGEST_JUMP:
            return Anchor(bytes(low), bytes(low))
    return None


_UNKNOWN: Final = Anchor(b"\x00", b"\x00")


@lru_cache(maxsize=1024)
def _common_bits(members: int) -> Anchor:
    """The bits that all bytes of a set have in common."""
    values = [byte for byte in range(256) if members >> byte & 1]
    if not values:
        return _UNKNOWN
    ones, any_ones = 0xFF, 0
    for value in values:
        ones &= value
        any_ones |= value
    mask = 0xFF ^ ones ^ any_ones
    return Anchor(bytes((ones & mask,)), bytes((mask,)))
