"""A scan as a stream of events: what is in it, in which order, with any number of workers."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import miniyara
from miniyara.hunting import FileFacts, HitRecord, Suppression
from miniyara.hunting.events import Event, ScanStart, SkippedFile, SkipReason, UnreadableFile
from miniyara.hunting.facts import names_of
from miniyara.hunting.hunt import Hunt, HuntOptions
from miniyara.hunting.inspection import BYTES_OF_A_PLACE, PLACES_OF_A_STRING, Inspection
from miniyara.hunting.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Sequence

posix = pytest.mark.skipif(os.name != "posix", reason="sends signals, asks for owners")

RULES = """
import "console"
rule letters : first { meta: level = 3 strings: $a = /a+/ condition: $a }
rule asked { condition: limit > 5 }
rule talks { condition: uint8(0) == 0x21 and console.log("size ", filesize) }
rule slow { condition: uint8(0) == 0x73 and for all i in (0..1000000000) : ( i >= 0 ) }
"""


@pytest.fixture(scope="module")
def rules() -> miniyara.Rules:
    return miniyara.compile(source=RULES, externals={"limit": 0})


def hunted(rules: miniyara.Rules, targets: list[str], **options: Any) -> list[Event]:
    judge = options.pop("judge", None)
    note = options.pop("note", lambda *_: None)
    hunt = Hunt(rules, HuntOptions(tuple(targets), **options), judge=judge, note=note)
    events = list(hunt.events(targets))
    return [*events, hunt.end(is_complete=True)]


def files(tmp_path: Path, **contents: str) -> list[str]:
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    return [str(tmp_path / name) for name in contents]


@pytest.mark.parametrize("workers", [0, 2])
def test_events_come_in_the_order_of_the_files(
    tmp_path: Path, rules: miniyara.Rules, workers: int
) -> None:
    paths = files(tmp_path, one="xaaax", two="xyz", large="a" * 100, three="a")
    paths.insert(1, str(tmp_path / "missing"))
    start, *events, end = hunted(rules, paths, walk=Walk(max_size=99), workers=workers)
    assert isinstance(start, ScanStart)
    assert (start.rules, start.targets) == (4, tuple(paths))
    one, missing, large, three = events
    assert isinstance(one, HitRecord)
    assert (one.rule, one.namespace, one.tags, one.meta) == (
        "letters",
        "default",
        ("first",),
        {"level": 3},
    )
    assert [(s.identifier, s.offset, s.length, s.data) for s in one.strings] == [
        ("$a", 1, 3, b"aaa"),
        ("$a", 2, 2, b"aa"),
        ("$a", 3, 1, b"a"),
    ]
    assert one.file.sha256 == hashlib.sha256(b"xaaax").hexdigest()
    assert (one.file.path, one.file.size) == (paths[0], 5)
    assert isinstance(missing, UnreadableFile)
    assert isinstance(large, SkippedFile)
    assert large.reason is SkipReason.TOO_LARGE
    assert isinstance(three, HitRecord)
    counts = end.counts  # type: ignore[union-attr]
    assert (counts.files, counts.bytes, counts.hits) == (3, 9, 2)
    assert (counts.unreadable, counts.skipped, counts.suppressed) == (1, 1, 0)
    assert {event.scan_id for event in (start, *events, end)} == {start.scan_id}


@posix
def test_what_the_system_says_of_a_file(tmp_path: Path, rules: miniyara.Rules) -> None:
    [path] = files(tmp_path, one="a")
    Path(path).chmod(0o4750)
    os.utime(path, (0, 1.5))
    _, hit, _ = hunted(rules, [path], workers=0)
    assert isinstance(hit, HitRecord)
    import grp  # noqa: PLC0415 - not on all systems
    import pwd  # noqa: PLC0415 - likewise

    assert hit.file.owner == pwd.getpwuid(os.getuid()).pw_name
    assert hit.file.group == grp.getgrgid(Path(path).stat().st_gid).gr_name
    assert hit.file.mode == 0o4750
    assert str(hit.file.modified) == "1970-01-01 00:00:01.500000+00:00"


def test_event_ids_are_those_of_scan_host_file_and_rule(
    tmp_path: Path, rules: miniyara.Rules
) -> None:
    paths = files(tmp_path, one="a", two="a")
    _, one, two, _ = hunted(rules, paths, workers=0)
    assert isinstance(one, HitRecord)
    assert isinstance(two, HitRecord)
    assert one.event_id == replace(one, time=two.time, strings=()).event_id
    others = [two, replace(one, scan_id="x"), replace(one, host="x"), replace(one, rule="x")]
    assert len({hit.event_id for hit in [one, *others]}) == 5


def test_records_are_bounded(tmp_path: Path, rules: miniyara.Rules) -> None:
    [path] = files(tmp_path, many="a" * 1000)
    _, hit, _ = hunted(rules, [path], workers=0)
    assert isinstance(hit, HitRecord)
    assert [len(hit.strings), len(hit.strings[0].data)] == [PLACES_OF_A_STRING, BYTES_OF_A_PLACE]
    assert hit.strings[0].length == 1000


def test_options_reach_the_workers(tmp_path: Path, rules: miniyara.Rules) -> None:
    told: list[tuple[str, str]] = []
    paths = files(tmp_path, loud="!", slow="s")
    _, *events, _ = hunted(
        rules,
        paths,
        externals={"limit": 9},
        timeout=1,
        workers=1,
        note=lambda path, text: told.append((path, text)),
    )
    assert [e.rule for e in events if isinstance(e, HitRecord)] == ["asked", "talks"]
    assert told == [(paths[0], "size 1")]
    [slow] = [event for event in events if isinstance(event, UnreadableFile)]
    assert (slow.path, slow.reason) == (paths[1], "scanning timed out")


def test_progress_goes_on_while_a_file_takes_long(tmp_path: Path, rules: miniyara.Rules) -> None:
    paths = files(tmp_path, slow="s")
    hunt = Hunt(
        rules, HuntOptions(tuple(paths), timeout=1, workers=1), judge=None, note=lambda *_: None
    )
    calls: list[int] = []
    assert len(list(hunt.events(paths, lambda: calls.append(1)))) == 2
    assert len(calls) >= 4


def test_data_on_stdin(
    tmp_path: Path, rules: miniyara.Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = files(tmp_path, one="a")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"xa")))
    _, first, second, third, _ = hunted(rules, [path, "-", path], workers=1)
    assert isinstance(second, HitRecord)
    assert second.file == FileFacts("-", 2, hashlib.sha256(b"xa").hexdigest())
    for other in (first, third):
        assert isinstance(other, HitRecord)
        assert other.file.path == path


def test_an_inspection_travels_to_another_process(tmp_path: Path, rules: miniyara.Rules) -> None:
    [path] = files(tmp_path, one="xa")
    inspection = Inspection(rules, "id", "host", {"limit": 9})
    there = pickle.loads(pickle.dumps(inspection))  # noqa: S301 - it is ours
    back = pickle.loads(pickle.dumps(there(path)))  # noqa: S301 - likewise
    here = inspection(path)
    assert [hit.event_id for hit in back.hits] == [hit.event_id for hit in here.hits]
    assert [hit.file for hit in back.hits] == [hit.file for hit in here.hits]
    assert len(here.hits) == 2


class KnowsGood:
    """Skips files of one name, and takes hits in small files for known good."""

    def __init__(self) -> None:
        self.asked: list[FileFacts] = []

    def skips(self, file: FileFacts) -> Suppression | None:
        self.asked.append(file)
        return Suppression("E1", "a cache", "me") if file.path.endswith("cache") else None

    def judge(self, hits: Sequence[HitRecord]) -> Sequence[HitRecord]:
        good = Suppression("E2", "small", "me")
        return [replace(hit, suppression=good) if hit.file.size == 1 else hit for hit in hits]

    def summary(self) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("workers", [0, 1])
def test_a_judge_is_asked(tmp_path: Path, rules: miniyara.Rules, workers: int) -> None:
    judge = KnowsGood()
    paths = files(tmp_path, cache="a", small="a", other="aa")
    _, cache, small, other, end = hunted(rules, paths, judge=judge, workers=workers)
    assert isinstance(cache, SkippedFile)
    assert (cache.reason, cache.suppression) == (
        SkipReason.EXCLUSION,
        Suppression("E1", "a cache", "me"),
    )
    assert isinstance(small, HitRecord)
    assert small.suppression is not None
    assert isinstance(other, HitRecord)
    assert other.suppression is None
    counts = end.counts  # type: ignore[union-attr]
    assert (counts.hits, counts.suppressed, counts.skipped) == (2, 1, 1)
    assert [(file.path, file.sha256) for file in judge.asked] == [(path, None) for path in paths]


@posix
def test_a_file_at_which_a_worker_dies_is_told_of(tmp_path: Path, rules: miniyara.Rules) -> None:
    def killed(_path: str) -> str | None:
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    paths = files(tmp_path, one="a", two="a")
    hunt = Hunt(rules, HuntOptions(tuple(paths), workers=1))
    inspection = hunt._inspection  # noqa: SLF001 - to let one file kill
    hunt._inspection = lambda path: killed(path) if path == paths[0] else inspection(path)  # type: ignore[assignment] # noqa: SLF001
    _, dead, hit = hunt.events(paths)
    assert isinstance(dead, UnreadableFile)
    assert "killed by signal 9" in dead.reason
    assert isinstance(hit, HitRecord)


@posix
def test_names_come_from_the_other_machine_whatever_its_links_say(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "users").write_text("toor:x:0:0::/:\n")
    (tmp_path / "etc/passwd").symlink_to("/users")
    (tmp_path / "etc/group").symlink_to("/etc/group")
    names = names_of(str(tmp_path))
    assert names.users == {0: "toor"}
    assert names.groups == {}
