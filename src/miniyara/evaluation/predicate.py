"""A condition that is asked again and again: interpreted at first, compiled when it pays.

Compiling costs about as much as a hundred evaluations, and a rule is evaluated only
where its strings are, so most conditions of most programs are never compiled.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from miniyara.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miniyara.analysis.condition import Condition
    from miniyara.evaluation.interpreter import Context

COMPILE_AFTER: Final = 100
"""Evaluations by the interpreter before a condition is compiled."""

ENVIRONMENT_VARIABLE: Final = "MINIYARA_COMPILE_AFTER"
"""Overrides it: a number, where 0 compiles at once, or ``never``."""


def compile_after() -> int | None:
    """After how many evaluations to compile; None for never.

    Raises :class:`miniyara.Error` if the environment says something else.
    """
    value = os.environ.get(ENVIRONMENT_VARIABLE)
    if not value:
        return COMPILE_AFTER
    if value == "never":
        return None
    if not value.isdecimal():
        raise Error(f"{ENVIRONMENT_VARIABLE} must be a number or never, not {value!r}")
    return int(value)


class Predicate:
    """Whether a condition is true in a scan; shared by threads.

    ``after`` is the number of evaluations after which it is compiled, None for never.
    Threads count together; that two of them may compile it does no harm.
    """

    __slots__ = ("_compiled", "_condition", "_interpreter", "_left")

    def __init__(self, condition: Condition, after: int | None) -> None:
        from miniyara.evaluation.interpreter import Interpreter  # noqa: PLC0415 - slow to load

        self._condition = condition
        self._interpreter = Interpreter
        self._left = after
        self._compiled: Callable[[Context], bool] | None = None

    def is_true(self, context: Context) -> bool:
        """Whether a rule with this condition matches."""
        compiled, left = self._compiled, self._left
        if compiled is not None:
            return compiled(context)
        if left is None:
            return self._interpreter(context).is_true(self._condition)
        if left > 0:
            self._left = left - 1
            return self._interpreter(context).is_true(self._condition)
        from miniyara.evaluation.compiler import compile_condition  # noqa: PLC0415 - rarely needed

        self._compiled = compile_condition(self._condition)
        self._left = None
        return self.is_true(context)


class Predicates(dict[int, Predicate]):
    """The predicates of conditions by their numbers, made when they are asked for."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        super().__init__()
        self._conditions = conditions
        self._after = compile_after()

    def __missing__(self, number: int) -> Predicate:
        predicate = Predicate(self._conditions[number], self._after)
        return self.setdefault(number, predicate)
