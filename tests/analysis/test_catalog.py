"""Every kind of error and warning shows itself in its example, in YARA's words."""

from __future__ import annotations

import pytest
import yara

import miniyara
from miniyara.analysis import catalog as analysis_catalog
from miniyara.diagnostics import Kind
from miniyara.syntax import catalog as syntax_catalog

KINDS = [
    kind
    for catalog in (syntax_catalog, analysis_catalog)
    for kind in vars(catalog).values()
    if isinstance(kind, Kind)
]

NEEDS_MORE = {
    "malformed-regexp",  # a file, since text with a zero byte is refused
    "includes-disabled",
    "include-not-provided",
    "include-circle",
    "include-depth",
    "too-many-includes",
    "include-in-rule",
}
"""These are shown in ``tests/syntax/test_includes.py`` and ``test_parse.py``."""


def is_complete(kind: Kind) -> bool:
    """Whether the example shows itself when it is compiled as text, with nothing around it."""
    return "..." not in kind.example and kind.code not in NEEDS_MORE


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", [*filter(is_complete, KINDS)], ids=lambda kind: kind.code)
def test_example_shows_the_kind(kind: Kind) -> None:
    if kind.is_warning:
        rules = miniyara.compile(source=kind.example)
        assert rules.warnings == yara.compile(source=kind.example).warnings
        assert rules.warnings
        return
    with pytest.raises(miniyara.SyntaxError) as ours:
        miniyara.compile(source=kind.example)
    assert kind.code in [diagnostic.kind.code for diagnostic in ours.value.diagnostics]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if is_complete(kind) and not kind.is_warning],
    ids=lambda kind: kind.code,
)
def test_text_is_that_of_yara(kind: Kind) -> None:
    with pytest.raises(yara.SyntaxError) as theirs:
        yara.compile(source=kind.example)
    with pytest.raises(miniyara.SyntaxError) as ours:
        miniyara.compile(source=kind.example)
    assert str(ours.value) == str(theirs.value)
