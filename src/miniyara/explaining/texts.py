"""The source text of what a condition is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from miniyara.errors import Error
from miniyara.syntax import nodes
from miniyara.syntax.parser import parse
from miniyara.syntax.printer import render
from miniyara.syntax.walk import walk

if TYPE_CHECKING:
    from miniyara.analysis.condition import Condition
    from miniyara.analysis.program import Program

MOST_SHOWN: Final = 400
"""Characters of a text that are shown.  What is long in the source is not printed anew, so
that a deep condition costs no more than its nodes do."""


def shortened(text: str) -> str:
    """A text of at most ``MOST_SHOWN`` characters."""
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


class Texts:
    """The texts of one rule, read again from its source.

    Raises :class:`miniyara.Error` if the rule has no text of its own.
    """

    def __init__(self, program: Program, rule: int) -> None:
        if program.texts is None:
            raise Error("a rule that begins in one file and ends in another cannot be explained")
        self._source = program.texts[rule].alone()
        (tree,) = parse(self._source).items
        assert isinstance(tree, nodes.Rule)
        # A condition may have been compiled from the whole source, or from this text.
        self._shift = program.conditions[rule].span.start - tree.condition.span.start
        self._nodes: dict[tuple[int, int], nodes.Node] = {}
        for node in walk(tree.condition):
            self._nodes.setdefault(node.span[:2], node)

    def node(self, step: Condition) -> nodes.Node | None:
        """The node that a step was made of; None for what is not written down."""
        start, end, _ = step.span
        return self._nodes.get((start - self._shift, end - self._shift))

    def text(self, step: Condition) -> str:
        """The text of a step."""
        node = self.node(step)
        if node is None:
            return ""
        start, end, _ = node.span
        source = self._source[start : min(end, start + MOST_SHOWN)]
        if end - start <= MOST_SHOWN and (b"//" in source or b"/*" in source):
            return shortened(render(node))  # it may have comments
        # No text has a line break in it, so this changes space between tokens only.
        text = re.sub(r"\s*\n\s*", " ", source.decode("utf-8", "surrogateescape"))
        return text if end - start <= MOST_SHOWN else shortened(text + "…")
