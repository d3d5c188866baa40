"""The tree of a byte-regexp: what hex strings and regular expressions are parsed to.

The nodes are those of libyara (``re.h``), no simpler ones, because the choice of
atoms, and with it the lengths of matches, depends on them: ``a{2}`` is not ``aa``,
and ``(ab)c`` is not ``abc``.  A node equals only itself, so that what is known
about a node can be kept in a dictionary.  It stands in one place of one tree; only
in plain hex strings, which are long, a byte is shared unless an atom begins there.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeGuard

from miniyara import limits
from miniyara.patterns.letters import CAPITALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALL_BYTES: Final = (1 << 256) - 1
"""The set of all bytes; a set of bytes is a number whose bit ``b`` stands for byte ``b``."""


def byte_set(members: bytes) -> int:
    """The set of these bytes."""
    return sum(1 << byte for byte in set(members))


WORD: Final = byte_set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
SPACE: Final = byte_set(b"\t\n\v\f\r ")
DIGIT: Final = byte_set(b"0123456789")
_CAPITALS: Final = byte_set(CAPITALS)


@dataclass(frozen=True, slots=True, eq=False)
class Byte:
    """A byte with given bits: it matches ``b`` if ``b & mask == value``."""

    value: int
    mask: int = 0xFF


@dataclass(frozen=True, slots=True, eq=False)
class AnyByte:
    r"""``.`` or ``??``: any byte, in a regular expression without ``/s`` not ``\n``."""

    value: ClassVar = 0
    mask: ClassVar = 0


@dataclass(frozen=True, slots=True, eq=False)
class ByteSet:
    r"""One byte of a set (``\w``, ``[a-z]``, ``~01``), or one that is not in it.

    Case is folded before a set is negated.
    """

    members: int
    negated: bool
    code_size: int
    """Bytes that the instruction for it has in libyara, whose jumps are limited."""


class Where(enum.Enum):
    """The places that an expression can ask to be at."""

    START = "^"
    END = "$"
    WORD_BOUNDARY = "\\b"
    NON_WORD_BOUNDARY = "\\B"


@dataclass(frozen=True, slots=True, eq=False)
class Assertion:
    r"""``^``, ``$``, ``\b`` or ``\B``: matches nothing, at the right place."""

    where: Where


@dataclass(frozen=True, slots=True, eq=False)
class Empty:
    """What stands between a bar and the end of its group: it matches nothing, anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Concatenation:
    """One item after the other; there is at least one."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Alternation:
    """One of at least two branches, an earlier one rather than a later one."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Star:
    """``item*``."""

    item: Node
    greedy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Plus:
    """``item+``."""

    item: Node
    greedy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """``item{low,high}`` or ``item?``; the item is not a bare ``.``."""

    item: Node
    low: int
    high: int
    greedy: bool


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """``.{low,high}`` or ``[low-high]``: so many bytes of any value."""

    low: int
    high: int
    greedy: bool


Node: TypeAlias = (
    Byte
    | AnyByte
    | ByteSet
    | Assertion
    | Empty
    | Concatenation
    | Alternation
    | Star
    | Plus
    | Repeat
    | Jump
)

UNBOUNDED: Final = 2**31 - 1
"""The upper end of a jump without one (C's ``INT_MAX``)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed hex string or regular expression."""

    root: Node
    is_greedy: bool = False
    """Whether it has greedy quantifiers."""
    is_lazy: bool = False
    """Whether it has lazy quantifiers; jumps of hex strings don't count."""
    is_plain: bool = False
    """Whether it is a hex string without alternatives, for which libyara has
    a simpler matcher with habits of its own."""
    shares_bytes: bool = False
    """Whether it is a row of bytes and jumps whose bytes other rows have, too."""
    unknown_escape: bool = False
    """Whether it has an escape sequence that strict mode warns of."""


def accepted_bytes(node: Byte | ByteSet, *, nocase: bool) -> int:
    """The set of the bytes that a node accepts.

    Follows ``_yr_re_is_char_in_class`` in libyara's ``re.c``.
    """
    if isinstance(node, ByteSet):
        members = _folded(node.members) if nocase else node.members
        return members ^ ALL_BYTES if node.negated else members
    members = _masked(node.value, node.mask)
    return _folded(members) if nocase else members


@cache
def _masked(value: int, mask: int) -> int:
    """The set of the bytes that have given bits."""
    return sum(1 << byte for byte in range(256) if byte & mask == value)


def _folded(members: int) -> int:
    """A set of bytes with each letter in either case."""
    letters = members & _CAPITALS | members >> 32 & _CAPITALS
    return members | letters | letters << 32


_IN_ROWS: Final = {Byte, AnyByte, Jump}


def is_row(root: Node) -> TypeGuard[Concatenation]:
    """Whether a tree is nothing but bytes and jumps in a row."""
    return isinstance(root, Concatenation) and _IN_ROWS.issuperset(map(type, root.items))


def runs_of_row(
    row: Concatenation,
) -> Iterator[tuple[int, Sequence[Byte | AnyByte], Jump | None]]:
    """The bytes before each jump of a row and at its end: where, which, and the jump."""
    items: tuple[Any, ...] = row.items
    start = 0
    for end in [place for place, item in enumerate(items) if type(item) is Jump]:
        yield start, items[start:end], items[end]
        start = end + 1
    yield start, items[start:], None


def values_and_masks(run: Sequence[Byte | AnyByte]) -> tuple[bytes, bytes]:
    """The known bits of bytes, and which those are."""
    return bytes([byte.value for byte in run]), bytes([byte.mask for byte in run])


def literal_text(root: Node) -> bytes | None:
    """The text of a tree that is nothing but plain bytes in a row, else None."""
    items = root.items if isinstance(root, Concatenation) else (root,)
    text = bytearray()
    for item in items:
        if not isinstance(item, Byte) or item.mask != 0xFF:
            return None
        text.append(item.value)
    return bytes(text)


def has_unbounded_dot(node: Node) -> bool:
    """Whether there is ``.*``, ``.+`` or ``.{x,}`` outside groups that are repeated or optional.

    Follows ``_yr_re_node_has_unbounded_quantifier_for_dot`` in libyara's ``re.c``.
    """
    match node:
        case Star() | Plus():
            return isinstance(node.item, AnyByte)
        case Jump():
            return node.high == limits.RE_MAX_RANGE
        case Concatenation():
            return any(has_unbounded_dot(item) for item in node.items if not isinstance(item, Byte))
    return False


def split_at_chaining_point(root: Node) -> tuple[Node, Jump, Node] | None:
    """Split a tree at its first long jump: what comes before it, the jump, the rest.

    Follows ``yr_re_ast_split_at_chaining_point`` in libyara's ``re.c``.
    """
    if not isinstance(root, Concatenation):
        return None
    items = root.items
    for place in range(1, len(items) - 1):
        item = items[place]
        if (
            isinstance(item, Jump)
            and not item.greedy
            and item.high > limits.STRING_CHAINING_THRESHOLD
        ):
            return Concatenation(items[:place]), item, Concatenation(items[place + 1 :])
    return None
