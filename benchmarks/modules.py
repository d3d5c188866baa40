"""What modules cost on real files: ``python benchmarks/modules.py FILE_OR_FOLDER...``.

Each question is put to libyara and to miniyara, a scan of its own every time.  libyara reads
a file for a module as soon as a rule imports it, so its time hardly depends on the question.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yara

import miniyara

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

QUESTIONS: Final = {
    "pe.number_of_sections": ("pe", "pe.number_of_sections == 99"),
    "pe.imphash()": ("pe", 'pe.imphash() == "x"'),
    "all of pe": ("pe", ""),
    "all of dotnet": ("dotnet", ""),
    "all of elf": ("elf", ""),
    "elf.telfhash()": ("elf", 'elf.telfhash() == "x"'),
}
"""The module, and the condition of a rule; without one, ``modules_callback`` is handed all."""

SUITABLE: Final = {
    "pe": "pe.is_pe == 1",
    "dotnet": "dotnet.is_dotnet == 1",
    "elf": "defined elf.type",
}
"""Of which files a module is asked: a condition that libyara decides."""

SECONDS: Final = 0.05
"""For one question to one engine about one file, which is asked three times at least."""


def scanner(engine: ModuleType, module: str, condition: str) -> Callable[[bytes], object]:
    """Return what puts a question."""
    rules = engine.compile(
        source=f'import "{module}" rule a {{ condition: {condition or "true"} }}'
    )
    arguments: dict[str, Any] = {} if condition else {"modules_callback": lambda _: 0}
    return lambda data: rules.match(data=data, **arguments)


def milliseconds(scan: Callable[[bytes], object], data: bytes) -> float:
    """Return the processor time of a scan: the shortest, for others are disturbed."""
    times: list[float] = []
    while len(times) < 3 or sum(times) < SECONDS:
        started = time.process_time()
        scan(data)
        times.append(time.process_time() - started)
    return 1000 * min(times)


def files(paths: list[Path]) -> Iterator[bytes]:
    """Yield the contents of files, and of those in folders."""
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (each.read_bytes() for each in found if each.is_file())


def main() -> int:
    """Print a table; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
    contents = list(files(parser.parse_args().paths))
    print("| question | files | libyara, ms | miniyara, ms | ratio: median | worst |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, (module, condition) in QUESTIONS.items():
        fits = scanner(yara, module, SUITABLE[module])
        suitable = [data for data in contents if fits(data)]
        scanners = [scanner(engine, module, condition) for engine in (yara, miniyara)]
        pairs = [[milliseconds(scan, data) for scan in scanners] for data in suitable]
        if pairs:
            theirs, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
            ratios = [ours / theirs for theirs, ours in pairs]
            print(
                f"| `{name}` | {len(pairs)} | {theirs:.2f} | {ours:.2f} "
                f"| {statistics.median(ratios):.2f} | {max(ratios):.2f} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
