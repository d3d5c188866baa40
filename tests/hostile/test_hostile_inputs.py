"""Inputs that once did harm do none, and what looks for more of them would notice harm.

An input stands in ``inputs/PARSER/``; its name says what it once did. Look for more with
``python -m miniyara.testing hostile``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import miniyara
from miniyara.testing.commands import hostile, main
from miniyara.testing.hostile import trial as trials
from miniyara.testing.hostile.hunting import PARSERS_OF_HUNTS
from miniyara.testing.hostile.parser import Parser
from miniyara.testing.hostile.parsers import PARSERS
from miniyara.testing.hostile.process import PROGRAM, Record
from miniyara.testing.hostile.trial import measured, trial

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = sorted(Path(__file__).parent.glob("inputs/*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_did_harm(path: Path) -> None:
    if path.parent.name not in PARSERS:
        pytest.skip("needs libmagic")
    assert measured(PARSERS[path.parent.name], path.read_bytes()) is None


@pytest.mark.parametrize("name", PARSERS)
def test_seeds_are_good_and_do_no_harm(name: str) -> None:
    for seed in PARSERS[name].seeds():
        PARSERS[name].read(seed)  # raises nothing
        assert measured(PARSERS[name], seed) is None


def fail(_data: bytes) -> None:
    raise IndexError


def refuse(_data: bytes) -> None:
    raise miniyara.TimeoutError


def sleep(_data: bytes) -> None:
    end = time.process_time() + 0.02
    while time.process_time() < end:
        pass


def grow(_data: bytes) -> None:
    bytearray(1 << 20)


@pytest.mark.parametrize(
    ("read", "kind"), [(fail, "IndexError"), (refuse, None), (sleep, "slow"), (grow, "memory")]
)
def test_harm_is_noticed(
    read: Callable[[bytes], object], kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "SECONDS", 0.01)
    monkeypatch.setattr(trials, "MEMORY", 1 << 19)
    finding = measured(Parser("made up", read, list), b"")
    assert (finding and finding.kind) == kind


def test_findings_with_one_cause_have_one_key() -> None:
    found = [trial(Parser("made up", fail, list), data) for data in (b"a", b"b")]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].key == found[1].key


def test_the_command_counts_its_inputs(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ["hostile", "--parser", "lnk", "--minutes", "0.05", "--folder", str(tmp_path)]
    assert main(arguments) == 0
    assert capfdbinary.readouterr().out.startswith(b"lnk ")
    assert Record(tmp_path / "lnk" / "record").trials > 0


def test_no_time_at_all(tmp_path: Path) -> None:
    arguments = ["hostile", "--parser", "lnk", "--minutes", "0.01", "--folder", str(tmp_path)]
    assert main(arguments) == 0


def test_a_hang_is_found_when_the_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostile, "PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(hostile, "_GRACE", 0.5)
    monkeypatch.setattr(hostile, "_is_confirmed", lambda *_: True)
    arguments = ["hostile", "--parser", "lnk", "--minutes", "0.02", "--folder", str(tmp_path)]
    assert main(arguments) == 1
    (report,) = (tmp_path / "lnk" / "found").glob("*.txt")
    assert report.read_text().startswith("no answer for")


def test_a_process_that_dies_leaves_its_input(tmp_path: Path) -> None:
    record = Record(tmp_path / "record")
    record.begin(b"one")
    record.begin(b"the last one")
    assert (Record(tmp_path / "record").trials, Record(tmp_path / "record").data) == (
        2,
        b"the last one",
    )


def test_without_coverage_seeds_are_damaged_by_chance(tmp_path: Path) -> None:
    for part in ("seeds", "corpus"):
        (tmp_path / part).mkdir()
    (tmp_path / "seeds" / "0").write_bytes(PARSERS["cuckoo"].seeds()[0])
    blind = 'import sys; sys.modules["atheris"] = None\n' + PROGRAM
    subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", blind, "cuckoo", str(tmp_path), "1", "1"], check=True
    )
    assert Record(tmp_path / "record").trials > 0
    assert not (tmp_path / "found").exists()


def test_an_input_is_tried_again(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"rule a { condition: true }")
    assert main(["hostile", "--parser", "rules", "--input", str(path)]) == 0
    assert capfdbinary.readouterr().out == b"nothing is wrong\n"


HARMLESS = """
import sys
from miniyara.testing.hostile.parsers import PARSERS
events = []
watched = tuple(sys.argv[1].split())
parsers = [PARSERS[name] for name in sys.argv[2].split()]
def read():
    for parser in parsers:
        for seed in parser.seeds():
            parser.read(seed)
read()  # modules are imported when they are needed
sys.addaudithook(lambda event, _: events.append(event) if event.startswith(watched) else None)
read()
assert not events, events
"""

READERS = [
    name
    for name in PARSERS
    if name not in {"saved", "cache", "magic", *(parser.name for parser in PARSERS_OF_HUNTS)}
]
"""What reads bytes without a file; libmagic has a database."""


@pytest.mark.parametrize(
    ("watched", "names"),
    [
        ("open os. socket subprocess shutil ctypes import", READERS),
        ("exec compile marshal pickle ctypes import", [*READERS, "saved", "cache"]),
    ],
    ids=["nothing is opened or started", "nothing is executed"],
)
def test_what_reading_does_besides(watched: str, names: list[str]) -> None:
    """It is seen by an audit hook, which stays for good: in a process of its own."""
    subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", HARMLESS, watched, " ".join(names)], check=True
    )
