"""What is wrong with a file of exclusions, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file."""

    message: str
    line: int | None = None
    """Counted from 1; None if it is not known."""
    entry: str | None = None
    """The ``id`` of the exclusion, or its number if it has none."""
    key: str | None = None
    """The key that is wrong, with those it is in: ``evidence.path``."""

    def render(self, path: str) -> str:
        """Return the problem in one line, with its place."""
        place = path if self.line is None else f"{path}:{self.line}"
        return ": ".join(part for part in (place, self.entry, self.key, self.message) if part)


class ExclusionError(Error):
    """A file of exclusions cannot be used.

    ``str()`` of it has one line for each of its ``problems``.
    """

    __module__ = "miniyara.exclusions"

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(problem.render(path) for problem in problems))
        self.path = path
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:  # made of other arguments than those of the base
        return type(self), (self.path, self.problems)
