"""The figures of a comparison, and what is asked of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, TypeAlias

from benchmarks.engines import REFERENCE

Phases: TypeAlias = dict[str, dict[str, Any]]
"""What one worker measured: figures, or an ``error``, per phase."""


@dataclass(frozen=True, slots=True)
class Run:
    """One engine's work on one rule set."""

    rule_set: str
    engine: str
    phases: Phases


@dataclass(slots=True)
class Results:
    """Everything that was measured and on what; grows while the comparison runs."""

    machine: dict[str, str]
    settings: dict[str, Any]
    engines: dict[str, dict[str, Any]]
    """For each engine its version, or the error that kept it out."""
    selection: dict[str, str] = field(default_factory=dict)
    """For each engine what it made of the rules that it was asked about."""
    rule_sets: dict[str, dict[str, int]] = field(default_factory=dict)
    corpora: dict[str, dict[str, int]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return asdict(self)

    def reports(self, rule_set: str | None, engine: str, phase: str) -> list[dict[str, Any]]:
        """Return what the runs of an engine reported for a phase, of all rule sets for None."""
        return [
            run.phases[phase]
            for run in self.runs
            if run.engine == engine and rule_set in (None, run.rule_set) and phase in run.phases
        ]

    def error(self, rule_set: str, engine: str, phase: str) -> str | None:
        """Return why a phase has no figures in some run, or None if each has them."""
        if "error" in self.engines[engine]:
            return "unavailable"
        for wanted in ("import", "compile", phase):
            for report in self.reports(rule_set, engine, wanted):
                if "error" in report:
                    return str(report["error"])
        return None if self.reports(rule_set, engine, phase) else "not run"

    def agrees(self, rule_set: str, engine: str, phase: str) -> bool:
        """Whether the engine found the same rules in the same files as the reference."""
        answers = {
            report.get("answers")
            for name in (engine, REFERENCE)
            for report in self.reports(rule_set, name, phase)
            if "error" not in report
        }
        return len(answers) <= 1

    def median(self, rule_set: str | None, engine: str, phase: str, figure: str) -> float | None:
        """Return the median of a figure over the runs, or None if there is none."""
        values = [
            report[figure]
            for report in self.reports(rule_set, engine, phase)
            if report.get(figure) is not None
        ]
        return median(values) if values else None
