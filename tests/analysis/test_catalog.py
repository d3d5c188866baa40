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

NEEDS_MODULE = "pe"  # in the examples about arrays and dictionaries


def is_complete(kind: Kind) -> bool:
    """Whether the example is rule text, not a sketch of one."""
    return "..." not in kind.example and f'import "{NEEDS_MODULE}"' not in kind.example


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", filter(is_complete, KINDS), ids=lambda kind: kind.code)
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
    [
        kind
        for kind in KINDS
        # YARA has no words for two of these, and the others need a file or a callback.
        if is_complete(kind)
        and not kind.is_warning
        and kind.code not in {"malformed-regexp", "include-in-rule", "unknown-argument"}
    ],
    ids=lambda kind: kind.code,
)
def test_text_is_that_of_yara(kind: Kind) -> None:
    options = {"includes": False} if kind.code == "includes-disabled" else {}
    with pytest.raises(yara.SyntaxError) as theirs:
        yara.compile(source=kind.example, **options)
    with pytest.raises(miniyara.SyntaxError) as ours:
        miniyara.compile(source=kind.example, **options)
    assert str(ours.value) == str(theirs.value)
