"""``hostile``: inputs that are meant to do harm, for everything that reads some.

Each parser is fuzzed in a process of its own, one after the other, for its share of the
time. What is found is tried again alone, so that a slow moment of the machine is no finding,
and is kept with the command that shows it again.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.testing.commands import arguments
from miniyara.testing.commands.compare import files_below
from miniyara.testing.hostile.parsers import PARSERS
from miniyara.testing.hostile.process import PROGRAM, Record, keep
from miniyara.testing.hostile.trial import MAX_INPUT, measured

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from miniyara.terminal import Terminal
    from miniyara.testing.hostile.parser import Parser

_MOST_SEEDS: Final = 200
"""Files of one parser that are taken for seeds, the smallest first."""

_PATIENCE: Final = 60.0
"""Seconds for one input after which its process is ended, and for one that is tried alone."""

_GRACE: Final = 30.0
"""Seconds for a process to begin, and to end when its time is over."""


@dataclass(slots=True)
class Tally:
    """What came of one parser."""

    name: str
    trials: int = 0
    seconds: float = 0.0
    places: int = 0
    """Places of the code that were come to, where that is counted."""
    findings: int = 0

    def __str__(self) -> str:
        rate = self.trials / max(1.0, self.seconds)
        return (
            f"{self.name:10} {self.trials:>10,} inputs {rate:>6,.0f}/s "
            f"{self.places:>6,} places {self.findings:>3} findings"
        )


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "hostile",
        help="give hostile input to every parser",
        description="Give hostile input to every parser: rules, patterns, saved rules, files of "
        "modules. Guided by coverage if the package atheris is there. Exit status 1 if "
        "an input raises what it should not, takes too long, or too much memory.",
    )
    parser.add_argument(
        "--minutes", type=float, default=10.0, metavar="N", help="for all parsers together (10)"
    )
    parser.add_argument("--parser", choices=PARSERS, help="only this parser")
    parser.add_argument(
        "--seeds",
        type=arguments.file_or_folder,
        action="append",
        default=[],
        metavar="PATH",
        help="files to begin with; may be repeated",
    )
    parser.add_argument("--seed", type=arguments.positive, default=1, metavar="N", help="(1)")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path("hostile"),
        help="where inputs are kept, for the next run too (./hostile)",
    )
    parser.add_argument(
        "--input",
        type=arguments.file,
        metavar="FILE",
        help="only give this file to the parser (rules), and say what comes of it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command; return its exit status."""
    chosen = list(PARSERS.values()) if options.parser is None else [PARSERS[options.parser]]
    if options.input is not None:
        finding = measured(chosen[0], options.input.read_bytes())
        terminal.say("nothing is wrong" if finding is None else finding.report)
        return int(finding is not None)
    _sow(chosen, options.folder, options.seeds)
    findings = 0
    for parser in chosen:
        seconds = 60 * options.minutes / len(chosen)
        tally = _fuzz(parser, options.folder / parser.name, seconds, options.seed, terminal)
        terminal.say(str(tally))
        findings += tally.findings
    return int(bool(findings))


def _sow(parsers: Iterable[Parser], folder: Path, paths: Iterable[Path]) -> None:
    """Write the seeds of each parser into a folder."""
    found: dict[str, list[bytes]] = {parser.name: parser.seeds() for parser in parsers}
    sizes = sorted((path.stat().st_size, path) for root in paths for path in files_below(root))
    for _, path in sizes:
        data = path.read_bytes()
        for parser in parsers:
            seed = parser.take(data)
            if seed and len(found[parser.name]) < _MOST_SEEDS:
                found[parser.name].append(seed[:MAX_INPUT])
    for name, seeds in found.items():
        for part in ("corpus", "seeds"):
            (folder / name / part).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / name / "seeds" / f"{number:03}").write_bytes(seed)


def _fuzz(parser: Parser, folder: Path, seconds: float, seed: int, terminal: Terminal) -> Tally:
    """Fuzz one parser; a process that ends early is followed by another."""
    tally = Tally(parser.name)
    known = set(folder.glob("found/*"))
    record = Record(folder / "record")
    before = record.trials
    log = folder / "log"
    log.write_bytes(b"")  # there may be no time for a process
    begun = time.monotonic()
    while (left := seconds - (time.monotonic() - begun)) > 1:
        reason = _one_process(parser.name, folder, record, left, seed + record.trials, terminal)
        if reason is not None:
            keep(folder, "crash", record.data, reason)
    tally.seconds = time.monotonic() - begun
    tally.trials = record.trials - before
    places = re.findall(r"\bcov: (\d+)", log.read_text("utf-8", "replace"))
    tally.places = max(map(int, places), default=0)
    for path in sorted(set(folder.glob("found/*")) - known):
        if path.suffix != ".txt":
            tally.findings += _is_confirmed(parser.name, path, terminal)
    return tally


def _one_process(
    name: str, folder: Path, record: Record, seconds: float, seed: int, terminal: Terminal
) -> str | None:
    """Run a process until its time is over; return how it ended, if that was not well."""
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-c", PROGRAM, name, str(folder), str(seconds), str(seed)]
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            end = time.monotonic() + seconds + _GRACE
            trials, changed = record.trials, time.monotonic() + _GRACE
            while process.poll() is None:
                time.sleep(0.2)
                terminal.progress(f"{name}: {record.trials:,} inputs")
                now = time.monotonic()
                if record.trials != trials:
                    trials, changed = record.trials, now
                if now > end or now - changed > _PATIENCE:
                    return f"no answer for {now - changed:.0f} s"
        finally:
            process.kill()
            status = process.wait()
    if status == 0:
        return None
    return (folder / "log").read_text("utf-8", "replace")[-4000:]


def _is_confirmed(name: str, path: Path, terminal: Terminal) -> bool:
    """Try an input alone, in a new process; say what comes of it, or forget it."""
    arguments = ["-m", "miniyara.testing", "hostile", "--parser", name, "--input", str(path)]
    try:
        process = subprocess.run(  # noqa: S603 - our own
            [sys.executable, *arguments], capture_output=True, timeout=_PATIENCE, check=False
        )
        report = (process.stdout + process.stderr).decode("utf-8", "replace")
        is_well = process.returncode == 0
    except subprocess.TimeoutExpired:
        report, is_well = f"no answer for {_PATIENCE:.0f} s", False
    if is_well:
        path.unlink()
        path.with_suffix(".txt").unlink()
        return False
    terminal.say(f"{name}: {report.strip()}\n\n    python {' '.join(arguments)}\n")
    return True
