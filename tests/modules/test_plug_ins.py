"""Modules of other packages: found by their entry points, late, once, after the built-in ones."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

import miniyara
from miniyara.modules import find, names, plug_ins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULE = """
from miniyara.modules.interface import Function, LazyStructure, Structure, Type
from miniyara.values import UNDEFINED

class Stamp:
    name = "stamp"
    declaration = Structure({
        "year": Type.INTEGER,
        "note": Type.STRING,
        "twice": Function(Type.INTEGER, {"i": lambda _, number: 2 * number}),
    })

    def load(self, scan):
        if scan.data[:4] == b"FAIL":
            raise ValueError("a bug")
        year = scan.data[:4]
        return LazyStructure({
            "year": lambda: int(year) if bytes(year).isdigit() else UNDEFINED,
            "note": lambda: UNDEFINED if scan.module_data is None else scan.module_data,
        })

STAMP = Stamp()
NOT_A_MODULE = 5
RENAMED = Stamp()
RENAMED.name = "renamed"
UNDECLARED = Stamp()
UNDECLARED.declaration = {}
UNLOADED = Stamp()
UNLOADED.load = None
"""

ENTRIES = """
stamp = stamp_package:STAMP
pe = stamp_package:STAMP
number = stamp_package:NOT_A_MODULE
other = stamp_package:RENAMED
undeclared = stamp_package:UNDECLARED
unloaded = stamp_package:UNLOADED
raising = raising_package:MODULE
absent = no_such_package:MODULE
nameless = stamp_package:NOTHING
malformed = !
"""

RULE = 'import "stamp" rule r { condition: stamp.year == 2024 and stamp.twice(2) == 4 }'


@pytest.fixture
def install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], Path]]:
    """Give a function that makes a distribution with these entries, first on sys.path."""

    def make(name: str, entries: str) -> Path:
        folder = tmp_path / name
        information = folder / f"{name}-1.0.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0")
        (information / "entry_points.txt").write_text(f"[miniyara.modules]\n{entries}")
        monkeypatch.syspath_prepend(folder)
        forget()
        return folder

    yield make
    forget()
    for package in ("stamp_package", "raising_package"):
        sys.modules.pop(package, None)


def forget() -> None:
    """Let the entry points be looked for again."""
    plug_ins.registered.cache_clear()
    plug_ins.loaded.cache_clear()


@pytest.fixture
def stamp(install: Callable[[str, str], Path]) -> Path:
    """A distribution with one good module and several bad ones."""
    folder = install("stamp_package", ENTRIES)
    (folder / "stamp_package.py").write_text(MODULE)
    (folder / "raising_package.py").write_text("raise RuntimeError('two\\nlines')")
    return folder


@pytest.mark.usefixtures("stamp")
def test_a_rule_uses_a_module_of_another_package() -> None:
    rules = miniyara.compile(source=RULE)
    assert [match.rule for match in rules.match(data=b"2024")] == ["r"]
    assert rules.match(data=b"2023") == []
    assert rules.match(data=b"none") == []


@pytest.mark.usefixtures("stamp")
def test_saved_rules_use_it() -> None:
    file = BytesIO()
    miniyara.compile(source=RULE).save(file=file)
    file.seek(0)
    assert miniyara.load(file=file).match(data=b"2024")


def test_saved_rules_without_it_are_refused(stamp: Path) -> None:
    file = BytesIO()
    miniyara.compile(source=RULE).save(file=file)
    file.seek(0)
    sys.path.remove(str(stamp))
    forget()
    with pytest.raises(miniyara.SyntaxError, match='invalid field name "year"'):
        miniyara.load(file=file)


def test_kept_rules_are_compiled_anew_if_it_declares_something_else(
    stamp: Path, tmp_path: Path
) -> None:
    def matches() -> list[miniyara.Match]:
        return miniyara.compile(source=RULE, cache=tmp_path / "cache").match(data=b"2024")

    def change(old: str, new: str) -> None:
        # Its size tells the old bytecode from the new.
        (stamp / "stamp_package.py").write_text(MODULE.replace(old, new))
        sys.modules.pop("stamp_package")
        forget()

    assert matches()
    change('"year": Type.INTEGER', '"year": Type.STRING')
    with pytest.raises(miniyara.SyntaxError, match="type mismatch"):
        matches()
    change("2 * number", "1 + number + 1")
    assert matches()
    change("STAMP = Stamp()", "")
    with pytest.raises(miniyara.SyntaxError, match="cannot be loaded"):
        matches()
    sys.path.remove(str(stamp))
    forget()
    with pytest.raises(miniyara.SyntaxError, match='invalid field name "year"'):
        matches()


@pytest.mark.usefixtures("stamp")
def test_built_in_names_win() -> None:
    module = find("pe")
    assert module is not None
    assert module.name == "pe"
    assert "is_pe" in module.declaration.members
    assert "stamp" not in names()
    assert "stamp" not in miniyara.modules


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("number", "AttributeError: 'int' object has no attribute 'declaration'"),
        ("other", "it calls itself 'renamed'"),
        ("undeclared", "its declaration is not a Structure"),
        ("unloaded", "its load cannot be called"),
        ("raising", "RuntimeError: two"),
        ("absent", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("nameless", "AttributeError: module 'stamp_package' has no attribute 'NOTHING'"),
        ("malformed", "Error: "),
    ],
)
@pytest.mark.usefixtures("stamp")
def test_a_broken_module_is_an_error_of_the_import(name: str, reason: str) -> None:
    assert miniyara.compile(source=RULE).match(data=b"2024")  # it is in nobody's way
    with pytest.raises(miniyara.SyntaxError) as caught:
        miniyara.compile(source=f'rule a {{ condition: true }}\nimport "{name}"')
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.kind.code == "broken-module"
    assert diagnostic.line == 2
    assert diagnostic.message.startswith(f'module "{name}" cannot be loaded from ')
    assert reason in diagnostic.message
    assert "\n" not in diagnostic.message


@pytest.mark.usefixtures("stamp")
def test_the_first_package_on_the_path_wins(install: Callable[[str, str], Path]) -> None:
    install("second_package", "stamp = second_package:MODULE")
    with pytest.raises(miniyara.SyntaxError, match="from second_package:MODULE"):
        miniyara.compile(source=RULE)


def test_packages_are_searched_late_and_once(stamp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searches = []
    search = metadata.entry_points

    def counted(**chosen: str) -> object:
        searches.append(chosen)
        return search(**chosen)

    monkeypatch.setattr(metadata, "entry_points", counted)
    miniyara.compile(source='import "pe" import "math" rule a { condition: true }')
    assert searches == []
    for _ in range(2):
        assert miniyara.compile(source=RULE).match(data=b"2024")
        with pytest.raises(miniyara.SyntaxError, match='unknown module "nothing"'):
            miniyara.compile(source='import "nothing"')
    assert searches == [{"group": "miniyara.modules"}]
    (stamp / "stamp_package.py").unlink()
    assert find("stamp") is find("stamp")


def test_rules_with_built_in_modules_do_not_look_for_others() -> None:
    program = """
