"""YARA's ``console`` module: conditions that print.

Follows libyara's ``modules/console/console.c``, and yara-python for the text that
its bytes become.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final

from miniyara.modules.interface import Function, ModuleScan, Structure, Type
from miniyara.modules.static import StaticModule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PRINTED: Final = tuple(
    chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}" for byte in range(256)
)
"""Each byte as it is printed: escaped, unless C's ``isprint`` holds."""


def _string(text: bytes) -> str:
    return "".join(map(_PRINTED.__getitem__, text))


def _float(number: float) -> str:
    """Return the number as C's ``%f`` prints it, which shows the sign of a NaN."""
    if math.isnan(number):
        return "-nan" if math.copysign(1, number) < 0 else "nan"
    return f"{number:f}"


def _hex(number: int) -> str:
    return f"{number & 0xFFFF_FFFF_FFFF_FFFF:#x}"


def _label(text: bytes) -> str:
    """Return the first argument of two, which is printed as it is.

    As a C string it ends at a NUL.
    """
    return text.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def without_stray_bytes(message: str) -> str:
    """Return a message as yara-python shows it: what is not UTF-8 is left out."""
    return message.encode("utf-8", "surrogateescape").decode("utf-8", "ignore")


def _print(scan: ModuleScan, message: str) -> int:
    if scan.log is None:
        _to_standard_output(message + "\n")
    else:
        scan.log(message)
    return 1


def _to_standard_output(text: str) -> None:
    """Print bytes, as C does, so that the encoding of the output is no matter."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a stream of text alone, such as io.StringIO
        sys.stdout.write(without_stray_bytes(text))
    else:
        sys.stdout.flush()
        binary.write(text.encode("utf-8", "surrogateescape"))


def _alone(text: Callable[[Any], str]) -> Callable[[ModuleScan, Any], int]:
    return lambda scan, value: _print(scan, text(value))


def _labelled(text: Callable[[Any], str]) -> Callable[[ModuleScan, bytes, Any], int]:
    return lambda scan, label, value: _print(scan, _label(label) + text(value))


def _printer(texts: Mapping[str, Callable[[Any], str]]) -> Function:
    """Return a function that prints a value, alone or after a label.

    ``texts`` says for each type, by its letter, what a value of it is printed as.
    """
    return Function(
        Type.INTEGER,
        {letter: _alone(text) for letter, text in texts.items()}
        | {"s" + letter: _labelled(text) for letter, text in texts.items()},
        has_effect=True,
    )


MODULE: Final = StaticModule(
    "console",
    Structure(
        {
            "log": _printer({"s": _string, "i": str, "f": _float}),
            "hex": _printer({"i": _hex}),
        }
    ),
)
