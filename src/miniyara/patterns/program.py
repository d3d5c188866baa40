"""From a tree to a program for the thread machine.

The programs are libyara's (``_yr_re_emit`` in ``re.c``), instruction by
instruction: which of several matches is found, and which expressions are refused
as too large, depends on how they are built.  A repetition ``e{n,m}``, for one, is
compiled to up to three copies of ``e``::

        e                    before: atoms point to its forward code
        enter n', m', L1
    L0: e                    again and again
        repeat n', m', L0
    L1: split L2, L3
    L2: e                    after: atoms point to its backward code
    L3:

A program for matching backwards is that of the mirrored tree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final, TypeAlias

from miniyara import limits
from miniyara.patterns.errors import PatternError
from miniyara.patterns.tree import (
    ALL_BYTES,
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
    Where,
    accepted_bytes,
)


@dataclass(frozen=True, slots=True)
class Take:
    """Go on if the next byte is accepted; ``accepts`` is a table of 256 flags."""

    accepts: bytes


@dataclass(frozen=True, slots=True)
class Skip:
    """Take from ``low`` to ``high`` accepted bytes."""

    accepts: bytes
    low: int
    high: int
    greedy: bool


@dataclass(frozen=True, slots=True)
class Split:
    """Go on both at the next instruction and at ``target``."""

    number: int
    prefers_next: bool
    target: int


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at ``target``."""

    target: int


@dataclass(frozen=True, slots=True)
class Enter:
    """Begin a counted loop, or pass it by for ``past`` if it may run zero times."""

    low: int
    high: int
    greedy: bool
    past: int


@dataclass(frozen=True, slots=True)
class Again:
    """End a round of a counted loop that begins at ``start``."""

    low: int
    high: int
    greedy: bool
    start: int


@dataclass(frozen=True, slots=True)
class Check:
    """Go on if this is such a place."""

    where: Where


@dataclass(frozen=True, slots=True)
class Match:
    """The end of the program: a match."""


Instruction: TypeAlias = Take | Skip | Split | Goto | Enter | Again | Check | Match


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions; an index among them is where a run may be started."""

    code: tuple[Instruction, ...]

    @property
    def checks_words(self) -> bool:
        """Whether it asks for word boundaries."""
        return any(
            isinstance(step, Check) and step.where not in {Where.START, Where.END}
            for step in self.code
        )


@dataclass(frozen=True, slots=True)
class Flags:
    """What a program depends on besides its tree."""

    nocase: bool = False
    dotall: bool = False


def compile_program(
    root: Node, flags: Flags, *, backwards: bool = False
) -> tuple[Program, dict[Node, int]]:
    """The program of a tree, and where a run starts at each of its bytes.

    Forwards that is before the byte, backwards it is behind it (so that the byte
    itself is not matched again).  Raises :class:`PatternError` if the program
    exceeds one of libyara's limits.
    """
    emitter = _Emitter(flags, backwards=backwards)
    emitter.emit(root, is_entry=True)
    emitter.add(Match(), 1)
    return Program(tuple(emitter.code)), emitter.entries


def check_limits(root: Node, flags: Flags) -> None:
    """Raise :class:`PatternError` if a program of a tree would exceed one of libyara's limits."""
    size, splits = _most(root)
    if size >= _MAX_JUMP or splits > limits.RE_MAX_SPLIT_ID:
        # It may; the programs themselves are needed to know.
        compile_program(root, flags)
        compile_program(root, flags, backwards=True)


def _most(node: Node) -> tuple[int, int]:
    """The bytes and the splits that the code of a node has at most."""
    match node:
        case Empty():
            return 0, 0
        case Byte():
            return 3, 0
        case ByteSet():
            return node.code_size, 0
        case Concatenation():
            parts = list(map(_most, node.items))
            return sum(size for size, _ in parts), sum(splits for _, splits in parts)
        case Alternation():
            parts = list(map(_most, node.branches))
            more = len(parts) - 1
            return sum(size for size, _ in parts) + 7 * more, sum(s for _, s in parts) + more
        case Star() | Plus():
            size, splits = _most(node.item)
            return size + 7, splits + 1
        case Repeat():
            size, splits = _most(node.item)
            if not node.high:
                return 0, 0
            if not size:
                return _MAX_JUMP, 0  # a loop around nothing may be refused
            return 3 * size + 22, 3 * splits + 1
    return 5, 0


_NOWHERE: Final = -1
"""The start of what has no instructions."""

_MAX_JUMP: Final = 0x7FFF
_MAX_SIZE: Final = 1 << 20
"""Bytes of code; a limit of ours, since nested repetitions multiply."""


