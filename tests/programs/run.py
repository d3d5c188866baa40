"""Run the tests of programs that use yara-python, with it and with miniyara in its place.

    python tests/programs/run.py [--repositories URL] FOLDER [PROGRAM...]

Each program is fetched as it was published, and installed into an environment of its own
below FOLDER.  Its tests run there three times: with yara-python; with neither engine, which
tells how many tests need one; and with miniyara, as a ``yara`` that calls
:func:`miniyara.install_as_yara`.  Nothing of the program is changed.  The table is in
Markdown; a test that does not end with miniyara as it did with yara-python is named below
it, and makes the status 1.

Needs a package index, and Git for the programs that publish their tests in their repository
only: ``--repositories`` says where those are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable

MINIYARA: Final = Path(__file__).parents[2]
YARA_PYTHON: Final = "yara-python==4.5.4"
SHIM: Final = "import miniyara\n\nminiyara.install_as_yara()\n"
PLAIN: Final = ("-q", "-o", "addopts=", "--continue-on-collection-errors")
"""Arguments of pytest: no coverage, no reports of the program's own."""

TIMEOUT: Final = 900
"""Seconds that a run of the tests of a program may take."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program and where its tests are."""

    name: str
    version: str
    tests: tuple[str, ...]
    """Patterns of the folders and files of tests."""
    extras: str = ""
    requirements: tuple[str, ...] = ()
    """What the tests need that the program does not ask for."""
    repository: str = ""
    """Owner and name, if the program is not fetched from the package index; the version is
    then a commit."""


PROGRAMS: Final = (
    Program(
        "mwcp",
        "3.16.1",
        ("src/mwcp/tests/test_runner.py", "src/mwcp/tests/test_cli.py"),
        extras="[testing,server]",
    ),
    Program(
        "yaraast",
        "2.1.0",
        ("tests/test_*libyara*.py", "tests/test_conformance*.py"),
        extras="[all]",
        requirements=("hypothesis",),
    ),
    Program(
        "malduck",
        "0425e0209ec30b656e75ff94071e01c34c4cffa5",
        ("tests",),
        repository="CERT-Polska/malduck",
    ),
    Program(
        "guarddog",
        "ca8b5b43d1454c89c03fb2acecf0716781c2a745",
        ("tests/analyzer/sourcecode",),
        requirements=("pytest-mock",),
        repository="DataDog/guarddog",
    ),
    Program(
        "yaralyzer",
        "8dd801fdf48ca643219832c5c7682470de0834a4",
        ("tests",),
        repository="michelcrypt4d4mus/yaralyzer",
    ),
    Program(
        "karton-yaramatcher",
        "0445ba1ce392736a30cf8c67f135d7464f120816",
        ("tests",),
        repository="CERT-Polska/karton-yaramatcher",
    ),
)


class Environment:
    """A virtual environment with a program, and the sources of the program."""

    def __init__(self, folder: Path, program: Program, repositories: str) -> None:
        self._program = program
        self._python = folder / "environment" / "bin" / "python"
        venv.create(folder / "environment", with_pip=True, clear=True)
        self._folder = self._fetched(folder, repositories)
        self.pip("install", YARA_PYTHON, "pytest", *program.requirements)
        self.pip("install", f"{self._folder}{program.extras}")

    def _fetched(self, folder: Path, repositories: str) -> Path:
        """Fetch the sources, and return their folder."""
        name, version = self._program.name, self._program.version
        sources = folder / "sources"
        if self._program.repository:
            if not sources.exists():
                run("git", "clone", "-q", f"{repositories}/{self._program.repository}", sources)
            run("git", "-C", sources, "checkout", "-q", version)
            return sources
        if not sources.exists():
            arguments = ("--no-deps", "--no-binary", name, "--dest", folder, f"{name}=={version}")
            self.pip("download", *arguments)
            sources.mkdir()
            [archive] = folder.glob("*.tar.gz")
            run("tar", "-C", sources, "--strip-components=1", "-xzf", archive)
        return sources

    def pip(self, command: str, *arguments: object) -> None:
        """Run pip."""
        run(self._python, "-m", "pip", command, "--quiet", *arguments)

    def put_miniyara_in_place(self) -> None:
        """Install miniyara, and let ``import yara`` give it."""
        self.pip("install", MINIYARA)
        [packages] = self._python.parents[1].glob("lib/python*/site-packages")
        (packages / "yara.py").write_text(SHIM, encoding="utf-8")

    def outcomes(self, engine: str) -> dict[str, str]:
        """Run the tests, and return what became of each."""
        report = self._folder.parent / f"{engine}.xml"
        report.unlink(missing_ok=True)
        tests = [path for pattern in self._program.tests for path in self._folder.glob(pattern)]
        path = f"{self._python.parent}{os.pathsep}{os.environ['PATH']}"
        with report.with_suffix(".log").open("wb") as log:
            subprocess.run(  # noqa: S603 - pytest, of the environment
                [self._python, "-m", "pytest", *PLAIN, f"--junitxml={report}", *tests],
                cwd=self._folder,
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT,
                check=False,
            )
        # There is no report if the tests cannot be loaded.
        return dict(outcomes_in(report)) if report.exists() else {}


def run(*command: object) -> None:
    """Run a command; raises CalledProcessError if it fails."""
    subprocess.run([str(part) for part in command], check=True)  # noqa: S603 - ours


def outcomes_in(report: Path) -> Iterable[tuple[str, str]]:
    """Yield the names of tests in a report of pytest, each with its outcome."""
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        [*ends] = (child.tag for child in case if child.tag in {"failure", "error", "skipped"})
        yield f"{case.get('classname')}.{case.get('name')}", ends[0] if ends else "passed"


def counts(outcomes: dict[str, str]) -> str:
    """Return how many tests had each outcome, as text."""
    counted = Counter(outcomes.values())
    failed = counted["failure"] + counted["error"]
    return f"{counted['passed']} / {failed} / {counted['skipped']}"


def main() -> int:
    """Run the programs, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repositories", default="https://github.com", metavar="URL")
    parser.add_argument("programs", nargs="*", default=[program.name for program in PROGRAMS])
    arguments = parser.parse_args()
    different: list[str] = []
    print("| program | tests | need YARA | with yara-python | with miniyara | ends differ |")
    print("|---|---:|---:|---|---|---:|")
    for program in PROGRAMS:
        if program.name not in arguments.programs:
            continue
        folder = arguments.folder.resolve() / program.name
        folder.mkdir(parents=True, exist_ok=True)
        environment = Environment(folder, program, arguments.repositories)
        expected = environment.outcomes("yara-python")
        environment.pip("uninstall", "--yes", "yara-python")
        without = environment.outcomes("neither")
        environment.put_miniyara_in_place()
        found = environment.outcomes("miniyara")
        needing = sum(without.get(name) != end for name, end in expected.items())
        changed = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
        different += [f"{program.name}: {name}" for name in changed]
        print(f"| {program.name} {program.version[:10]} | {len(expected)} | {needing}", end=" | ")
        print(f"{counts(expected)} | {counts(found)} | {len(changed)} |", flush=True)
    print("\nPassed / failed / skipped.", *different, sep="\n")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
