"""``scan_many``: many files, several processes, nothing lost."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.scanning import many
from miniyara.scanning.many import WINDOW, StartMethod

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METHODS: list[StartMethod] = [
    method for method in ("fork", "spawn") if method in multiprocessing.get_all_start_methods()
]
methods = pytest.mark.parametrize("method", METHODS)
posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")

SOURCE = """
import "console"
rule numbered { strings: $a = /number [0-9]+/ condition: $a }
rule even { strings: $a = /[02468]\\n/ condition: $a }
rule talks { condition: uint8(0) == 0x21 and console.log("size ", filesize) }
rule slow {
    condition:
        uint8(0) == 0x73 and
        for all i in (0..100000000) : ( for all j in (0..100000000) : ( i + j > -1 ) )
}
rule asked { condition: limit > 5 }
"""


@pytest.fixture(scope="module")
def rules() -> miniyara.Rules:
    return miniyara.compile(source=SOURCE, externals={"limit": 0})


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number:03}" for number in range(50)]
    for number, path in enumerate(paths):
        path.write_text(f"number {number}\n" * (number * 50 % 301))
    return paths


def names(result: miniyara.ScanResult) -> list[str]:
    return [match.rule for match in result.matches]


def offsets(result: miniyara.ScanResult) -> list[int]:
    return [
        each.offset
        for match in result.matches
        for string in match.strings
        for each in string.instances
    ]


@methods
@pytest.mark.parametrize("workers", [1, 4])
def test_results_are_the_serial_ones_in_order(
    method: StartMethod, workers: int, rules: miniyara.Rules, files: list[Path]
) -> None:
    serial = list(miniyara.scan_many(files, rules, workers=0))
    assert [result.target for result in serial] == list(map(str, files))
    assert [names(result) for result in serial[:2]] == [[], ["numbered"]]
    found = list(miniyara.scan_many(files, rules, workers=workers, start_method=method))
    assert found == serial
    assert list(map(offsets, found)) == list(map(offsets, serial))


@pytest.mark.parametrize("workers", [0, 2])
def test_files_that_cannot_be_read_are_reported(
    workers: int, rules: miniyara.Rules, files: list[Path], tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    targets: list[Any] = [files[1], missing, tmp_path, os.fsencode(files[2])]
    one, two, three, four = miniyara.scan_many(targets, rules, workers=workers)
    assert (names(one), one.error) == (["numbered"], None)
    for result, path in ((two, missing), (three, tmp_path)):
        assert result.target == str(path)
        assert result.matches == []
        assert isinstance(result.error, miniyara.Error)
        assert str(result.error) == f'could not open file "{path}"'
    assert (four.target, names(four)) == (str(files[2]), ["numbered", "even"])


@pytest.mark.parametrize("workers", [0, 2])
def test_what_goes_with_a_scan(workers: int, rules: miniyara.Rules, tmp_path: Path) -> None:
    loud, slow, crowded = tmp_path / "loud", tmp_path / "slow", tmp_path / "crowded"
    loud.write_bytes(b"!" * 77)
    slow.write_bytes(b"s")
    crowded.write_bytes(b"a" * 1_000_010)
    results = list(
        miniyara.scan_many([loud, slow], rules, workers=workers, timeout=1, externals={"limit": 6})
    )
    assert names(results[0]) == ["talks", "asked"]
    assert results[0].console == ("size 77",)
    assert isinstance(results[1].error, miniyara.TimeoutError)
    many = miniyara.compile(source='rule a { strings: $a = "a" condition: $a }')
    [result] = miniyara.scan_many([crowded], many, workers=workers)
    assert result.warnings == (("default", "a", "$a"),)
    assert names(result) == ["a"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@methods
def test_a_worker_that_is_killed(
    method: StartMethod, rules: miniyara.Rules, files: list[Path], tmp_path: Path
) -> None:
    slow = tmp_path / "slow"
    slow.write_bytes(b"s")
    targets = [*files[:10], slow, *files[10:]]
    results: list[miniyara.ScanResult] = []
    scan = miniyara.scan_many(targets, rules, workers=2, start_method=method)
    results += islice(scan, 10)
    # The window lets the other worker finish all the rest, so that one is at work.
    with killer_of_the_one_at_work():
        results += scan
    assert [result.target for result in results] == list(map(str, targets))
    assert [str(result.error) for result in results if result.error is not None] == [
        "the worker that scanned it was killed by signal 9"
    ]
    assert results[10].error is not None
    assert list(map(names, results[11:])) == [
        names(result) for result in miniyara.scan_many(files[10:], rules, workers=0)
    ]


def killer_of_the_one_at_work() -> subprocess.Popen[bytes]:
    """Kill the worker that works on and on, from another process, while this one waits."""
    workers = [each.pid for each in multiprocessing.active_children()]
    program = """
