"""Spark against one process: the same files, rules and answers.

Some of the files are unreadable, too large or hostile; none may end the job.  It needs
pyspark and Java.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import machine
from pyspark.sql import SparkSession

import miniyara
from miniyara.spark import scan_column, scan_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED: Final = 7
TIMEOUT: Final = 5
MAX_SIZE: Final = 4_000_000

RULES: Final = """
rule encoded_command { strings: $a = "-EncodedCommand" nocase condition: $a }
rule hostile { condition: uint32(0) == 0x534F4C53 and for all i in (0..1000000000) : (i >= 0) }
"""
"""Rules besides: the second comes to no end with files that begin with ``SLOS``."""

LINES: Final = (
    "powershell.exe -NoProfile -EncodedCommand SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQA",
    "C:\\Windows\\System32\\svchost.exe -k netsvcs -p",
    "/usr/bin/python3 /opt/tools/payload.py --target 10.0.0.1",
    "cmd.exe /c whoami /all > C:\\Users\\Public\\out.txt",
)


def _processor_seconds() -> float:
    ticks = 0
    parents: dict[int, int] = {}
    times: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            times[int(stat.parent.name)] = sum(map(int, fields[11:15]))  # its children's, too
    for process, own in times.items():
        above: int | None = process
        while above is not None and above != os.getpid():
            above = parents.get(above)
        ticks += own if above is not None else 0
    return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Stopwatch:
    """The time that passes, and the processor's time of this process and those below it.

    The latter is comparable also where other work keeps the machine busy.
    """

    started: float = field(default_factory=time.perf_counter)
    used: float = field(default_factory=_processor_seconds)

    def lap(self, count: int, what: str) -> str:
        """Say how long it took to do so many of something."""
        passed, used = time.perf_counter() - self.started, _processor_seconds() - self.used
        return f"{passed:.1f} s ({count / passed:,.0f} {what}/s), {used:.1f} s of a processor"


def make_files(folder: Path, samples: Sequence[Path], count: int) -> Counter[str]:
    """Fill a folder with copies of samples, and with files that make trouble."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    contents = [sample.read_bytes() for sample in samples]
    made: Counter[str] = Counter()
    for number in range(count):
        path = folder / f"{number % 100:02}" / f"{number}.bin"
        path.parent.mkdir(exist_ok=True)
        if number % 2000 == 1999:
            made["hostile"] += 1
            path.write_bytes(b"SLOS" + bytes(number))
        elif number % 100 == 99:
            made["unreadable"] += 1
            path.write_bytes(b"the checksum beside it is another one")
            path.with_name(f".{path.name}.crc").write_bytes(b"crc\0\0\0\2\0" + bytes(4))
        elif number % 500 == 250:
            made["too large"] += 1
            path.write_bytes(bytes(MAX_SIZE + 1))
        else:
            made["good"] += 1
            path.write_bytes(chance.choice(contents))
    return made


def in_one_process(folder: Path, rules: miniyara.Rules) -> Iterator[tuple[str, str]]:
    """Yield the hits in the files that are read by both."""
    for path in sorted(folder.rglob("*.bin")):
        if path.with_name(f".{path.name}.crc").exists() or path.stat().st_size > MAX_SIZE:
            continue
        try:
            for match in rules.match(data=path.read_bytes(), timeout=TIMEOUT):
                yield path.name, match.rule
        except miniyara.TimeoutError:
            yield path.name, "timed out"


def main() -> None:
    """Read the arguments, run, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=Path, required=True, help="a folder of rules")
    parser.add_argument("--samples", type=Path, required=True, help="a folder of files")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=20_000, help="command lines")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    options = parser.parse_args()
    for name, value in machine.describe().items():
        print(f"{name}: {value}")
    sources = {str(path): path.read_text("utf-8") for path in options.rules.rglob("*.yar")}
    rules = miniyara.compile(sources=sources | {"benchmark": RULES})
    samples = [each for each in sorted(options.samples.rglob("*")) if each.is_file()]
    samples = [each for each in samples if 0 < each.stat().st_size <= 200_000]
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master(f"local[{options.cores}]")
        .config("spark.ui.enabled", value=False)
        .config("spark.ui.showConsoleProgress", value=False)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    print(f"Spark {spark.version}, local[{options.cores}]")
    warm = spark.createDataFrame([("warm",)] * 8, "line string")
    scan_column(warm, "line", rules).count()  # so that its start is not measured
    with tempfile.TemporaryDirectory() as name:
        compare_files(spark, rules, Path(name), samples, options.files)
    compare_lines(spark, rules, options.lines)
    spark.stop()


def compare_files(
    spark: SparkSession, rules: miniyara.Rules, folder: Path, samples: Sequence[Path], count: int
) -> None:
    """Scan files both ways."""
    made = make_files(folder, samples, count)
    size = sum(path.stat().st_size for path in folder.rglob("*.bin"))
    print(f"{count:,} files, {size / 1e6:,.0f} MB: {dict(made)}")
    watch = Stopwatch()
    rows = scan_files(
        spark, str(folder), rules, pattern="*.bin", max_size=MAX_SIZE, timeout=TIMEOUT
    ).collect()
    print(f"Spark: {watch.lap(count, 'files')}")
    print("rows:", dict(Counter(row.error or "hit" for row in rows)))
    watch = Stopwatch()
    expected = sorted(in_one_process(folder, rules))
    print(f"one process: {watch.lap(count, 'files')}")
    answers = {None: None, "scanning timed out": "timed out"}
    found = sorted(
        (Path(row.path).name, row.rule or answers[row.error])
        for row in rows
        if row.error in answers
    )
    print(f"the same hits: {found == expected}")


def compare_lines(spark: SparkSession, rules: miniyara.Rules, count: int) -> None:
    """Scan a column of text both ways."""
    lines = [f"{LINES[number % len(LINES)]} #{number}" for number in range(count)]
    frame = spark.createDataFrame([(line,) for line in lines], "line string").repartition(8).cache()
    frame.count()
    watch = Stopwatch()
    hits = scan_column(frame, "line", rules).count()
    print(f"Spark: {watch.lap(count, 'lines')}")
    watch = Stopwatch()
    expected = sum(len(rules.match(data=line.encode())) for line in lines)
    print(f"one process: {watch.lap(count, 'lines')}")
    print(f"{count:,} command lines: {hits:,} hits, the same: {hits == expected}")


if __name__ == "__main__":
    main()
