"""From YAML to plain values, with the lines on which they stand.

PyYAML's safe loader composes the nodes; they are read here, because it would let a key come
twice and forgets the lines.  Importing this module needs PyYAML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from miniyara.exclusions.document import MAX_DEPTH, MAX_VALUES, Place
from miniyara.exclusions.problems import ExclusionError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
"""Numbers that everybody reads alike: 0644 is octal for some, a longer one is a digest."""

_TAG: Final = "tag:yaml.org,2002:"

_TRUE: Final = frozenset({"yes", "true", "on"})


def values(path: str, text: str) -> tuple[object, Mapping[Place, int]]:
    """Return what the text of a file says, and the lines of the values.

    Raises :class:`ExclusionError` for what is no YAML, and for what is not used here:
    aliases, keys that come twice or are no texts, tags, and nesting deeper than
    ``MAX_DEPTH``.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        lines: dict[Place, int] = {}
        return _value(node, (), lines), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        problem = Problem(message or "is no YAML", None if mark is None else mark.line + 1)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem(f"character {error.character:#04x} cannot stand in YAML", line)
    except (yaml.YAMLError, ValueError) as error:
        problem = Problem(f"is no YAML: {error}")
    raise ExclusionError(path, [problem])


class _Loader(yaml.SafeLoader):
    """Composes nodes that are a tree, and neither a deep one nor a large one."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _problem("an alias: write the value out", event)
        if self._depth > MAX_DEPTH:
            raise _problem("nested too deeply", event)
        if self._count >= MAX_VALUES:
            raise _problem(f"there are more than {MAX_VALUES} values", event)
        self._depth += 1
        self._count += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _value(node: yaml.Node | None, place: Place, lines: dict[Place, int]) -> object:
    if node is None:  # an empty file
        return None
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*place, index), lines) for index, each in enumerate(node.value)]
    kind = node.tag.removeprefix(_TAG)
    text: str = node.value
    if kind in ("str", "timestamp", "value", "merge"):
        return text
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int" and _NUMBER.fullmatch(text):
        return int(text)
    if kind in ("int", "float"):
        raise _problem(f"the number {text[:40]}: write it in decimal digits, or in quotes", node)
    raise _problem(f"the tag {node.tag}: write the value without it", node)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = _value(key_node, (*place, "?"), {})
        if not isinstance(key, str):
            raise _problem("a key that is no text: put it in quotes", key_node)
        if key in found:
            raise _problem(f"the key {key} comes twice", key_node)
        inner = (*place, key)
        lines[inner] = key_node.start_mark.line + 1
        found[key] = _value(value_node, inner, lines)
    return found


def _problem(message: str, where: yaml.Node | yaml.Event) -> yaml.MarkedYAMLError:
    mark: Any = where.start_mark  # of one of two classes that are alike
    return yaml.MarkedYAMLError(problem=message, problem_mark=mark)
