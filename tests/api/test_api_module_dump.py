"""``miniyara.modules.dump`` gives what ``modules_callback`` is given, without a rule."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import TYPE_CHECKING, Any

import pytest
import yara
from crx_writer import FILES as CRX_FILES
from dex_writer import FILES as DEX_FILES
from lnk_writer import FILES as LNK_FILES
from macho_writer import FILES as MACHO_FILES

import miniyara
from miniyara import modules
from miniyara.modules import find, names, names_with_fields
from miniyara.modules.interface import Function, Structure
from miniyara.testing.programs.dotnet import rich_file

if TYPE_CHECKING:
    from collections.abc import Iterator

DOTNET = rich_file()


def told(engine: Any, module: str, data: bytes) -> dict[str, Any]:
    """Return what ``modules_callback`` is given."""
    given: list[dict[str, Any]] = []

    def callback(values: dict[str, Any]) -> int:
        given.append(values)
        return miniyara.CALLBACK_CONTINUE

    engine.compile(source=f'import "{module}" rule a {{ condition: true }}').match(
        data=data, modules_callback=callback
    )
    (values,) = given
    return values


def test_it_is_what_a_callback_is_given() -> None:
    dumped = modules.dump(DOTNET)
    assert list(dumped) == ["dotnet", "pe"]
    for module, values in dumped.items():
        assert values == told(yara, module, DOTNET)
        assert list(values) == list(told(miniyara, module, DOTNET))


@pytest.mark.parametrize(
    ("module", "data"),
    [
        ("crx", CRX_FILES["version 2"]),
        ("dex", DEX_FILES["sound"]),
        ("lnk", LNK_FILES["header only"]),
        ("macho", MACHO_FILES["32 bits, little-endian"]),
        ("macho", MACHO_FILES["fat"]),
    ],
)
def test_modules_see_their_files_and_no_others(module: str, data: bytes) -> None:
    assert modules.dump(data) == {module: told(miniyara, module, data)}


@pytest.mark.parametrize("data", [b"", b"text", bytes(1000)])
def test_nothing_is_seen_in_other_data(data: bytes) -> None:
    assert modules.dump(data) == {}


def test_a_pe_file_without_dotnet_is_none() -> None:
    data = DOTNET.replace(b"BSJB", b"____")
    assert list(modules.dump(data)) == ["pe"]
    assert modules.dump(data, names=["dotnet"])["dotnet"]["is_dotnet"] == 0


def test_modules_that_are_named() -> None:
    dumped = modules.dump(DOTNET, names=iter(["pe", "elf", "math", "pe"]))
    assert list(dumped) == ["pe", "elf", "math"]
    assert dumped["math"] == told(yara, "math", DOTNET)
    assert dumped["elf"] == told(yara, "elf", DOTNET)
    assert modules.dump(DOTNET, names=()) == {}


@pytest.mark.parametrize("name", ["vt", "interface", ""])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(miniyara.Error, match=re.escape(f'unknown module "{name}"')):
        modules.dump(b"", names=["pe", name])


def test_a_module_that_refuses_what_it_is_handed() -> None:
    handed: dict[Any, Any] = {"cuckoo": b"{", "pe": 5, 6: b""}
    assert modules.dump(b"", modules_data=handed) == {}  # functions only: not asked
    with pytest.raises(miniyara.Error, match='module "cuckoo" failed: Error: internal error: 57'):
        modules.dump(b"", modules_data=handed, names=["cuckoo"])
    handed["cuckoo"] = b"{}"
    assert modules.dump(b"", modules_data=handed, names=["cuckoo"])["cuckoo"]["network"] == {}


def test_any_buffer_and_text() -> None:
    for data in (bytearray(DOTNET), memoryview(DOTNET)):
        assert modules.dump(data) == modules.dump(DOTNET)
    assert modules.dump("dex") == {}


def test_wrong_arguments() -> None:
    wrong: Any
    for wrong in (None, 5):
        with pytest.raises(TypeError):
            modules.dump(wrong)
    with pytest.raises(TypeError):
        modules.dump(b"", names="pe")
    wrong = []
    with pytest.raises(TypeError):
        modules.dump(b"", modules_data=wrong)


def test_modules_is_a_list_of_names_all_the_same() -> None:
    assert isinstance(modules, list)
    assert modules == list(names())
    assert repr(modules) == repr(list(names()))
    assert json.loads(json.dumps(modules)) == modules
    for copied in (copy.copy(modules), copy.deepcopy(modules), pickle.loads(pickle.dumps(modules))):  # noqa: S301
        assert copied == modules
    assert miniyara.modules is modules


def test_modules_that_are_not_asked_have_functions_only() -> None:
    others = (find(name) for name in names() if name not in names_with_fields())
    found = {
        f"{module.name}.{field}"
        for module in others
        if module is not None  # there may be no libmagic
        for field in fields(module.declaration)
    }
    assert found == {"math.MEAN_BYTES"}  # a constant


def fields(declaration: Structure) -> Iterator[str]:
    """Yield what is no function."""
    for name, member in declaration.members.items():
        if isinstance(member, Structure):
            yield from (f"{name}.{field}" for field in fields(member))
        elif not isinstance(member, Function):
            yield name
