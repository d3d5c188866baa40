"""One call of a module function, made in miniyara and put to libyara."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yara

import miniyara
from miniyara.modules import find, names
from miniyara.modules.console import without_stray_bytes
from miniyara.modules.interface import Function, ModuleScan
from miniyara.values import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

IMPORTS = "".join(f'import "{name}" ' for name in names() if name in yara.modules)
"""Imports what libyara has; it can be built without some modules."""

LETTERS = {bool: "b", int: "i", float: "f", bytes: "s"}


def literal(value: bool | float | bytes) -> str:
    """Return an expression in YARA's language that has exactly this value."""
    if isinstance(value, bytes):
        return '"' + "".join(f"\\x{byte:02x}" for byte in value) + '"'
    if isinstance(value, bool):
        return str(value).lower()
    if value == -(2**63):
        return "(-9223372036854775807 - 1)"
    if math.copysign(1, value) < 0:
        return f"-{literal(-value)}"
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        # What x86 gives for 0 / 0 is a negative NaN.
        return r"-(0.0 \ 0.0)"
    if math.isinf(value):
        return r"(1.0 \ 0.0)"
    digits = f"{Decimal(value):f}"
    return digits if "." in digits else f"{digits}.0"


def ours(scan: ModuleScan, function: str, *arguments: bool | float | bytes) -> Any:
    """Call the overload of ``function``, such as ``math.mean``, for these arguments."""
    module_name, name = function.split(".")
    module = find(module_name)
    assert module is not None
    declaration = module.declaration.members[name]
    assert isinstance(declaration, Function)
    overload = "".join(LETTERS[type(argument)] for argument in arguments)
    return declaration.overloads[overload](scan, *arguments)


def call_text(function: str, arguments: tuple[bool | float | bytes, ...]) -> str:
    """Return the call in YARA's language."""
    return f"{function}({', '.join(map(literal, arguments))})"


def condition_of(call: str, value: Any) -> str:
    """Return a condition that is true if a call has exactly this value."""
    if value is UNDEFINED:
        return f"not defined {call}"
    if isinstance(value, float):
        # == would allow for an error.
        return f"{call} <= {literal(value)} and {call} >= {literal(value)}"
    return f"{call} == {literal(value)}"


def ask_libyara(conditions: list[str], data: bytes) -> tuple[list[int], list[str]]:
    """Return which conditions libyara finds true, by index, and what they printed."""
    rules = (f"rule r{i} {{ condition: {text} }}" for i, text in enumerate(conditions))
    messages: list[str] = []
    matches = yara.compile(source=IMPORTS + "\n".join(rules)).match(
        data=data, console_callback=messages.append
    )
    return sorted(int(match.rule[1:]) for match in matches), messages


@pytest.fixture(name="ours", scope="session")
def ours_fixture() -> Callable[..., Any]:
    return ours


@pytest.fixture(scope="session")
def agree_on_all() -> Callable[..., list[Any]]:
    """Give a function that makes many calls in both engines and returns their values.

    It fails at the first call that differs.
    """

    def compare(
        data: bytes, function: str, argument_lists: Iterable[tuple[bool | float | bytes, ...]]
    ) -> list[Any]:
        argument_lists = list(argument_lists)
        values = [ours(ModuleScan(data), function, *arguments) for arguments in argument_lists]
        calls = [call_text(function, arguments) for arguments in argument_lists]
        same, _ = ask_libyara(list(map(condition_of, calls, values)), data)
        for index, (call, value) in enumerate(zip(calls, values, strict=True)):
            if index not in same:
                theirs = ask_libyara([f"console.log({call})"], data)[1]
                pytest.fail(f"{call} on {data[:40]!r}... is {value!r}, in libyara {theirs}")
        return values

    return compare


@pytest.fixture(scope="session")
def agree(agree_on_all: Callable[..., list[Any]]) -> Callable[..., Any]:
    """Give a function that makes one call in both engines and returns its value."""

    def compare(data: bytes, function: str, *arguments: bool | float | bytes) -> Any:
        return agree_on_all(data, function, [arguments])[0]

    return compare


@pytest.fixture(scope="session")
def agree_on_output() -> Callable[..., str]:
    """Give a function that compares what a call prints, and returns it."""

    def compare(function: str, *arguments: bool | float | bytes) -> str:
        messages: list[str] = []

        def log(message: str) -> None:
            messages.append(without_stray_bytes(message))

        assert ours(ModuleScan(b"", log=log), function, *arguments) == 1
        call = call_text(function, arguments)
        assert ask_libyara([f"{call} == 1"], b"") == ([0], messages), call
        return messages[0]

    return compare


def _fields(engine: ModuleType, module_name: str, data: bytes) -> dict[str, Any]:
    """Return a module's fields and the values of its functions without arguments."""
    module = find(module_name)
    assert module is not None
    calls = [
        f"{module_name}.{name}()"
        for name, member in module.declaration.members.items()
        if isinstance(member, Function) and "" in member.overloads
    ]
    rules = [
        f'rule r{index} {{ condition: console.log("{call}=", {call}) }}'
        for index, call in enumerate(calls)
    ]
    source = (
        f'import "console" import "{module_name}" {" ".join(rules)} rule r {{ condition: true }}'
    )
    fields: dict[str, Any] = {}
    logged: list[str] = []
    engine.compile(source=source).match(
        data=data,
        modules_callback=lambda values: (
            fields.update(values if values["module"] == module_name else {})
            or yara.CALLBACK_CONTINUE
        ),
        console_callback=logged.append,
    )
    fields.update(
        {
            call.removeprefix(f"{module_name}."): value
            for call, _, value in (line.partition("=") for line in logged)
        }
    )
    return fields


def _ordered(value: Any) -> Any:
    """Return a value that is equal to another one only with all keys in the same order."""
    if isinstance(value, dict):
        return [(key, _ordered(member)) for key, member in value.items()]
    return [_ordered(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="session")
def agree_on_fields() -> Callable[[str, bytes], dict[str, Any]]:
    """Give a function that compares all fields of a module, and returns them.

    The values of functions without arguments, as text, are under ``"name()"``.
    """

    def compare(module_name: str, data: bytes) -> dict[str, Any]:
        theirs, ours = (_fields(engine, module_name, data) for engine in (yara, miniyara))
        if _ordered(theirs) != _ordered(ours):
            different = [key for key in theirs | ours if theirs.get(key) != ours.get(key)]
            pytest.fail(
                f"{module_name} of {data!r}: {', '.join(different) or 'the order'} differ: "
                f"{[theirs.get(key) for key in different]} in libyara, "
                f"{[ours.get(key) for key in different]} here"
            )
        return ours

    return compare
