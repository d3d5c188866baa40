"""All checks, and the table of what they have shown."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yara

import miniyara
from miniyara.testing.compatibility import arguments, callbacks, calls, messages, names, results
from miniyara.testing.compatibility.check import Check, Checked, checked
from miniyara.testing.compatibility.differences import REASONS, reason_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_FEW: Final = 4
"""Values of an argument that are named one by one."""


def all_checks() -> Iterator[Check]:
    """Yield every check, area by area."""
    for area in (names, arguments, messages, results, callbacks, calls):
        yield from area.checks()


def run_checks(progress: Callable[[str], object] = lambda _: None) -> list[Checked]:
    """Put every question to yara-python and to miniyara."""
    done = []
    with tempfile.TemporaryDirectory() as folder:
        for check in all_checks():
            progress(f"{check.area}: {check.name}")
            # Scans whose console has no callback print.
            with contextlib.redirect_stdout(io.StringIO()):
                done.append(checked(check, yara, miniyara, Path(folder)))
    return done


def table(results: Sequence[Checked]) -> str:
    """Write what the checks have shown, as Markdown."""
    lines = ["| area | checks | the same | different |", "|---|---|---|---|"]
    totals = Counter(each.check.area for each in results)
    differing = [each for each in results if not each.agrees]
    different = Counter(each.check.area for each in differing)
    for area, total in totals.items():
        lines.append(f"| {area} | {total} | {total - different[area]} | {different[area]} |")
    count = len(results)
    lines.append(f"| **all** | {count} | {count - len(differing)} | {len(differing)} |")
    lines += ["", "| what differs | in what | checks | why |", "|---|---|---|---|"]
    for reason, _ in REASONS:
        group = [each for each in differing if _reason(each) == reason]
        if group:
            kinds = ", ".join(sorted({each.kind for each in group}))
            lines.append(f"| {_named(group)} | {kinds} | {len(group)} | {reason} |")
    unexplained = [each for each in differing if _reason(each) is None]
    lines += [f"| {_named([each])} | {each.kind} | 1 | **not explained** |" for each in unexplained]
    return "\n".join(lines)


def _reason(result: Checked) -> str | None:
    return reason_for(result.check.area, result.check.name)


def _named(group: Sequence[Checked]) -> str:
    """The checks, and of those that try many values with one argument, the argument."""
    whats: dict[str, list[str]] = {}
    for each in group:
        what, _, value = each.check.name.partition(" with ")
        is_argument = each.check.area == "arguments"
        whats.setdefault(what if is_argument else each.check.name, []).extend(
            [value] if is_argument else []
        )
    return "; ".join(
        f"`{what}`" + (f": {_listed(values)}" if values else "") for what, values in whats.items()
    )


def _listed(values: Sequence[str]) -> str:
    return ", ".join(values) if len(values) <= _FEW else f"{len(values)} values"
