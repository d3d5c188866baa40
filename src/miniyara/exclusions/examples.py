"""The examples that a file of exclusions names: what it is to do, tried on real files."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from miniyara.exclusions.judging import Exclusions
from miniyara.hunting.facts import file_facts, names_of
from miniyara.hunting.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.exclusions.exclusion import Fields
    from miniyara.exclusions.loading import ExclusionFile
    from miniyara.hunting.record import FileFacts
    from miniyara.scanning.rules import Rules

REPORTED: Final = "reported"

_ABOUT: Final = ("host", "process", "owner", "group", "mode", "day")
"""What an example can say of its file."""


@dataclass(frozen=True, slots=True)
class Example:
    """What came of one example."""

    file: str
    """As it is written, with what else the example says of it."""
    wanted: str
    """``reported``, ``suppressed by ID`` or ``skipped by ID``."""
    came: str
    """The same, or what went wrong."""

    @property
    def is_right(self) -> bool:
        """Whether it came as wanted."""
        return self.wanted == self.came


def run(file: ExclusionFile, rules: Rules) -> Iterator[Example]:
    """Scan the files of the examples, judge what is found, and tell what came of it."""
    for case in file.examples.get("cases", ()):
        about = ", ".join(f"{key} {value}" for key, value in case.items() if key in _ABOUT)
        yield Example(
            file=f"{case['file']} ({about})" if about else case["file"],
            wanted=next(
                key if key == REPORTED else f"{key.replace('_', ' ')} {case[key]}"
                for key in (REPORTED, "suppressed_by", "skipped_by")
                if key in case
            ),
            came=_came_of(file, case, rules),
        )


def _came_of(file: ExclusionFile, case: Fields, rules: Rules) -> str:
    folder = Path(file.path).parent
    path = os.fspath(folder / case["file"])
    root = os.fspath(folder / case["root"]) if "root" in case else None
    names = names_of(root)
    host = case.get("host", "example")
    processes = case.get("process", [])
    day = f"{case['day']}T00:00:00+00:00" if "day" in case else None
    judge = Exclusions(
        file.exclusions,
        context=[processes] if isinstance(processes, str) else processes,
        root=root,
        host=host,
        now=None if day is None else datetime.fromisoformat(day),
    )
    try:
        skipped = judge.skips(_facts(file_facts(path, Path(path).stat(), names=names), case))
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if skipped is not None:
        return f"skipped by {skipped.exclusion}"
    inspected = Inspection(rules, "example", host, names=names)(path)
    if inspected.problem is not None:
        return inspected.problem
    if not inspected.hits:
        return "no rule matches"
    hits = [replace(hit, file=_facts(hit.file, case)) for hit in inspected.hits]
    judged = {
        REPORTED if hit.suppression is None else f"suppressed by {hit.suppression.exclusion}"
        for hit in judge.judge(hits)
    }
    return " and ".join(sorted(judged))


def _facts(facts: FileFacts, case: Fields) -> FileFacts:
    """Return what the example says of its file instead of what the system says."""
    return replace(
        facts,
        owner=case.get("owner", facts.owner),
        group=case.get("group", facts.group),
        mode=int(case["mode"], 8) if "mode" in case else facts.mode,
    )
