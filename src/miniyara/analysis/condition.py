"""What a condition means, once names are bound and types are known.

The nodes of the syntax tree say what was written; these say what is to be done:
``pe`` has become a module, ``i`` the variable of a loop, ``a`` another rule,
``them`` a set of strings, and where an integer meets a float it is converted.
Both evaluators and the planner work on these nodes only.

A string is its number among the program's strings, or None for the ``$`` of the
running ``for ... of`` loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from miniyara.syntax.nodes import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from miniyara.modules.interface import Type
    from miniyara.patterns import ConditionRegexp
    from miniyara.values import Scalar, Undefined

StringNumber: TypeAlias = "int | None"


@dataclass(frozen=True, slots=True)
class Step:
    """Base of all nodes."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# -- values ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant(Step):
    """A literal; as a quantifier, UNDEFINED is ``all``, 1 is ``any`` and 0 is ``none``."""

    value: Scalar | Undefined


@dataclass(frozen=True, slots=True)
class Regexp(Step):
    """A regular expression."""

    regexp: ConditionRegexp


@dataclass(frozen=True, slots=True)
class FileSize(Step):
    """``filesize``."""


@dataclass(frozen=True, slots=True)
class EntryPoint(Step):
    """``entrypoint``."""


@dataclass(frozen=True, slots=True)
class ReadInteger(Step):
    """An integer in the data; undefined outside of it."""

    size: int
    """In bytes: 1, 2 or 4."""
    is_signed: bool
    is_big_endian: bool
    offset: Condition


@dataclass(frozen=True, slots=True)
class Variable(Step):
    """A loop variable, by its slot."""

    slot: int


@dataclass(frozen=True, slots=True)
class External(Step):
    """An external variable."""

    name: str


@dataclass(frozen=True, slots=True)
class RuleMatches(Step):
    """Whether the rule of that number has matched already."""

    rule: int


@dataclass(frozen=True, slots=True)
class ModuleRoot(Step):
    """The structure that is a module."""

    module: str


@dataclass(frozen=True, slots=True)
class FieldOf(Step):
    """A member of a structure."""

    owner: Condition
    name: str


@dataclass(frozen=True, slots=True)
class ItemOf(Step):
    """An item of an array."""

    owner: Condition
    index: Condition


@dataclass(frozen=True, slots=True)
class EntryOf(Step):
    """A value of a dictionary."""

    owner: Condition
    key: Condition


@dataclass(frozen=True, slots=True)
class CallOf(Step):
    """A call of a module's function."""

    owner: Condition
    """The structure that has the function: if it is undefined, so is the result."""
    name: str
    implementation: Callable[..., Any]
    arguments: tuple[Condition, ...]
    is_method: bool = False
    """Whether the implementation gets the owner."""


# -- strings of the rule -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StringFound(Step):
    """``$a``."""

    string: StringNumber


@dataclass(frozen=True, slots=True)
class StringFoundAt(Step):
    """``$a at offset``."""

    string: StringNumber
    offset: Condition


@dataclass(frozen=True, slots=True)
class StringFoundIn(Step):
    """``$a in (low..high)``."""

    string: StringNumber
    low: Condition
    high: Condition


@dataclass(frozen=True, slots=True)
class CountOf(Step):
    """``#a``."""

    string: StringNumber


@dataclass(frozen=True, slots=True)
class CountOfIn(Step):
    """``#a in (low..high)``."""

    string: StringNumber
    low: Condition
    high: Condition


@dataclass(frozen=True, slots=True)
class OffsetOf(Step):
    """``@a[index]``."""

    string: StringNumber
    index: Condition


@dataclass(frozen=True, slots=True)
class LengthOf(Step):
    """``!a[index]``."""

    string: StringNumber
    index: Condition


# -- operators -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Negate(Step):
    """``-operand``."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Complement(Step):
    """``~operand``."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class ToFloat(Step):
    """An integer as a float."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class IsNotEmpty(Step):
    """A text used as a boolean."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Binary(Step):
    """``left operator right``, both of the same type."""

    operator: str
    type: Type
    """The type of the operands."""
    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Not(Step):
    """``not operand``."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Defined(Step):
    """``defined operand``."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class And(Step):
    """``a and b and c``."""

    operands: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Step):
    """``a or b or c``."""

    operands: tuple[Condition, ...]


# -- quantifiers and loops ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfStrings(Step):
    """``quantifier of strings``, perhaps ``at`` or ``in``."""

    quantifier: Condition
    is_percentage: bool
    strings: tuple[int, ...]
    at: Condition | None = None
    low: Condition | None = None
    high: Condition | None = None


@dataclass(frozen=True, slots=True)
class OfRules(Step):
    """``quantifier of rules``."""

    quantifier: Condition
    is_percentage: bool
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OverRange(Step):
    """Iterates over the integers from ``low`` to ``high``."""

    low: Condition
    high: Condition


@dataclass(frozen=True, slots=True)
class OverItems(Step):
    """Iterates over the items of an enumeration."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OverArray(Step):
    """Iterates over an array of a module."""

    array: Condition


@dataclass(frozen=True, slots=True)
class OverDictionary(Step):
    """Iterates over the keys and values of a dictionary of a module."""

    dictionary: Condition


@dataclass(frozen=True, slots=True)
class OverStrings(Step):
    """Iterates over strings, each of them being ``$`` in turn."""

    strings: tuple[int, ...]


Iterator: TypeAlias = OverRange | OverItems | OverArray | OverDictionary | OverStrings


@dataclass(frozen=True, slots=True)
class Loop(Step):
    """``for quantifier variables in iterator : ( body )``."""

    quantifier: Condition
    iterator: Iterator
    slots: tuple[int, ...]
    """The slots of the variables; none for a loop over strings."""
    body: Condition


Condition: TypeAlias = (
    Constant
    | Regexp
    | FileSize
    | EntryPoint
    | ReadInteger
    | Variable
    | External
    | RuleMatches
    | ModuleRoot
    | FieldOf
    | ItemOf
    | EntryOf
    | CallOf
    | StringFound
    | StringFoundAt
    | StringFoundIn
    | CountOf
    | CountOfIn
    | OffsetOf
    | LengthOf
    | Negate
    | Complement
    | ToFloat
    | IsNotEmpty
    | Binary
    | Not
    | Defined
    | And
    | Or
    | OfStrings
    | OfRules
    | Loop
)
