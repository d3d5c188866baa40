"""``modules``: real files, and broken variants of them, through the modules of both engines.

For each file that a module is for, the dictionary that ``modules_callback`` is given must
be the same, key for key and in the same order, and so must the value of every question
that is asked of it in a condition. A variant is a file with a little damage; the seed,
the file's name and the number of the variant say which.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yara

import miniyara
from miniyara.modules import find as find_module
from miniyara.modules.interface import Dictionary
from miniyara.testing.commands import arguments
from miniyara.testing.commands.compare import files_below
from miniyara.testing.dictionaries import differences
from miniyara.testing.mutations import mutated
from miniyara.testing.subjects import SUBJECTS, Subject

if TYPE_CHECKING:
    import argparse
    from pathlib import Path
    from types import ModuleType

    from miniyara.terminal import Terminal

SHOWN: Final = 8
"""Differences of one file that are shown."""

SLOW: Final = 10.0
"""Seconds for one file from which on it is reported."""


@dataclass(slots=True)
class Tally:
    """What was compared so far."""

    files: int = 0
    variants: int = 0
    questions: int = 0
    differing: int = 0
    garbled: int = 0
    """Dictionaries that yara-python hands over broken, in which fields are missing."""
    seconds_theirs: float = 0
    seconds_ours: float = 0

    def __str__(self) -> str:
        return (
            f"files: {self.files:,}, variants: {self.variants:,}, questions: "
            f"{self.questions:,}, disagreements: {self.differing:,}, broken in yara-python: "
            f"{self.garbled:,}; seconds for the "
            f"dictionaries: libyara {self.seconds_theirs:.2f}, miniyara {self.seconds_ours:.2f}"
        )


class Comparer:
    """Compares files and keeps count."""

    def __init__(self, terminal: Terminal) -> None:
        self.tally = Tally()
        self._terminal = terminal
        self._rules = {
            (engine, subject.module): engine.compile(
                source=f'import "{subject.module}" rule a {{ condition: true }}'
            )
            for engine in (yara, miniyara)
            for subject in SUBJECTS
        }

    def data(self, name: str, subject: Subject, data: bytes) -> None:
        """Compare one file."""
        started = time.perf_counter()
        expected, is_garbled = self._dictionary(yara, subject, data)
        self.tally.garbled += is_garbled
        between = time.perf_counter()
        try:
            actual, _ = self._dictionary(miniyara, subject, data)
        except Exception as exception:  # noqa: BLE001 - a crash is a finding, not an end
            self._report(name, [f"miniyara raises {exception!r}"])
            return
        ended = time.perf_counter()
        self.tally.seconds_theirs += between - started
        self.tally.seconds_ours += ended - between
        if is_garbled:
            # What yara-python leaves out is asked for in the questions.
            garbled = dictionary_fields(subject.module)
            expected, actual = (
                {name: field for name, field in each.items() if name not in garbled}
                for each in (expected, actual)
            )
        found = list(differences(expected, actual))
        if ended - between > SLOW:
            found.append(f"miniyara takes {ended - between:.1f} s")
        self._report(name, found or self._answers(subject, actual, data))

    def _report(self, name: str, found: list[str]) -> None:
        if found:
            self.tally.differing += 1
            hidden = [f"... {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            lines = [f"{name}:", *(f"  {line}" for line in found[:SHOWN] + hidden)]
            self._terminal.say("\n".join(lines))

    def _dictionary(
        self, engine: ModuleType, subject: Subject, data: bytes
    ) -> tuple[dict[str, Any], bool]:
        """Return the fields, and whether some of them are missing."""
        found: dict[str, Any] = {}

        def collect(fields: dict[str, Any]) -> int:
            nonlocal found
            found = fields
            return 0  # CALLBACK_CONTINUE, which is no attribute to look up: see below

        try:
            self._rules[engine, subject.module].match(data=data, modules_callback=collect)
        except SystemError:
            # yara-python trips over keys of a dictionary that are not UTF-8: it leaves them
            # out and an exception behind, which the first call that is made trips over.
            return found, True
        return found, False

    def _answers(self, subject: Subject, fields: dict[str, Any], data: bytes) -> list[str]:
        """Put all questions to both engines; return those that have different answers."""
        questions = list(dict.fromkeys(subject.questions(fields)))
        self.tally.questions += len(questions)
        source = f'import "{subject.module}" import "console"\n' + "\n".join(
            f'rule r{number} {{ condition: console.log("{number}: ", {question}) }}'
            for number, question in enumerate(questions)
        )
        expected, actual = (_logged(engine, source, data) for engine in (yara, miniyara))
        return [
            f"{question} is {expected.get(str(number))}, ours {actual.get(str(number))}"
            for number, question in enumerate(questions)
            if expected.get(str(number)) != actual.get(str(number))
        ]


def dictionary_fields(name: str) -> list[str]:
    """Return the fields of a module that are dictionaries."""
    module = find_module(name)
    assert module is not None, "there is no question about a module that is not there"
    members = module.declaration.members
    return [field for field in members if isinstance(members[field], Dictionary)]


def _logged(engine: ModuleType, source: str, data: bytes) -> dict[str, str]:
    """Return what each rule has printed; one whose value is undefined prints nothing."""
    lines: list[str] = []
    engine.compile(source=source).match(data=data, console_callback=lines.append)
    return {line.partition(":")[0]: line.partition(": ")[2] for line in lines}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "modules",
        help="compare modules on files and on broken variants of them",
        description="Compare the fields and functions of modules that read files with "
        "libyara's, on files and on variants with a little damage. Exit status 1 if they "
        "disagree.",
    )
    parser.add_argument(
        "paths", nargs="+", type=arguments.file_or_folder, metavar="PATH", help="file or folder"
    )
    parser.add_argument(
        "--variants",
        type=arguments.count,
        default=0,
        metavar="N",
        help="broken variants of each file (0)",
    )
    parser.add_argument(
        "--seed", type=arguments.count, default=0, metavar="N", help="which variants (0)"
    )
    parser.add_argument(
        "--module",
        choices=sorted({subject.module for subject in SUBJECTS}),
        help="only this module",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    comparer = Comparer(terminal)
    subjects = [each for each in SUBJECTS if options.module in (None, each.module)]
    try:
        for root in options.paths:
            for path in files_below(root):
                _compare_file(comparer, path, subjects, options, terminal)
    finally:
        terminal.say(str(comparer.tally))
    return 1 if comparer.tally.differing else 0


def _compare_file(
    comparer: Comparer,
    path: Path,
    subjects: list[Subject],
    options: argparse.Namespace,
    terminal: Terminal,
) -> None:
    data = path.read_bytes()
    for subject in subjects:
        if not subject.accepts(data):
            continue
        terminal.progress(f"{subject.module}: {path}")
        comparer.tally.files += 1
        comparer.data(str(path), subject, data)
        for number in range(options.variants):
            comparer.tally.variants += 1
            chance = random.Random(f"{options.seed}:{path.name}:{number}")  # noqa: S311 - repeatable
            variant = mutated(data, subject.places(data), chance)
            comparer.data(f"{path} (variant {number})", subject, variant)