import sys, miniyara
miniyara.compile(source='import "pe" rule a { condition: pe.is_pe }').match(data=b"a")
assert "miniyara.modules.plug_ins" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own text


@pytest.mark.usefixtures("stamp")
def test_what_all_modules_see_has_it_and_warns_of_the_broken_ones() -> None:
    with pytest.warns(RuntimeWarning, match="cannot be loaded from") as warned:
        assert miniyara.modules.dump(b"2024") == {"stamp": {"year": 2024, "module": "stamp"}}
    broken = {"absent", "malformed", "nameless", "number", "other", "raising"}
    broken |= {"undeclared", "unloaded"}
    assert {str(warning.message).split('"')[1] for warning in warned} == broken
    assert {warning.filename for warning in warned} == {__file__}


@pytest.mark.usefixtures("stamp")
def test_what_a_module_is_handed() -> None:
    dumped = miniyara.modules.dump(b"", modules_data={"stamp": b"note"}, names=["stamp"])
    assert dumped == {"stamp": {"note": b"note", "module": "stamp"}}


def test_a_module_that_fails(install: Callable[[str, str], Path]) -> None:
    folder = install("stamp_package", "stamp = stamp_package:STAMP")
    (folder / "stamp_package.py").write_text(MODULE)
    with pytest.raises(miniyara.Error, match=r'module "stamp" failed: ValueError: a bug'):
        miniyara.modules.dump(b"FAIL", names=["stamp"])
    with pytest.warns(RuntimeWarning, match=r'module "stamp" failed: ValueError: a bug'):
        assert miniyara.modules.dump(b"FAIL") == {}


@pytest.mark.usefixtures("stamp")
def test_the_error_of_a_broken_module_goes_before_those_that_follow_from_it() -> None:
    with pytest.raises(miniyara.SyntaxError, match=r"line 1: module .* cannot be loaded") as caught:
        miniyara.compile(source='import "raising" rule a { condition: raising.field == 1 }')
    assert len(caught.value.diagnostics) == 2
