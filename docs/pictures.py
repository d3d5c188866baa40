"""Pictures of the terminal for the documents: ``python docs/pictures.py``.

The real command runs on a pseudo terminal of a fixed size, on made-up files in a temporary
folder; what it shows goes to ``docs/images/*.svg``.  Whatever can be fixed is: contents,
names, times of files and the size of the terminal.  How long a scan takes cannot, so the
figures in the line of progress differ from run to run.

Needs a POSIX system, and rich (``pip install -e '.[dev]'``).
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parents[1]
IMAGES: Final = ROOT / "docs" / "images"
CHANGED: Final = 1_767_225_600
"""When all files were changed: the first second of 2026."""

SVG: Final = """\
<svg class="terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"
  xml:space="preserve">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas,
    "DejaVu Sans Mono", monospace;
}}
.{unique_id}-title {{ font: 16px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Rich's own form fetches a font from the network."""

RULE: Final = """\
rule loader
{
    strings:
        $url = "http://" nocase
        $key = { 6b 65 79 3? }
    condition:
        uint16(0) == 0x5a4d and (#url > 1 or filesize < 64) and
        for any i in (1..#key) : (@key[i] > 0x40)
}
"""

INVOICE: Final = b"MZ\x90\x00 from HTTP://example.org/stage2" + bytes(20) + b"key1 for stage2\n"


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        examples = folder / "examples"
        shutil.copytree(ROOT / "examples", examples)
        (folder / "loader.yar").write_text(RULE, encoding="ascii")
        (folder / "invoice.exe").write_bytes(INVOICE)
        make_host(examples)
        for path in folder.rglob("*"):
            os.utime(path, (CHANGED, CHANGED))
        scan(examples)
        picture("explain", folder, 100, "cat loader.yar", "miniyara explain loader.yar invoice.exe")
        test = "miniyara exclusions test examples/exclusions/exclusions.yaml"
        picture("exclusions-test", folder, 124, test)
        picture(
            "exclusions-explain",
            examples / "exclusions",
            100,
            "miniyara exclusions explain exclusions.yaml --exclusion configuration-management "
            "-R ../eqgrp_payload.yar --host-root hosts/ansible --process-context bash "
            "hosts/ansible/opt/configuration/payload.py",
        )


def make_host(examples: Path) -> None:
    """Make the files of a host, enough of them that a scan takes some seconds.

    They are many names of few contents, so that they need little room.
    """
    host = examples / "web-01"
    shutil.copytree(examples / "exclusions" / "hosts" / "maintenance", host)
    for names, number in (("passwd", os.getuid()), ("group", os.getgid())):
        (host / "etc" / names).write_text(f"root:x:{number}:\n", encoding="ascii")
    words = random.Random(1).choices(  # noqa: S311 - they are only to be read
        (examples / "eqgrp_payload.yar").read_text(encoding="utf-8").split(), k=20_000
    )
    for part in range(40):
        content = examples / f"content{part}"
        content.write_text(" ".join(words[part * 100 : 10_000 + part * 250]), encoding="utf-8")
        for home in range(300):
            place = host / "srv" / f"site{home:03}" / f"page{part:02}.html"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(content)


def scan(examples: Path) -> None:
    """Make two pictures of a scan: of its middle, and of its end."""
    command = (
        "miniyara scan -s --exclusions exclusions/exclusions.yaml --host-root web-01 "
        "eqgrp_payload.yar web-01"
    )

    def is_the_middle(shown: str) -> bool:
        return re.search(r"[4-9]\d%.* left$", shown[-200:]) is not None

    middle, end = run(command, examples, 104, is_the_middle)
    if not middle:
        raise SystemExit("the scan was too fast to show its progress: let it have more files")
    save("scan-progress", [prompt(command) + middle], 104)
    save("scan", [prompt(command) + end], 104)


def picture(name: str, folder: Path, columns: int, *commands: str) -> None:
    """Make a picture of what some commands print."""
    save(name, [prompt(each) + run(each, folder, columns)[1] for each in commands], columns)


def run(
    command: str, folder: Path, columns: int, is_the_middle: Callable[[str], bool] = bool
) -> tuple[str, str]:
    """Return what was shown when ``is_the_middle`` first held of it, and at the end."""
    arguments = shlex.split(command)
    if arguments[0] == "miniyara":
        arguments[:1] = [sys.executable, "-m", "miniyara"]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 30, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    middle = shown = ""
    with subprocess.Popen(  # noqa: S603 - the commands are those above
        arguments,
        cwd=folder,
        env=environment | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT / "src")},
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8", newline="") as screen, contextlib.suppress(OSError):
            while part := screen.read(1):  # OSError says that the other end is closed
                shown += part
                if not middle and is_the_middle(shown):
                    middle = shown
    return middle, shown


def prompt(command: str) -> str:
    """Return a command as it was typed."""
    return f"\x1b[1m$ {command}\x1b[0m\r\n"


def save(name: str, shown: list[str], columns: int) -> None:
    """Draw what was shown as a terminal of so many columns would show it."""
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True)
    text = "".join(shown).replace("\r\n", "\n").removesuffix("\n")
    for line in Text.from_ansi(text).split("\n", allow_blank=True):
        for row in line.divide(range(columns, len(line), columns)):
            console.print(row, no_wrap=True, overflow="ignore", crop=False)
    svg = console.export_svg(title="", theme=MONOKAI, code_format=SVG, unique_id=name)
    lines = [line.rstrip() for line in svg.splitlines()]
    (IMAGES / f"{name}.svg").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
