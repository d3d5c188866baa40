"""The modules declare the functions that libyara's declare."""

from __future__ import annotations

from itertools import chain, product

import pytest
import yara

from miniyara.modules import find, names
from miniyara.modules.interface import Function, ModuleScan, Type

ARGUMENTS = {"i": "1", "f": "1.0", "s": '"a"', "b": "true", "r": "/a/"}
FORMATS = [
    "".join(letters) for letters in chain(*(product("ifsbr", repeat=count) for count in range(4)))
]

ACCEPTS_ONLY = {
    Type.INTEGER: "math.abs({})",
    Type.FLOAT: "math.in_range({}, 1.0, 1.0)",
    Type.STRING: "string.length({})",
}
"""A call that is wrong with an argument of another type."""

FUNCTIONS = {
    f"{name}.{member}": declaration
    for name in names()
    if name in yara.modules and (module := find(name))
    for member, declaration in module.declaration.members.items()
    if isinstance(declaration, Function)
}


def compiles(condition: str) -> bool:
    imports = "".join(f'import "{name}" ' for name in names() if name in yara.modules)
    try:
        yara.compile(source=f"{imports} rule test {{ condition: {condition} }}")
    except yara.SyntaxError:
        return False
    return True


@pytest.mark.parametrize("function", FUNCTIONS)
def test_overloads(function: str) -> None:
    accepted = {
        overload
        for overload in FORMATS
        if compiles(f"defined {function}({', '.join(ARGUMENTS[letter] for letter in overload)})")
    }
    assert accepted == set(FUNCTIONS[function].overloads)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_result_types(function: str) -> None:
    declaration = FUNCTIONS[function]
    arguments = ", ".join(ARGUMENTS[letter] for letter in next(iter(declaration.overloads)))
    accepting = {
        type_
        for type_, call in ACCEPTS_ONLY.items()
        if compiles(call.format(f"{function}({arguments})"))
    }
    assert accepting == {declaration.result}


def test_constants() -> None:
    module = find("math")
    assert module is not None
    assert module.declaration.members["MEAN_BYTES"] is Type.FLOAT
    assert module.load(ModuleScan(b"")).member("MEAN_BYTES") == 127.5
    assert compiles("math.in_range(math.MEAN_BYTES, 1.0, 1.0)")


def test_only_the_console_has_effects() -> None:
    assert {name for name, function in FUNCTIONS.items() if function.has_effect} == {
        "console.log",
        "console.hex",
    }


def test_unknown_modules() -> None:
    assert find("vba") is None
    assert find("interface") is None
    assert list(names()) == sorted(names())
