"""What a module is: declarations that rules are checked against, and lazy values.

A module declares its fields and functions with their types, as modules of YARA
do (see YARA's ``writingmodules.rst``).  For a scan it hands over a
:class:`StructureValue` whose fields are computed when a condition first asks for
them.  A field that the scanned data does not have is ``UNDEFINED``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

from miniyara.deadline import NEVER, Deadline
from miniyara.values import UNDEFINED, Scalar, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping


class Type(enum.Enum):
    """The simple types; the value is the letter of libyara's argument formats."""

    INTEGER = "i"
    FLOAT = "f"
    STRING = "s"
    BOOLEAN = "b"
    REGEXP = "r"


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure with named members."""

    members: Mapping[str, Declaration]


@dataclass(frozen=True, slots=True)
class Array:
    """An array; its items are of one type."""

    item: Declaration


@dataclass(frozen=True, slots=True)
class Dictionary:
    """A dictionary with strings as keys; its values are of one type."""

    value: Declaration


@dataclass(frozen=True, slots=True)
class Function:
    """A function: one result type, and an implementation per argument format.

    The keys of ``overloads`` are libyara's argument formats: ``"ii"`` takes two
    integers, ``""`` takes nothing.  An implementation gets the
    :class:`ModuleScan` and the arguments (never an undefined one: then the
    result is undefined without a call) and returns a value of type ``result``
    or ``UNDEFINED``.
    """

    result: Declaration
    overloads: Mapping[str, Callable[..., Any]]
    has_effect: bool = False
    """Whether a call can be observed other than by its result (``console.log``)."""
    is_method: bool = False
    """Whether an implementation gets the value of the structure that has the function,
    between the :class:`ModuleScan` and the arguments."""


Declaration: TypeAlias = Type | Structure | Array | Dictionary | Function


class StructureValue(Protocol):
    """The value of a :class:`Structure`."""

    def member(self, name: str) -> Value | Undefined:
        """Return the value of a declared member (a function's value is not asked for)."""
        ...


class ArrayValue(Protocol):
    """The value of an :class:`Array`."""

    def __len__(self) -> int: ...

    def item(self, index: int) -> Value | Undefined:
        """Return the item at ``index``, counted from 0; undefined outside the array."""
        ...


class DictionaryValue(Protocol):
    """The value of a :class:`Dictionary`."""

    def value(self, key: bytes) -> Value | Undefined:
        """Return the value under ``key``, or undefined."""
        ...

    def items(self) -> Iterator[tuple[bytes, Value]]:
        """Keys and values in libyara's order."""
        ...


Value: TypeAlias = Scalar | StructureValue | ArrayValue | DictionaryValue


@dataclass(frozen=True, slots=True)
class ModuleScan:
    """What a module may see of the scan that it serves."""

    data: Any
    """The scanned bytes: ``bytes`` or another object with the buffer protocol
    that can be sliced and indexed like ``bytes`` (``mmap``, for one)."""
    module_data: bytes | None = None
    """What the caller passed for this module in ``modules_data``."""
    log: Callable[[str], object] | None = None
    """Where ``console.log`` goes; None prints to standard output.

    Bytes that are not UTF-8 are lone surrogates in the text (``surrogateescape``).
    """
    deadline: Deadline = NEVER
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    """What the module remembers for the rest of this scan, such as digests."""


class Module(Protocol):
    """A module that rules can import."""

    @property
    def name(self) -> str:
        """The identifier that rules import."""
        ...

    @property
    def declaration(self) -> Structure:
        """The fields and functions of the module."""
        ...

    def load(self, scan: ModuleScan) -> StructureValue:
        """Return the module's view of one scan; must be cheap, and never raise on bad data."""
        ...


@dataclass(frozen=True, slots=True)
class LazyStructure:
    """A structure whose members are computed by functions when they are asked for."""

    members: Mapping[str, Callable[[], Value | Undefined]]

    def member(self, name: str) -> Value | Undefined:
        """Compute the member; one that has no function is undefined."""
        compute = self.members.get(name)
        return UNDEFINED if compute is None else compute()


OwnerT = TypeVar("OwnerT")
RecordT = TypeVar("RecordT")


@dataclass(frozen=True, slots=True)
class Record(Generic[OwnerT, RecordT]):
    """A structure whose members are computed from a record of the data.

    The functions are shared by all structures of a kind, so that one of them costs
    little; ``owner`` is what else they need, such as the file.
    """

    owner: OwnerT
    record: RecordT
    members: Mapping[str, Callable[[OwnerT, RecordT], Value | Undefined]]

    def member(self, name: str) -> Value | Undefined:
        """Compute the member."""
        return self.members[name](self.owner, self.record)


@dataclass(frozen=True, slots=True)
class LazyArray:
    """An array whose items are computed when they are asked for."""

    length: int
    compute: Callable[[int], Value | Undefined]

    def __len__(self) -> int:
        return self.length

    def item(self, index: int) -> Value | Undefined:
        """Compute the item; undefined outside the array."""
        return self.compute(index) if 0 <= index < self.length else UNDEFINED