class _Emitter:
    """Writes a program, counting the bytes it has in libyara, whose jumps are limited."""

    def __init__(self, flags: Flags, *, backwards: bool) -> None:
        self.code: list[Instruction] = []
        self.entries: dict[Node, int] = {}
        self._flags = flags
        self._backwards = backwards
        self._dot = _table(ALL_BYTES if flags.dotall else ALL_BYTES ^ 1 << 0x0A)
        self._size = 0
        self._places: list[int] = []  # by instruction, where it stands in libyara's code
        self._splits = 0

    def add(self, instruction: Instruction, size: int) -> int:
        """Append an instruction of so many bytes; returns its index."""
        self.code.append(instruction)
        self._places.append(self._size)
        self._size += size
        if self._size > _MAX_SIZE:
            raise PatternError("regular expression is too large")
        return len(self.code) - 1

    def emit(self, node: Node, *, is_entry: bool) -> int:
        """Append the code of a node; returns the index that libyara takes for its start.

        ``is_entry`` says whether atoms may point into this copy of the code.
        """
        start = self._emit(node, is_entry=is_entry)
        if is_entry and isinstance(node, (Byte, AnyByte)):
            self.entries[node] = len(self.code) if self._backwards else start
        return start

    def _emit(self, node: Node, *, is_entry: bool) -> int:
        match node:
            case Byte() | ByteSet():
                accepts = _table(accepted_bytes(node, nocase=self._flags.nocase))
                return self.add(Take(accepts), _size(node))
            case AnyByte():
                return self.add(Take(self._dot), 1)
            case Assertion():
                return self.add(Check(node.where), 1)
            case Empty():
                return _NOWHERE
            case Jump():
                # libyara keeps these in 16 bits.
                low, high = node.low & 0xFFFF, node.high & 0xFFFF
                return self.add(Skip(self._dot, low, high, node.greedy), 5)
            case Concatenation():
                items = node.items[::-1] if self._backwards else node.items
                starts = [self.emit(item, is_entry=is_entry) for item in items]
                return starts[0]
            case Alternation():
                return self._alternation(node, is_entry=is_entry)
            case Star():
                return self._star(node, is_entry=is_entry)
            case Plus():
                return self._plus(node, is_entry=is_entry)
            case Repeat():
                return self._repeat(node, is_entry=is_entry)

    def _alternation(self, node: Alternation, *, is_entry: bool) -> int:
        # a|b|c is (a|b)|c: all splits come first, that of the last branch leading.
        splits = [self._split(prefers_next=True) for _ in node.branches[1:]]
        start = splits[0]
        self.emit(node.branches[0], is_entry=is_entry)
        for branch in node.branches[1:]:
            leave = self.add(Goto(_NOWHERE), 3)
            self._aim(splits.pop())
            self.emit(branch, is_entry=is_entry)
            self._aim(leave)
        return start

    def _star(self, node: Star, *, is_entry: bool) -> int:
        start = self._split(prefers_next=node.greedy)
        self.emit(node.item, is_entry=is_entry)
        self._check_distance(start, _MAX_JUMP + 1)
        self.add(Goto(start), 3)
        self._aim(start)
        return start

    def _plus(self, node: Plus, *, is_entry: bool) -> int:
        start = self.emit(node.item, is_entry=is_entry)
        if start != _NOWHERE:
            self._check_distance(start, _MAX_JUMP + 1)
        split = self._split(prefers_next=not node.greedy)
        self.code[split] = Split(self._splits, not node.greedy, start)
        return start

    def _repeat(self, node: Repeat, *, is_entry: bool) -> int:
        low, high = node.low, node.high
        has_before = low > 0
        has_loop = high > low + 1 or high > 2
        has_split = high > low
        has_after = high > low or high > 1
        start = _NOWHERE
        if has_before:
            start = self.emit(node.item, is_entry=is_entry)
        if has_loop:
            loop_low = low - has_before - (not has_split)
            loop_high = high - has_before - 1
            enter = self.add(Enter(loop_low, loop_high, node.greedy, _NOWHERE), 9)
            begin = self._size
            self.emit(node.item, is_entry=False)
            if self._size == begin:  # what libyara says of a loop around nothing
                raise PatternError("regular expression is too large")
            again = self.add(Again(loop_low, loop_high, node.greedy, enter + 1), 9)
            self.code[enter] = Enter(loop_low, loop_high, node.greedy, again + 1)
            if not has_before:
                start = enter
        split = self._split(prefers_next=node.greedy) if has_split else None
        if has_after:
            # Forwards, an atom points to the first copy, backwards to the last one.
            after = self.emit(node.item, is_entry=is_entry and (self._backwards or not has_before))
            if not has_before and not has_loop:
                start = after  # not the split: so it is in libyara
        if split is not None:
            self._aim(split)
        return start

    def _split(self, *, prefers_next: bool) -> int:
        if self._splits == limits.RE_MAX_SPLIT_ID:
            raise PatternError("regular expression is too complex")
        self._splits += 1
        return self.add(Split(self._splits, prefers_next, _NOWHERE), 4)

    def _aim(self, index: int) -> None:
        """Let the split or jump at ``index`` lead to what comes next."""
        self._check_distance(index, _MAX_JUMP)
        instruction = self.code[index]
        assert isinstance(instruction, (Split, Goto))  # nothing else is aimed
        self.code[index] = replace(instruction, target=len(self.code))

    def _check_distance(self, index: int, most: int) -> None:
        if self._size - self._places[index] > most:
            raise PatternError("regular expression is too large")


@cache
def _table(members: int) -> bytes:
    """A set of bytes as a table of 256 flags."""
    return bytes(members >> byte & 1 for byte in range(256))


def _size(node: Byte | ByteSet) -> int:
    """Bytes that the instruction for a node has in libyara."""
    if isinstance(node, ByteSet):
        return node.code_size
    return 2 if node.mask == 0xFF else 3
