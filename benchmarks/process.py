"""Runs the worker of one engine and cuts off a phase that takes too long."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT: Final = Path(__file__).resolve().parents[1]


def _start() -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker"],
        cwd=ROOT,
        # This tree's miniyara comes first, whether one is installed or not.
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _forward(lines: Iterable[str], queue: Queue[str | None]) -> None:
    for line in lines:
        queue.put(line)
    queue.put(None)


def run(
    job: dict[str, Any], expected: Sequence[str], limit: float, end: float = math.inf
) -> dict[str, dict[str, Any]]:
    """Run a job and return what each phase measured.

    Phases are reported in the order of ``expected``. A phase has an ``error``
    instead of figures if the engine raised one, if it took over ``limit`` seconds
    or past ``end``, a time of :func:`time.monotonic`, or if the process died;
    except in the first case the phases after it are absent.
    """
    measured: dict[str, dict[str, Any]] = {}
    phase, allowed = expected[0], limit
    worker = _start()
    assert worker.stdin is not None
    assert worker.stdout is not None
    reports: Queue[str | None] = Queue()
    reader = Thread(target=_forward, args=(worker.stdout, reports), daemon=True)
    reader.start()
    try:
        worker.stdin.write(json.dumps(job))
        worker.stdin.close()
        for phase in expected:
            allowed = max(0.0, min(limit, end - time.monotonic()))
            line = reports.get(timeout=allowed)
            if line is None:
                code = worker.wait()
                if code:
                    measured[phase] = {"error": f"process died with status {code}"}
                break
            report = json.loads(line)
            measured[report.pop("phase")] = report
    except Empty:
        measured[phase] = {"error": f"over {allowed:.0f} s"}
    except BrokenPipeError:
        measured[phase] = {"error": "process did not start"}
    finally:
        worker.kill()
        worker.wait()
        reader.join()
        worker.stdout.close()
    return measured


def run_all(
    job: dict[str, Any], corpora: dict[str, list[str]], limit: float, end: float
) -> dict[str, dict[str, Any]]:
    """Measure an engine on every corpus, again without the one that it did not finish.

    ``limit`` and ``end`` are those of :func:`run`.
    """
    measured: dict[str, dict[str, Any]] = {}
    left = dict(corpora)
    while left and time.monotonic() < end:
        figures = run({**job, "corpora": left}, ["import", "compile", *left], limit, end)
        # The first import and compilation count; a later process is one more attempt.
        measured = {**figures, **measured}
        if not left.keys() & figures.keys():
            break
        left = {name: paths for name, paths in left.items() if name not in figures}
    return measured
