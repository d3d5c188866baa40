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

from miniyara.testing.commands import arguments
from miniyara.testing.commands.compare import files_below
from miniyara.testing.dictionaries import differences
from miniyara.testing.interrogation import (
    NoAnswer,
    Reference,
    answers_of,
    dictionary_fields,
    fields_of,
)
from miniyara.testing.mutations import mutated
from miniyara.testing.subjects import SUBJECTS, Subject

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

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
    unanswered: int = 0
    """Files on which libyara crashes, or for which it takes too long."""

    def __str__(self) -> str:
        return (
            f"files: {self.files:,}, variants: {self.variants:,}, questions: "
            f"{self.questions:,}, disagreements: {self.differing:,}; broken in yara-python: "
            f"{self.garbled:,}, crashes of libyara: {self.unanswered:,}"
        )


class Comparer:
    """Compares files and keeps count."""

    def __init__(self, terminal: Terminal) -> None:
        self.tally = Tally()
        self._terminal = terminal
        self._reference = Reference()

    def close(self) -> None:
        """End the reference's process."""
        self._reference.close()

    def data(self, name: str, subject: Subject, data: bytes) -> None:
        """Compare one file."""
        try:
            found = self._differences(subject, data)
        except NoAnswer:
            self.tally.unanswered += 1
            return
        if found:
            self.tally.differing += 1
            hidden = [f"... {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            lines = [f"{name}:", *(f"  {line}" for line in found[:SHOWN] + hidden)]
            self._terminal.say("\n".join(lines))

    def _differences(self, subject: Subject, data: bytes) -> list[str]:
        started = time.perf_counter()
        try:
            actual, _ = fields_of("miniyara", subject.module, data)
        except Exception as exception:  # noqa: BLE001 - a crash is a finding, not an end
            return [f"miniyara raises {exception!r}"]
        spent = time.perf_counter() - started
        expected, is_garbled = self._reference.ask(fields_of, subject.module, data)
        self.tally.garbled += is_garbled
        # What yara-python leaves out is asked for in the questions.
        left_out = dictionary_fields(subject.module) if is_garbled else ()
        theirs, ours = (
            {name: field for name, field in fields.items() if name not in left_out}
            for fields in (expected, actual)
        )
        found = list(differences(theirs, ours))
        if spent > SLOW:
            found.append(f"miniyara takes {spent:.1f} s")
        return found or self._different_answers(subject, actual, data)

    def _different_answers(
        self, subject: Subject, fields: dict[str, Any], data: bytes
    ) -> list[str]:
        """Put all questions to both engines; return those that have different answers."""
        questions = list(dict.fromkeys(subject.questions(fields)))
        self.tally.questions += len(questions)
        expected = self._reference.ask(answers_of, subject.module, questions, data)
        actual = answers_of("miniyara", subject.module, questions, data)
        return [
            f"{question} is {expected.get(question)}, ours {actual.get(question)}"
            for question in questions
            if expected.get(question) != actual.get(question)
        ]


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
    subjects = [
        each
        for each in SUBJECTS
        if options.module in (None, each.module) and each.module in yara.modules
    ]
    try:
        for root in options.paths:
            for path in files_below(root):
                _compare_file(comparer, path, subjects, options, terminal)
    finally:
        comparer.close()
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
