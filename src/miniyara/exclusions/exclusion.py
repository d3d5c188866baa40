"""One exclusion, and how it is made of what a checked file says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from miniyara.exclusions.criteria import (
    AFTER_OPENING,
    AnyGlob,
    AnyMeta,
    AnyName,
    Present,
    Size,
    WithoutBits,
)
from miniyara.exclusions.globs import ANYTHING, Glob
from miniyara.exclusions.host import IGNORES_CASE
from miniyara.hunting.record import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from miniyara.exclusions.criteria import Criterion
    from miniyara.exclusions.document import Place
    from miniyara.exclusions.subject import Subject

Fields: TypeAlias = "Mapping[str, Any]"
"""What the file says of one exclusion; the schema vouches for the types."""

SUPPRESS: Final = "suppress"
SKIP: Final = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked, and the answer."""

    key: str
    """What was asked, as the keys in the file of exclusions: ``evidence.path``."""
    wanted: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What is known good, why, and who says so."""

    id: str
    reason: str
    owner: str
    created: date
    expires: date | None
    """The last day on which it holds; None if it is permanent."""
    reviewer: str | None
    """Who agreed that it is permanent."""
    action: str
    """``SUPPRESS`` or ``SKIP``."""
    criteria: tuple[Criterion, ...]
    """All that must hold, those of the rule first."""
    line: int | None = None
    """Where it stands in its file."""

    def is_expired(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return self.expires is not None and today > self.expires

    def holds(self, subject: Subject) -> bool:
        """Tell whether all criteria hold, whatever the day is."""
        return all(criterion.holds(subject) for criterion in self.criteria)

    def findings(self, subject: Subject) -> tuple[Finding, ...]:
        """Return the answer of each criterion."""
        return tuple(
            Finding(each.key, each.wanted, each.found(subject), each.holds(subject))
            for each in self.criteria
        )

    def covers(self, other: Exclusion) -> bool:
        """Tell whether this holds wherever ``other`` holds, as far as can be seen."""
        others = {criterion.key: criterion for criterion in other.criteria}
        return all(
            criterion.key in others and criterion.covers(others[criterion.key])
            for criterion in self.criteria
        )

    def suppression(self) -> Suppression:
        """Return what marks a hit that is known good because of this."""
        return Suppression(self.id, self.reason, self.owner)


def exclusion(fields: Fields, line: int | None) -> Exclusion:
    """Make an exclusion of what the file says; ``mistakes`` has nothing to say of it."""
    rule, evidence = fields.get("rule", {}), fields.get("evidence", {})
    return Exclusion(
        id=fields["id"],
        reason=" ".join(fields["reason"].split()),
        owner=fields["owner"],
        created=date.fromisoformat(fields["created"]),
        expires=date.fromisoformat(fields["expires"]) if "expires" in fields else None,
        reviewer=fields["permanent"]["reviewer"] if "permanent" in fields else None,
        action=fields.get("action", SUPPRESS),
        criteria=(
            *(_criterion(f"rule.{key}", value) for key, value in rule.items() if key != "meta"),
            *(
                AnyMeta(
                    f"rule.meta.{key}", frozenset((type(each), each) for each in _listed(value))
                )
                for key, value in rule.get("meta", {}).items()
            ),
            *(_criterion(f"evidence.{key}", value) for key, value in evidence.items()),
        ),
        line=line,
    )


def mistakes(fields: Fields) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong with an exclusion beyond its schema, and where."""
    days = [key for key in ("created", "expires") if key in fields]
    for key in days:
        if not is_day(fields[key]):
            yield (key,), f"is {fields[key]}; there is no such day"
    if len(days) == 2 and fields["expires"] < fields["created"]:
        yield ("expires",), "lies before created"
    evidence = fields.get("evidence", {})
    for text in _listed(evidence.get("path", [])):
        mistake = _mistake_in_glob(text)
        if mistake:
            yield ("evidence", "path"), f"is {text!a}; {mistake}"
    for text in _listed(evidence.get("present", [])):
        if not {".", ".."}.isdisjoint(text.split("/")):
            yield ("evidence", "present"), f"is {text!a}; . and .. are not used here"
    if fields.get("action") == SKIP:
        unknown: list[Place] = [("rule",)] if "rule" in fields else []
        unknown += [("evidence", key) for key in evidence if f"evidence.{key}" in AFTER_OPENING]
        for place in unknown:
            yield place, "cannot be known before a file is opened; action skip must not have it"


def is_day(text: str) -> bool:
    """Tell whether a date that looks right is in the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _mistake_in_glob(text: str) -> str | None:
    first, *segments = text.split("/")
    if not segments or (first not in ("", ANYTHING) and not first.endswith(":")):
        return "a whole path is needed, such as /opt/**, C:/Tools/** or **/name"
    if "" in segments:
        return "a segment is empty"
    if not {".", ".."}.isdisjoint(segments):
        return "no path has . or .. once its links are followed"
    if any(ANYTHING in segment and segment != ANYTHING for segment in segments):
        return "** must be a segment of its own"
    return None


def _criterion(key: str, value: Any) -> Criterion:
    if key == "evidence.size":
        return Size(value.get("min", 0), value.get("max"))
    if key == "evidence.mode_without":
        return WithoutBits(int(value, 8))
    values = _listed(value)
    if key == "evidence.path":
        return AnyGlob(key, tuple(Glob(text, IGNORES_CASE) for text in values))
    if key == "evidence.host":
        return AnyGlob(key, tuple(Glob(text, ignore_case=True) for text in values))
    if key == "evidence.present":
        return Present(frozenset(values))
    if key == "evidence.mode":
        return AnyName(key, frozenset(f"{int(text, 8):04o}" for text in values))
    if key == "evidence.sha256":
        return AnyName(key, frozenset(text.lower() for text in values))
    return AnyName(key, frozenset(values))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
