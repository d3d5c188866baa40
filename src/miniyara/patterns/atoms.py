"""Atoms: the short byte strings that libyara looks for before it tries to match.

The choice matters beyond speed.  A match is found from an atom: forwards to one end,
backwards to all starts.  Another atom may give another length, and with no atom an
expression is tried at every byte.  The choice also decides which strings libyara
calls slow.  All of this follows ``atoms.c``; an atom's *quality* is its heuristic
for how rare and how cheap an atom is.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from miniyara import limits
from miniyara.patterns.tree import (
    Alternation,
    AnyByte,
    Byte,
    Concatenation,
    Node,
    Plus,
    Repeat,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MAX_LENGTH: Final = limits.MAX_ATOM_LENGTH
_COMMON: Final = frozenset(b"\x00\x20\xcc\xff")
_COMMON_FILLERS: Final = frozenset(b"\x00\x20\x90\xcc\xff")
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

MAX_QUALITY: Final = 255
"""The quality of the best atoms."""
_BASE: Final = MAX_QUALITY - 22 * _MAX_LENGTH

_POINTS: Final = bytes(
    12 if byte in _COMMON else 18 if byte in _LETTERS else 20 for byte in range(256)
)
"""What a known byte counts."""


class MaskedByte(NamedTuple):
    """A byte of an atom: the bits of ``mask`` are known."""

    value: int
    mask: int


MaskedAtom: TypeAlias = "tuple[MaskedByte, ...]"


def quality(atom: Iterable[tuple[int, int]]) -> int:
    """How good an atom is (``yr_atoms_heuristic_quality``); ``atom`` is pairs of value and mask."""
    points = length = 0
    known = set()
    for value, mask in atom:
        length += 1
        if mask == 0xFF:
            known.add(value)
            points += _POINTS[value]
        else:
            points += 4 if mask else -10
    if len(known) == 1 and known <= _COMMON_FILLERS:
        points -= 10 * length
    else:
        points += 2 * len(known)
    return _BASE + points


def text_quality(atom: bytes) -> int:
    """The quality of an atom whose bytes are all known."""
    return quality((value, 0xFF) for value in atom)


class TextAtom(NamedTuple):
    """An atom of a literal string."""

    text: bytes
    offset: int
    """Where it stands in the string, in characters."""


def choose_text_atom(text: bytes) -> TextAtom:
    """The atom of a literal string (``yr_atoms_extract_from_string``): the first of the best."""
    best = TextAtom(text[:_MAX_LENGTH], 0)
    best_points = text_quality(best.text) - _BASE
    points = text.translate(_POINTS)
    for offset in range(1, len(text) - _MAX_LENGTH + 1):
        most = sum(points[offset : offset + _MAX_LENGTH]) + 2 * _MAX_LENGTH
        if most > best_points:
            atom = text[offset : offset + _MAX_LENGTH]
            atom_points = text_quality(atom) - _BASE
            if atom_points > best_points:
                best, best_points = TextAtom(atom, offset), atom_points
    return best


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
        yield _best_of_run(run)
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


def _best_of_run(run: Sequence[Byte | AnyByte]) -> Choice:
    """The first of the best atoms of bytes that follow each other."""
    masked = [
        MaskedByte(node.value, node.mask) if isinstance(node, Byte) else MaskedByte(0, 0)
        for node in run
    ]
    # Unknown bytes cost points, but not at the ends, where they are cut off.
    points = [_POINTS[value] if mask == 0xFF else 4 if mask else 0 for value, mask in masked]
    best: MaskedAtom = ()
    best_quality, best_place = -1, 0
    for place in range(max(len(run) - _MAX_LENGTH + 1, min(len(run), 1))):
        if best_quality == MAX_QUALITY:
            break
        most = _BASE + sum(points[place : place + _MAX_LENGTH]) + 2 * _MAX_LENGTH
        if most <= best_quality:
            continue
        skipped, atom = _trim(masked[place : place + _MAX_LENGTH])
        atom_quality = quality(atom)
        if atom_quality > best_quality:
            best, best_quality, best_place = atom, atom_quality, place + skipped
    return Choice(((best, run[best_place]),), best_quality) if best else _NO_CHOICE


def _trim(atom: list[MaskedByte]) -> tuple[int, MaskedAtom]:
    """Cut unknown bytes from the ends (``_yr_atoms_trim``): how many in front, and the rest."""
    start, end = 0, len(atom)
    while start < end and atom[start].mask == 0:
        start += 1
    while end > start and atom[end - 1].mask == 0:
        end -= 1
    trimmed = atom[start:end]
    masks = [byte.mask for byte in trimmed]
    if masks.count(0) >= masks.count(0xFF):
        trimmed = trimmed[:1]
    return start, tuple(trimmed)


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
        if text[start] in _LETTERS:
            other = text[:start] + bytes([text[start] ^ 0x20]) + text[start + 1 :]
            yield other
            if start + 1 < len(text):
                yield from vary(other, start + 1)

    return vary(atom, 0)


def _expand_wildcards(atom: MaskedAtom) -> Iterator[bytes]:
    """The atoms that a masked one stands for (``_yr_atoms_expand_wildcards``)."""
    choices = [[byte for byte in range(256) if byte & mask == value] for value, mask in atom]
    return map(bytes, itertools.product(*choices))
