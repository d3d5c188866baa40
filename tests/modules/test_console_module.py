"""The console module prints what libyara prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miniyara.modules.interface import ModuleScan

if TYPE_CHECKING:
    from collections.abc import Callable

int64 = st.integers(-(2**63), 2**63 - 1)
labels = st.one_of(st.binary(max_size=12), st.text(max_size=12).map(str.encode))


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("log", (b"",), ""),
        ("log", (b"%s \\ ~\x7f\x1f\n\x00\xc3\xa9",), r"%s \ ~\x7f\x1f\x0a\x00\xc3\xa9"),
        ("log", (b"caf\xc3\xa9\xff \xe2\x82\x00cut", b"\xc3\xa9"), "caf\u00e9 \\xc3\\xa9"),
        ("log", (-5,), "-5"),
        ("log", (b"n = ", -5), "n = -5"),
        ("log", (0.1,), "0.100000"),
        ("log", (b"f = ", -0.0), "f = -0.000000"),
        ("log", (1e300,), f"{1e300:f}"),
        ("log", (math.inf,), "inf"),
        ("log", (-math.inf,), "-inf"),
        ("log", (math.nan,), "nan"),
        ("log", (-math.nan,), "-nan"),
        ("hex", (255,), "0xff"),
        ("hex", (0,), "0x0"),
        ("hex", (b"h", -1), "h0xffffffffffffffff"),
    ],
)
def test_messages(
    agree_on_output: Callable[..., str], function: str, arguments: tuple[Any, ...], message: str
) -> None:
    assert agree_on_output(f"console.{function}", *arguments) == message


@given(label=labels, text=st.binary(max_size=20), integer=int64, number=st.floats())
def test_any_value(
    agree_on_output: Callable[..., str], label: bytes, text: bytes, integer: int, number: float
) -> None:
    for value in (text, integer, number):
        agree_on_output("console.log", value)
        agree_on_output("console.log", label, value)
    agree_on_output("console.hex", integer)
    agree_on_output("console.hex", label, integer)


def test_standard_output(ours: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    ours(ModuleScan(b""), "console.log", b"seen: ", 3)
    assert capsys.readouterr().out == "seen: 3\n"
