"""The anchors of expressions: bytes that every match has, or one of a few texts."""

from __future__ import annotations

import itertools
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from miniyara import limits
from miniyara.patterns.bounds import lengths
from miniyara.patterns.grams import Anchor, choose_grams
from miniyara.patterns.rarity import FOLD, GRAM
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
    is_row,
    runs_of_row,
    values_and_masks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FARTHEST: Final = 2 * limits.RE_SCAN_LIMIT + limits.MAX_ATOM_LENGTH
"""Bytes of a match before an anchor at most."""

_LONGEST: Final = 64
"""Bytes of an anchor at most; there is something rare among so many."""

_LONGEST_JUMP: Final = 16
"""Unknown bytes in a row within an anchor."""

_MOST_TEXTS: Final = 64
"""Texts of which one must be there."""

_MOST_STARTS: Final = 24
"""Places of an expression from which it is tried how it can go on."""

FoundAnchor: TypeAlias = "tuple[Anchor, int]"
"""An anchor, and how many bytes of a match go before it at most."""


def expression_anchors(root: Node, *, nocase: bool) -> list[FoundAnchor]:
    """Anchors of which one is in every match: the rarest of those that there is a choice of."""
    best = max(_runs(root, nocase=nocase), key=_quality, default=[])
    if not _quality(best)[0]:
        best = max(_expansions(root, nocase=nocase), key=_quality, default=[])
    return best


def needed_anchors(root: Node, *, nocase: bool) -> list[list[FoundAnchor]]:
    """Lists of anchors, however common: of each list one is in every match."""
    return [choice for choice in _runs(root, nocase=nocase) if choice]


def _quality(choice: list[FoundAnchor]) -> tuple[int, int]:
    """How good anchors are: at which stride the worst is found, and how rare it is."""
    found = [choose_grams(anchor) for anchor, _ in choice]
    return min(
        ((grams.stride, grams.rarity) if grams else (0, 0) for grams in found), default=(0, 0)
    )


def _runs(root: Node, *, nocase: bool) -> Iterator[list[FoundAnchor]]:
    """Anchors of which one list will do: runs of bytes, and alternatives of them."""
    if not nocase and is_row(root):
        yield from _runs_of_row(root)
        return
    text, mask = bytearray(), bytearray()
    begin = before = 0
    for node, longest in _in_order(root):
        known = _known_bits(node, nocase=nocase)
        if text and (known is None or len(text) >= _LONGEST):
            yield _anchor(text, mask, begin)
            text, mask = bytearray(), bytearray()
        if known is not None:
            if not text:
                begin = before
            text += known.text
            mask += known.mask
        elif isinstance(node, Alternation):
            branches = [
                max(_runs(branch, nocase=nocase), key=_quality, default=[])
                for branch in node.branches
            ]
            if all(branches):
                yield [(anchor, before + more) for branch in branches for anchor, more in branch]
        before = min(before + longest, FARTHEST)
    yield _anchor(text, mask, begin)


def _runs_of_row(row: Concatenation) -> Iterator[list[FoundAnchor]]:
    """The same of bytes and jumps, as most hex strings are, in fewer steps."""
    text, mask = bytearray(), bytearray()
    begin = before = 0
    for _, run, jump in runs_of_row(row):
        values, masks = values_and_masks(run)
        text += values
        mask += masks
        before += len(run)
        if jump is not None:
            before += jump.high
            if jump.low == jump.high <= _LONGEST_JUMP:
                text += bytes(jump.low)
                mask += bytes(jump.low)
                continue
        for cut in range(0, len(text), _LONGEST):
            piece = slice(cut, cut + _LONGEST)
            yield _anchor(text[piece], mask[piece], min(begin + cut, FARTHEST))
        text, mask, begin = bytearray(), bytearray(), before


def _anchor(text: bytes | bytearray, mask: bytes | bytearray, begin: int) -> list[FoundAnchor]:
    """The anchor that is a run of bytes, without those that are unknown at its ends."""
    skipped = len(mask) - len(mask.lstrip(b"\x00"))
    end = len(mask.rstrip(b"\x00"))
    if skipped >= end:
        return []
    return [(Anchor(bytes(text[skipped:end]), bytes(mask[skipped:end])), begin + skipped)]


def _in_order(root: Node) -> Iterator[tuple[Node | None, int]]:
    """What every match goes through, and how many bytes each takes at most.

    None is where others may be between.
    """
    pending: list[Node | int] = [root]
    while pending:
        node = pending.pop()
        match node:
            case Byte() | AnyByte() | ByteSet():
                yield node, 1
            case int():
                yield None, node
            case Concatenation():
                pending.extend(reversed(node.items))
            case Plus():
                pending.extend((FARTHEST, node.item))
            case Repeat() if node.low:
                pending.extend(((node.high - 1) * _longest_match(node.item), node.item))
            case _:
                yield node, _longest_match(node)


def _longest_match(node: Node) -> int:
    """Bytes that a node takes at most, up to what a match can take."""
    return int(min(lengths(node).longest, FARTHEST))


