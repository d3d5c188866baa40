"""``compare``: real rule packs and real files through both engines.

First every rule file alone is compiled by both: verdict, error text and warnings
must be the same.  Then the files of a pack that both accept are compiled
together, each as a namespace of its own, and every target file is scanned.  One
pack is held in memory at a time, and files are read by the engines themselves.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yara

import miniyara
from miniyara.testing.agreement import difference
from miniyara.testing.commands import arguments
from miniyara.testing.outcome import compilation, scan

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from miniyara.terminal import Terminal
    from miniyara.testing.outcome import Compilation, Outcome

RULE_SUFFIXES: Final = {".yar", ".yara"}

DEFINED: Final = {
    "filename": "sample.bin",
    "filepath": "/tmp/sample.bin",  # noqa: S108 - a value for rules, no file of ours
    "extension": ".bin",
    "filetype": "unknown",
    "owner": "nobody",
    "filemd5": "d41d8cd98f00b204e9800998ecf8427e",
}
"""The external variables that rule packs expect."""

_IMPORT: Final = re.compile(r'^\s*(import|include)\s+"([^"]+)"', re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """What was compared so far."""

    accepted: int = 0
    refused: int = 0
    """Rule files that both engines refuse with the same words."""
    needs: Counter[str] = field(default_factory=Counter)
    """Rule files set aside, by the module that miniyara doesn't have."""
    unlike: int = 0
    """Rule files on which the engines disagree."""
    scans: int = 0
    matches: int = 0
    """Rules that matched, over all scans, by the reference."""
    differing: int = 0
    """Scans on which the engines disagree."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Time that each engine spent scanning."""

    def lines(self) -> Iterator[str]:
        """Yield a summary."""
        yield (
            f"rule files: {self.accepted:,} accepted by both, {self.refused:,} refused by both, "
            f"{self.unlike:,} disagreements"
        )
        for module, files in sorted(self.needs.items()):
            yield f"set aside: {files:,} rule files need module {module}"
        yield (
            f"scans: {self.scans:,} with {self.matches:,} matches of rules, "
            f"{self.differing:,} disagreements"
        )
        times = ", ".join(f"{name} {spent:.1f} s" for name, spent in self.seconds.items())
        yield f"time spent scanning: {times or 'none'}"

    @property
    def disagrees(self) -> bool:
        """Whether there was any disagreement."""
        return bool(self.unlike or self.differing)


class Comparer:
    """Compares packs over targets and keeps count."""

    def __init__(self, defined: dict[str, str], timeout: int, terminal: Terminal) -> None:
        self.tally = Tally()
        self._defined = defined
        self._timeout = timeout
        self._terminal = terminal

    def pack(self, root: Path, files: list[Path], targets: list[Path]) -> None:
        """Compare the rule files of a folder, then their scans of the targets."""
        self._terminal.say(f"{root}:")
        usable: dict[str, str] = {}
        for number, path in enumerate(files, 1):
            self._terminal.progress(f"rule file {number:,} of {len(files):,}: {path}")
            if self._verdict(path):
                usable[str(path)] = str(path)
        if usable and targets:
            theirs = compilation(yara, filepaths=usable, externals=self._defined)
            ours = compilation(miniyara, filepaths=usable, externals=self._defined)
            for number, path in enumerate(targets, 1):
                self._terminal.progress(f"target {number:,} of {len(targets):,}: {path}")
                self._scan(theirs, ours, path)

    def _verdict(self, path: Path) -> bool:
        """Compare what is said of one rule file; return whether both accept it."""
        theirs = compilation(yara, filepath=str(path), externals=self._defined)
        ours = compilation(miniyara, filepath=str(path), externals=self._defined)
        missing = imports_of(path) & (set(yara.modules) - set(miniyara.modules))
        if missing and ours.rules is None:
            self.tally.needs[min(missing)] += 1
            return False
        if theirs.outcome != ours.outcome:
            self.tally.unlike += 1
            self._terminal.say(f"  {path}:")
            self._show(difference(theirs.outcome, ours.outcome))
            return False
        if theirs.rules is None:
            self.tally.refused += 1
            return False
        self.tally.accepted += 1
        return True

    def _scan(self, theirs: Compilation, ours: Compilation, path: Path) -> None:
        expected = self._timed("libyara", theirs, path)
        actual = self._timed("miniyara", ours, path)
        self.tally.scans += 1
        self.tally.matches += len(expected.rules)
        if expected != actual:
            self.tally.differing += 1
            self._terminal.say(f"  scan of {path}:")
            self._show(difference(expected, actual))

    def _timed(self, name: str, compiled: Compilation, path: Path) -> Outcome:
        started = time.perf_counter()
        result = scan(compiled, path, timeout=self._timeout)
        spent = time.perf_counter() - started
        self.tally.seconds[name] = self.tally.seconds.get(name, 0) + spent
        return result

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._terminal.say(f"    {line}")


def files_below(root: Path, suffixes: set[str] | None = None) -> Iterator[Path]:
    """Yield a file itself, or the regular files below a folder in their order."""
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*")):
        if path.is_file() and (suffixes is None or path.suffix in suffixes):
            yield path


def imports_of(path: Path) -> set[str]:
    """Return the modules that a rule file and the files it includes import."""
    modules: set[str] = set()
    pending = [path]
    seen: set[Path] = set()
    while pending:
        here = pending.pop().resolve()
        if here in seen or not here.is_file():
            continue
        seen.add(here)
        for directive, name in _IMPORT.findall(here.read_text("utf-8", "replace")):
            if directive == "import":
                modules.add(name)
            else:
                pending.append(here.parent / name)
    return modules


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "compare",
        help="compare the engines on rule packs and files",
        description="Compare miniyara with libyara on rule files, first each alone, then the "
        "files of each RULES together over all targets. Exit status 1 if they disagree.",
    )
    parser.add_argument(
        "rules", nargs="+", type=arguments.file_or_folder, metavar="RULES", help="file or folder"
    )
    parser.add_argument(
        "--targets",
        nargs="+",
        type=arguments.file_or_folder,
        default=[],
        metavar="PATH",
        help="what to scan, files or folders",
    )
    parser.add_argument(
        "--define",
        action="append",
        default=[],
        type=arguments.definition,
        metavar="NAME=VALUE",
        help=f"an external variable, a string; given are {', '.join(DEFINED)}",
    )
    parser.add_argument(
        "--timeout", type=arguments.positive, default=600, help="seconds for a scan (600)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    packs = {root: list(files_below(root, RULE_SUFFIXES)) for root in options.rules}
    for root, files in packs.items():
        if not files:
            terminal.fail(
                f"there is no rule file ({', '.join(sorted(RULE_SUFFIXES))}) below {root}"
            )
            return 2
    comparer = Comparer(DEFINED | dict(options.define), options.timeout, terminal)
    targets = [path for root in options.targets for path in files_below(root)]
    try:
        for root, files in packs.items():
            comparer.pack(root, files, targets)
    finally:
        terminal.say("\n".join(comparer.tally.lines()))
    return 1 if comparer.tally.disagrees else 0
