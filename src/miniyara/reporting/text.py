"""Text for people: a hit is the rule and the path, and below it what the file is.

What comes from files and rules is shown with everything escaped that a terminal could take for
more than a character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from miniyara.hunting.record import HitRecord
from miniyara.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miniyara.hunting.events import Event
    from miniyara.hunting.record import FileFacts, FoundString
    from miniyara.reporting.report import Write

_RESET: Final = "\x1b[0m"
_STYLES: Final = {
    "hit": "\x1b[1;31m",
    "known good": "\x1b[32m",
    "path": "\x1b[1m",
    "fact": "\x1b[2m",
}


class TextReport:
    """Writes hits as text, at once."""

    def __init__(self, write: Write, *, colour: bool = False, strings: bool = False) -> None:
        """Write with ``colour``, and with the places of ``strings``."""
        self._write = write
        self._colour = colour
        self._strings = strings

    def add(self, event: Event) -> None:
        """Write a hit; the other events are for the messages of the command."""
        if not isinstance(event, HitRecord):
            return
        lines = [self._head(event)]
        lines += ["    " + self._styled("fact", facts) for facts in _facts(event.file)]
        if event.suppression is not None:
            known = f"known good by {event.suppression.exclusion}: {event.suppression.reason}"
            lines.append("    " + self._styled("known good", printable(known)))
        if self._strings:
            lines += map(_place, event.strings)
        self._write("".join(line + "\n" for line in lines).encode("utf-8", "backslashreplace"))

    def _head(self, hit: HitRecord) -> str:
        name = hit.rule if hit.namespace == "default" else f"{hit.namespace}:{hit.rule}"
        style = "hit" if hit.suppression is None else "known good"
        path = self._styled("path", printable(hit.file.path))
        return f"{self._styled(style, printable(name))} {path}"

    def _styled(self, style: str, text: str) -> str:
        return f"{_STYLES[style]}{text}{_RESET}" if self._colour else text


def _facts(file: FileFacts) -> Iterator[str]:
    """Yield what is known, in lines that a terminal of 80 columns mostly has room for."""
    facts = [f"{file.size:,} bytes" if file.size is not None else ""]
    if file.owner is not None:
        facts.append(f"owner {file.owner}:{file.group}")
    facts.append("" if file.mode is None else f"mode {file.mode:04o}")
    if file.modified is not None:
        facts.append(f"changed {file.modified:%Y-%m-%d %H:%M:%S} UTC")
    if line := "  ".join(filter(None, facts)):
        yield printable(line)
    if file.sha256:
        yield f"sha256 {file.sha256}"


def _place(string: FoundString) -> str:
    text = printable(string.data.decode("latin-1"))
    cut = " ..." if string.length > len(string.data) else ""
    return f"    {string.offset:#x}:{printable(string.identifier)}: {text}{cut}"
