"""What is doubtful about exclusions that are written correctly.

An exclusion is a hole in the detection.  These checks find holes that are larger than they
need to be, that an intruder can use, or that are of no use to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from miniyara.exclusions.criteria import AnyGlob, AnyName, Criterion, Size, WithoutBits
from miniyara.exclusions.exclusion import SKIP
from miniyara.exclusions.globs import Glob
from miniyara.exclusions.schedules import USER_CRONTAB

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from miniyara.exclusions.exclusion import Exclusion

SOON: Final = timedelta(days=30)
"""How long before the last day somebody should think about it."""

WRITABLE_FOLDERS: Final = (
    "/tmp",  # noqa: S108 - nothing is written there
    "/var/tmp",  # noqa: S108
    "/dev/shm",  # noqa: S108
    "/run/user",
    "/var/run/user",
    "/home",
    "/Users",
    "/private/tmp",
    "/private/var/tmp",
    "C:/Users",
    "C:/ProgramData",
    "C:/Windows/Temp",
    "C:/Temp",
)
"""Where users without special rights can put files."""

_WORLD_WRITABLE: Final = 0o002

_WHOSE_OR_WHAT: Final = frozenset(
    f"evidence.{key}"
    for key in ("sha256", "owner", "group", "referenced_by", "process", "companion")
)
"""Evidence that is more than where a file lies."""


@dataclass(frozen=True, slots=True)
class Lint:
    """One doubt about one exclusion."""

    code: str
    message: str
    exclusion: Exclusion
    is_warning: bool = True
    """False for what only has to be kept in mind."""

    def render(self, path: str) -> str:
        """Return it in one line, with its place."""
        line = self.exclusion.line
        place = path if line is None else f"{path}:{line}"
        kind = "warning" if self.is_warning else "note"
        return f"{place}: {self.exclusion.id}: {kind}[{self.code}]: {self.message}"


def lint(
    exclusions: Sequence[Exclusion], today: date, rules: AbstractSet[str] | None = None
) -> list[Lint]:
    """Return all doubts, in the order of the exclusions.

    ``rules``: the names of all rules that there are, if they are known.
    """
    found = []
    for index, each in enumerate(exclusions):
        doubts = (*_age(each, today), *_breadth(each), *_evasion(each), *_reach(each, rules))
        found += [Lint(*doubt, each, doubt[0] != "expires-soon") for doubt in doubts]
        earlier = [other for other in exclusions[:index] if other.action == each.action]
        earlier += [other for other in exclusions if other.action == SKIP != each.action]
        for other in earlier:
            if not other.is_expired(today) and other.covers(each):
                message = f"{other.id} holds wherever this one does, and comes first"
                found.append(Lint("shadowed", message, each))
                break
    return found


def _age(exclusion: Exclusion, today: date) -> Iterator[tuple[str, str]]:
    expires = exclusion.expires
    if expires is not None and exclusion.is_expired(today):
        yield "expired", f"its last day was {expires}: it suppresses nothing"
    elif expires is not None and expires - today <= SOON:
        yield "expires-soon", f"its last day is {expires}"
    if exclusion.created > today:
        yield "created-later", f"was created on {exclusion.created}, which is not yet"
    if exclusion.reviewer == exclusion.owner:
        yield "own-reviewer", f"{exclusion.owner} agreed with himself that it is permanent"


def _breadth(exclusion: Exclusion) -> Iterator[tuple[str, str]]:
    keys = {criterion.key for criterion in exclusion.criteria}
    evidence = {key for key in keys if key.startswith("evidence.")}
    if not evidence:
        yield "broad", "it has no evidence: whatever the rule finds is suppressed"
    elif evidence.isdisjoint(_WHOSE_OR_WHAT):
        yield "broad", "it asks where a file lies, not whose or what it is: any file there passes"
    elif keys == evidence and "evidence.sha256" not in evidence and exclusion.action != SKIP:
        yield "broad", "it names no rule: hits of all rules are suppressed"


def _evasion(exclusion: Exclusion) -> Iterator[tuple[str, str]]:
    criteria = {criterion.key: criterion for criterion in exclusion.criteria}
    if "evidence.sha256" in criteria:  # nobody else can make such a file
        return
    paths = criteria.get("evidence.path")
    if isinstance(paths, AnyGlob) and not _is_of_root(criteria.get("evidence.owner")):
        for glob in paths.globs:
            anyhow = Glob(glob.text, ignore_case=True)  # of which system, is not known
            writable = [folder for folder in WRITABLE_FOLDERS if anyhow.reaches(folder)]
            if writable:
                yield "evadable", f"{glob.text} means files in {writable[0]}, which users can write"
    modes = criteria.get("evidence.mode")
    if isinstance(modes, AnyName):
        for mode in sorted(modes.names):
            if int(mode, 8) & _WORLD_WRITABLE:
                yield "evadable", f"a file of mode {mode} can be written by every user"
    starters = criteria.get("evidence.referenced_by")
    if isinstance(starters, AnyName) and USER_CRONTAB in starters.names:
        yield "evadable", "every user can write a crontab of his own"
    if _WHOSE_OR_WHAT.intersection(criteria) == {"evidence.companion"}:
        yield "evadable", "who writes a file can make it match the companion, too"


def _is_of_root(owner: Criterion | None) -> bool:
    return isinstance(owner, AnyName) and owner.names <= {"root", "0"}


def _reach(exclusion: Exclusion, known: AbstractSet[str] | None) -> Iterator[tuple[str, str]]:
    criteria = {criterion.key: criterion for criterion in exclusion.criteria}
    for key in ("rule.name", "evidence.companion"):
        names = criteria.get(key)
        if known is not None and isinstance(names, AnyName) and names.names.isdisjoint(known):
            yield "unreachable", f"there is no rule {names.wanted}"
    size = criteria.get("evidence.size")
    if isinstance(size, Size) and size.most is not None and size.most < size.least:
        yield "unreachable", f"no size is between {size.least} and {size.most} bytes"
    modes, bits = criteria.get("evidence.mode"), criteria.get("evidence.mode_without")
    if (
        isinstance(modes, AnyName)
        and isinstance(bits, WithoutBits)
        and all(int(mode, 8) & bits.bits for mode in modes.names)
    ):
        yield "unreachable", "mode_without rules out every mode"
    rules, companions = criteria.get("rule.name"), criteria.get("evidence.companion")
    if (
        isinstance(rules, AnyName)
        and isinstance(companions, AnyName)
        and rules.names == companions.names
        and len(rules.names) == 1
    ):
        yield "unreachable", "a rule is no companion of itself"
