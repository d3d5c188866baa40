"""``miniyara dump`` around its output: files of rules with that name, bytes, messages, statuses."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from crx_writer import FILES as CRX_FILES
from lnk_writer import FILES as LNK_FILES

import miniyara
from miniyara.command import main
from miniyara.command.dump_text import as_json, as_tree
from miniyara.modules import find
from miniyara.modules.interface import Array, Dictionary, Structure, Type
from miniyara.printable import as_text
from miniyara.scanning import module_dump
from miniyara.scanning.module_dump import ModuleReport

Run: TypeAlias = Callable[..., tuple[int, str, str]]
"""Gets the arguments; returns the status and what is printed, results and messages."""


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Give a function that runs the command in a folder with a link and an extension."""
    monkeypatch.chdir(tmp_path)
    Path("link").write_bytes(LNK_FILES["texts"])
    Path("extension").write_bytes(CRX_FILES["version 2"])

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status: Any = main(arguments)
        except SystemExit as end:
            status = end.code
        captured = capfdbinary.readouterr()
        return status, captured.out.decode(), captured.err.decode()

    return run


RULES = "rule always { condition: true }"


def test_a_file_of_rules_called_dump_wins(run: Run) -> None:
    Path("dump").write_text(RULES, encoding="ascii")
    assert run("dump", "link") == (0, "always link\n", "")
    assert run("./dump", "link") == (0, "always link\n", "")
    Path("dump").unlink()
    assert run("dump", "link")[1].startswith("link\n  lnk\n    is_lnk: 1\n")
    assert run("./dump", "link")[0] == 1


def test_a_folder_called_dump_is_no_file_of_rules(
    run: Run,
) -> None:
    Path("dump").mkdir()
    assert run("dump", "link")[1].startswith("link\n  lnk\n")


def test_only_the_first_argument_is_the_name(run: Run) -> None:
    Path("rules").write_text(RULES, encoding="ascii")
    Path("inner").mkdir()
    Path("inner/dump").write_text("", encoding="ascii")
    assert run("rules", "inner/dump") == (0, "always inner/dump\n", "")
    assert run("-s", "dump", "link")[0] == 1


def test_what_cannot_be_read_is_reported_and_the_rest_shown(
    run: Run,
) -> None:
    Path("folder").mkdir()
    status, output, messages = run("dump", "missing\x1b[2J", "link", "folder")
    assert status == 1
    assert output.startswith("link\n  lnk\n")
    assert messages.splitlines() == [
        'error: could not open file "missing\\x1b[2J"',
        'error: could not open file "folder"',
    ]


def test_json_is_what_python_gets(run: Run) -> None:
    status, output, _ = run("dump", "--json", "link", "extension")
    assert status == 0
    lines = [json.loads(line) for line in output.splitlines()]
    for line, data in zip(lines, (LNK_FILES["texts"], CRX_FILES["version 2"]), strict=True):
        dumped = miniyara.modules.dump(data)
        assert line["modules"] == json.loads(json.dumps(dumped, default=as_text))
    assert [line["file"] for line in lines] == ["link", "extension"]


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--module", "vt", "link"], ["-x", "link"]])
def test_arguments_that_make_no_sense(run: Run, arguments: list[str]) -> None:
    status, output, messages = run("dump", *arguments)
    assert (status, output) == (2, "")
    assert messages.startswith("usage: miniyara dump ")


def test_help(run: Run) -> None:
    assert "hex:" in run("dump", "--help")[1]
    assert '"miniyara dump FILE..."' in run("--help")[1]


def test_a_module_that_fails_is_reported_and_the_rest_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Any:
        if name == "pe":
            raise miniyara.Error("this one is broken")
        return find(name)

    monkeypatch.setattr(module_dump, "find", broken)
    status, output, messages = run("dump", "link")
    assert status == 1
    assert output.startswith("link\n  lnk\n")
    assert messages == "error: link: this one is broken\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_names_of_files_that_are_no_text(run: Run) -> None:
    for name in (b"\xff", b"a\nb", b"\x1b[2J"):
        Path(os.fsdecode(name)).write_bytes(b"")
        assert run("dump", os.fsdecode(name)) == (0, f"hex:{name.hex()}\n", "")
        assert (
            json.loads(run("dump", "--json", os.fsdecode(name))[1])["file"] == "hex:" + name.hex()
        )


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", ""),
        (b"text with spaces", "text with spaces"),
        ("Übung 😀".encode(), "Übung 😀"),
        (b"two\nlines", "hex:74776f0a6c696e6573"),
        (b"\xff", "hex:ff"),
        (b"a\0", "hex:6100"),
        ("\u202e".encode(), "hex:e280ae"),  # it would turn the line around
        (b"hex:00", "hex:6865783a3030"),
        (b" hex:00", " hex:00"),
    ],
)
def test_bytes_as_text(data: bytes, shown: str) -> None:
    assert as_text(data) == shown


REPORT = ModuleReport(
    "made_up",
    Structure(
        {
            "number": Type.INTEGER,
            "share": Type.FLOAT,
            "texts": Array(Type.STRING),
            "info": Dictionary(Type.STRING),
            "points": Array(Structure({"x": Type.INTEGER, "y": Type.INTEGER})),
            "nothing": Array(Type.INTEGER),
            "CONSTANT": Type.INTEGER,
        }
    ),
    {"CONSTANT": 5, "share": float("inf")},
    {
        "nothing": [],
        "points": [{"y": 2, "x": 1}, {}],
        "info": {"key": b"v", "\x1b": b"\x1b", "hex:": b""},
        "texts": [b'a "b"', b"\0"],
        "share": 0.5,
        "number": -1,
    },
)


def test_the_tree_is_in_the_order_of_the_declarations() -> None:
    assert (
        "\n".join(as_tree(b"file", [REPORT]))
        == r"""file
  made_up
    number: -1
    share: 0.5
    texts
      [0]: "a \"b\""
      [1]: hex:00
    info
      "key": "v"
      hex:1b: hex:1b
      hex:6865783a: ""
    points
      [0]
        x: 1
        y: 2"""
    )


def test_json_has_no_infinite_numbers() -> None:
    assert json.loads(as_json(b"file", [REPORT]), parse_constant=pytest.fail) == {
        "file": "file",
        "modules": {"made_up": {"CONSTANT": 5, "share": "inf"}},
    }
