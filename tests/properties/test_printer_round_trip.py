"""A printed tree is parsed into the same tree, and prints the same again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import miniyara
from miniyara.syntax.printer import render
from miniyara.testing.strategies import externals, sources


@given(st.data())
def test_parsing_what_was_printed(data: st.DataObject) -> None:
    source = data.draw(sources(data.draw(externals())))
    printed = render(source)
    parsed = miniyara.parse(printed)
    assert parsed == source
    assert render(parsed) == printed