import os, signal, sys, time
def spent(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
pids = list(map(int, sys.argv[1:]))
time.sleep(1)
before = {pid: spent(pid) for pid in pids}
time.sleep(1)
os.kill(max(pids, key=lambda pid: spent(pid) - before[pid]), signal.SIGKILL)
"""
    return subprocess.Popen([sys.executable, "-c", program, *map(str, workers)])  # noqa: S603 - our own text


@posix
@methods
def test_a_worker_that_hangs(
    method: StartMethod, rules: miniyara.Rules, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "GRACE", 1.0)
    results: list[miniyara.ScanResult] = []
    scan = miniyara.scan_many(files, rules, workers=1, timeout=5, start_method=method)
    results.append(next(scan))
    [stopped] = multiprocessing.active_children()
    assert stopped.pid is not None
    os.kill(stopped.pid, signal.SIGSTOP)
    results += scan
    assert [result.target for result in results] == list(map(str, files))
    errors = [result.error for result in results if result.error is not None]
    assert list(map(str, errors)) == ["the worker that scanned it does not answer"]
    assert isinstance(errors[0], miniyara.TimeoutError)


@posix
@methods
def test_workers_that_are_killed_while_they_wait(
    method: StartMethod, rules: miniyara.Rules, files: list[Path]
) -> None:
    scan = miniyara.scan_many(files, rules, workers=3, start_method=method)
    results = list(islice(scan, 7))
    time.sleep(0.5)  # meanwhile they finish what they have
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join()
    results += scan
    assert results == list(miniyara.scan_many(files, rules, workers=0))


def test_targets_are_read_when_they_are_needed(rules: miniyara.Rules, files: list[Path]) -> None:
    asked = 0

    def endless() -> Iterator[Path]:
        nonlocal asked
        for asked in count(1):
            yield files[asked % len(files)]

    scan = miniyara.scan_many(endless(), rules, workers=2)
    assert asked == 0
    assert len(list(islice(scan, 300))) == 300
    assert asked <= 300 + 2 * WINDOW
    assert multiprocessing.active_children()
    scan.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_all_workers_end_with_the_scan(rules: miniyara.Rules, files: list[Path]) -> None:
    assert len(list(miniyara.scan_many(files, rules, workers=3))) == len(files)
    assert multiprocessing.active_children() == []
    assert list(miniyara.scan_many([], rules)) == []


def test_an_error_of_the_targets_ends_the_workers(rules: miniyara.Rules, files: list[Path]) -> None:
    def failing() -> Iterator[Path]:
        yield from files
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        list(miniyara.scan_many(failing(), rules, workers=2))
    assert multiprocessing.active_children() == []


def test_arguments(rules: miniyara.Rules) -> None:
    with pytest.raises(ValueError, match="workers must not be negative"):
        miniyara.scan_many([], rules, workers=-1)
    with pytest.raises(TypeError):
        miniyara.scan_many([], rules, timeout="1")  # type: ignore[arg-type]
    with pytest.raises(miniyara.Error, match="different type"):
        miniyara.scan_many([], rules, externals={"limit": "text"})
    with pytest.raises(ValueError, match="nothing"):
        miniyara.scan_many([], rules, start_method="nothing")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="argument 1 must be str, not int"):
        list(miniyara.scan_many([1], rules))  # type: ignore[list-item]


INTERRUPTED = """
import sys, miniyara, multiprocessing
if __name__ == "__main__":
    rules = miniyara.compile(source=sys.argv[2], externals={"limit": 0})
    scan = miniyara.scan_many([sys.argv[3]] * 50, rules, workers=3, start_method=sys.argv[1])
    print("ready", flush=True)
    try:
        list(scan)
    except KeyboardInterrupt:
        print("children", len(multiprocessing.active_children()))
"""


@posix
@methods
@pytest.mark.parametrize("delay", [0.02, 0.06, 0.15, 1.5])
def test_ctrl_c(method: StartMethod, delay: float, tmp_path: Path) -> None:
    slow, program = tmp_path / "slow", tmp_path / "program.py"
    slow.write_bytes(b"s")
    program.write_text(INTERRUPTED)
    process = subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, program, method, SOURCE, slow],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ("children 0\n", "", 0)


def test_workers_that_cannot_start(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""
import miniyara
rules = miniyara.compile(source="rule a { condition: true }")
print(list(miniyara.scan_many(["a", "b"], rules, workers=1, start_method="spawn")))
""")
    done = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr.rstrip().endswith(
        "miniyara.Error: no worker could be started: the last one ended with status 1"
    )


@pytest.fixture(autouse=True)
def no_children_are_left() -> Iterator[None]:
    yield
    with contextlib.suppress(ChildProcessError):
        assert multiprocessing.active_children() == []
