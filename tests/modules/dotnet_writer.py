""".NET files of both widths, with something of everything that is read."""

from __future__ import annotations

from miniyara.testing.programs.dotnet import rich_file

FILES = {"32 bits": rich_file(), "64 bits": rich_file(is_64_bit=True)}

QUESTIONS: list[str] = []
