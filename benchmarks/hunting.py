"""``miniyara scan`` over many small files: ``python benchmarks/hunting.py --rules DIR``.

Beside it is what somebody would write with yara-python: a pool of as many processes, each of
which scans the files that it is given.  Then the scan is killed and resumed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine, rulesets
from benchmarks.corpora import SEED, TINY_SIZE, WORDS
from benchmarks.growth import accepted_rules
from benchmarks.process import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

PLANTED: Final = 'rule planted { strings: $a = "planted here" fullword condition: $a }'
"""Its text is in every 97th file."""

PER_FOLDER: Final = 50


def write_files(folder: Path, count: int) -> None:
    """Write ``count`` files, fifty in a folder, and the folders three deep."""
    choose = random.Random(SEED)  # noqa: S311 - text, no secret
    words = WORDS.split()
    for number in range(count):
        inner = number // PER_FOLDER
        parent = folder / f"{inner % 10}" / f"{inner // 10 % 10}" / f"{inner // 100}"
        parent.mkdir(parents=True, exist_ok=True)
        chosen = choose.choices(words, k=TINY_SIZE // 6)
        if number % 97 == 0:
            chosen.append("planted here")
        (parent / f"{number:06}.txt").write_text(" ".join(chosen), encoding="ascii")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a program took and found."""

    seconds: float
    peak: int
    """Bytes that all its processes had in memory at most, shared ones counted for each."""
    files: int
    hits: int


def measure(command: Sequence[str]) -> Measured:
    """Run a program that prints how many files and hits there were."""
    start = time.perf_counter()
    peak = 0
    with tempfile.TemporaryFile() as output:
        process = started(command, output)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        if process.returncode:
            raise SystemExit(f"{command} failed")
        output.seek(0)
        last = json.loads(output.read().splitlines()[-1])
    return Measured(seconds, peak, last["files"], last["hits"])


def resident(process: int) -> int:
    """Return the bytes that a process and its children have in memory, on Linux."""
    task = Path(f"/proc/{process}/task/{process}/children")
    try:
        own = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        children = list(map(int, task.read_text(encoding="ascii").split()))
    except OSError:  # it is over
        return 0
    return own * os.sysconf("SC_PAGE_SIZE") + sum(map(resident, children))


def started(command: Sequence[str], output: BinaryIO | int) -> subprocess.Popen[bytes]:
    """Start a program of ours."""
    return subprocess.Popen(  # noqa: S603 - the programs are ours
        [sys.executable, *command],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=output,
        stderr=subprocess.DEVNULL,
    )


# -- the program with yara-python --------------------------------------------------

_rules: Any = None


def _begin(path: str) -> None:
    global _rules  # noqa: PLW0603 - a worker of a pool has no other place
    import yara  # noqa: PLC0415 - only this program needs it

    _rules = yara.compile(filepath=path)


def _hits(path: str) -> int:
    return len(_rules.match(path))


def _paths(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (os.path.join(parent, name) for name in names)  # noqa: PTH118 - for speed


def scan_with_libyara(rules: str, folder: str, workers: int) -> None:
    """Scan a folder, and print what came of it."""
    files = hits = 0
    with multiprocessing.Pool(workers, _begin, (rules,)) as pool:
        for found in pool.imap_unordered(_hits, _paths(folder), chunksize=64):
            files += 1
            hits += found
    print(json.dumps({"files": files, "hits": hits}))


# -- the comparison -----------------------------------------------------------------


def killed_and_resumed(command: Sequence[str], journal: Path, whole: float) -> Measured:
    """Kill a scan halfway, and measure the rest of it."""
    resumable = [*command, "--resume", str(journal)]
    process = started(resumable, subprocess.DEVNULL)
    time.sleep(whole / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not journal.exists():
        raise SystemExit("the scan was over before it was killed")
    return measure(resumable)


def compare(rules: Path, folder: Path, workers: int) -> dict[str, Measured]:
    """Scan a folder in each way."""
    tenth = next(folder.iterdir())
    scan = ["-m", "miniyara", "scan", "-w", "--format", "ndjson", "--workers", str(workers)]
    libyara = [__file__, "--as-libyara", "--workers", str(workers), "--rules", str(rules)]
    measured = {
        "yara-python, a pool": measure([*libyara, str(folder)]),
        "miniyara scan": measure([*scan, str(rules), str(folder)]),
        "miniyara scan, a tenth of them": measure([*scan, str(rules), str(tenth)]),
    }
    whole = measured["miniyara scan"].seconds
    measured["miniyara scan, killed and resumed: the rest"] = killed_and_resumed(
        [*scan, str(rules), str(folder)], folder.parent / "journal", whole
    )
    return measured


def report(measured: dict[str, Measured]) -> None:
    """Print a table."""
    for name, value in machine.describe().items():
        print(f"{name}: {value}")
    print("\n| program | files | hits | seconds | files/s | peak MiB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, one in measured.items():
        print(
            f"| {name} | {one.files:,} | {one.hits:,} | {one.seconds:.1f} "
            f"| {one.files / one.seconds:,.0f} | {one.peak / 2**20:.0f} |"
        )


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rules", type=Path, required=True, help="a folder of rule packs")
    parser.add_argument("--count", type=int, default=100, help="rules (100)")
    parser.add_argument("--files", type=int, default=50_000, help="files (50,000)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--as-libyara", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("folder", nargs="?", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.as_libyara:
        scan_with_libyara(str(given.rules), given.folder, given.workers)
        return
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        rules, folder = work / "rules.yar", work / "files"
        chosen = accepted_rules(work, given.rules, 300)[: given.count]
        rules.write_text("\n".join([rulesets.PRELUDE, *chosen, PLANTED]), encoding="utf-8")
        write_files(folder, given.files)
        report(compare(rules, folder, given.workers))


if __name__ == "__main__":
    main()
