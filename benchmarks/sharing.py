"""How a scan gets faster when threads or processes share the compiled rules.

    python benchmarks/sharing.py --rules DIR --samples DIR

The same files are scanned one by one, by threads that share one ``Rules``, and by the
processes of ``scan_many``.  What is found must be the same; the exit status is 1 if not.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeAlias

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, machine, rulesets
from benchmarks.growth import accepted_rules

import miniyara

Found: TypeAlias = "list[tuple[str, list[tuple[str, int, int]]]]"
"""The rules found in a file, each with its strings, their offsets and lengths."""


def seen(matches: list[miniyara.Match]) -> Found:
    """Return what was found as values that can be compared."""
    return [
        (
            match.rule,
            [
                (string.identifier, each.offset, each.matched_length)
                for string in match.strings
                for each in string.instances
            ],
        )
        for match in matches
    ]


def one_by_one(rules: miniyara.Rules, paths: list[str], _workers: int) -> list[Found]:
    """Scan in this thread."""
    return [seen(rules.match(path)) for path in paths]


def by_threads(rules: miniyara.Rules, paths: list[str], workers: int) -> list[Found]:
    """Scan in so many threads."""
    with ThreadPoolExecutor(workers) as pool:
        return [seen(matches) for matches in pool.map(rules.match, paths)]


def by_processes(rules: miniyara.Rules, paths: list[str], workers: int) -> list[Found]:
    """Scan in so many processes."""
    results = miniyara.scan_many(paths, rules, workers=workers)
    return [seen(result.matches) for result in results]


WAYS: Final = {
    "one by one": (one_by_one, 1),
    "2 threads": (by_threads, 2),
    "24 threads": (by_threads, 24),
    "1 process": (by_processes, 1),
    "2 processes": (by_processes, 2),
    "4 processes": (by_processes, 4),
}


def main() -> int:
    """Measure, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure scans that share compiled rules.")
    parser.add_argument("--rules", type=Path, required=True, help="folder of rules, or of packs")
    parser.add_argument("--samples", type=Path, required=True, help="folder of files to scan")
    parser.add_argument("--runs", type=int, default=3, help="how often each way is measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="miniyara-sharing-") as name:
        accepted = accepted_rules(Path(name), arguments.rules, 600)
    rules = miniyara.compile(source=rulesets.with_imports(accepted))
    samples = corpora.samples(arguments.samples)
    paths = [str(path) for path in samples]
    expected = one_by_one(rules, paths, 1)  # also makes what is made on demand
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    different = set()
    for _ in range(arguments.runs):
        for way, (scan, workers) in WAYS.items():
            begun = time.perf_counter()
            found = scan(rules, paths, workers)
            seconds[way].append(time.perf_counter() - begun)
            if found != expected:
                different.add(way)
    size = sum(path.stat().st_size for path in samples) / 1e6
    print(*(f"{key}: {value}" for key, value in machine.describe().items()), sep="\n")
    print(f"\n{len(accepted):,} rules, {len(paths):,} files of {size:.1f} MB; medians\n")
    print("| way | seconds | MB/s | times as fast | finds |\n|---|---:|---:|---:|---|")
    base = statistics.median(seconds["one by one"])
    for way, figures in seconds.items():
        median = statistics.median(figures)
        print(f"| {way} | {median:.2f} | {size / median:.1f} | {base / median:.2f}", end=" | ")
        print("not the same |" if way in different else "the same |")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())
