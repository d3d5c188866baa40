"""From a file of exclusions to plain values, with the lines on which they stand.

The file is YAML (of which JSON is a part) or TOML, by its name.  Nothing in it is executed,
nothing expands: size and depth are bounded, and aliases are refused.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from miniyara.errors import Error
from miniyara.exclusions.problems import ExclusionError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Place: TypeAlias = "tuple[str | int, ...]"
"""The keys and numbers that lead to a value from the top."""

MAX_SIZE: Final = 1 << 20
"""Bytes of a file."""

MAX_DEPTH: Final = 12
"""Levels of nesting; the format needs six."""

MAX_VALUES: Final = 100_000
"""Values in a file of YAML, which is slow to read."""

MAX_TOML_LINE: Final = 1024
"""Characters in a line of TOML: reading a dotted key takes the square of its length."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says."""

    path: str
    value: object
    """Dictionaries with texts as keys, lists, texts, numbers, booleans and None; dates are
    texts."""
    lines: Mapping[Place, int]
    """The lines that are known, counted from 1."""

    def line(self, place: Place) -> int | None:
        """Return the line of a value, or else of what it is in."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return None


def read(path: str) -> Document:
    """Read a file.

    Raises :class:`ExclusionError` with the place of what is wrong, and
    :class:`miniyara.errors.Error` if the package is missing that reads it.
    """
    text = _text(path)
    suffix = Path(path).suffix.lower()
    if suffix in (".yaml", ".yml", ".json"):
        try:
            from miniyara.exclusions.yaml_document import values  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise _missing("YAML", "PyYAML") from error
        return Document(path, *values(path, text))
    if suffix == ".toml":
        return _from_toml(path, text)
    raise ExclusionError(path, [Problem("the name ends in none of .yaml, .yml, .json, .toml")])


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise ExclusionError(path, [Problem(f"cannot be read: {error.strerror}")]) from error
    if len(data) > MAX_SIZE:
        raise ExclusionError(path, [Problem(f"has more than {MAX_SIZE} bytes")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ExclusionError(path, [Problem("is not UTF-8", line)]) from error


def _from_toml(path: str, text: str) -> Document:
    try:
        if sys.version_info >= (3, 11):
            import tomllib  # noqa: PLC0415 - not on all versions
        else:
            import tomli as tomllib  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing("TOML", "tomli") from error
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_TOML_LINE:
            message = f"the line has more than {MAX_TOML_LINE} characters"
            raise ExclusionError(path, [Problem(message, number)])
    try:
        value = _plain(tomllib.loads(text), MAX_DEPTH)
    except RecursionError as error:
        raise ExclusionError(path, [Problem("is nested too deeply")]) from error
    except ValueError as error:  # tomllib's own, and that of int for thousands of digits
        message = str(error)
        place = re.search(r" \(at line (\d+), column \d+\)$", message)
        problem = Problem(message, int(place[1])) if place else Problem(message)
        raise ExclusionError(path, [problem]) from error
    return Document(path, value, dict(_headers(lines)))


def _headers(lines: list[str]) -> list[tuple[Place, int]]:
    """Find the lines at which exclusions begin; tomllib does not tell.

    In a text of several lines there could be one that only looks so: places are for people.
    """
    starts = [
        number for number, line in enumerate(lines, 1) if re.match(r"\s*\[\[exclusions\]\]", line)
    ]
    return [(("exclusions", index), line) for index, line in enumerate(starts)]


def _plain(value: object, depth: int) -> object:
    if depth < 0:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _plain(each, depth - 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each, depth - 1) for each in value]
    return value if isinstance(value, str | int | float) else str(value)


def _missing(kind: str, package: str) -> Error:
    return Error(f"exclusions in {kind} need {package}: pip install 'miniyara[exclusions]'")
