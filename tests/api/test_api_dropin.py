"""miniyara in the place of yara-python, in programs that are not changed."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import miniyara

PROGRAM = """
import sys
{first}
import yara
from yara import CALLBACK_CONTINUE, Match, compile, SyntaxError

assert yara.__version__ >= "4.5.4" and tuple(map(int, yara.__version__.split("."))) >= (3, 8)
assert yara.YARA_VERSION_HEX >= 0x040000
rules = yara.compile(source='rule greeting : polite {{ strings: $a = "hello" condition: $a }}')
found = []
matches = rules.match(data="hello", callback=lambda report: found.append(report["rule"]))
assert isinstance(matches[0], Match) and isinstance(rules, yara.Rules)
try:
    yara.compile(source="rule")
except yara.Error as error:
    assert isinstance(error, SyntaxError)
print(yara.__name__, matches, found)
"""


def output(first: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", PROGRAM.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_an_unchanged_program() -> None:
    assert output("") == "yara [greeting] ['greeting']\n"
    installed = "import miniyara; miniyara.install_as_yara()"
    assert output(installed) == "miniyara [greeting] ['greeting']\n"


def test_installing_replaces_what_was_imported_before() -> None:
    installed = "import yara, miniyara; miniyara.install_as_yara()"
    assert output(installed) == "miniyara [greeting] ['greeting']\n"


def test_own_version() -> None:
    try:
        expected = metadata.version("miniyara")
    except metadata.PackageNotFoundError:
        expected = "unknown"
    assert expected == miniyara.MINIYARA_VERSION
