"""From the declaration of a string to its pattern.

Follows ``yr_parser_reduce_string_declaration`` and ``_yr_parser_write_string`` in
libyara's ``parser.c``: a string is one part or, if it has long jumps, a chain of
parts, and each part is literal text or an expression with atoms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from miniyara import limits
from miniyara.patterns import atoms as atoms_
from miniyara.patterns.base64 import base64_tree
from miniyara.patterns.errors import PatternError
from miniyara.patterns.hexstring import literal_hex, parse_hex_string
from miniyara.patterns.literal import LiteralPart, literal_part
from miniyara.patterns.program import Flags, check_limits
from miniyara.patterns.regexp import parse_regexp
from miniyara.patterns.tree import (
    Concatenation,
    Node,
    Tree,
    has_unbounded_dot,
    literal_text,
    split_at_chaining_point,
)
from miniyara.syntax import nodes


class Entry(NamedTuple):
    """An atom of an expression, by which it is found."""

    atom: bytes
    """Empty if there is no atom: then matching is tried at every byte."""
    node: Node | None
    """The node of its first byte, where matching starts; None for the whole tree."""


@dataclass(frozen=True, slots=True)
class RegexpPart:
    """A string, or a part of a chain, that is not plain text."""

    root: Node
    flags: Flags
    entries: tuple[Entry, ...]
    """The atoms in libyara's order; of equal ones the last is tried first."""
    min_atom_quality: int
    runs_narrow: bool
    runs_wide: bool
    """Whether characters of one byte, of two bytes, or both are looked for."""
    fullword: bool
    greedy: bool
    """Whether of two matches at one place the later found is kept."""
    plain: bool
    """Whether libyara uses its simple matcher."""

    @property
    def atom_count(self) -> int:
        """The number of atoms."""
        return len(self.entries)

    @property
    def is_slow(self) -> bool:
        """Whether libyara warns of its atoms."""
        return self.min_atom_quality < limits.ATOM_QUALITY_WARNING_THRESHOLD


Part: TypeAlias = LiteralPart | RegexpPart


class Gap(NamedTuple):
    """The bytes allowed between two parts of a chain."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """How to recognise a string of a rule."""

    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...] = ()
    """Before each part but the first, its distance from the part before."""
    has_unbounded_dot: bool = False
    """Whether there is ``.*``, ``.+`` or ``.{x,}``, of which libyara warns."""
    unknown_escape: bool = False
    """Whether there is an escape sequence of which libyara warns in strict mode."""

    @property
    def part_count(self) -> int:
        """The number of parts: 1, or more for a chain."""
        return len(self.parts)

    @property
    def atom_count(self) -> int:
        """The number of atoms of all parts."""
        return sum([part.atom_count for part in self.parts])

    @property
    def is_slow(self) -> bool:
        """Whether libyara calls the string slow, because of its worst atom."""
        return any(part.is_slow for part in self.parts)


def compile_string(declaration: nodes.StringDeclaration, *, strict_escape: bool = False) -> Pattern:
    """The pattern of a string whose modifiers have been checked.

    Raises :class:`PatternError` with libyara's message if it is refused.
    """
    modifiers = declaration.modifiers
    is_base64 = modifiers.base64 is not None or modifiers.base64wide is not None
    text = None
    if isinstance(declaration, nodes.TextString) and not is_base64:
        text = declaration.value
    elif isinstance(declaration, nodes.HexString):
        text = literal_hex(declaration.text)
    if text is not None:
        ascii_ = modifiers.ascii or not modifiers.wide
        return Pattern((literal_part(text, modifiers, ascii=ascii_),))
    flags = Flags(nocase=modifiers.nocase, dotall=isinstance(declaration, nodes.HexString))
    if isinstance(declaration, nodes.RegexpString):
        regexp = declaration.regexp
        flags = Flags(nocase=modifiers.nocase or regexp.nocase, dotall=regexp.dotall)
    tree = _parse(declaration, strict_escape=strict_escape)
    if tree.is_greedy and tree.is_lazy:
        raise PatternError("greedy and ungreedy quantifiers can't be mixed in a regular expression")
    roots, gaps = _split(tree.root)
    return Pattern(
        tuple(_compile_part(tree, root, flags, modifiers) for root in roots),
        gaps,
        has_unbounded_dot(tree.root),
        tree.unknown_escape,
    )


def _parse(declaration: nodes.StringDeclaration, *, strict_escape: bool) -> Tree:
    """The tree of a string that is not plain text from the start."""
    kind = "regular expression"
    try:
        match declaration:
            case nodes.HexString():
                kind = "hex string"
                return parse_hex_string(declaration.text)
            case nodes.RegexpString():
                return parse_regexp(declaration.regexp.body, strict_escape=strict_escape)
            case nodes.TextString():
                return base64_tree(declaration.value, declaration.modifiers)
    except PatternError as error:
        raise PatternError(f'invalid {kind} "{declaration.name}": {error.message}') from None


def _split(root: Node) -> tuple[list[Node], tuple[Gap, ...]]:
    """The parts of a tree and the gaps between them."""
    roots, gaps = [], []
    while halves := split_at_chaining_point(root):
        part, jump, root = halves
        roots.append(part)
        gaps.append(Gap(jump.low, jump.high))
    return [*roots, root], tuple(gaps)


def _compile_part(tree: Tree, root: Node, flags: Flags, modifiers: nodes.Modifiers) -> Part:
    is_base64 = modifiers.base64 is not None or modifiers.base64wide is not None
    narrow = modifiers.ascii or not modifiers.wide
    text = literal_text(root)
    if text is not None:
        folded = nodes.Modifiers(
            nocase=flags.nocase, wide=modifiers.wide, fullword=modifiers.fullword
        )
        return literal_part(text, folded, ascii=narrow)
    if not tree.is_plain:
        check_limits(root, flags)
    if tree.shares_bytes and isinstance(root, Concatenation):
        root, choice = atoms_.choose_in_row(root)
    else:
        choice = atoms_.choose_atoms(root)
    entries = tuple(
        Entry(*atom)
        for atom in atoms_.expand(
            choice,
            ascii=narrow,
            wide=modifiers.wide and not is_base64,
            nocase=flags.nocase,
        )
    )
    return RegexpPart(
        root,
        flags,
        entries or (Entry(b"", None),),
        choice.quality,
        runs_narrow=narrow or is_base64,
        runs_wide=modifiers.wide,
        fullword=modifiers.fullword,
        greedy=tree.is_greedy,
        plain=tree.is_plain,
    )
