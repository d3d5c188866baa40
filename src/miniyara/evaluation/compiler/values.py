"""Compiles what has a value of its own: literals, the data, modules, strings of the rule."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from miniyara.analysis import condition as steps
from miniyara.evaluation.compiler import pieces
from miniyara.evaluation.compiler.code import UNDEFINED, Code, Frame, Kind, compiles
from miniyara.values import UNDEFINED as UNDEFINED_VALUE

if TYPE_CHECKING:
    import ast

_CONTEXT: Final = pieces.name("context")
_NONE: Final = pieces.constant(None)
_ZERO: Final = pieces.constant(0)

READERS: Final = {
    f"read_{order}{size}{sign}": struct.Struct(f"{symbol}{letter}").unpack_from
    for order, symbol in (("little", "<"), ("big", ">"))
    for size, letters in ((1, "Bb"), (2, "Hh"), (4, "Ii"))
    for sign, letter in zip(("unsigned", "signed"), letters, strict=True)
}
"""The functions that read an integer at an offset, by the names they have in compiled code."""


@compiles(steps.Constant)
def _constant(_frame: Frame, step: steps.Constant) -> Code:
    value = step.value
    if value is UNDEFINED_VALUE:  # "all"
        return Code(UNDEFINED)
    kind = Kind.OTHER
    if isinstance(value, bool):
        kind = Kind.BOOLEAN
    elif isinstance(value, int):
        kind = Kind.SMALL if abs(value) < 1 << 62 else Kind.INTEGER
    return Code(pieces.constant(value), kind)


@compiles(steps.Regexp)
def _regexp(frame: Frame, step: steps.Regexp) -> Code:
    return Code(frame.unit.bind(step.regexp))


@compiles(steps.FileSize)
def _file_size(frame: Frame, _step: steps.FileSize) -> Code:
    return Code(frame.local("size"), Kind.SMALL)


@compiles(steps.EntryPoint)
def _entry_point(frame: Frame, _step: steps.EntryPoint) -> Code:
    return frame.defined(pieces.call("entry_point", frame.local("data")), Kind.INTEGER)


@compiles(steps.ReadInteger)
def _read_integer(frame: Frame, step: steps.ReadInteger) -> Code:
    order = "big" if step.is_big_endian else "little"
    reader = f"read_{order}{step.size}{'signed' if step.is_signed else 'unsigned'}"
    offset = frame.compile(step.offset)
    size = frame.local("size")
    known = step.offset.value if isinstance(step.offset, steps.Constant) else None
    if isinstance(known, int) and known >= 0:
        place = offset.value
        is_inside = pieces.compare(size, ">=", pieces.constant(known + step.size))
    else:
        computed, place = frame.keep(offset.value)
        last = pieces.arithmetic(size, "-", pieces.constant(step.size))
        is_inside = pieces.between(_ZERO, computed, last)
    value = pieces.item(pieces.call(reader, frame.local("data"), place), 0)
    return Code(value, Kind.SMALL, (*offset.guards, is_inside), offset.has_effect)


@compiles(steps.Variable)
def _variable(frame: Frame, step: steps.Variable) -> Code:
    return frame.variables[step.slot]


@compiles(steps.External)
def _external(_frame: Frame, step: steps.External) -> Code:
    return Code(pieces.item(pieces.attribute(_CONTEXT, "externals"), step.name))


@compiles(steps.RuleMatches)
def _rule_matches(_frame: Frame, step: steps.RuleMatches) -> Code:
    matched = pieces.method(_CONTEXT, "has_matched", pieces.constant(step.rule))
    return Code(matched, Kind.BOOLEAN)


# -- modules -----------------------------------------------------------------------------


@compiles(steps.ModuleRoot)
def _module_root(_frame: Frame, step: steps.ModuleRoot) -> Code:
    return Code(pieces.method(_CONTEXT, "module", pieces.constant(step.module)))


@compiles(steps.FieldOf)
def _field_of(frame: Frame, step: steps.FieldOf) -> Code:
    owner = frame.compile(step.owner)
    member = pieces.method(owner.value, "member", pieces.constant(step.name))
    return frame.defined(member, guards=owner.guards, has_effect=owner.has_effect)


@compiles(steps.ItemOf)
def _item_of(frame: Frame, step: steps.ItemOf) -> Code:
    parts = frame.compile(step.owner), frame.compile(step.index)
    (owner, index), guards, has_effect = frame.together(*parts)
    item = pieces.method(owner, "item", index)
    return frame.defined(item, guards=guards, has_effect=has_effect)


@compiles(steps.EntryOf)
def _entry_of(frame: Frame, step: steps.EntryOf) -> Code:
    parts = frame.compile(step.owner), frame.compile(step.key)
    (owner, key), guards, has_effect = frame.together(*parts)
    entry = pieces.method(owner, "value", key)
    return frame.defined(entry, guards=guards, has_effect=has_effect)


@compiles(steps.CallOf)
def _call_of(frame: Frame, step: steps.CallOf) -> Code:
    owner = frame.compile(step.owner)
    arguments = [frame.compile(argument) for argument in step.arguments]
    (kept, *values), guards, _ = frame.together(owner, *arguments)
    if step.is_method:
        values.insert(0, kept)
    function = frame.unit.bind(step.implementation)
    result = pieces.call(function, pieces.attribute(_CONTEXT, "module_scan"), *values)
    return frame.defined(result, guards=guards, has_effect=True)


# -- strings -----------------------------------------------------------------------------


def hits_of(frame: Frame, string: int | None) -> ast.expr:
    """The hits of a string; ``$`` is a variable that has them already."""
    if string is None:
        return pieces.name("string")
    return pieces.call(frame.local("hits"), pieces.constant(string))


@compiles(steps.StringFound)
def _string_found(frame: Frame, step: steps.StringFound) -> Code:
    return Code(pieces.method(hits_of(frame, step.string), "any"), Kind.BOOLEAN)


@compiles(steps.StringFoundAt)
def _string_found_at(frame: Frame, step: steps.StringFoundAt) -> Code:
    offset = frame.compile(step.offset)
    found = pieces.method(hits_of(frame, step.string), "at", offset.value)
    return Code(found, Kind.BOOLEAN, offset.guards, offset.has_effect)


@compiles(steps.StringFoundIn)
def _string_found_in(frame: Frame, step: steps.StringFoundIn) -> Code:
    parts = frame.compile(step.low), frame.compile(step.high)
    bounds, guards, has_effect = frame.together(*parts)
    found = pieces.method(hits_of(frame, step.string), "within", *bounds)
    return Code(found, Kind.BOOLEAN, guards, has_effect)


@compiles(steps.CountOf)
def _count_of(frame: Frame, step: steps.CountOf) -> Code:
    return Code(pieces.method(hits_of(frame, step.string), "count"), Kind.SMALL)


@compiles(steps.CountOfIn)
def _count_of_in(frame: Frame, step: steps.CountOfIn) -> Code:
    parts = frame.compile(step.low), frame.compile(step.high)
    bounds, guards, has_effect = frame.together(*parts)
    count = pieces.method(hits_of(frame, step.string), "count_within", *bounds)
    return Code(count, Kind.SMALL, guards, has_effect)


@compiles(steps.OffsetOf)
def _offset_of(frame: Frame, step: steps.OffsetOf) -> Code:
    return _of_hit(frame, step, "offset")


@compiles(steps.LengthOf)
def _length_of(frame: Frame, step: steps.LengthOf) -> Code:
    return _of_hit(frame, step, "length")


def _of_hit(frame: Frame, step: steps.OffsetOf | steps.LengthOf, field: str) -> Code:
    index = frame.compile(step.index)
    # libyara does not check the type of an index.
    number = index.value if index.kind.is_integer else pieces.call("as_integer", index.value)
    hit = pieces.method(hits_of(frame, step.string), "hit", number)
    guard, kept = frame.keep_defined(hit, absent=_NONE)
    value = pieces.attribute(kept, field)
    return Code(value, Kind.SMALL, (*index.guards, guard), index.has_effect)
