"""Planning: from checked rules to what each needs before it can be true.

A scan then costs what its data trigger, not what the rules number.  Each step of
planning leaves out work and nothing else: with any of them switched off the answers
are the same.
"""

from __future__ import annotations

from miniyara.planning.plan import Plan, PlanningStep, plan

__all__ = ["Plan", "PlanningStep", "plan"]
