"""The command prints what ``yara`` 4.5.4 prints, byte for byte.

A transcript is a text file of steps such as

::

    $ yara -s rules.yar target.bin
    rule target.bin
    0x1:$a: abc

in which ``[exit status 1]`` follows the output of a step that ends so.  The steps
run in ``files``.  Only stdout is recorded: messages are miniyara's own.  To record
the transcripts again: ``python tests/command/test_transcripts.py /path/to/yara``.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from miniyara.command import main

HERE = Path(__file__).parent
FILES = HERE / "files"
TRANSCRIPTS = sorted((HERE / "transcripts").glob("*.txt"))


@dataclass(frozen=True)
class Step:
    command: str
    output: str
    status: int = 0

    @property
    def arguments(self) -> list[str]:
        return shlex.split(self.command)[1:]


def read(transcript: Path) -> list[Step]:
    steps = []
    text = transcript.read_text(encoding="ascii")
    for command, answer in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        output, _, status = answer.partition("[exit status ")
        steps.append(Step(command, output, int(status.rstrip("]\n") or 0)))
    return steps


STEPS = [step for transcript in TRANSCRIPTS for step in read(transcript)]


@pytest.mark.parametrize("step", STEPS, ids=[step.command for step in STEPS])
def test_as_recorded(
    step: Step, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(FILES)
    status = main(step.arguments)
    output = capfdbinary.readouterr().out.decode("ascii")
    assert (in_order(output), status) == (in_order(step.output), step.status)


def in_order(output: str) -> list[str]:
    """Sort what is printed of a directory: yara scans its files in any order."""
    lines = output.splitlines()
    return sorted(lines) if "folder/" in output else lines


def record(yara: str) -> None:
    for transcript in TRANSCRIPTS:
        text = ""
        for step in read(transcript):
            done = subprocess.run(  # noqa: S603 - the commands are ours
                [yara, *step.arguments], cwd=FILES, stdout=subprocess.PIPE, check=False
            )
            text += f"$ {step.command}\n{done.stdout.decode('ascii')}"
            text += f"[exit status {done.returncode}]\n" if done.returncode else ""
        transcript.write_text(text, encoding="ascii")


if __name__ == "__main__":
    record(sys.argv[1])
