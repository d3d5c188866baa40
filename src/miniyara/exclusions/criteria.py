"""Criteria: what must be so for an exclusion to hold.

Each looks at one thing, of the rule that matched or of the file and its machine.  What is
not known is never so: a file without an owner has none of the owners that are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from miniyara.exclusions.globs import Glob
    from miniyara.exclusions.subject import Subject


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked, and the answer."""

    key: str
    """What was asked, as the keys in the file of exclusions: ``evidence.path``."""
    wanted: str
    found: str
    holds: bool


class Criterion(Protocol):
    """One thing that must be so."""

    @property
    def key(self) -> str:
        """Its keys in the file of exclusions: ``evidence.path``."""
        ...

    def look(self, subject: Subject) -> Finding:
        """Tell whether it is so."""
        ...

    def covers(self, other: Criterion) -> bool:
        """Tell whether this is so wherever ``other``, of the same key, is so."""
        ...


@dataclass(frozen=True, slots=True)
class AnyName:
    """One of these names is among those that are found."""

    key: str
    names: frozenset[str]

    def look(self, subject: Subject) -> Finding:
        """Compare the names."""
        found = _FACTS[self.key](subject)
        holds = not self.names.isdisjoint(found)
        if self.key == "evidence.referenced_by":
            found = [f"{name} in {source}" for name, source in subject.references.items()]
        return Finding(self.key, _any(self.names), _all(found), holds)

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, AnyName) and self.names >= other.names


@dataclass(frozen=True, slots=True)
class AnyGlob:
    """One of these patterns means what is found."""

    key: str
    globs: tuple[Glob, ...]

    def look(self, subject: Subject) -> Finding:
        """Match the patterns."""
        found = _FACTS[self.key](subject)
        holds = any(glob.matches(each) for glob in self.globs for each in found)
        return Finding(self.key, _any(glob.text for glob in self.globs), _all(found), holds)

    def covers(self, other: Criterion) -> bool:
        """Say yes only where it is plain to see: the same patterns, or what they mean."""
        return isinstance(other, AnyGlob) and all(
            theirs in self.globs
            or (is_plain(theirs.text) and any(glob.matches(theirs.text) for glob in self.globs))
            for theirs in other.globs
        )


@dataclass(frozen=True, slots=True)
class Size:
    """The size lies between two bounds, both included, in bytes."""

    least: int = 0
    most: int | None = None
    key: str = "evidence.size"

    def look(self, subject: Subject) -> Finding:
        """Compare the size."""
        size = subject.file.size
        holds = size is not None and self.least <= size and (self.most is None or size <= self.most)
        most = "" if self.most is None else f" to {self.most}"
        wanted = f"{self.least}{most or ' or more'} bytes"
        return Finding(self.key, wanted, _UNKNOWN if size is None else f"{size} bytes", holds)

    def covers(self, other: Criterion) -> bool:
        """Compare the bounds."""
        return (
            isinstance(other, Size)
            and self.least <= other.least
            and (self.most is None or (other.most is not None and other.most <= self.most))
        )


@dataclass(frozen=True, slots=True)
class WithoutBits:
    """None of these permission bits is set."""

    bits: int
    key: str = "evidence.mode_without"

    def look(self, subject: Subject) -> Finding:
        """Compare the bits."""
        mode = subject.file.mode
        holds = mode is not None and not mode & self.bits
        return Finding(self.key, f"no bit of {self.bits:04o}", octal(mode) or _UNKNOWN, holds)

    def covers(self, other: Criterion) -> bool:
        """Compare the bits."""
        return isinstance(other, WithoutBits) and not self.bits & ~other.bits


@dataclass(frozen=True, slots=True)
class Present:
    """One of these files or folders is on the machine."""

    paths: frozenset[str]
    key: str = "evidence.present"

    def look(self, subject: Subject) -> Finding:
        """Look for them."""
        there = [path for path in sorted(self.paths) if subject.host.has(path)]
        return Finding(self.key, _any(self.paths), _all(there), bool(there))

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, Present) and self.paths >= other.paths


@dataclass(frozen=True, slots=True)
class AnyMeta:
    """A field of the rule's metadata has one of these values."""

    key: str
    values: tuple[str | int | bool, ...]

    def look(self, subject: Subject) -> Finding:
        """Compare the value; ``true`` is not 1, as it is for Python."""
        value = subject.meta.get(self.key.removeprefix("rule.meta."))
        holds = any(type(each) is type(value) and each == value for each in self.values)
        found = "none" if value is None else str(value)
        return Finding(self.key, _any(map(str, self.values)), found, holds)

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, AnyMeta) and {(type(each), each) for each in self.values} >= {
            (type(each), each) for each in other.values
        }


AFTER_OPENING: Final = frozenset({"evidence.sha256", "evidence.companion"})
"""What cannot be known of a file before it is read."""

_UNKNOWN: Final = "unknown"

_FACTS: Final[Mapping[str, Callable[[Subject], Iterable[str]]]] = {
    "rule.name": lambda subject: subject.rule_names,
    "rule.namespace": lambda subject: subject.namespaces,
    "rule.tag": lambda subject: subject.tags,
    "evidence.path": lambda subject: _known(subject.path),
    "evidence.sha256": lambda subject: _known(subject.file.sha256),
    "evidence.owner": lambda subject: _known(subject.file.owner),
    "evidence.group": lambda subject: _known(subject.file.group),
    "evidence.mode": lambda subject: _known(octal(subject.file.mode)),
    "evidence.host": lambda subject: (subject.host_name,),
    "evidence.referenced_by": lambda subject: subject.references,
    "evidence.process": lambda subject: subject.processes,
    "evidence.companion": lambda subject: subject.companions,
}
"""Where the criteria that compare names find them."""


def is_plain(pattern: str) -> bool:
    """Tell whether a pattern means one path."""
    return not {"*", "?"} & set(pattern)


def octal(mode: int | None) -> str | None:
    """Return permission bits as they are written in a file of exclusions."""
    return None if mode is None else f"{mode:04o}"


def _known(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _any(values: Iterable[str]) -> str:
    return " or ".join(sorted(values))


def _all(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"
