"""Signatures: the types of parameters and results, and how they are written down.

Follows ``parse_signature_type`` and ``read_blob_*`` in libyara's
``modules/dotnet/dotnet.c`` (ECMA-335, II.23.2). A type that cannot be read has no name,
and then neither has what consists of it; but arguments without a name are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from miniyara.modules.dotnet import limits
from miniyara.values import UNDEFINED, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SIMPLE: Final = {
    0x01: b"void",
    0x02: b"bool",
    0x03: b"char",
    0x04: b"sbyte",
    0x05: b"byte",
    0x06: b"short",
    0x07: b"ushort",
    0x08: b"int",
    0x09: b"uint",
    0x0A: b"long",
    0x0B: b"ulong",
    0x0C: b"float",
    0x0D: b"double",
    0x0E: b"string",
    0x16: b"TypedReference",
    0x18: b"IntPtr",
    0x19: b"UIntPtr",
    0x1C: b"object",
}

_WRAPPED: Final = {0x0F: b"Ptr<%b>", 0x10: b"ref %b", 0x1D: b"%b[]"}
"""How a type is written that consists of another one."""


class Signature:
    """Bytes of a blob that are read one after the other."""

    def __init__(self, data: Any, blob: range) -> None:
        self._data = data
        self._place = blob.start
        self._end = blob.stop

    def __len__(self) -> int:
        return self._end - self._place

    def byte(self) -> int:
        """Read a byte; there must be one."""
        self._place += 1
        value: int = self._data[self._place - 1]
        return value

    def unsigned(self) -> int:
        """Read a compressed number; 0, and nothing is read, if there is none."""
        return self._number()[0]

    def signed(self) -> int:
        """Read a compressed number whose lowest bit is its sign."""
        value, bits = self._number()
        return (value >> 1) - (1 << bits - 1 if value & 1 else 0)

    def _number(self) -> tuple[int, int]:
        """Read a number of one, two or four bytes; return it and its bits."""
        left = len(self)
        first = self._data[self._place] if left else 0xFF
        if first < 0x80:
            size, bits = 1, 7
        elif first < 0xC0:
            size, bits = 2, 14
        elif first < 0xE0:
            size, bits = 4, 29
        else:
            return 0, 7
        if size > left:
            return 0, 7
        start = self._place
        self._place += size
        number = int.from_bytes(self._data[start : self._place], "big")
        return number & (1 << bits) - 1, bits


@dataclass(frozen=True, slots=True)
class Parameters:
    """The names of generic parameters that a signature can refer to."""

    of_class: tuple[bytes, ...] = ()
    of_method: tuple[bytes, ...] = ()


_Reader: TypeAlias = "Callable[[TypeReader, Signature, Parameters, int], bytes | Undefined]"


class TypeReader:
    """Reads the names of types from signatures."""

    def __init__(
        self,
        budget: limits.Budget,
        resolve: Callable[[int, Parameters, int], bytes | Undefined],
    ) -> None:
        self._budget = budget
        self._resolve = resolve
        """Gives the name for a coded index of a type, the parameters and the depth."""

    def type(
        self, signature: Signature, parameters: Parameters, depth: int = 0
    ) -> bytes | Undefined:
        """Read a type that is inside ``depth`` others; undefined if it has no name."""
        if not signature or depth > limits.DEEPEST_TYPE:
            return UNDEFINED
        if not self._budget.allows(limits.WORK_PER_ELEMENT):
            return UNDEFINED
        element = signature.byte()
        if element in _SIMPLE:
            return _SIMPLE[element]
        if element in _WRAPPED:
            inner = self.type(signature, parameters, depth + 1)
            name = UNDEFINED if inner is UNDEFINED else _WRAPPED[element] % inner
        elif element in self._composite:
            name = self._composite[element](self, signature, parameters, depth + 1)
        else:
            return UNDEFINED
        return self._budget.named(name)

    def _modified(
        self, signature: Signature, parameters: Parameters, depth: int
    ) -> bytes | Undefined:
        signature.unsigned()
        return self.type(signature, parameters, depth)

    def _class(self, signature: Signature, parameters: Parameters, depth: int) -> bytes | Undefined:
        return self._resolve(signature.unsigned(), parameters, depth)

    def _class_parameter(
        self, signature: Signature, parameters: Parameters, _depth: int
    ) -> bytes | Undefined:
        return _item(parameters.of_class, signature.unsigned())

    def _method_parameter(
        self, signature: Signature, parameters: Parameters, _depth: int
    ) -> bytes | Undefined:
        return _item(parameters.of_method, signature.unsigned())

    def _array(self, signature: Signature, parameters: Parameters, depth: int) -> bytes | Undefined:
        inner = self.type(signature, parameters, depth)
        if inner is UNDEFINED:
            return UNDEFINED
        rank = signature.unsigned()
        if not 0 < rank <= limits.MOST_RANKS:
            return UNDEFINED
        size_count = signature.unsigned()
        if size_count > rank:
            return UNDEFINED
        sizes = [signature.unsigned() for _ in range(size_count)]
        bound_count = signature.unsigned()
        if bound_count > rank:
            return UNDEFINED
        bounds = [signature.signed() for _ in range(bound_count)]
        missing: list[int | None] = [None] * rank
        pairs = zip((sizes + missing)[:rank], (bounds + missing)[:rank], strict=True)
        dimensions = [_dimension(size, bound) for size, bound in pairs]
        return b"%b[%b]" % (inner, b",".join(dimensions))

    def _generic_instance(
        self, signature: Signature, parameters: Parameters, depth: int
    ) -> bytes | Undefined:
        inner = self.type(signature, parameters, depth)
        if inner is UNDEFINED:
            return UNDEFINED
        count = signature.unsigned()
        if count > limits.MOST_GENERIC_ARGUMENTS:
            return UNDEFINED
        return b"%b<%b>" % (inner, self._list(count, b",", signature, parameters, depth))

    def _function_pointer(
        self, signature: Signature, parameters: Parameters, depth: int
    ) -> bytes | Undefined:
        if not signature:
            return UNDEFINED
        signature.byte()  # how it is called
        count = signature.unsigned()
        if count > limits.MOST_PARAMETERS:
            return UNDEFINED
        result = self.type(signature, parameters, depth)
        if result is UNDEFINED:
            return UNDEFINED
        return b"FnPtr<%b(%b)>" % (result, self._list(count, b", ", signature, parameters, depth))

    def _list(
        self, count: int, separator: bytes, signature: Signature, parameters: Parameters, depth: int
    ) -> bytes:
        """Read types and join them.

        One without a name is left out, but if it is the first, the separator behind it
        is not.
        """
        parts = []
        for index in range(count):
            name = self.type(signature, parameters, depth)
            if name is not UNDEFINED:
                parts += [separator, name] if index else [name]
        return b"".join(parts)

    _composite: ClassVar[Mapping[int, _Reader]] = {
        0x11: _class,
        0x12: _class,
        0x13: _class_parameter,
        0x14: _array,
        0x15: _generic_instance,
        0x1B: _function_pointer,
        0x1E: _method_parameter,
        0x1F: _modified,
        0x20: _modified,
    }
    """What reads the other elements."""


def _item(names: tuple[bytes, ...], index: int) -> bytes | Undefined:
    return names[index] if index < len(names) else UNDEFINED


def _dimension(size: int | None, bound: int | None) -> bytes:
    """Return a dimension of an array, ``size``, ``low...high`` or nothing."""
    text = b""
    if bound:
        text = b"%d..." % bound
        size = None if size is None else size + bound - 1
    return text if size is None else b"%b%d" % (text, size)
