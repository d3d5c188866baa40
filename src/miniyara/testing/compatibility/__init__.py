"""Whether all that a program can observe of yara-python is the same here.

Checks put a question to both engines; their answers are compared as texts.  Where they
differ, :mod:`miniyara.testing.compatibility.differences` says why.
"""

from __future__ import annotations

from miniyara.testing.compatibility.check import Check, Checked, answer_of, checked
from miniyara.testing.compatibility.report import all_checks, run_checks, table

__all__ = ["Check", "Checked", "all_checks", "answer_of", "checked", "run_checks", "table"]
