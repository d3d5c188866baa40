"""Exclusions: which hits are known good, who says so, why, and until when.

::

    from miniyara import exclusions

    judge = exclusions.load("exclusions.yaml", context=["ansible-playbook"])
    judge.judge(hits)  # the hits of one file; those known good carry an exclusion's id
    judge.summary()  # hits per exclusion, and which are expired, unused or shadowed

Nothing is excluded by default, and nothing is lost: a hit that is known good is kept and
marked.
"""

from miniyara.exclusions.judging import Exclusions, Opinion, load
from miniyara.exclusions.problems import ExclusionError, Problem
from miniyara.exclusions.summary import ExclusionSummary, Tally

__all__ = [
    "ExclusionError",
    "ExclusionSummary",
    "Exclusions",
    "Opinion",
    "Problem",
    "Tally",
    "load",
]
