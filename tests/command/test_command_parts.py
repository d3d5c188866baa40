"""The parts of the command, each by itself."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from miniyara.command.options import definition
from miniyara.command.targets import Walk
from miniyara.terminal import PATIENCE, REFRESH, Terminal

# -- external variables ----------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", 5),
        ("-5", -5),
        ("007", 7),
        ("9223372036854775807", 9223372036854775807),
        ("-9223372036854775808", -9223372036854775808),
        ("1.5", 1.5),
        ("-1.", -1.0),
        ("true", True),
        ("false", False),
        ("True", b"True"),
        (".5", b".5"),
        ("1.2.3", b"1.2.3"),
        ("-", b"-"),
        ("", b""),
        ("a=b", b"a=b"),
        ("٣", "٣".encode()),
    ],
)
def test_the_look_of_a_value_decides_its_type(value: str, expected: object) -> None:
    name, defined = definition(f"x={value}")
    assert (name, defined, type(defined)) == ("x", expected, type(expected))


# -- directories -----------------------------------------------------------------


def walk(walk: Walk, *targets: str) -> tuple[list[str], str]:
    messages = io.StringIO()
    return list(walk.files(targets, Terminal(io.BytesIO(), messages))), messages.getvalue()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b", "a", "d/x", "c/y", "c/e/z"):
        path = Path("top", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")


@pytest.mark.usefixtures("tree")
def test_files_come_by_name_and_before_those_of_inner_directories() -> None:
    assert walk(Walk(), "top") == (["top/a", "top/b"], "")
    assert walk(Walk(recursive=True), "top", "top/c/") == (
        ["top/a", "top/b", "top/c/y", "top/c/e/z", "top/d/x", "top/c//y", "top/c//e/z"],
        "",
    )


@pytest.mark.usefixtures("tree")
def test_links_are_followed_but_not_in_circles() -> None:
    Path("top/c/back").symlink_to("..")
    Path("top/c/self").symlink_to(".")
    Path("top/file").symlink_to("a")
    Path("top/nowhere").symlink_to("nothing")
    Path("top/inner").symlink_to("c")
    followed, messages = walk(Walk(recursive=True), "top")
    assert followed == ["top/a", "top/b", "top/file", "top/c/y", "top/c/e/z", "top/d/x"]
    assert messages == ""
    unfollowed, _ = walk(Walk(recursive=True, follow_symlinks=False), "top")
    assert unfollowed == ["top/a", "top/b", "top/c/y", "top/c/e/z", "top/d/x"]


@pytest.mark.usefixtures("tree")
def test_large_files_are_passed_over_in_directories_only() -> None:
    Path("top/b").write_bytes(b"1234")
    files, messages = walk(Walk(skip_larger=5), "top", "top/a")
    assert files == ["top/b", "top/a"]
    assert messages == "skipping top/a (5 bytes) because it's larger than 5 bytes.\n"


@pytest.mark.usefixtures("tree")
def test_a_directory_that_cannot_be_read_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def forbidding(path: str) -> object:
        if path == "top/c":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", forbidding)
    assert walk(Walk(recursive=True), "top") == (
        ["top/a", "top/b", "top/d/x"],
        "error scanning top/c: Permission denied\n",
    )


def test_a_tree_of_any_depth_is_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = sys.getrecursionlimit() + 100
    for level in range(1, depth + 1):
        Path("d/" * level).mkdir()
    deepest = "d" + "/d" * (depth - 1)
    Path(deepest, "file").touch()
    files, messages = walk(Walk(recursive=True), "d")
    Path(deepest, "file").unlink()
    os.removedirs(deepest)  # what removes the temporary directory may be recursive
    assert (files, messages) == ([f"{deepest}/file"], "")


# -- progress --------------------------------------------------------------------


class Screen(io.StringIO):
    """A stream that says of itself that it is a terminal, or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_progress_is_shown_on_a_terminal_after_a_while(is_terminal: bool) -> None:
    now = 0.0
    screen, output = Screen(is_terminal=is_terminal), io.BytesIO()
    terminal = Terminal(output, screen, clock=lambda: now)
    terminal.progress("1")
    assert screen.getvalue() == ""
    now = PATIENCE
    terminal.progress("1,234 files")
    now += REFRESH / 2
    terminal.progress("1,235 files")
    terminal.write(b"found\n")
    shown = "1,234 files"
    wiped = f"\r{shown}\r{' ' * len(shown + '^C')}\r"
    assert screen.getvalue() == (wiped if is_terminal else "")
    assert output.getvalue() == b"found\n"


def test_a_progress_line_that_does_not_fit_is_cut() -> None:
    now = 0.0
    screen = Screen(is_terminal=True)
    terminal = Terminal(io.BytesIO(), screen, clock=lambda: now)
    assert terminal.columns == 77, "a terminal that does not say has 80"
    now = PATIENCE
    terminal.progress("\x1b[1mlong\x1b[0m" + "x" * 100)
    terminal.clear()
    assert screen.getvalue() == f"\r\x1b[1mlong\x1b[0m{'x' * 73}\r{' ' * 79}\r"
