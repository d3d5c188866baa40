"""The magic module says what libmagic says, where there is libmagic."""

from __future__ import annotations

import mmap
import threading
from typing import TYPE_CHECKING

import pytest
import yara

import miniyara
from miniyara import modules as all_modules
from miniyara.modules import find
from miniyara.modules import magic as magic_module
from miniyara.modules.interface import ModuleScan

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

MODULE = find("magic")

needs_libmagic = pytest.mark.skipif(MODULE is None, reason="there is no libmagic")

PDF = b"%PDF-1.4\n"


def ask(engine: ModuleType, data: object) -> list[str]:
    logged: list[str] = []
    engine.compile(
        source='import "magic" import "console" '
        "rule r { condition: console.log(magic.type()) and console.log(magic.mime_type()) }"
    ).match(data=data, console_callback=logged.append)
    return logged


@needs_libmagic
@pytest.mark.parametrize("data", [b"", b"a", PDF, b"MZ" + bytes(100), bytes(10), b"a\0b"])
def test_answers(data: bytes) -> None:
    kind, mime_type = ask(miniyara, data)
    if data == PDF:
        assert kind.startswith("PDF document")
        assert mime_type == "application/pdf"
    if "magic" in yara.modules:
        assert ask(yara, data) == [kind, mime_type]


@needs_libmagic
def test_other_data_than_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(PDF)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert ask(miniyara, mapped) == ask(miniyara, PDF)


@needs_libmagic
def test_threads() -> None:
    answers: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(ask(miniyara, PDF))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [ask(miniyara, PDF)] * 4


@needs_libmagic
def test_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGIC", "/nowhere")
    module = magic_module.module()
    assert module is not None
    function = module.declaration.members["type"]
    with pytest.raises(miniyara.Error, match="internal error: 31"):
        function.overloads[""](ModuleScan(PDF))  # type: ignore[union-attr]


def test_without_libmagic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magic_module, "MODULE", magic_module.module(lambda: None))
    assert find("magic") is None
    with pytest.raises(miniyara.SyntaxError, match='unknown module "magic"'):
        miniyara.compile(source='import "magic" rule r { condition: true }')


def test_it_is_listed() -> None:
    assert "magic" in all_modules
