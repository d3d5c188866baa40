"""The second evaluator: a condition becomes a function of Python.

It gives the interpreter's answer in everything that can be observed.  Nodes become
:class:`~miniyara.evaluation.compiler.code.Code`, the code a function, and the function
is compiled by Python.  Operators whose operands cannot be undefined become Python's,
and what is known before a scan is not asked again in each.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from miniyara.evaluation import counting, operations
from miniyara.evaluation.compiler import (  # noqa: F401 - importing them registers functions
    operators,
    pieces,
    quantifiers,
)
from miniyara.evaluation.compiler.code import Frame, TooComplexError, Unit
from miniyara.evaluation.compiler.values import READERS
from miniyara.evaluation.entry_point import entry_point
from miniyara.values import UNDEFINED, wrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.analysis.condition import Condition
    from miniyara.evaluation.interpreter import Context

_BUILTINS: Final[dict[str, Any]] = {
    **{function.__name__: function for function in (float, len, map, range)},
    **{
        function.__name__: function
        for function in (
            operations.is_true,
            operations.as_integer,
            operations.negate,
            counting.LoopCount,
            counting.array_items,
            counting.found_any,
            counting.found_at,
            counting.found_within,
            counting.quantify,
            entry_point,
            wrap,
        )
    },
    **READERS,
    "UNDEFINED": UNDEFINED,
}
"""What compiled code can reach, in place of Python's builtins."""


def compile_condition(condition: Condition) -> Callable[[Context], bool] | None:
    """The function that says whether a rule with this condition matches.

    It has no state: threads and scans share it.  None for a condition that is too deep
    or too long, which is for the interpreter.
    """
    unit = Unit({"__builtins__": _BUILTINS})
    frame = Frame(unit)
    try:
        entry = frame.finish("condition", pieces.give(frame.compile(condition).truth()))
        module = compile(ast.Module(unit.functions, []), "<condition>", "exec")
    except (TooComplexError, RecursionError):
        return None
    # Only defines the functions.
    exec(module, unit.namespace)  # noqa: S102 - made of nodes, see pieces
    function: Callable[[Context], bool] = unit.namespace[entry]
    return function
