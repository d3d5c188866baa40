"""What systemd and cron start on a machine, as its units and crontabs say.

A reference is a whole path among the words of a command: the program, an argument, or a
word of what is given to a shell.  What a command means by a relative path is not guessed.
Units are overridden, masked and extended by drop-ins as ``systemd.unit(5)`` says; which of
them are enabled is not asked.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Folder: TypeAlias = Callable[[str], list[str]]
    """Gives the names in a folder, sorted; none if it cannot be read."""
    Text: TypeAlias = Callable[[str], str | None]
    """Gives the text of a file; None if it cannot be read."""

SYSTEMD: Final = "systemd"
CRON: Final = "cron"
USER_CRONTAB: Final = "user-crontab"
"""A crontab that a user other than root writes for himself."""

_UNIT_FOLDERS: Final = (
    "/etc/systemd",
    "/run/systemd",
    "/usr/local/lib/systemd",
    "/usr/lib/systemd",
    "/lib/systemd",
)
"""Where units are, in the order in which they win over each other."""

_COMMANDS: Final = frozenset(
    f"Exec{when}"
    for when in ("Condition", "Start", "StartPre", "StartPost", "Reload", "Stop", "StopPost")
)
"""The settings of a service that hold a command; ``ExecSearchPath`` is none."""

_SPOOLS: Final = ("/var/spool/cron", "/var/spool/cron/crontabs", "/var/spool/cron/tabs")
"""Where users' crontabs are: Red Hat, Debian, SUSE."""

_CRON_FOLDERS: Final = tuple(
    f"/etc/cron.{each}" for each in ("hourly", "daily", "weekly", "monthly")
)

_RUN_BY_CRON: Final = re.compile(r"[\w-]+", re.ASCII)
"""Names of files in ``/etc/cron.d`` that every cron reads; Debian's skips those with a dot."""

_TIME: Final = r"\s*(?:@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+"
_WITH_USER: Final = re.compile(_TIME + r"\S+\s+(?P<command>.*)")
_WITHOUT_USER: Final = re.compile(_TIME + r"(?P<command>.*)")
_ASSIGNMENT: Final = re.compile(r"\s*[\"']?\w+[\"']?\s*=")
_INPUT: Final = re.compile(r"(?<!\\)%.*")
"""What cron gives to the command as input."""

_BETWEEN_PATHS: Final = re.compile(r"""[\s;|&()<>"'`=]+""")
"""What stands between the words of a shell's command."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that something on the machine starts."""

    path: str
    """As it is written there."""
    kind: str
    source: str
    """The path of the unit or crontab."""


def references(folder: Folder, text: Text) -> Iterator[Reference]:
    """Yield what the units and crontabs of a machine start."""
    for manager in ("system", "user"):
        yield from _of_units([f"{base}/{manager}" for base in _UNIT_FOLDERS], folder, text)
    yield from _of_crontab("/etc/crontab", text, CRON, _WITH_USER)
    for name in filter(_RUN_BY_CRON.fullmatch, folder("/etc/cron.d")):
        yield from _of_crontab(f"/etc/cron.d/{name}", text, CRON, _WITH_USER)
    for spool in _SPOOLS:
        for name in folder(spool):
            kind = CRON if name == "root" else USER_CRONTAB
            yield from _of_crontab(f"{spool}/{name}", text, kind, _WITHOUT_USER)
    for each in _CRON_FOLDERS:
        for name in folder(each):
            yield from _of_script(f"{each}/{name}", text)


def _of_units(folders: list[str], folder: Folder, text: Text) -> Iterator[Reference]:
    units: dict[str, str] = {}
    drop_ins: dict[str, dict[str, str]] = {}
    for each in folders:
        for name in folder(each):
            if name.endswith(".service"):
                units.setdefault(name, f"{each}/{name}")
            elif name.endswith(".service.d"):
                of_unit = drop_ins.setdefault(name.removesuffix(".d"), {})
                for extension in folder(f"{each}/{name}"):
                    if extension.endswith(".conf"):
                        of_unit.setdefault(extension, f"{each}/{name}/{extension}")
    for name, path in units.items():
        extensions = drop_ins.get(name, {})
        commands: dict[str, list[Reference]] = {}
        for source in (path, *(extensions[each] for each in sorted(extensions))):
            for key, command in _commands(text(source) or ""):
                if command:
                    commands.setdefault(key, []).extend(
                        Reference(each, SYSTEMD, source) for each in paths_in(command)
                    )
                else:  # takes back what was said before
                    commands.pop(key, None)
        for found in commands.values():
            yield from found


def _commands(unit: str) -> Iterator[tuple[str, str]]:
    """Yield the settings of a unit that hold a command."""
    section = ""
    begun = ""
    for line in _lines(unit):
        if line.lstrip().startswith(("#", ";")):  # between continued lines, too
            continue
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        setting, begun = (begun + line).strip(), ""
        if setting.startswith("["):
            section = setting
        elif section == "[Service]":
            key, _, value = setting.partition("=")
            if key.rstrip() in _COMMANDS:
                yield key.rstrip(), value.strip()


def _of_crontab(
    source: str, text: Text, kind: str, pattern: re.Pattern[str]
) -> Iterator[Reference]:
    for line in _lines(text(source) or ""):
        if line.lstrip().startswith("#") or _ASSIGNMENT.match(line):
            continue
        job = pattern.fullmatch(line)
        if job:
            for path in paths_in(_INPUT.sub("", job["command"])):
                yield Reference(path, kind, source)


def _of_script(source: str, text: Text) -> Iterator[Reference]:
    """Yield a script that cron runs, and what it names."""
    yield Reference(source, CRON, source)
    script = text(source) or ""
    if "\0" in script:
        return
    for line in _lines(script):
        if not line.lstrip().startswith("#"):
            for path in paths_in(line):
                yield Reference(path, CRON, source)


def _lines(text: str) -> list[str]:
    """Split at line feeds, as cron and shells do; ``str.splitlines`` knows more ends of a line."""
    return re.split("\r?\n", text)


def paths_in(command: str) -> set[str]:
    """Return the whole paths among the words of a command."""
    try:
        words = shlex.split(command)
    except ValueError:  # a quotation without its end
        words = command.split()
    words += [part for word in words for part in _BETWEEN_PATHS.split(word)]
    # What systemd has in front of the program: whose rights it gets, whether it may fail.
    return {path for path in (word.lstrip("@-:+!|") for word in words) if path.startswith("/")}
