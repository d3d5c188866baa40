"""Which function checks which node of the syntax tree.

The functions stand in files by subject (``literals``, ``names``, ``operators``,
``strings_in_conditions``, ``quantifiers``); each registers itself for a node.
They raise :class:`~miniyara.analysis.scope.CheckError` at the first error, and they
check the parts of a node in the order in which YARA's parser meets them, because
the first error is the one that is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeGuard, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from miniyara.analysis.scope import Checked, RuleScope
    from miniyara.syntax.nodes import Expression

_CHECKS: Final[dict[type, Callable[[Any, Any], Checked]]] = {}

N = TypeVar("N")


def checks(
    *sorts: type[N],
) -> Callable[[Callable[[RuleScope, N], Checked]], Callable[[RuleScope, N], Checked]]:
    """Register a function as the check of some sorts of nodes."""

    def register(
        check_node: Callable[[RuleScope, N], Checked],
    ) -> Callable[[RuleScope, N], Checked]:
        _CHECKS.update(dict.fromkeys(sorts, check_node))
        return check_node

    return register


def check(scope: RuleScope, node: Expression) -> Checked:
    """Check an expression that stands where a value is needed."""
    scope.enter(node.span)
    try:
        return _CHECKS[type(node)](scope, node)
    finally:
        scope.leave()


def is_expression(value: Any) -> TypeGuard[Expression]:
    """Whether a value is a node that :func:`check` can check."""
    return type(value) in _CHECKS
