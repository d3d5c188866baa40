"""``miniyara scan`` and ``compile``: arguments, rules, output files, statuses, interruptions."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import miniyara
from miniyara.command import main
from miniyara.command.progress import Progress, console, in_units
from miniyara.hunting import HitRecord
from miniyara.hunting.events import Counts, Event, ScanEnd
from miniyara.hunting.walk import Walk
from miniyara.reporting import ndjson

posix = pytest.mark.skipif(os.name != "posix", reason="sends signals")

HAS_ABC = 'rule has_abc { strings: $a = "abc" condition: $a }'
OTHER = 'rule other { strings: $a = "xyz" condition: $a }'


class Command:
    """Runs the command in a folder of its own, and reads what it writes."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture

    def write(self, **files: str) -> None:
        for name, text in files.items():
            path = Path(name.replace("__", "/") + (".yar" if "rule " in text else ""))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, bytes, list[str]]:
        """Return the status, the output and the lines of messages."""
        try:
            status: Any = main(arguments)
        except SystemExit as end:
            status = end.code
        captured = self._capture.readouterr()
        return status, captured.out, os.fsdecode(captured.err).splitlines()

    def scan(self, *arguments: str) -> tuple[int, list[Event], list[str]]:
        """Return the status, the events and the messages but for the summary."""
        status, output, messages = self.run("scan", "--format", "ndjson", *arguments)
        return status, list(ndjson.read(output.splitlines())), messages[:-1]

    def hits(self, *arguments: str) -> list[tuple[str, str, str]]:
        """Return namespace, rule and path of each hit of a scan without problems."""
        status, events, messages = self.scan(*arguments)
        assert (status, messages) == (0, [])
        return [
            (event.namespace, event.rule, event.file.path.replace(os.sep, "/"))
            for event in events
            if isinstance(event, HitRecord)
        ]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capfdbinary)


# -- rules -----------------------------------------------------------------------


def test_rules_of_files_and_folders(command: Command) -> None:
    command.write(rules__a=HAS_ABC, rules__deep__b=HAS_ABC, rules__c="no rules", d=HAS_ABC, x="abc")
    assert command.hits("rules", "x", "-R", "d.yar", "-R", "n:d.yar") == [
        ("a.yar", "has_abc", "x"),
        ("deep/b.yar", "has_abc", "x"),
        ("default", "has_abc", "x"),
        ("n", "has_abc", "x"),
    ]
    status, _, messages = command.scan("one:rules", "x")
    assert status == 1
    assert 'duplicated identifier "has_abc"' in messages[0]
    Path("empty").mkdir()
    complaint = 'error: no file in "empty" ends with .yar or .yara'
    assert command.run("scan", "empty", "x") == (1, b"", [complaint])


def test_compiled_rules(command: Command) -> None:
    rule = 'rule named { condition: name == "x" }'
    command.write(a=rule, b=HAS_ABC, x="abc")
    assert command.run("compile", "-d", "name=", "a.yar", "n:b.yar", "rules") == (0, b"", [])
    assert [match.rule for match in miniyara.load("rules").match(data=b"abc")] == ["has_abc"]
    for option in ([], ["-C"]):
        assert command.hits("rules", "x", "-d", "name=x", *option) == [
            ("default", "named", "x"),
            ("n", "has_abc", "x"),
        ]
        assert command.run("rules", "x", *option)[:2] == (0, b"has_abc x\n")
    assert command.run("rules", "x", "-d", "name=7")[2] == [
        'error: external variable "name" was already defined with a different type'
    ]
    assert command.run("rules", "x", "-R", "b.yar")[2] == [
        "error: compiled rules cannot be used together with other rules"
    ]
    assert command.run("-C", "b.yar", "x")[2] == ['error: invalid rules file "b.yar"']


@posix
def test_compiled_rules_that_can_be_read_only_once(command: Command) -> None:
    command.write(a=HAS_ABC, x="abc")
    assert command.run("compile", "a.yar", "rules")[0] == 0
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as pipe:
        pipe.write(Path("rules").read_bytes())
    try:
        assert command.run(f"/dev/fd/{ours}", "x") == (0, b"has_abc x\n", [])
    finally:
        os.close(ours)


