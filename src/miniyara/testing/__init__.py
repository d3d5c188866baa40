"""A kit for testing YARA engines, this one or another.

``assert_agrees`` asks libyara (through yara-python) and an engine the same
question and fails with a readable report if the answers differ.  ``strategies``
are Hypothesis strategies for rules and for data.  ``python -m miniyara.testing``
compares the engines on generated rules and on real ones.

Needs Hypothesis, and yara-python wherever no other reference is named; the extra
``testing`` brings both.
"""

from miniyara.testing.agreement import Comparison, assert_agrees, compare
from miniyara.testing.outcome import FoundRule, FoundString, Instance, Outcome, outcome

__all__ = [
    "Comparison",
    "FoundRule",
    "FoundString",
    "Instance",
    "Outcome",
    "assert_agrees",
    "compare",
    "outcome",
]
