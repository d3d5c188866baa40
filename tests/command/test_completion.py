"""``miniyara completion``: every option of every subcommand, in each shell's own words."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from miniyara.command import main
from miniyara.command.completion import SHELLS
from miniyara.command.options import parser
from miniyara.command.subcommands import MODULES, load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def script(shell: str, capfdbinary: pytest.CaptureFixture[bytes]) -> str:
    assert main(["completion", shell]) == 0
    return capfdbinary.readouterr().out.decode()


def test_every_option_is_completed(shell: str, script: str) -> None:
    for name in ("", *MODULES):
        made = load(name).parser() if name else parser()
        for option in made._option_string_actions:  # noqa: SLF001 - argparse has no other way
            shown = option.lstrip("-") if shell == "fish" else option
            assert re.search(rf"(?<![\w-]){re.escape(shown)}(?![\w-])", script), (name, option)
    assert {"text", "sarif", *SHELLS} <= set(re.findall(r"\w+", script))


def test_the_shell_understands_it(shell: str, script: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    path = tmp_path / "script"
    path.write_text(script)
    subprocess.run([program, "-n", str(path)], check=True)  # noqa: S603 - the command is ours


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("sc", "scan"),
        ("scan --form", "--format"),
        ("scan --format s", "sarif"),
        ("scan --output s", ""),
        ("completion b", "bash"),
        ("--recur", "--recursive"),
        ("dump --js", "--json"),
        ("rules.yar sc", ""),
    ],
)
def test_bash_completes(
    words: str, expected: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["completion", "bash"]) == 0
    script = capfdbinary.readouterr().out.decode()
    ask = f"COMP_WORDS=(miniyara {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _miniyara"
    done = subprocess.run(  # noqa: S603 - the command is ours
        ["bash", "-c", f'{script}\n{ask}\necho "${{COMPREPLY[*]}}"'],  # noqa: S607 - any bash will do
        stdout=subprocess.PIPE,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout.strip() == expected
