"""The public names are yara-python's, and a few more."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import yara

import miniyara


def test_names() -> None:
    theirs = {name for name in dir(yara) if not name.startswith("__")}
    assert set(miniyara.__all__) - {"__version__"} == theirs | {
        "Explanation",
        "MINIYARA_VERSION",
        "ScanResult",
        "explain",
        "install_as_yara",
        "parse",
        "scan_many",
    }


def test_constants(engine: Any) -> None:
    names = [name for name in dir(engine) if name.startswith(("CALLBACK_", "YARA_"))]
    assert {name: getattr(engine, name) for name in names} == {
        "CALLBACK_ABORT": 1,
        "CALLBACK_ALL": 3,
        "CALLBACK_CONTINUE": 0,
        "CALLBACK_MATCHES": 1,
        "CALLBACK_NON_MATCHES": 2,
        "CALLBACK_TOO_MANY_MATCHES": 6,
        "YARA_VERSION": "4.5.4",
        "YARA_VERSION_HEX": 0x040504,
    }
    assert engine.__version__ == "4.5.4"


def test_exceptions(engine: Any) -> None:
    assert engine.Error.__bases__ == (Exception,)
    for name in ("SyntaxError", "TimeoutError", "WarningError"):
        assert getattr(engine, name).__bases__ == (engine.Error,)


def test_modules() -> None:
    # yara-python's wheels are built without the first of these; the others are YARA-X's.
    more = {"cuckoo", "dex", "macho", "magic", "crx", "lnk"}
    assert set(miniyara.modules) <= set(yara.modules) | more
    # Without libmagic there is no such module.
    for name in set(miniyara.modules) - {"magic"}:
        miniyara.compile(source=f'import "{name}" rule a {{ condition: true }}')


def test_names_are_loaded_when_they_are_asked_for() -> None:
    program = """
import sys, miniyara
assert not {"miniyara.syntax", "miniyara.scanning", "dataclasses"} & {*sys.modules}
for name in miniyara.__all__:
    getattr(miniyara, name)
"""
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - our own text


def test_other_names_are_not_there() -> None:
    name = "no_such_name"
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        getattr(miniyara, name)
