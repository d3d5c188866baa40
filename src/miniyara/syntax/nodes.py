"""The abstract syntax tree of YARA rules.

Every node is frozen, slotted and typed.  A node compares equal to another one
with the same contents wherever it stands: ``span`` takes no part in equality.

Text is kept as the bytes that the rule file holds, because YARA strings are
bytes; names are ``str``.  Parentheses leave no trace: the tree says what they
said.  Chains of ``and`` and ``or`` are one flat node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


class Span(NamedTuple):
    """Where a node stands in its source, in bytes."""

    start: int
    """Offset of the first byte."""
    end: int
    """Offset after the last byte."""
    reached: int
    """How far the lexer had come when the node was complete: at the node's end or
    after the token that follows it.  libyara names the line of this place when it
    complains about the node.  -1 is the end of the source, libyara's line 0."""


NOWHERE = Span(0, 0, 0)
"""The span of a node that was not parsed from text."""


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# -- expressions: literals and simple values -----------------------------------


@dataclass(frozen=True, slots=True)
class BooleanLiteral(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class IntegerLiteral(Node):
    """``10``, ``0x1F``, ``0o17``, ``2KB``: a number from 0 to 2**63 - 1."""

    value: int


@dataclass(frozen=True, slots=True)
class FloatLiteral(Node):
    """``1.5``."""

    value: float


@dataclass(frozen=True, slots=True)
class TextLiteral(Node):
    """``"text"`` in a condition; escapes are resolved."""

    value: bytes


@dataclass(frozen=True, slots=True)
class RegexpLiteral(Node):
    r"""``/body/is``; in ``body`` only ``\/`` has been resolved."""

    body: bytes
    nocase: bool = False
    dotall: bool = False


@dataclass(frozen=True, slots=True)
class Filesize(Node):
    """``filesize``."""


@dataclass(frozen=True, slots=True)
class Entrypoint(Node):
    """``entrypoint``, deprecated in YARA but still in the language."""


@dataclass(frozen=True, slots=True)
class IntegerAt(Node):
    """``uint16be(offset)`` and its eleven sisters."""

    function: str
    offset: Expression


# -- expressions: names ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """A loop variable, an external variable, a module or a rule."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """``object.name``."""

    object: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``object[index]``."""

    object: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``."""

    function: Expression
    arguments: tuple[Expression, ...]


# -- expressions: strings of the rule --------------------------------------------
# A name is spelled with its dollar sign: "$a"; "$" is the string of the loop.


@dataclass(frozen=True, slots=True)
class Range(Node):
    """``(low..high)``, both ends included."""

    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class StringMatches(Node):
    """``$a``."""

    name: str


@dataclass(frozen=True, slots=True)
class StringAt(Node):
    """``$a at offset``."""

    name: str
    offset: Expression


@dataclass(frozen=True, slots=True)
class StringIn(Node):
    """``$a in (low..high)``."""

    name: str
    range: Range


@dataclass(frozen=True, slots=True)
class StringCount(Node):
    """``#a`` or ``#a in (low..high)``."""

    name: str
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class StringOffset(Node):
    """``@a`` or ``@a[index]``, counted from 1."""

    name: str
    index: Expression | None = None


@dataclass(frozen=True, slots=True)
class StringLength(Node):
    """``!a`` or ``!a[index]``, counted from 1."""

    name: str
    index: Expression | None = None


# -- expressions: operators --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class BitwiseNot(Node):
    """``~operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Defined(Node):
    """``defined operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    r"""``left operator right``.

    The operators: ``+ - * \ %``, ``& | ^ << >>``, ``== != < <= > >=``,
    ``contains icontains startswith istartswith endswith iendswith iequals``
    and ``matches`` (whose right side is a :class:`RegexpLiteral`).
    """

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class And(Node):
    """``a and b and c``; the first operand is never itself an ``And``."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """``a or b or c``; the first operand is never itself an ``Or``."""

    operands: tuple[Expression, ...]


# -- expressions: quantifiers, sets and loops ----------------------------------------


@dataclass(frozen=True, slots=True)
class All(Node):
    """The quantifier ``all``."""


@dataclass(frozen=True, slots=True)
class Any(Node):
    """The quantifier ``any``."""


@dataclass(frozen=True, slots=True)
class None_(Node):  # noqa: N801 - None is taken
    """The quantifier ``none``."""


@dataclass(frozen=True, slots=True)
class AtLeast(Node):
    """A number as quantifier: ``2 of ($a*)``; the number 0 means ``none``."""

    count: Expression


@dataclass(frozen=True, slots=True)
class Percent(Node):
    """A percentage as quantifier: ``50% of them``; only in ``of``."""

    percentage: Expression


@dataclass(frozen=True, slots=True)
class StringSet(Node):
    """``them`` (no items) or ``($a, $b*)``."""

    items: tuple[str, ...] = ()
    item_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class RuleSet(Node):
    """``(rule_a, prefix*)``, as a set of rules."""

    items: tuple[str, ...]
    item_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Of(Node):
    """``quantifier of set``, perhaps ``at offset`` or ``in (low..high)``."""

    quantifier: Quantifier
    set: StringSet | RuleSet
    at: Expression | None = None
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class Enumeration(Node):
    """``(1, 2, 3)`` as the iterator of a loop."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ForIn(Node):
    """``for quantifier variables in iterator : ( body )``."""

    quantifier: Quantifier
    variables: tuple[str, ...]
    iterator: Range | Enumeration | Expression
    body: Expression
    variable_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ForOf(Node):
    """``for quantifier of set : ( body )``."""

    quantifier: Quantifier
    set: StringSet
    body: Expression


Quantifier: TypeAlias = All | Any | None_ | AtLeast | Percent

Expression: TypeAlias = (
    BooleanLiteral
    | IntegerLiteral
    | FloatLiteral
    | TextLiteral
    | RegexpLiteral
    | Filesize
    | Entrypoint
    | IntegerAt
    | Identifier
    | Member
    | Index
    | Call
    | StringMatches
    | StringAt
    | StringIn
    | StringCount
    | StringOffset
    | StringLength
    | Negative
    | BitwiseNot
    | Not
    | Defined
    | Binary
    | And
    | Or
    | Of
    | ForIn
    | ForOf
)

# -- declarations ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meta(Node):
    """``name = value``; the bytes of text are those of the file."""

    name: str
    value: bytes | int | bool


@dataclass(frozen=True, slots=True)
class XorKeys(Node):
    """``xor(low-high)``; plain ``xor`` is 0 to 255."""

    low: int = 0
    high: int = 255


@dataclass(frozen=True, slots=True)
class Modifiers(Node):
    """The modifiers of a string; ``base64`` and ``base64wide`` hold the alphabet."""

    nocase: bool = False
    ascii: bool = False
    wide: bool = False
    fullword: bool = False
    private: bool = False
    xor: XorKeys | None = None
    base64: bytes | None = None
    base64wide: bytes | None = None


@dataclass(frozen=True, slots=True)
class TextString(Node):
    """``$name = "value" modifiers``; escapes are resolved."""

    name: str
    value: bytes
    modifiers: Modifiers = Modifiers()


@dataclass(frozen=True, slots=True)
class HexString(Node):
    """``$name = { text } modifiers``; ``text`` is what the braces hold, as written."""

    name: str
    text: bytes
    modifiers: Modifiers = Modifiers()


@dataclass(frozen=True, slots=True)
class RegexpString(Node):
    """``$name = /body/is modifiers``."""

    name: str
    regexp: RegexpLiteral
    modifiers: Modifiers = Modifiers()


StringDeclaration: TypeAlias = TextString | HexString | RegexpString


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """``private global rule name : tags { meta: strings: condition: }``."""

    name: str
    condition: Expression
    strings: tuple[StringDeclaration, ...] = ()
    meta: tuple[Meta, ...] = ()
    tags: tuple[str, ...] = ()
    is_private: bool = False
    is_global: bool = False
    name_span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Import(Node):
    """``import "module"``."""

    module: bytes


@dataclass(frozen=True, slots=True)
class Include(Node):
    """``include "path"``; stands in a tree only where includes are not followed."""

    path: bytes


@dataclass(frozen=True, slots=True)
class Source(Node):
    """A whole source: imports, includes and rules in their order."""

    items: tuple[Import | Include | Rule, ...]
