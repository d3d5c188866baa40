"""All fields of the module pe are libyara's, on files that are whole, broken, or no PE files."""

from __future__ import annotations

import mmap
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import miniyara
from miniyara.modules import find
from miniyara.modules.interface import Function, ModuleScan
from miniyara.modules.pe import file as tables
from miniyara.scanning.module_dictionary import module_dictionary
from miniyara.testing.dictionaries import differences
from miniyara.testing.interrogation import NoAnswer, Reference, fields_of
from miniyara.testing.mutations import mutated
from miniyara.testing.subjects import SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NO_PE_FILES = {
    "nothing": b"",
    "a letter": b"M",
    "MZ": b"MZ",
    "a DOS header": b"MZ".ljust(64, b"\0"),
    "a header at itself": b"MZ".ljust(60, b"\0") + b"\0\0\0\0",
    "a header far away": b"MZ".ljust(60, b"\0") + b"\xff\xff\xff\x7f",
    "a header before the file": b"MZ".ljust(60, b"\0") + b"\xf0\xff\xff\xff" + bytes(400),
    "no optional header": b"MZ".ljust(60, b"\0") + b"\x40\0\0\0PE\0\0" + bytes(100),
}

(SUBJECT,) = (subject for subject in SUBJECTS if subject.module == "pe")


@pytest.fixture(scope="module", name="reference")
def reference_fixture() -> Iterator[Reference]:
    """Give libyara in a process of its own, for it crashes on some broken files."""
    reference = Reference()
    yield reference
    reference.close()


def test_a_file_with_everything(data: bytes, dump: Callable[[bytes], dict[str, Any]]) -> None:
    fields = dump(data)
    assert fields["number_of_imports"] == 4
    assert fields["number_of_delayed_imports"] == 2
    assert fields["number_of_exports"] == 4
    assert fields["number_of_resources"] == 2
    assert fields["number_of_version_infos"] == 3
    assert fields["rich_signature"]["length"] == 40
    assert fields["overlay"]["size"] == 7
    assert fields["pdb_path"] == rb"c:\made\up.pdb"


@pytest.mark.parametrize("name", NO_PE_FILES)
def test_no_pe_files(name: str, dump: Callable[[bytes], dict[str, Any]]) -> None:
    assert dump(NO_PE_FILES[name])["is_pe"] == 0


def test_files_that_are_cut_off(data: bytes, dump: Callable[[bytes], dict[str, Any]]) -> None:
    for size in (*range(0, 0x700, 13), *range(0x700, len(data), 97)):
        dump(data[:size])


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32))
def test_broken_files(reference: Reference, whole: Callable[[], bytes], seed: int) -> None:
    data = whole()
    broken = mutated(data, SUBJECT.places(data), Random(seed))  # noqa: S311 - repeatable
    actual, _ = fields_of("miniyara", "pe", broken)
    try:
        expected, is_garbled = reference.ask(fields_of, "pe", broken)
    except NoAnswer:
        return
    if is_garbled:
        del actual["version_info"], expected["version_info"]
    assert list(differences(expected, actual)) == []


def test_every_kind_of_data(data: bytes) -> None:
    module = find("pe")
    assert module is not None

    def fields(buffer: Any) -> dict[str, Any]:
        return module_dictionary("pe", module.declaration, module.load(ModuleScan(buffer)))

    expected = fields(data)
    with mmap.mmap(-1, len(data)) as mapped:
        mapped[:] = data
        for buffer in (bytearray(data), memoryview(data), mapped):
            assert fields(buffer) == expected


def test_nothing_is_read_that_is_not_asked_for(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        pytest.fail("the table is read")

    for name in vars(tables):
        if name.startswith("parse_"):
            monkeypatch.setattr(tables, name, fail)
    monkeypatch.setattr(tables, "find_signature", fail)
    condition = "pe.number_of_sections == 1 and pe.is_dll() and pe.entry_point == 1040"
    rules = miniyara.compile(source=f'import "pe" rule a {{ condition: {condition} or true }}')
    assert rules.match(data=data)


def test_members_are_those_declared() -> None:
    module = find("pe")
    assert module is not None
    view = module.load(ModuleScan(b""))
    for name, declaration in module.declaration.members.items():
        if not isinstance(declaration, Function):
            view.member(name)
