"""YARA rules in Python: libyara's answers, yara-python's API, and no libyara.

::

    import miniyara

    rules = miniyara.compile(source='rule greeting { strings: $a = "hello" condition: $a }')
    rules.match(data=b"hello, world")  # [greeting]

Names and behaviour are those of yara-python 4.5.4, so that ``import miniyara as
yara``, or :func:`install_as_yara`, makes a program use this engine.  Beside them there
are :func:`parse`, which gives the syntax tree of rules, :func:`scan_many`, which scans
files in several processes, :func:`explain`, which says why a rule matches data or does not,
and ``modules.dump``, which gives what modules see in data.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from miniyara.errors import (
    Error,
    SyntaxError,  # noqa: A004 - yara-python's name
    TimeoutError,  # noqa: A004 - yara-python's name
    WarningError,
)
from miniyara.module_names import ModuleNames as _ModuleNames
from miniyara.modules import names as _module_names

if TYPE_CHECKING:
    from miniyara.dropin import MINIYARA_VERSION, install_as_yara
    from miniyara.explaining import Explanation, explain
    from miniyara.scanning.callbacks import (
        CALLBACK_ABORT,
        CALLBACK_ALL,
        CALLBACK_CONTINUE,
        CALLBACK_MATCHES,
        CALLBACK_NON_MATCHES,
        CALLBACK_TOO_MANY_MATCHES,
    )
    from miniyara.scanning.compiler import compile  # noqa: A004 - yara-python's name
    from miniyara.scanning.config import set_config
    from miniyara.scanning.loader import load
    from miniyara.scanning.many import ScanResult, scan_many
    from miniyara.scanning.match import Match, StringMatch, StringMatchInstance
    from miniyara.scanning.rules import Rule, Rules
    from miniyara.syntax.parser import parse

YARA_VERSION: Final = "4.5.4"
"""The version of libyara whose answers are given."""
YARA_VERSION_HEX: Final = 0x040504
"""The same as a number, one byte for each part."""
__version__: Final = YARA_VERSION
"""yara-python's version: programs that use its API decide by it.

``MINIYARA_VERSION`` is the version of this package, as is
``importlib.metadata.version("miniyara")``.
"""

modules: Final = _ModuleNames(_module_names())
"""The names of the modules that rules can import, a list; those of other packages are not in it.

Its method ``dump`` gives what modules see in data.
"""

__all__ = [
    "CALLBACK_ABORT",
    "CALLBACK_ALL",
    "CALLBACK_CONTINUE",
    "CALLBACK_MATCHES",
    "CALLBACK_NON_MATCHES",
    "CALLBACK_TOO_MANY_MATCHES",
    "MINIYARA_VERSION",
    "YARA_VERSION",
    "YARA_VERSION_HEX",
    "Error",
    "Explanation",
    "Match",
    "Rule",
    "Rules",
    "ScanResult",
    "StringMatch",
    "StringMatchInstance",
    "SyntaxError",
    "TimeoutError",
    "WarningError",
    "__version__",
    "compile",
    "explain",
    "install_as_yara",
    "load",
    "modules",
    "parse",
    "scan_many",
    "set_config",
]

_HOMES: Final = {
    "compile": "scanning.compiler",
    "load": "scanning.loader",
    "scan_many": "scanning.many",
    "ScanResult": "scanning.many",
    **dict.fromkeys(("MINIYARA_VERSION", "install_as_yara"), "dropin"),
    "parse": "syntax.parser",
    **dict.fromkeys(("Explanation", "explain"), "explaining"),
    "set_config": "scanning.config",
    **dict.fromkeys(("Match", "StringMatch", "StringMatchInstance"), "scanning.match"),
    **dict.fromkeys(("Rule", "Rules"), "scanning.rules"),
    **dict.fromkeys((n for n in __all__ if n.startswith("CALLBACK_")), "scanning.callbacks"),
}
"""Where the names are that are loaded when they are first asked for.

The engine has many small classes, and a program that imports this package does not
always compile rules.
"""


if not TYPE_CHECKING:  # a type checker would believe in any name

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
