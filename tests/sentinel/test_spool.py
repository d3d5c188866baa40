"""The spool loses nothing that it has taken, wherever the process or the machine stops."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from miniyara.sentinel.events import DeliveryError, Event, Stream
from miniyara.sentinel.spool import MEMORY, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 10**8


@pytest.fixture
def open_spool() -> Iterator[Callable[..., Spool]]:
    with contextlib.ExitStack() as opened:
        yield lambda path, limit=LIMIT: opened.enter_context(contextlib.closing(Spool(path, limit)))


def events(*uids: str) -> list[Event]:
    return [Event(uid, Stream.ALERTS, b'{"EventUid":"%s"}' % uid.encode()) for uid in uids]


def waiting(spool: Spool) -> list[str]:
    return [event.uid for event in spool.batch(Stream.ALERTS, LIMIT).values()]


def test_a_write_is_whole_or_not_there_wherever_it_is_cut(
    tmp_path: Path, open_spool: Callable[..., Spool]
) -> None:
    spool = open_spool(tmp_path / "spool")
    spool.put(events("a", "b"))
    spool.put(events("c"))
    first, *_ = spool.batch(Stream.ALERTS, LIMIT)
    spool.set_sent([first])
    states = [[], ["a", "b"], ["a", "b", "c"], ["b", "c"]]
    log = (tmp_path / "spool-wal").read_bytes()
    seen = []
    # A log is a header of 32 bytes and, for each page, 24 bytes and the page.
    ends = [0, *range(32, len(log) + 1, 24 + 4096)]
    for length in sorted({end + each for end in ends for each in (-1, 0, 1, 20, 2000)}):
        cut = tmp_path / str(length)
        shutil.copyfile(tmp_path / "spool", cut)
        Path(f"{cut}-wal").write_bytes(log[: max(length, 0)] + b"\xff" * (length % 2 * 5000))
        after = open_spool(cut)
        seen.append(waiting(after))
        after.put(events("d"))
        assert waiting(after) == [*seen[-1], "d"]
    assert [state for number, state in enumerate(seen) if state not in seen[:number]] == states


def test_what_was_taken_is_there_after_a_kill(
    tmp_path: Path, open_spool: Callable[..., Spool]
) -> None:
    program = f"""
from pathlib import Path
from miniyara.sentinel.events import Event, Stream
from miniyara.sentinel.spool import Spool
spool = Spool(Path({str(tmp_path)!r}) / "spool", {LIMIT})
for number in range(10**6):
    spool.put([Event(str(number), Stream.ALERTS, b"{{}}")])
    print(number, flush=True)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        taken = [process.stdout.readline().decode().strip() for _ in range(50)]
        process.kill()
        taken += process.stdout.read().decode().splitlines()
    found = waiting(open_spool(tmp_path / "spool"))
    assert found[: len(taken)] == taken == [str(number) for number in range(len(taken))]
    assert len(found) <= len(taken) + 1  # one may have been taken and not printed


def test_an_event_is_there_once_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_spool: Callable[..., Spool]
) -> None:
    spool = open_spool(tmp_path / "spool")
    spool.put(events("a", "b", "a"))
    spool.put(events("b", "c"))
    assert waiting(spool) == ["a", "b", "c"]
    spool.set_sent(spool.batch(Stream.ALERTS, 1))
    spool.put(events("a"))
    assert waiting(spool) == ["b", "c"]
    assert spool.counts()[:3] == (2, 0, 1)
    monkeypatch.setattr("miniyara.sentinel.spool.MEMORY", -1)
    assert MEMORY > 0
    again = open_spool(tmp_path / "spool")
    again.put(events("a"))
    assert waiting(again) == ["b", "c", "a"]


def test_a_batch_has_the_size_that_is_asked_for(
    tmp_path: Path, open_spool: Callable[..., Spool]
) -> None:
    spool = open_spool(tmp_path / "spool")
    spool.put(events("a", "b", "c"))
    size = len(events("a")[0].body) + 1
    assert [len(spool.batch(Stream.ALERTS, size * n - 1)) for n in (1, 2, 3, 4)] == [1, 1, 2, 3]
    assert spool.batch(Stream.SCANS, LIMIT) == {}


def test_the_size_is_bounded(tmp_path: Path, open_spool: Callable[..., Spool]) -> None:
    spool = open_spool(tmp_path / "spool", 300_000)
    spool.put([Event(str(number), Stream.ALERTS, bytes(1000)) for number in range(200)])
    before = waiting(spool)
    with pytest.raises(DeliveryError, match="is full: it may hold 300000 bytes"):
        spool.put([Event(str(number), Stream.ALERTS, bytes(1000)) for number in range(200, 300)])
    assert waiting(spool) == before
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 5_000_000
    spool.set_sent(spool.batch(Stream.ALERTS, LIMIT))
    spool.put(events("more"))  # there is room again
    assert waiting(spool) == ["more"]


def test_what_was_sent_makes_room(tmp_path: Path, open_spool: Callable[..., Spool]) -> None:
    spool = open_spool(tmp_path / "spool", 100_000)
    for number in range(100):
        spool.put(events(*(f"{number}-{each}" for each in range(50))))
        spool.set_sent(spool.batch(Stream.ALERTS, LIMIT))
    assert spool.counts().sent < 5000


@pytest.mark.parametrize("contents", [b"no database" * 100, None])
def test_a_file_that_is_no_spool_is_an_error(contents: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "spool"
    if contents is None:
        path.mkdir()
    else:
        path.write_bytes(contents)
    with pytest.raises(DeliveryError, match=f"the spool {path}: "):
        Spool(path, LIMIT)