def test_compile_complains_as_the_command_does(command: Command) -> None:
    command.write(bad="rule a { condition: $b }", slow='rule b { strings: $a = "a" condition: $a }')
    status, output, messages = command.run("compile", "bad.yar", "out")
    assert (status, output, Path("out").exists()) == (1, b"", False)
    assert "undefined string" in messages[0]
    assert command.run("compile", "slow.yar", "out")[0] == 0
    assert command.run("compile", "--fail-on-warnings", "slow.yar", "out2")[0] == 1
    assert command.run("compile", "-w", "slow.yar", "no/such/folder") == (
        1,
        b"",
        ["error: could not write to no/such/folder: No such file or directory"],
    )
    assert command.run("compile", "slow.yar")[0] == 2
    assert not Path("out2").exists()


INVALID = """\
import "nothing"
rule good { condition: true }
rule no_end { condition: true
rule bad_string { strings: $a = "open
  condition: $a }
private rule bad_type : tag { condition: 1 + "x" }
rule needs { condition: bad_type }
import "math"
rule also_good { condition: math.abs(-1) == 1 } // rule of nothing {
rule good { condition: false }
include "missing"
/* rule in_comment { condition: $x } */
rule last { condition: nothing.x == 1 }
"""


def test_rules_that_are_skipped_are_all_reported(command: Command) -> None:
    command.write(r=INVALID, other=HAS_ABC, worse="rule ( ", x="abc")
    arguments = ("r.yar", "x", "-R", "n:other.yar", "-R", "n:worse.yar", "--skip-invalid-rules")
    status, events, messages = command.scan(*arguments)
    hits = [event.rule for event in events if isinstance(event, HitRecord)]
    assert (status, hits) == (1, ["good", "also_good", "has_abc"])
    rejected = {line.partition(": ")[2].partition(":")[0] for line in messages}
    assert rejected == {
        "statement in r.yar(1)",
        'rule "no_end" in r.yar(4)',
        'rule "bad_string" in r.yar(5)',
        'rule "bad_type" in r.yar(6)',
        'rule "needs" in r.yar(7)',
        'rule "good" in r.yar(10)',
        "statement in r.yar(11)",
        'rule "last" in r.yar(13)',
        "statement in worse.yar(1)",
    }
    assert command.scan(*arguments, "--accept-skipped-rules")[0] == 0
    assert command.scan(*arguments[:-1])[0] == 1


def test_a_rule_that_is_skipped_in_an_included_file(command: Command) -> None:
    command.write(r='include "inner.yar"\n' + HAS_ABC, x="abc")
    Path("inner.yar").write_text(f"rule bad {{ condition: $b }}\n{OTHER}", encoding="ascii")
    Path("x").write_text("abc xyz", encoding="ascii")
    for cache in ([], ["--cache", "kept"], ["--cache", "kept"]):
        status, events, messages = command.scan("r.yar", "x", "--skip-invalid-rules", *cache)
        assert [e.rule for e in events if isinstance(e, HitRecord)] == ["other", "has_abc"]
        assert (status, messages) == (
            1,
            ['rejected: rule "bad" in inner.yar(1): undefined string "$b"'],
        )


# -- targets ---------------------------------------------------------------------


def test_lists_of_targets(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command.write(r=HAS_ABC, one="abc", two="abc", folder__three="abc", list="two\r\n\nfolder\n")
    expected = [("default", "has_abc", name) for name in ("one", "two", "folder/three")]
    assert command.hits("r.yar", "one", "--scan-list", "list") == expected
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"two\nfolder")))
    assert command.hits("r.yar", "one", "--scan-list", "-") == expected
    status, events, messages = command.scan("r.yar", "one", "--scan-list", "missing")
    assert (status, messages) == (1, ['error: could not open file "missing".'])
    assert len(events) == 3


def test_data_from_stdin(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    command.write(r=HAS_ABC)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"xabc")))
    assert command.hits("r.yar", "-") == [("default", "has_abc", "-")]


