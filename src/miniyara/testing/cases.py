r"""Golden cases: text files of rules, data and the outcome that libyara gave.

A file holds any number of cases, parted by their titles::

    === a string that overlaps itself
    rule r { strings: $a = "aa" condition: $a }
    --- data
    b"aaa\x00"
    --- externals
    number = 5
    --- outcome
    rule default:r
      string $a
        0x0:2 b'aa'
        0x1:2 b'aa'

Data are literals of Python, joined together, ``300 * b"a"`` among them; without that
part they are empty.  Externals are literals of Python too.  The outcome is the text of an
:class:`~miniyara.testing.outcome.Outcome`; it is recorded, never written by hand.
Lines before the first title are a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from miniyara.testing.literals import data_of, external_of
from miniyara.testing.outcome import outcome

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from miniyara.testing.outcome import External

_TITLE: Final = "=== "
_PART: Final = "--- "
_PARTS: Final = ("data", "externals", "outcome")


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a file; texts are as written."""

    title: str
    line: int
    """The line of the file on which the case begins."""
    source: str
    data: str = ""
    externals: str = ""
    outcome: str = ""

    def answer(self, engine: ModuleType) -> str:
        """Return the text of an engine's outcome."""
        return str(
            outcome(
                engine,
                self.source,
                b"".join(data_of(line) for line in self.data.splitlines()),
                externals=self._known_externals(),
            )
        )

    def _known_externals(self) -> dict[str, External]:
        known: dict[str, External] = {}
        for line in self.externals.splitlines():
            known |= external_of(line)
        return known


def read_cases(path: Path) -> list[Case]:
    """Read the cases of a file; raises ValueError on a part that has no meaning."""
    cases: list[Case] = []
    text = path.read_text(encoding="utf-8")
    _, *blocks = re.split(rf"^{_TITLE}", text, flags=re.MULTILINE)
    line = text.count("\n") + 1 - sum(block.count("\n") for block in blocks)
    for block in blocks:
        first, *parts = re.split(rf"^{_PART}", block, flags=re.MULTILINE)
        title, _, source = first.partition("\n")
        written = {"source": source.strip("\n")}
        for part in parts:
            name, _, body = part.partition("\n")
            if name not in _PARTS:
                raise ValueError(f"{path}:{line}: there is no part called {name!r}")
            written[name] = body.strip("\n")
        cases.append(Case(title, line, **written))
        line += block.count("\n")
    return cases


def record_cases(path: Path, reference: ModuleType) -> None:
    """Write the reference's outcomes into a file of cases."""
    comment = path.read_text(encoding="utf-8").partition(f"\n{_TITLE}")[0]
    blocks = [comment.rstrip("\n")]
    for case in read_cases(path):
        parts = [f"{_TITLE}{case.title}", case.source]
        for name in _PARTS[:-1]:
            if written := getattr(case, name):
                parts += [f"{_PART}{name}", written]
        parts += [f"{_PART}outcome", case.answer(reference)]
        blocks.append("\n".join(parts).rstrip("\n"))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
