"""The command prints what ``yara`` 4.5.4 prints, byte for byte.

A transcript is a text file of steps such as

::

    $ yara -s rules.yar target.bin
    rule target.bin
    0x1:$a: abc

in which ``[exit status 1]`` follows the output of a step that ends so.  The steps
run in a copy of ``files``, with some of the made-up files of ``tests/modules`` beside
them.  Only stdout is recorded: messages are miniyara's own.  To record the transcripts
again: ``PYTHONPATH=src:tests/modules python tests/command/test_transcripts.py
/path/to/yara``; what begins with ``$ miniyara`` is what yara does not have.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import crx_writer
import dex_writer
import lnk_writer
import macho_writer
import pytest

from miniyara.command import main
from miniyara.testing.programs.dotnet import rich_file

HERE = Path(__file__).parent
FILES = HERE / "files"
MADE_UP = {
    "extension.crx": crx_writer.FILES["version 2"],
    "header.dex": dex_writer.FILES["header only"],
    "program.exe": rich_file(),
    "link.lnk": lnk_writer.FILES["texts"],
    "items.lnk": lnk_writer.FILES["target"],
    "main.macho": macho_writer.FILES["32 bits, little-endian, main"],
}
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
    text = transcript.read_text(encoding="utf-8")
    for command, answer in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        output, _, status = answer.partition("[exit status ")
        steps.append(Step(command, output, int(status.rstrip("]\n") or 0)))
    return steps


STEPS = [step for transcript in TRANSCRIPTS for step in read(transcript)]


@pytest.fixture(scope="module", name="folder")
def folder_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("transcripts") / "files"
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    shutil.copytree(FILES, folder, symlinks=True)
    for name, data in MADE_UP.items():
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("step", STEPS, ids=[step.command for step in STEPS])
def test_as_recorded(
    step: Step,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(folder)
    status = main(step.arguments)
    output = capfdbinary.readouterr().out.decode("utf-8")
    assert (in_order(output), status) == (in_order(step.output), step.status)


def in_order(output: str) -> list[str]:
    """Sort what is printed of a directory: yara scans its files in any order."""
    lines = output.splitlines()
    return sorted(lines) if "folder/" in output else lines


def record(yara: str, folder: Path) -> None:
    programs = {"yara": [yara], "miniyara": [sys.executable, "-m", "miniyara"]}
    for transcript in TRANSCRIPTS:
        text = ""
        for step in read(transcript):
            program = programs[step.command.split()[0]]
            done = subprocess.run(  # noqa: S603 - the commands are ours
                [*program, *step.arguments], cwd=folder, stdout=subprocess.PIPE, check=False
            )
            text += f"$ {step.command}\n{done.stdout.decode('utf-8')}"
            text += f"[exit status {done.returncode}]\n" if done.returncode else ""
        transcript.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        fill(Path(scratch) / "files")
        record(sys.argv[1], Path(scratch) / "files")