def test_files_that_are_not_scanned_are_listed(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc", large="x" * 100)
    status, output, messages = command.run("scan", "r.yar", "gone\x1b", "large", "one", "-z9")
    assert status == 1
    assert output.startswith(b"has_abc one\n")
    assert messages[0] == r"error scanning gone\x1b: No such file or directory"
    assert messages[1].startswith("1 file (3 B) scanned in ")
    assert messages[1].endswith(": 1 hit, 0 known good; 1 unreadable, 1 skipped")


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="Linux has it")
def test_it_is_said_that_pseudo_file_systems_are_not_entered(command: Command) -> None:
    command.write(r=HAS_ABC)
    status, output, messages = command.run("scan", "r.yar", "/proc")
    assert (status, output) == (0, b"")
    assert messages[0] == "skipping /proc: the file system is of type proc, which holds no files"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["r.yar"], "there is nothing to scan"),
        (["-", "-"], "only one of all can be read from stdin"),
        (["n:-", "x", "--scan-list", "-"], "only one of all can be read from stdin"),
        (["r.yar", "x", "--format", "xml"], "invalid choice"),
        (["r.yar", "x", "--workers", "-1"], "--workers"),
    ],
)
def test_arguments_that_make_no_sense(
    command: Command, arguments: list[str], complaint: str
) -> None:
    status, output, messages = command.run("scan", *arguments)
    assert (status, output) == (2, b"")
    assert complaint in "\n".join(messages)


# -- output ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "csv", "sarif"])
def test_output_files_are_what_is_printed(command: Command, form: str) -> None:
    command.write(r=HAS_ABC, one="abc", out="old")
    Path("out").chmod(0o600)
    arguments = ("scan", "r.yar", "one", "--format", form)
    printed = command.run(*arguments)[1]
    assert b"has_abc" in printed
    status, output, _ = command.run(*arguments, "-o", "out")
    assert (status, output) == (0, b"")
    assert len(Path("out").read_bytes()) == pytest.approx(len(printed), abs=8)
    assert os.name != "posix" or Path("out").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in Path.cwd().iterdir()} == {"r.yar", "one", "out"}


def test_an_output_file_stays_as_it_is_if_something_fails(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.write(r=HAS_ABC, one="abc", out="old")
    if os.name == "posix":
        Path("link").symlink_to("new")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("miniyara.command.hunt.NdjsonReport.add", full)
    status, _, messages = command.run("scan", "r.yar", "one", "--format", "ndjson", "-o", "out")
    assert (status, messages) == (1, ["error: could not write: No space left on device"])
    assert Path("out").read_text(encoding="ascii") == "old"
    assert command.run("scan", "r.yar", "one", "--format", "ndjson", "-o", "link")[0] == 1
    assert {path.name for path in Path.cwd().iterdir()} - {"link"} == {"r.yar", "one", "out"}
    status, _, messages = command.run("scan", "r.yar", "one", "-o", "no/folder")
    complaint = "error: could not write to no/folder: No such file or directory"
    assert (status, messages) == (1, [complaint])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("no_colour", ["", "1"])
def test_colours_and_progress_on_a_terminal(tmp_path: Path, no_colour: str) -> None:
    import pty  # noqa: PLC0415 - not on all systems

    (tmp_path / "r.yar").write_text(HAS_ABC)
    (tmp_path / "a\x1b]0;x").write_text("abc")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "miniyara", "scan", "r.yar", "."],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "TERM": "xterm"}
        | {"NO_COLOR": no_colour},
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while True:
                shown += os.read(ours, 4096)
    os.close(ours)
    assert process.returncode == 0
    assert rb"a\x1b]0;x" in shown
    assert (b"\x1b[1;31mhas_abc\x1b[0m" in shown) == (not no_colour)
    assert b"\x1b]0" not in shown


