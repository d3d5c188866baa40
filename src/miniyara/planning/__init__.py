"""Planning: from checked rules to what each needs before it can be true.

A scan then costs what its data trigger, not what the rules number.  Each step of
planning leaves out work and nothing else: with any of them switched off the answers
are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miniyara.planning.plans import Plan, PlanningStep

if TYPE_CHECKING:
    from miniyara.planning.planner import plan

__all__ = ["Plan", "PlanningStep", "plan"]


if not TYPE_CHECKING:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        """Load what makes plans when it is asked for: saved rules have theirs."""
        if name != "plan":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from miniyara.planning.planner import plan  # noqa: PLC0415 - that is the point

        return plan
