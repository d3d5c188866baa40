"""How the time of a scan grows: ``python benchmarks/growth.py --rules DIR --samples DIR``.

Each engine scans the same files with more and more rules, and larger and larger files
with the same rules.  The figures go to a JSON file, the curves to SVG files.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import corpora, curves, machine, rulesets
from benchmarks.engines import ENGINES, REFERENCE
from benchmarks.process import run, run_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RULE_COUNTS: Final = (10, 30, 100, 300, 1_000, 3_000, 10_000, 20_000)
RULES_FOR_SIZES: Final = 1_000
SIZES: Final = tuple(1 << power for power in range(10, 30, 2))
"""Bytes, from 1 KiB to 256 MiB."""

LEAST: Final = 1 << 20
"""Bytes that are scanned at least, over and over the same, to have a time to measure."""

_TEXT: Final = re.compile(r'(\$\w*\s*=\s*"(?:[^"\\\n]|\\.)*)"')


@dataclass(slots=True)
class Growth:
    """Seconds by engine, and by rules or bytes."""

    by_rules: dict[str, dict[int, list[float]]] = field(default_factory=dict)
    by_size: dict[str, dict[int, list[float]]] = field(default_factory=dict)


def medians(figures: dict[str, dict[int, list[float]]]) -> curves.Curves:
    """The median of each point."""
    return {
        engine: {at: statistics.median(seconds) for at, seconds in sorted(points.items())}
        for engine, points in figures.items()
    }


def accepted_rules(folder: Path, packs: Path, limit: float) -> list[str]:
    """Rules of all packs that libyara compiles, in the order in which they are drawn."""
    paths = [path for path in sorted(packs.iterdir()) if path.is_dir()] or [packs]
    order = rulesets.shuffled([rule for pack in paths for rule in rulesets.candidates(pack)])
    file = folder / "candidates.json"
    file.write_text(json.dumps(order), encoding="utf-8")
    job = {"engine": REFERENCE, "prelude": rulesets.PRELUDE, "candidates": str(file)}
    chosen = run(job, ["import", "select"], limit)["select"]["accepted"]
    return [order[index] for index in chosen]


def rules_without_end(rules: Sequence[str]) -> Iterator[str]:
    """Yield the rules, and then all of them again and again with other names and texts."""
    yield from rules
    choose = random.Random(rulesets.SEED)  # noqa: S311 - text, no secret
    for copy in itertools.count(1):
        for rule in rules:
            word = "".join(choose.choices("abcdefghijklmnopqrstuvwxyz", k=3))
            renamed = re.sub(r"^rule (\w{1,100})\w*", rf"rule \1_copy{copy}", rule)
            yield _TEXT.sub(rf'\1{word}"', renamed)


def measure(
    engine: str, rules: Path, files: dict[str, list[str]], limit: float, end: float
) -> dict[int, float]:
    """Seconds that an engine needs for each set of files; without those that it did not finish."""
    figures = run_all({"engine": engine, "rules": str(rules)}, files, limit, end)
    found = {}
    for name in files:
        measured: dict[str, Any] = figures.get(name, {"error": "not run"})
        if "error" in measured:
            print(f"{engine}, {rules.stem}, {name}: {measured['error']}", file=sys.stderr)
            break  # what is larger takes longer
        found[int(name)] = measured["seconds"] / (measured["files"] or 1)
    return found


def write_rules(folder: Path, rules: Sequence[str]) -> Path:
    """Write a set of rules."""
    path = folder / f"{len(rules)}.yar"
    path.write_text(rulesets.with_imports(rules), encoding="utf-8")
    return path


def grow(arguments: argparse.Namespace, folder: Path) -> Growth:
    """Measure all points, as often as time allows."""
    end = time.monotonic() + arguments.minutes * 60
    rules = rules_without_end(accepted_rules(folder, arguments.rules, arguments.minutes * 20))
    drawn = list(itertools.islice(rules, max(RULE_COUNTS)))
    sets = {count: write_rules(folder, drawn[:count]) for count in RULE_COUNTS}
    samples = [path for path in corpora.samples(arguments.samples) if path.stat().st_size]
    some = {"0": list(map(str, samples[:: arguments.every]))}
    big = corpora.big_file(samples, folder / "big", max(SIZES)).read_bytes()
    files = {}
    for size in SIZES:
        path = folder / f"{size}.bin"
        path.write_bytes(big[:size])
        files[str(size)] = [str(path)] * max(1, LEAST // size)
    growth = Growth()
    for _ in range(arguments.runs):
        for count, path in sets.items():
            for engine in arguments.engines:
                points = growth.by_rules.setdefault(engine, {})
                if time.monotonic() < end and (seconds := measure(engine, path, some, 60, end)):
                    points.setdefault(count, []).append(seconds[0] * len(some["0"]))
        for engine in arguments.engines:
            points = growth.by_size.setdefault(engine, {})
            if time.monotonic() < end:
                for size, second in measure(engine, sets[RULES_FOR_SIZES], files, 60, end).items():
                    points.setdefault(size, []).append(second)
    return growth


def main() -> int:
    """Measure, keep the figures, draw the curves; returns the exit status."""
    parser = argparse.ArgumentParser(description="Measure how the time of a scan grows.")
    parser.add_argument("--rules", type=Path, required=True, help="folder of rule packs")
    parser.add_argument("--samples", type=Path, required=True, help="folder of files to scan")
    parser.add_argument("--every", type=int, default=8, help="takes each n-th sample")
    parser.add_argument("--runs", type=int, default=3, help="how often each point is measured")
    parser.add_argument("--minutes", type=float, default=30, help="what it all may take")
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "docs/images")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="miniyara-growth-") as name:
        growth = grow(arguments, Path(name))
    arguments.output.mkdir(parents=True, exist_ok=True)
    by_rules, by_size = medians(growth.by_rules), medians(growth.by_size)
    figures = {"machine": machine.describe(), "seconds by rules": by_rules, "by bytes": by_size}
    (arguments.output / "growth.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    some = f"every {arguments.every}th sample"
    curves.draw(by_rules, "rules", f"seconds for {some}", arguments.output / "growth_rules.svg")
    curves.draw(
        by_size, "bytes of the file", f"seconds, {RULES_FOR_SIZES:,} rules",
        arguments.output / "growth_size.svg",
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
