"""Atoms: the short byte strings that libyara looks for before it tries to match.

The choice matters beyond speed.  A match is found from an atom: forwards to one end,
backwards to all starts.  Another atom may give another length, and with no atom an
expression is tried at every byte.  The choice also decides which strings libyara
calls slow.  All of this follows ``atoms.c``; an atom's *quality* is its heuristic
for how rare and how cheap an atom is.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from miniyara import limits
from miniyara.patterns.letters import LETTERS
from miniyara.patterns.tree import (
    Alternation,
    AnyByte,
    Byte,
    Concatenation,
    Node,
    Plus,
    Repeat,
    runs_of_row,
    values_and_masks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MAX_LENGTH: Final = limits.MAX_ATOM_LENGTH
_COMMON: Final = frozenset(b"\x00\x20\xcc\xff")
_COMMON_FILLERS: Final = frozenset(b"\x00\x20\x90\xcc\xff")

MAX_QUALITY: Final = 255
"""The quality of the best atoms."""
_BASE: Final = MAX_QUALITY - 22 * _MAX_LENGTH

_POINTS: Final = bytes(
    12 if byte in _COMMON else 18 if byte in LETTERS else 20 for byte in range(256)
)
"""What a known byte counts."""

_PERFECT: Final = re.compile(
    rb"([^%b])(?!\1)([^%b])(?!\1|\2)([^%b])(?!\1|\2|\3)[^%b]"
    % ((re.escape(bytes(sorted(_COMMON | LETTERS))),) * 4),
    re.DOTALL,
)
"""Four bytes of the best quality: different ones that each count most."""
_KNOWN: Final = b"\xff" * _MAX_LENGTH


class MaskedAtom(NamedTuple):
    """An atom of which only some bits are known."""

    values: bytes
    masks: bytes
    """By byte, the bits that are known; the others are 0 in ``values``."""


_NO_ATOM: Final = MaskedAtom(b"", b"")


def text_quality(atom: bytes) -> int:
    """The quality of an atom whose bytes are all known (``yr_atoms_heuristic_quality``)."""
    known = set(atom)
    points = sum(atom.translate(_POINTS))
    if len(known) == 1 and known <= _COMMON_FILLERS:
        return _BASE + points - 10 * len(atom)
    return _BASE + points + 2 * len(known)


def _masked_quality(atom: MaskedAtom) -> int:
    """The quality of an atom of which some bits may be unknown."""
    if not atom.masks.strip(b"\xff"):
        return text_quality(atom.values)
    known = bytes(value for value, mask in zip(*atom, strict=True) if mask == 0xFF)
    points = sum(4 if mask else -10 for mask in atom.masks if mask != 0xFF)
    if known and not known.strip(known[:1]) and known[0] in _COMMON_FILLERS:
        # What is unknown costs, too.
        points -= 10 * (len(atom.masks) - len(known))
    return text_quality(known) + points


class TextAtom(NamedTuple):
    """An atom of a literal string."""

    text: bytes
    offset: int
    """Where it stands in the string, in characters."""


def choose_text_atom(text: bytes) -> TextAtom:
    """The atom of a literal string (``yr_atoms_extract_from_string``): the first of the best."""
    perfect = _PERFECT.search(text)
    if perfect is not None:
        return TextAtom(perfect[0], perfect.start())
    best, best_offset = text[:_MAX_LENGTH], 0
    best_quality = text_quality(best)
    for offset, points in enumerate(_points_by_place(text.translate(_POINTS))):
        if points + _MOST_MORE > best_quality:
            atom = text[offset : offset + _MAX_LENGTH]
            if points + 2 * len({*atom}) > best_quality:
                quality = text_quality(atom)
                if quality > best_quality:
                    best, best_offset, best_quality = atom, offset, quality
    return TextAtom(best, best_offset)


_MOST_MORE: Final = 2 * _MAX_LENGTH
"""What an atom gets at most for the differences of its bytes."""


def _points_by_place(points: bytes) -> list[int]:
    """By place, what the points of the bytes there make of the quality of an atom."""
    if len(points) < _MAX_LENGTH:
        return [_BASE + sum(points)]
    return [
        _BASE + a + b + c + d
        for a, b, c, d in zip(points, points[1:], points[2:], points[3:], strict=False)
    ]


# -- choosing from a tree ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Atoms of which one must be found, each with the node of its first byte."""

    atoms: tuple[tuple[MaskedAtom, Node], ...]
    quality: int
    """The quality of the worst."""


_NO_CHOICE: Final = Choice((), 0)


def choose_atoms(root: Node) -> Choice:
    """The atoms of an expression (``yr_atoms_extract_from_re`` and ``_yr_atoms_choose``)."""
    return _best(_choices(root))


def _best(choices: Iterable[Choice]) -> Choice:
    """The first of the best choices."""
    best = max(choices, key=lambda choice: choice.quality, default=_NO_CHOICE)
    return best if best.quality else _NO_CHOICE


def choose_in_row(row: Concatenation) -> tuple[Concatenation, Choice]:
    """The atoms of a row of bytes and jumps whose bytes it shares with other rows.

    Returns them with a row that has the byte where the atom begins for itself.
    """
    best, best_quality, best_place = _NO_ATOM, 0, 0
    for start, run, _ in runs_of_row(row):
        place, atom, quality = _best_of_run(*values_and_masks(run))
        if quality > best_quality:
            best, best_quality, best_place = atom, quality, start + place
            if quality == MAX_QUALITY:
                break
    if not best_quality:
        return row, _NO_CHOICE
    own = replace(row.items[best_place])
    items = (*row.items[:best_place], own, *row.items[best_place + 1 :])
    return Concatenation(items), Choice(((best, own),), best_quality)


