"""Checks of the finished parts of a condition that has a syntax error behind them.

YARA checks while it parses, so an undefined name before the syntax error is what
it reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from miniyara.analysis.names import check_object
from miniyara.analysis.quantifiers import (
    check_iterator,
    check_quantifier,
    check_rule_set,
    check_string_set,
    declare_variable,
    enter_loop,
    enter_string_loop,
)
from miniyara.analysis.registry import check, is_expression
from miniyara.analysis.string_uses import check_range
from miniyara.syntax import nodes
from miniyara.syntax.nodes import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miniyara.analysis.scope import RuleScope

_QUANTIFIERS: Final = (nodes.All, nodes.Any, nodes.None_, nodes.AtLeast)
_OBJECTS: Final = (nodes.Identifier, nodes.Member, nodes.Index, nodes.Call)


def check_fragments(scope: RuleScope, fragments: Sequence[Any]) -> None:
    """Check parts (nodes, lists of nodes, and the words between them) in their order."""
    previous: Any = None
    was_loop = False
    for fragment, following in zip(fragments, [*fragments[1:], None], strict=True):
        is_loop = fragment is None and isinstance(previous, _QUANTIFIERS)
        if is_loop:
            enter_loop(scope, previous)
        elif _is_iteration(fragment):
            variables, iterator = fragment
            _declare(scope, variables)
            check_iterator(scope, iterator, scope.loops[-1].variables)
        elif isinstance(fragment, nodes.StringSet) and following == ":":
            enter_string_loop(scope, fragment)
        elif isinstance(fragment, list) and was_loop:
            _declare(scope, fragment)
        else:
            for part in fragment if isinstance(fragment, list) else [fragment]:
                _check_part(scope, part, following)
        previous, was_loop = fragment, is_loop


def _is_iteration(fragment: Any) -> bool:
    """Whether it is ``variables in iterator``, as the parser's builder makes it."""
    return isinstance(fragment, tuple) and isinstance(fragment[0], list)


def _declare(scope: RuleScope, variables: list[tuple[str, Span]]) -> None:
    for name, span in variables:
        declare_variable(scope, name, span)


def _check_part(scope: RuleScope, part: Any, following: Any) -> None:
    if isinstance(part, _QUANTIFIERS):
        check_quantifier(scope, part)
    elif isinstance(part, nodes.StringSet):
        check_string_set(scope, part)
    elif isinstance(part, nodes.RuleSet):
        check_rule_set(scope, part)
    elif isinstance(part, nodes.Range):
        check_range(scope, part)
    elif isinstance(part, _OBJECTS) and following in (".", "[", "("):
        check_object(scope, part)
    elif isinstance(part, tuple) and isinstance(part[-1], Span):
        name, span = part  # a name in an unfinished set
        if name.startswith("$"):
            check_string_set(scope, nodes.StringSet((name,), item_spans=(span,)))
        else:
            check_rule_set(scope, nodes.RuleSet((name,), item_spans=(span,)))
    elif is_expression(part):
        check(scope, part)
