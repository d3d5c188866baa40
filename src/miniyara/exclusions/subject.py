"""What an exclusion is asked about: a file on a machine and, once it was read, a hit in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from miniyara.hunting.walk import STDIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miniyara.exclusions.host import Host
    from miniyara.hunting.record import FileFacts, HitRecord


@dataclass(frozen=True)
class Subject:
    """A file or a hit, and all that criteria can ask of it."""

    file: FileFacts
    host: Host
    host_name: str
    processes: frozenset[str]
    """The names of the processes in whose context the file was met."""
    hit: HitRecord | None = None
    """None for a file that was not read yet."""
    companions: frozenset[str] = frozenset()
    """The other rules that matched the file."""

    @cached_property
    def path(self) -> str | None:
        """Where the file really is on its machine; None if it is not on it, or no file."""
        return None if self.file.path == STDIN else self.host.path_of(self.file.path)

    @property
    def references(self) -> Mapping[str, str]:
        """Who starts the file, and where that is said."""
        return {} if self.path is None else self.host.references.get(self.path, {})

    @property
    def rule_names(self) -> tuple[str, ...]:
        """The name of the rule, if one matched."""
        return () if self.hit is None else (self.hit.rule,)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespace of the rule, if one matched."""
        return () if self.hit is None else (self.hit.namespace,)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the rule."""
        return () if self.hit is None else self.hit.tags

    @property
    def meta(self) -> Mapping[str, str | int | bool]:
        """The metadata of the rule."""
        return {} if self.hit is None else self.hit.meta