def _choices(root: Node) -> Iterator[Choice]:
    """The atoms between which an expression gives the choice.

    One comes from each run of bytes, where what is repeated begins a new run.
    """
    run: list[Byte | AnyByte] = []
    for node in itertools.chain(_in_order(root), [None]):
        if isinstance(node, (Byte, AnyByte)):
            run.append(node)
            continue
        if isinstance(node, Alternation):
            branches = [_best(_choices(branch)) for branch in node.branches]
            least = min(branch.quality for branch in branches)
            # The branches end up in the opposite order, and before the run that
            # they end.
            atoms = (branch.atoms for branch in reversed(branches))
            yield Choice(tuple(itertools.chain.from_iterable(atoms)), least)
        if run:
            place, atom, quality = _best_of_run(*values_and_masks(run))
            if quality:
                yield Choice(((atom, run[place]),), quality)
            run = []


def _in_order(root: Node) -> Iterator[Node | None]:
    """The bytes and alternations that any match must have, in order; None is a gap."""
    pending: list[Node | None] = [root]
    while pending:
        node = pending.pop()
        match node:
            case Concatenation():
                pending.extend(reversed(node.items))
            case Plus():
                pending.extend((None, node.item))
            case Repeat():
                pending.append(None)
                pending.extend([node.item] * min(node.low, _MAX_LENGTH))
            case Byte() | AnyByte() | Alternation():
                yield node
            case _:
                yield None


def _best_of_run(values: bytes, masks: bytes) -> tuple[int, MaskedAtom, int]:
    """Where in a run of bytes the first of the best atoms begins, the atom and its quality."""
    perfect = _PERFECT.search(values)
    if perfect is not None:
        place, end = perfect.span()
        if masks.startswith(_KNOWN, place):
            return place, MaskedAtom(values[place:end], _KNOWN), MAX_QUALITY
    points = values.translate(_POINTS)
    if masks.count(0xFF) != len(masks):
        # Unknown bytes cost points, but not at the ends, where they are cut off.
        points = bytes(
            [
                known if mask == 0xFF else 4 if mask else 0
                for known, mask in zip(points, masks, strict=True)
            ]
        )
    best, best_quality, best_place = _NO_ATOM, -1, 0
    for place, most in enumerate(_points_by_place(points)):
        if most + _MOST_MORE <= best_quality:
            continue
        window = values[place : place + _MAX_LENGTH]
        if most + 2 * len({*window}) <= best_quality:
            continue
        skipped, atom = _trim(MaskedAtom(window, masks[place : place + _MAX_LENGTH]))
        quality = _masked_quality(atom)
        if quality > best_quality:
            best, best_quality, best_place = atom, quality, place + skipped
    return best_place, best, best_quality if best.values else 0


def _trim(atom: MaskedAtom) -> tuple[int, MaskedAtom]:
    """Cut unknown bytes from the ends (``_yr_atoms_trim``): how many in front, and the rest."""
    masks = atom.masks.lstrip(b"\0")
    start = len(atom.masks) - len(masks)
    masks = masks.rstrip(b"\0")
    if masks.count(0) >= masks.count(0xFF):
        masks = masks[:1]
    return start, MaskedAtom(atom.values[start : start + len(masks)], masks)


# -- variants of atoms ----------------------------------------------------------------


class Atom(NamedTuple):
    """An atom of an expression as it is looked for."""

    text: bytes
    node: Node
    """The node of its first byte."""


def expand(choice: Choice, *, ascii: bool, wide: bool, nocase: bool) -> list[Atom]:  # noqa: A002 - the modifier's name
    """All atoms with all their bytes known, in libyara's order."""
    atoms = [
        Atom(text, node) for masked, node in choice.atoms for text in _expand_wildcards(masked)
    ]
    if wide:
        wides = [Atom(widen(text)[:_MAX_LENGTH], node) for text, node in reversed(atoms)]
        atoms = atoms + wides if ascii else wides
    if nocase:
        folded = [Atom(text, node) for atom, node in atoms for text in case_variants(atom)]
        atoms = atoms + folded[::-1]
    return atoms


def widen(text: bytes) -> bytes:
    """Each byte followed by a zero byte."""
    wide = bytearray(2 * len(text))
    wide[::2] = text
    return bytes(wide)


def case_variants(atom: bytes) -> Iterator[bytes]:
    """The other ways to write an atom in upper and lower case (``_yr_atoms_case_combinations``)."""

    def vary(text: bytes, start: int) -> Iterator[bytes]:
        if start + 1 < len(text):
            yield from vary(text, start + 1)
        if text[start] in LETTERS:
            other = text[:start] + bytes([text[start] ^ 0x20]) + text[start + 1 :]
            yield other
            if start + 1 < len(text):
                yield from vary(other, start + 1)

    return vary(atom, 0)


def _expand_wildcards(atom: MaskedAtom) -> Iterable[bytes]:
    """The atoms that a masked one stands for (``_yr_atoms_expand_wildcards``)."""
    if not atom.masks.strip(b"\xff"):
        return [atom.values]
    choices = [
        [byte for byte in range(256) if byte & mask == value]
        for value, mask in zip(*atom, strict=True)
    ]
    return map(bytes, itertools.product(*choices))