def test_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / str(number)).write_bytes(bytes(1 << 14))
    clock = iter((0.0, 10.0, *[20.0] * 6)).__next__
    progress = Progress(Walk().steps([str(tmp_path)]), Counts(files=3, bytes=3 << 14), clock)
    monkeypatch.setattr("miniyara.command.progress.console", lambda: None)
    progress.count()
    done = Counts(files=12, bytes=12 << 14, hits=4)
    assert progress.line(done, 80) == "12 files  192.0 KiB  14.4 KiB/s  4 hits"
    progress.count()
    for columns, line in (
        (99, "[########            ]  40%  12 files  192.0 KiB  7.2 KiB/s  4 hits  0:00:40 left"),
        (79, "[#######           ]  40%  12 files  192.0 KiB  7.2 KiB/s  4 hits  0:00:40 left"),
        (60, " 40%  12 files  192.0 KiB  7.2 KiB/s  4 hits  0:00:40 left"),
        (39, " 40%  12 files  4 hits  0:00:40 left"),
        (31, " 40%  12 files  0:00:40 left"),
        (1, " 40%  0:00:40 left"),
    ):
        assert progress.line(done, columns) == line


@pytest.mark.parametrize(("no_colour", "bar"), [("", "━" * 20), ("1", f"[{'#' * 20}]")])
def test_progress_with_rich(monkeypatch: pytest.MonkeyPatch, no_colour: str, bar: str) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_colour:
        monkeypatch.setenv("NO_COLOR", no_colour)
    console.cache_clear()
    progress = Progress(iter(()), Counts())
    progress.count()
    line = progress.line(Counts(files=1), 80)
    console.cache_clear()
    assert bar in line
    assert "100%  1 file  " in line


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 40, "5.0 TiB")]
)
def test_units(number: int, shown: str) -> None:
    assert in_units(number) == shown


# -- interruptions ---------------------------------------------------------------

MARKS_OFTEN = """\
import sys
from miniyara.command import main
from miniyara.hunting import journal
journal.INTERVAL = 0
sys.exit(main())
"""


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a scan that waits for stdin when it has scanned the first folder."""
    return subprocess.Popen(  # noqa: S603 - the command is ours
        [sys.executable, "-c", MARKS_OFTEN, "scan", "r.yar", "files", "-", "more", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # so that what was not read is left for communicate()
    )


@pytest.fixture
def many(command: Command, tmp_path: Path) -> Path:
    command.write(r=HAS_ABC)
    command.write(**{f"files__{number % 7}__{number}": "abc" for number in range(100)})
    command.write(**{f"more__{number}": "abc" for number in range(50)})
    return tmp_path


@posix
def test_ctrl_c_prints_what_was_found(many: Path) -> None:
    with start(many, "--format", "json", "--workers", "1", "--resume", "journal") as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(101)]
        process.send_signal(signal.SIGINT)
        rest, messages = process.communicate()
    assert process.returncode == 130
    records = json.loads(b"".join([*first, rest]))
    assert (records[-1]["outcome"], records[-1]["hits"], len(records)) == ("interrupted", 100, 102)
    assert b"100 hits" in messages
    assert b"go on with --resume journal" in messages


@posix
def test_a_scan_that_is_killed_is_resumed(many: Path) -> None:
    arguments = ("--format", "ndjson", "-o", "out", "--resume", "journal", "--workers", "2")
    journal = many / "journal"
    with start(many, *arguments) as process:
        end = time.monotonic() + 60
        while not (journal.exists() and journal.read_bytes().count(b'"mark"') >= 90):
            assert time.monotonic() < end
            time.sleep(0.02)
        with start(many, *arguments) as second:
            assert b"of a scan that is running" in second.communicate()[1]
        process.kill()
    assert not (many / "out").exists()
    with start(many, *arguments, "another") as process:
        assert b"of other rules or targets" in process.communicate()[1]
    with start(many, *arguments) as process:
        messages = process.communicate(b"abc")[1]
    assert (process.returncode, journal.exists()) == (0, False)
    with (many / "out").open("rb") as file:
        begin, *hits, last = ndjson.read(file)
    assert isinstance(last, ScanEnd)
    assert last.is_complete
    assert (last.counts.files, last.counts.hits, len(hits)) == (151, 151, 151)
    assert len({hit.file.path for hit in hits if isinstance(hit, HitRecord)}) == 151
    assert {hit.scan_id for hit in hits} == {begin.scan_id}
    assert b"151 files" in messages