def _known_bits(node: Node | None, *, nocase: bool) -> Anchor | None:
    """What is known of the bytes that a node takes; None if it may take more or less."""
    if isinstance(node, Byte) and not nocase:
        return _bits_of_byte(node.value, node.mask)
    match node:
        case Byte() | ByteSet():
            return _common_bits(accepted_bytes(node, nocase=nocase))
        case AnyByte():
            return _UNKNOWN
        case Assertion() | Empty():
            return Anchor(b"", b"")
        case Jump(low=low, high=high) if low == high <= _LONGEST_JUMP:
            return Anchor(bytes(low), bytes(low))
    return None


_UNKNOWN: Final = Anchor(b"\x00", b"\x00")


@cache
def _bits_of_byte(value: int, mask: int) -> Anchor:
    """The known bits of a byte."""
    return Anchor(bytes((value,)), bytes((mask,)))


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


# -- expansions ---------------------------------------------------------------------------


class _Text(NamedTuple):
    """One way to go on from a place of an expression."""

    anchor: Anchor
    is_closed: bool
    """Whether what comes next is not known."""


def _expansions(root: Node, *, nocase: bool) -> Iterator[list[FoundAnchor]]:
    """Lists of all texts that an expression can go on with, from each of its places."""
    nodes = [*_in_order(root)]
    before = 0
    for start, (node, longest) in enumerate(nodes[:_MOST_STARTS]):
        if node is not None:
            following = (node for node, _ in nodes[start:])
            texts = _expanded(following, nocase=nocase)
            if texts is not None:
                yield [(text.anchor, before) for text in texts]
        before = min(before + longest, FARTHEST)


def _expanded(nodes: Iterable[Node | None], *, nocase: bool) -> list[_Text] | None:
    """All texts that nodes can begin with, of the length of a gram; None if there are too many."""
    texts = [_Text(Anchor(b"", b""), is_closed=False)]
    for node in nodes:
        texts = _followed(texts, node, nocase=nocase)
        if len(texts) > _MOST_TEXTS:
            return None
        lengths_ = [len(text.anchor.text) for text in texts]
        if min(lengths_) >= GRAM:
            return texts
        if any(
            text.is_closed and length < GRAM for text, length in zip(texts, lengths_, strict=True)
        ):
            return None
    return None


def _followed(texts: list[_Text], node: Node | None, *, nocase: bool) -> list[_Text]:
    """Texts, followed by what a node can take; gives up if there are too many."""
    if len(texts) > _MOST_TEXTS:
        return texts
    match node:
        case Assertion() | Empty():
            return texts
        case Byte() | ByteSet():
            return _with_each(texts, _variants(accepted_bytes(node, nocase=nocase)))
        case Concatenation():
            for item in node.items:
                texts = _followed(texts, item, nocase=nocase)
            return texts
        case Alternation():
            branches = (_followed(texts, branch, nocase=nocase) for branch in node.branches)
            return list(dict.fromkeys(itertools.chain.from_iterable(branches)))
        case Plus():
            return _repeated(_followed(texts, node.item, nocase=nocase), node.item, nocase=nocase)
        case Star():
            return _repeated(texts, node.item, nocase=nocase)
        case Repeat():
            for _ in range(min(node.low, GRAM)):
                texts = _followed(texts, node.item, nocase=nocase)
            if node.high > node.low:
                texts = _repeated(texts, node.item, nocase=nocase, once=node.high == node.low + 1)
            return texts if node.low <= GRAM else _closed(texts)
    return _closed(texts)


def _repeated(texts: list[_Text], item: Node, *, nocase: bool, once: bool = False) -> list[_Text]:
    """Texts as they are, and followed by an item and perhaps by more of them."""
    more = _followed(texts, item, nocase=nocase)
    return list(dict.fromkeys([*texts, *(more if once else _closed(more))]))


def _closed(texts: list[_Text]) -> list[_Text]:
    return [text._replace(is_closed=True) for text in texts]


def _with_each(texts: list[_Text], variants: tuple[Anchor, ...]) -> list[_Text]:
    """Texts with one more byte, in all its variants."""
    if not variants:
        return _closed(texts)
    longer = []
    for text in texts:
        (known, mask), is_closed = text
        if is_closed or len(known) >= 2 * GRAM:
            longer.append(_Text(text.anchor, is_closed=True))
        else:
            longer += [_Text(Anchor(known + one.text, mask + one.mask), False) for one in variants]
    return list(dict.fromkeys(longer))


@lru_cache(maxsize=1024)
def _variants(members: int) -> tuple[Anchor, ...]:
    """The bytes of a set, letters in both cases as one; none if there are too many."""
    if members.bit_count() > 2 * _MOST_TEXTS:
        return ()
    variants = []
    for byte in range(256):
        if members >> byte & 1:
            is_upper, is_lower = 65 <= byte <= 90, 97 <= byte <= 122
            if is_upper and members >> (byte | FOLD) & 1:
                variants.append(Anchor(bytes((byte,)), bytes((0xFF ^ FOLD,))))
            elif not (is_lower and members >> (byte ^ FOLD) & 1):
                variants.append(Anchor(bytes((byte,)), b"\xff"))
    return tuple(variants) if len(variants) <= _MOST_TEXTS else ()
