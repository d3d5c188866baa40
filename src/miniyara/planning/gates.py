"""Gates: what a rule asks that costs next to nothing to know.

A gate is a part of a condition without which it is not true: the size of the data, bytes
at fixed offsets (``uint16(0) == 0x5A4D``, ``$mz at 0``), values of externals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.analysis import condition as steps
from miniyara.patterns.literal import LiteralPart
from miniyara.planning.admission import Equality, FixedText, Gate, OneOfTexts, SizeRange
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from miniyara.analysis.condition import Condition
    from miniyara.analysis.program import CheckedString

ANY_SIZE: Final = 2**63 - 1

_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def find_gates(condition: Condition, strings: Sequence[CheckedString]) -> list[Gate]:
    """The gates of a condition."""
    return [gate for part in _conjuncts(condition) if (gate := _gate(part, strings)) is not None]


def _conjuncts(condition: Condition) -> Iterator[Condition]:
    """The parts of which all must be true."""
    pending = [condition]
    while pending:
        part = pending.pop()
        if isinstance(part, steps.And):
            pending.extend(reversed(part.operands))
        else:
            yield part


def _gate(part: Condition, strings: Sequence[CheckedString]) -> Gate | None:
    match part:
        case steps.Binary(
            operator=operator, left=steps.FileSize(), right=steps.Constant(value=int() as size)
        ):
            return _size_range(operator, size)
        case steps.Binary(
            operator=operator, left=steps.Constant(value=int() as size), right=steps.FileSize()
        ):
            return _size_range(_FLIPPED.get(operator, ""), size)
        case steps.Binary(
            operator="==", left=steps.External(name=name), right=steps.Constant(value=value)
        ) if isinstance(value, (int, bytes)):
            return Equality(name, value)
    return _texts(part, strings)


def _size_range(operator: str, size: int) -> SizeRange | None:
    match operator:
        case "<":
            return SizeRange(0, size - 1)
        case "<=":
            return SizeRange(0, size)
        case ">":
            return SizeRange(size + 1, ANY_SIZE)
        case ">=":
            return SizeRange(size, ANY_SIZE)
        case "==":
            return SizeRange(size, size)
    return None


def _texts(part: Condition, strings: Sequence[CheckedString]) -> OneOfTexts | None:
    """The texts of which a part of a condition needs one at a fixed offset."""
    match part:
        case steps.Or():
            return _one_of([_texts(operand, strings) for operand in part.operands])
        case (
            steps.Binary(
                operator="==",
                left=steps.ReadInteger(offset=steps.Constant(value=int() as offset)) as read,
                right=steps.Constant(value=int() as value),
            )
            | steps.Binary(
                operator="==",
                left=steps.Constant(value=int() as value),
                right=steps.ReadInteger(offset=steps.Constant(value=int() as offset)) as read,
            )
        ):
            return _read_texts(read, offset, value)
        case steps.StringFoundAt(string=int() as string, offset=steps.Constant(value=int() as at)):
            return _string_texts(strings[string], at)
        case steps.OfStrings(
            quantifier=steps.Constant(value=quantifier), at=steps.Constant(value=int() as at)
        ) if quantifier is UNDEFINED or (isinstance(quantifier, int) and quantifier > 0):
            return _one_of([_string_texts(strings[string], at) for string in part.strings])
    return None


def _one_of(choices: Sequence[OneOfTexts | None]) -> OneOfTexts | None:
    """The texts of which one is needed if one of some choices must hold."""
    known = [texts for texts in choices if texts is not None]
    if len(known) < len(choices):
        return None
    return tuple(dict.fromkeys(text for texts in known for text in texts))


def _string_texts(string: CheckedString, offset: int) -> OneOfTexts | None:
    """The texts of which one is there if a string is at an offset, if it is known."""
    first = string.pattern.parts[0]
    if not isinstance(first, LiteralPart) or first.nocase or first.xor_keys is not None:
        return None
    return tuple(FixedText(offset, needle.text) for needle in first.needles) if offset >= 0 else ()


def _read_texts(read: steps.ReadInteger, offset: int, value: int) -> OneOfTexts:
    try:
        order = "big" if read.is_big_endian else "little"
        text = value.to_bytes(read.size, order, signed=read.is_signed)  # type: ignore[arg-type]
    except OverflowError:
        return ()  # it is never equal
    return (FixedText(offset, text),) if offset >= 0 else ()
