"""The process that one engine runs in: reads a job, measures, reports each phase.

The job is one JSON object on standard input. The report is one JSON object a line
on standard output, written as soon as a phase is over, so that a phase that takes
too long costs only itself.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from benchmarks.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.engines import Engine

GROUP: Final = 64
"""Rules compiled at once in the search for those that an engine refuses."""


def _take_standard_output() -> TextIO:
    """Keep standard output for reports; what rules print to the console is lost."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return channel


CHANNEL: Final = _take_standard_output()


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes.

    Linux's ``ru_maxrss`` would count the parent, as it was when it forked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if peak:
            return int(peak[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def report(phase: str, **measured: Any) -> None:
    """Tell the parent what came out of a phase."""
    print(json.dumps({"phase": phase, **measured}), file=CHANNEL, flush=True)


def fail(phase: str, error: Exception) -> None:
    """Tell the parent that the engine could not do a phase."""
    report(phase, error=f"{type(error).__name__}: {error}"[:300])


def scan(scanner: Callable[[bytes], list[str]], paths: list[str]) -> dict[str, Any]:
    """Scan files one by one; the time is that of the scans without reading the files."""
    seconds = 0.0
    size = hits = 0
    answers = hashlib.sha256()
    for path in paths:
        data = Path(path).read_bytes()
        start = time.perf_counter()
        names = scanner(data)
        seconds += time.perf_counter() - start
        size += len(data)
        hits += len(names)
        answers.update(json.dumps(sorted(names)).encode())
    return {
        "seconds": seconds,
        "bytes": size,
        "files": len(paths),
        "hits": hits,
        "answers": answers.hexdigest(),
        "peak": peak_memory(),
    }


def accepted(compiles: Callable[[str], bool], prelude: str, rules: list[str]) -> Iterator[int]:
    """Yield the indexes of the rules that compile, halving the groups that do not."""
    groups = [range(start, min(start + GROUP, len(rules))) for start in range(0, len(rules), GROUP)]
    while groups:
        group = groups.pop()
        if compiles(prelude + "\n".join(rules[index] for index in group)):
            yield from group
        elif len(group) > 1:
            half = len(group) // 2
            groups += [group[:half], group[half:]]


def select(engine: Engine, module: Any, job: dict[str, Any]) -> None:
    """Report which of the candidates the engine compiles."""

    def compiles(source: str) -> bool:
        try:
            engine.compile(module, source)
        except Exception:  # noqa: BLE001 - an engine may fail in any way
            return False
        return True

    candidates = json.loads(Path(job["candidates"]).read_text(encoding="utf-8"))
    report("select", accepted=sorted(accepted(compiles, job["prelude"], candidates)))


def measure(engine: Engine, module: Any, job: dict[str, Any]) -> None:
    """Compile a rule set and scan each corpus with it, a phase each."""
    source = Path(job["rules"]).read_text(encoding="utf-8")
    start = time.perf_counter()
    try:
        scanner = engine.compile(module, source)
    except Exception as error:  # noqa: BLE001 - an engine may fail in any way
        fail("compile", error)
        return
    report("compile", seconds=time.perf_counter() - start, peak=peak_memory())
    for name, paths in job["corpora"].items():
        gc.collect()
        try:
            report(name, **scan(scanner, paths))
        except Exception as error:  # noqa: BLE001 - an engine may fail in any way
            fail(name, error)


def compile_again(engine: Engine, module: Any, job: dict[str, Any]) -> None:
    """Compile a rule set that may have been compiled before, in another process."""
    assert engine.compile_with_cache is not None
    source = Path(job["rules"]).read_text(encoding="utf-8")
    start = time.perf_counter()
    engine.compile_with_cache(module, source, job["cache"])
    report("again", seconds=time.perf_counter() - start, peak=peak_memory())


def main() -> None:
    """Do the job on standard input."""
    job = json.load(sys.stdin)
    engine = ENGINES[job["engine"]]
    idle = peak_memory()
    start = time.perf_counter()
    try:
        module = engine.load()
    except Exception as error:  # noqa: BLE001 - missing, or broken
        fail("import", error)
        return
    seconds = time.perf_counter() - start
    report("import", seconds=seconds, idle=idle, version=engine.version())
    if "candidates" in job:
        select(engine, module, job)
    elif "cache" in job:
        compile_again(engine, module, job)
    elif "rules" in job:
        measure(engine, module, job)


if __name__ == "__main__":
    main()
