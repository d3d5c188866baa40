"""What the command does beyond yara's, and around it: messages, statuses, the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import miniyara
import miniyara.command
from miniyara.command import main
from miniyara.scanning.match import StringMatch

HAS_ABC = 'rule has_abc { strings: $a = "abc" condition: $a }'
ALWAYS = "rule always { condition: true }"
SLOW = "rule slow { condition: for all i in (0..1000000000) : (i >= 0) }"
WARNS = "rule warns { strings: $a = { 61 00 } condition: $a or filesize >= 0 }"


class Command:
    """Runs the command in a directory of its own."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self._capture = capture

    def write(self, **files: str) -> None:
        """Write files, the rules among them as ``name`` for ``name.yar``."""
        for name, text in files.items():
            Path(f"{name}.yar" if "rule" in text else name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str) -> tuple[int, list[str], str]:
        """Return the status, the lines of stdout and the text of stderr."""
        try:
            status: Any = main(arguments)
        except SystemExit as end:
            status = end.code
        captured = self._capture.readouterr()
        return status, os.fsdecode(captured.out).splitlines(), os.fsdecode(captured.err)


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capfdbinary)


# -- targets ---------------------------------------------------------------------


def test_several_targets_are_scanned_in_their_order(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc", two="xyz", three="abc")
    assert command.run("r.yar", "three", "two", "one") == (0, ["has_abc three", "has_abc one"], "")


def test_count_names_the_files_if_there_are_several(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc", two="xyz")
    assert command.run("-c", "r.yar", "one") == (0, ["1"], "")
    assert command.run("-c", "r.yar", "one", "two") == (0, ["one: 1", "two: 0"], "")


def test_a_missing_file_does_not_keep_the_others_from_being_scanned(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc")
    status, output, messages = command.run("r.yar", "missing", "one")
    assert (status, output) == (1, ["has_abc one"])
    assert messages == "error scanning missing: could not open file\n"


def test_options_may_stand_between_and_behind_the_targets(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc", two="xabc")
    assert command.run("r.yar", "one", "-s", "two", "-L") == (
        0,
        ["has_abc one", "0x0:3:$a: abc", "has_abc two", "0x1:3:$a: abc"],
        "",
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with FIFOs")
def test_a_fifo_is_refused_and_not_waited_for(command: Command) -> None:
    command.write(r=ALWAYS)
    os.mkfifo("fifo")
    status, output, messages = command.run("r.yar", "fifo")
    assert (status, output) == (1, [])
    assert messages == "error scanning fifo: could not open file\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, names are text")
def test_a_name_that_is_not_text_is_printed_as_it_is(command: Command) -> None:
    command.write(r=HAS_ABC)
    Path(os.fsdecode(b"\xff\n")).write_bytes(b"abc")
    assert command.run("r.yar", ".")[1] == ["has_abc ./r.yar", "has_abc ./\udcff\\n"]


def test_a_scan_list_made_on_windows(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc", targets="one\r\n")
    assert command.run("--scan-list", "r.yar", "targets") == (0, ["has_abc one"], "")


# -- rules -----------------------------------------------------------------------


def test_rules_of_several_files(command: Command) -> None:
    command.write(r=HAS_ABC, s=ALWAYS, one="abc")
    assert command.run("-e", "r.yar", "one", "-R", "s.yar", "-R", "other:s.yar") == (
        0,
        ["default:has_abc one", "default:always one", "other:always one"],
        "",
    )


def test_every_error_of_the_rules_is_shown_with_its_place(command: Command) -> None:
    command.write(r="rule a { condition: $b }\nrule c { condition: d }", one="")
    status, output, messages = command.run("r.yar", "one")
    assert (status, output) == (1, [])
    assert 'undefined string "$b"' in messages
    assert 'undefined identifier "d"' in messages
    assert "1 | rule a { condition: $b }\n  |                     ^^" in messages
    assert "2 | rule c { condition: d }\n  |                     ^" in messages


def test_no_escape_sequence_of_rules_reaches_a_terminal(command: Command) -> None:
    command.write(r='rule a { strings: $a = "\x1b]0;x\x07" condition: $b }', one="")
    status, output, messages = command.run("r.yar", "one")
    assert (status, output) == (1, [])
    assert r"1 | rule a { strings: $a = " in messages
    assert messages.replace("\n", "").isprintable()


def test_the_same_rule_in_two_files_of_one_namespace_is_an_error(command: Command) -> None:
    command.write(r=ALWAYS, s=ALWAYS, one="")
    status, output, messages = command.run("r.yar", "-R", "s.yar", "one")
    assert (status, output) == (1, [])
    assert 'duplicated identifier "always"' in messages
    assert "s.yar:1" in messages


def test_warnings_are_worded_as_yaras(command: Command) -> None:
    command.write(r=WARNS, one="")
    warning = 'warning: rule "warns" in r.yar(1): string "$a" may slow down scanning\n'
    assert command.run("r.yar", "one") == (0, ["warns one"], warning)
    assert command.run("-w", "r.yar", "one") == (0, ["warns one"], "")
    assert command.run("--fail-on-warnings", "r.yar", "one") == (1, [], warning)
    assert command.run("--fail-on-warnings", "-w", "r.yar", "one") == (0, ["warns one"], "")


def test_a_rules_file_that_is_not_there(command: Command) -> None:
    status, output, messages = command.run("missing.yar", ".")
    assert (status, output) == (1, [])
    assert messages.startswith("error: could not open file: missing.yar")


def test_a_directory_as_rules(command: Command) -> None:
    Path("folder").mkdir()
    status, output, messages = command.run("folder", ".")
    assert (status, output) == (1, [])
    assert messages == "error: could not open file: folder: Is a directory\n"


@pytest.mark.parametrize("variable", ["MINIYARA_BACKEND", "MINIYARA_COMPILE_AFTER"])
def test_an_environment_that_makes_no_sense(
    command: Command, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "bogus")
    command.write(r=ALWAYS, one="")
    status, output, messages = command.run("r.yar", "one")
    assert (status, output) == (1, [])
    assert messages.startswith("error: ")
    assert "bogus" in messages
    assert messages.count("\n") == 1


def test_strict_escape(command: Command) -> None:
    command.write(r=r"rule a { strings: $a = /ab\cd/ condition: $a }", one="")
    assert command.run("r.yar", "one") == (0, [], "")
    assert "escape" in command.run("-E", "r.yar", "one")[2]


def test_the_cache_changes_nothing_that_is_printed(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command.write(r=HAS_ABC.replace("has_abc", "has_abc : tag"), w=WARNS, one="abc")
    arguments = ("-gse", "r.yar", "-R", "x:w.yar", "-d", "number=1", "one")
    expected = command.run(*arguments)
    assert command.run("--cache", "kept", *arguments) == expected
    assert len(list(Path("kept").iterdir())) == 1
    with monkeypatch.context() as patch:
        patch.setattr("miniyara.scanning.preparing.compiled", None)
        assert command.run("--cache", "kept", *arguments) == expected
        fails = command.run("--cache", "kept", "--fail-on-warnings", *arguments)
    assert fails == (1, [], expected[2])


def test_a_cache_that_cannot_be_written_to(command: Command) -> None:
    command.write(r=HAS_ABC, one="abc")
    status, lines, errors = command.run("--cache", "one", "r.yar", "one")
    assert (status, lines) == (0, ["has_abc one"])
    assert errors.startswith('warning: could not write to the cache "one": ')


# -- when to stop ----------------------------------------------------------------


def test_the_timeout_ends_the_command(command: Command) -> None:
    command.write(r=SLOW, one="", two="")
    status, output, messages = command.run("-a", "1", "r.yar", "one", "two")
    assert (status, output) == (1, [])
    assert messages == "error scanning one: scanning timed out\n"


def test_a_timeout_of_ages(command: Command) -> None:
    command.write(r=ALWAYS, one="")
    assert command.run("-a", "99999999999", "r.yar", "one") == (0, ["always one"], "")


def test_max_rules_counts_over_all_files(command: Command) -> None:
    command.write(r=HAS_ABC, s=ALWAYS, one="abc", two="abc", three="abc")
    assert command.run("-l", "3", "r.yar", "-R", "s.yar", "one", "two", "three") == (
        0,
        ["has_abc one", "always one", "has_abc two"],
        "",
    )


def test_ctrl_c_ends_with_status_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(miniyara.command, "scan", interrupted)
    command.write(r=ALWAYS, one="")
    assert command.run("r.yar", "one") == (130, [], "")


def test_a_reader_that_goes_away_is_no_reason_to_complain(command: Command) -> None:
    command.write(r=ALWAYS)
    for number in range(2000):
        Path(f"{number}").touch()
    with subprocess.Popen(
        [sys.executable, "-m", "miniyara", "r.yar", "."],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        messages = process.stderr.read()
    assert (process.returncode, messages) == (miniyara.command.READER_WENT_AWAY, b"")


@pytest.mark.parametrize(
    ("closed", "arguments", "output", "messages", "status"),
    [
        ("stdout", ["r.yar", "one"], b"", b"error: could not write: stdout is closed\n", 1),
        ("stderr", ["r.yar", "one"], b"always one\n", b"", 0),
        ("stdin", ["explain", "-", "one"], b"", b"no rule matches; name one with --rule\n", 0),
    ],
)
def test_a_stream_that_is_closed(
    command: Command,
    closed: str,
    arguments: list[str],
    output: bytes,
    messages: bytes,
    status: int,
) -> None:
    command.write(r=ALWAYS, one="")
    program = (
        f"import sys; sys.{closed} = None\n"  # as Python does where the stream is closed
        "from miniyara.command import main; sys.exit(main())"
    )
    done = subprocess.run(  # noqa: S603 - the program is ours
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (output, messages, status)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the full device is Linux's")
def test_output_that_cannot_be_written(command: Command) -> None:
    command.write(r=ALWAYS, one="")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "miniyara", "r.yar", "one"],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        1,
        b"error: could not write: No space left on device\n",
    )


def test_strings_that_are_not_printed_are_not_searched_to_their_end(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(*_: object, **__: object) -> None:
        raise AssertionError("nobody asked for the places")

    command.write(r=HAS_ABC, one="abc")
    monkeypatch.setattr(StringMatch, "__init__", searched)
    assert command.run("r.yar", "one") == (0, ["has_abc one"], "")
    with pytest.raises(AssertionError, match="nobody asked"):
        command.run("-s", "r.yar", "one")


def test_labels_are_printed_byte_for_byte(command: Command) -> None:
    command.write(
        r=r'import "console" rule a { condition: console.log("\xff\xc3\xa9 ", 1) }', one=""
    )
    assert command.run("r.yar", "one") == (0, ["\udcff\u00e9 1", "a one"], "")


# -- arguments -------------------------------------------------------------------


def test_version(command: Command) -> None:
    status, [line], _ = command.run("--version")
    assert status == 0
    assert line.startswith("miniyara ")
    assert line.endswith(miniyara.YARA_VERSION)


def test_help_names_every_option_of_yara_that_there_is(command: Command) -> None:
    status, output, _ = command.run("--help")
    assert status == 0
    listed = {line.split()[0].rstrip(",") for line in output if line.startswith("  -")}
    assert listed >= {f"-{letter}" for letter in "acdefghilmnqrstvwzELNRX"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required"),
        (["r.yar"], "TARGET"),
        (["--no-such-option", "r.yar", "."], "--no-such-option"),
        (["--count-of", "r.yar", "."], "--count-of"),
        (["-d", "nothing", "r.yar", "."], "'nothing' is not VAR=VALUE"),
        (["-d", "x=9223372036854775808", "r.yar", "."], "more than 64 bits"),
        (["-d", "x=" + "9" * 10_000, "r.yar", "."], "more than 64 bits"),
        (["-a", "soon", "r.yar", "."], "'soon' is not a number"),
        (["-a", "9223372036854775808", "r.yar", "."], "more than 63 bits"),
        (["-l", "-1", "r.yar", "."], "-l"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_arguments_that_make_no_sense(
    command: Command, arguments: list[str], complaint: str
) -> None:
    status, output, messages = command.run(*arguments)
    assert (status, output) == (2, [])
    assert complaint in messages
