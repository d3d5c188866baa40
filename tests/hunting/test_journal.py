"""The journal: wherever a scan is killed, nothing is lost and nothing is there twice."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

import miniyara
from miniyara.hunting import HitRecord, journal
from miniyara.hunting.events import Event, ScanStart
from miniyara.hunting.hunt import Hunt, HuntOptions
from miniyara.hunting.journal import Identity, Journal

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

IDENTITY = Identity("rules", "targets")


@pytest.fixture(scope="module")
def rules() -> miniyara.Rules:
    return miniyara.compile(source='rule a { strings: $a = "a" condition: $a }')


@pytest.fixture
def folder(tmp_path: Path) -> str:
    folder = tmp_path / "folder"
    for number in range(12):
        path = folder / str(number % 3) / f"{number}\udcff"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a" if number % 2 else "b")
    (folder / "fifo").symlink_to("nowhere")
    return str(folder)


@pytest.fixture(params=[0.0, 1e9], ids=["a mark for each file", "no mark"])
def interval(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    seconds: float = request.param
    monkeypatch.setattr(journal, "INTERVAL", seconds)
    return seconds


def run(path: Path, rules: miniyara.Rules, folder: str) -> Generator[Event, None, None]:
    with closing(Journal(str(path), IDENTITY, "id")) as kept:
        hunt = Hunt(rules, HuntOptions((folder,), workers=0), journal=kept)
        yield from hunt.events([folder])
        yield hunt.end(is_complete=True)
        kept.remove()


def told(events: list[Event]) -> list[object]:
    """What events say, but for when."""
    return [
        replace(event, time=None, **({"counts": None} if hasattr(event, "counts") else {}))  # type: ignore[arg-type]
        for event in events
    ]


def test_a_scan_that_is_killed_again_and_again(
    tmp_path: Path, rules: miniyara.Rules, folder: str, interval: float
) -> None:
    path = tmp_path / "journal"
    whole = list(run(path, rules, folder))
    assert not path.exists()
    assert Counter(map(type, whole))[HitRecord] == 6
    counts = replace(whole[-1].counts, seconds=0)  # type: ignore[union-attr]
    for stop in range(1, len(whole) + 1):
        first = run(path, rules, folder)
        list(islice(first, stop))
        written = path.read_bytes() if stop % 2 else path.read_bytes()[:-7]  # cut in a line
        first.close()
        path.write_bytes(written)
        again = list(run(path, rules, folder))
        assert told(again) == told(whole)
        assert replace(again[-1].counts, seconds=0) == counts  # type: ignore[union-attr]
        assert again[-1].counts.seconds < 60  # type: ignore[union-attr]
    assert interval in {0.0, 1e9}


def test_what_was_done_is_not_done_again(
    tmp_path: Path, rules: miniyara.Rules, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "INTERVAL", 0.0)
    path = tmp_path / "journal"
    first = run(path, rules, folder)
    seen = list(islice(first, 4))
    first.close()
    assert isinstance(seen[0], ScanStart)
    with closing(Journal(str(path), IDENTITY, "another")) as kept:
        assert kept.scan_id == "id"
        assert list(kept.events()) == seen[:-1]  # the last was told of, and not yet marked
        assert kept.counts.hits == len(seen) - 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"notes\n", "is no journal"),
        (b"notes", "is no journal"),
        (b'{"journal": 1, "rules": "others", "targets": "targets", "scan_id": "id"}\n', "of other"),
        (
            (
                b'{"journal": 1, "rules": "rules", "targets": "targets", "scan_id": "id"}\n'
                b'{"mark": 7}\n'
            ),
            "a mark that is broken",
        ),
    ],
)
def test_another_file_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(miniyara.Error, match=complaint):
        Journal(str(path), IDENTITY, "id")
    assert path.read_bytes() == content


def test_a_first_line_that_was_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'{"journal": 1, "ru')
    with closing(Journal(str(path), IDENTITY, "id")) as kept:
        assert kept.is_new
    with closing(Journal(str(path), IDENTITY, "other")) as kept:
        assert kept.scan_id == "id"
