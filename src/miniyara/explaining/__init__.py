"""Why a rule matches data, or does not: its condition as a tree with the value of every node.

The tree comes from the interpreter of :mod:`miniyara.evaluation` itself, which is watched
while it evaluates the condition; there is no second one.
"""

from miniyara.explaining.explainer import Explainer, explain
from miniyara.explaining.explanation import (
    Count,
    ExplainedString,
    Explanation,
    Iteration,
    NearMiss,
    Need,
    Node,
    Place,
    Value,
)

__all__ = [
    "Count",
    "ExplainedString",
    "Explainer",
    "Explanation",
    "Iteration",
    "NearMiss",
    "Need",
    "Node",
    "Place",
    "Value",
    "explain",
]
