"""Anchors are as rare as what a pattern has."""

from __future__ import annotations

from miniyara.patterns import compile_string
from miniyara.patterns.anchors import anchors
from miniyara.syntax.nodes import HexString


def test_rare_bytes_behind_many_common_ones() -> None:
    rare = bytes.fromhex("de ad be ef c1 93 27 6b")
    text = b"00 " * 70 + rare.hex().encode() + b" ?? 01"
    (part,) = compile_string(HexString("$a", text)).parts
    found = anchors(part)
    assert found is not None
    (placed,) = found.placed
    start = placed.before + placed.anchor.text.index(rare)
    assert start == 70
