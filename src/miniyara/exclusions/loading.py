"""Loading a file of exclusions: read, checked by the schema, and made into exclusions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from miniyara.exclusions import schema
from miniyara.exclusions.document import read
from miniyara.exclusions.exclusion import Exclusion, exclusion, is_day, mistakes
from miniyara.exclusions.problems import ExclusionError, Problem

if TYPE_CHECKING:
    from miniyara.exclusions.document import Document, Place
    from miniyara.exclusions.exclusion import Fields


MAX_PROBLEMS: Final = 100
"""Mistakes that are told of one file."""


@dataclass(frozen=True, slots=True)
class ExclusionFile:
    """What a file of exclusions says."""

    path: str
    exclusions: tuple[Exclusion, ...]
    examples: Fields
    """The examples as they are written; empty if there are none."""


def load_file(path: str) -> ExclusionFile:
    """Read and check a file.

    Raises :class:`ExclusionError` with all that is wrong with it, up to ``MAX_PROBLEMS``, and
    :class:`miniyara.errors.Error` if the package is missing that reads it.
    """
    document = read(path)
    wrong = list(islice(schema.mistakes(document.value), MAX_PROBLEMS))
    wrong = wrong or _mistakes(document.value)[:MAX_PROBLEMS]
    if wrong:
        raise ExclusionError(path, [_problem(document, *mistake) for mistake in wrong])
    content: Any = document.value
    exclusions = tuple(
        exclusion(fields, document.line(("exclusions", index)))
        for index, fields in enumerate(content["exclusions"])
    )
    return ExclusionFile(path, exclusions, content.get("examples", {}))


def _mistakes(content: Any) -> list[tuple[Place, str]]:
    found: list[tuple[Place, str]] = []
    seen: set[str] = set()
    for index, fields in enumerate(content["exclusions"]):
        place: Place = ("exclusions", index)
        if fields["id"] in seen:
            found.append(((*place, "id"), "another exclusion has this id"))
        seen.add(fields["id"])
        found += (((*place, *inner), message) for inner, message in mistakes(fields))
    for index, case in enumerate(content.get("examples", {}).get("cases", ())):
        place = ("examples", "cases", index)
        for key in ("suppressed_by", "skipped_by"):
            if key in case and case[key] not in seen:
                found.append(((*place, key), "there is no exclusion with this id"))
        if "day" in case and not is_day(case["day"]):
            found.append(((*place, "day"), f"is {case['day']}; there is no such day"))
    return found


def _problem(document: Document, place: Place, message: str) -> Problem:
    entry = None
    inner: Place = place
    if place[:1] == ("exclusions",) and len(place) > 1:
        inner = place[2:]
        entry = _name(document.value, place[1])
    return Problem(message, document.line(place), entry, ".".join(map(str, inner)) or None)


def _name(content: Any, index: Any) -> str:
    """Return how an exclusion is called that may be wrong in any way."""
    fields = content["exclusions"][index]
    name = fields.get("id") if isinstance(fields, dict) else None
    return name if isinstance(name, str) and name.isprintable() else f"exclusion {index + 1}"
