"""Criteria: what must be so for an exclusion to hold.

Each looks at one thing, of the rule that matched or of the file and its machine.  What is
not known is never so: a file without an owner has none of the owners that are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from miniyara.exclusions.globs import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from miniyara.exclusions.globs import Glob
    from miniyara.exclusions.subject import Subject


class Criterion(Protocol):
    """One thing that must be so."""

    @property
    def key(self) -> str:
        """Its keys in the file of exclusions: ``evidence.path``."""
        ...

    @property
    def wanted(self) -> str:
        """What must be so, for people."""
        ...

    def found(self, subject: Subject) -> str:
        """Return what there is, for people."""
        ...

    def holds(self, subject: Subject) -> bool:
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

    @property
    def wanted(self) -> str:
        """The names."""
        return _any(self.names)

    def found(self, subject: Subject) -> str:
        """Return the names that are found."""
        if self.key == "evidence.referenced_by":
            return _all(f"{name} in {source}" for name, source in subject.references.items())
        return _all(_FACTS[self.key](subject))

    def holds(self, subject: Subject) -> bool:
        """Compare the names."""
        return not self.names.isdisjoint(_FACTS[self.key](subject))

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, AnyName) and self.names >= other.names


@dataclass(frozen=True, slots=True)
class AnyGlob:
    """One of these patterns means what is found."""

    key: str
    globs: tuple[Glob, ...]

    @property
    def wanted(self) -> str:
        """The patterns."""
        return _any(glob.text for glob in self.globs)

    def found(self, subject: Subject) -> str:
        """Return the path or the name."""
        return _all(_FACTS[self.key](subject))

    def holds(self, subject: Subject) -> bool:
        """Match the patterns."""
        return any(glob.matches(each) for each in _FACTS[self.key](subject) for glob in self.globs)

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

    @property
    def wanted(self) -> str:
        """The bounds."""
        most = "or more" if self.most is None else f"to {self.most}"
        return f"{self.least} {most} bytes"

    def found(self, subject: Subject) -> str:
        """Return the size."""
        size = subject.file.size
        return _UNKNOWN if size is None else f"{size} bytes"

    def holds(self, subject: Subject) -> bool:
        """Compare the size."""
        size = subject.file.size
        return size is not None and self.least <= size and (self.most is None or size <= self.most)

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

    @property
    def wanted(self) -> str:
        """The bits."""
        return f"no bit of {octal(self.bits)}"

    def found(self, subject: Subject) -> str:
        """Return the permission bits of the file."""
        return octal(subject.file.mode) or _UNKNOWN

    def holds(self, subject: Subject) -> bool:
        """Compare the bits."""
        mode = subject.file.mode
        return mode is not None and not mode & self.bits

    def covers(self, other: Criterion) -> bool:
        """Compare the bits."""
        return isinstance(other, WithoutBits) and not self.bits & ~other.bits


@dataclass(frozen=True, slots=True)
class Present:
    """One of these files or folders is on the machine."""

    paths: frozenset[str]
    key: str = "evidence.present"

    @property
    def wanted(self) -> str:
        """The paths."""
        return _any(self.paths)

    def found(self, subject: Subject) -> str:
        """Return those that are there."""
        return _all(path for path in self.paths if subject.host.has(path))

    def holds(self, subject: Subject) -> bool:
        """Look for them."""
        return any(subject.host.has(path) for path in self.paths)

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, Present) and self.paths >= other.paths


@dataclass(frozen=True, slots=True)
class AnyMeta:
    """A field of the rule's metadata has one of these values."""

    key: str
    values: frozenset[tuple[type, str | int | bool]]
    """With their types: ``true`` is not 1, as it is for Python."""

    @property
    def wanted(self) -> str:
        """The values."""
        return _any(str(value) for _, value in self.values)

    def found(self, subject: Subject) -> str:
        """Return the value of the field."""
        value = self._value(subject)
        return "none" if value is None else str(value)

    def holds(self, subject: Subject) -> bool:
        """Compare the value."""
        value = self._value(subject)
        return (type(value), value) in self.values

    def covers(self, other: Criterion) -> bool:
        """Compare the sets."""
        return isinstance(other, AnyMeta) and self.values >= other.values

    def _value(self, subject: Subject) -> str | int | bool | None:
        return subject.meta.get(self.key.removeprefix("rule.meta."))


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


def octal(mode: int | None) -> str | None:
    """Return permission bits as they are written in a file of exclusions."""
    return None if mode is None else f"{mode:04o}"


def _known(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _any(values: Iterable[str]) -> str:
    return " or ".join(sorted(values))


def _all(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"
