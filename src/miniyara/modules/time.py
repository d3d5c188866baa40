"""YARA's ``time`` module: the time of the scan.

Follows libyara's ``modules/time/time.c``.
"""

from __future__ import annotations

import time
from typing import Final

from miniyara.modules.interface import Function, ModuleScan, Structure, Type
from miniyara.modules.static import StaticModule


def _now(_scan: ModuleScan) -> int:
    """Return the seconds since 1970, in UTC."""
    return int(time.time())


MODULE: Final = StaticModule("time", Structure({"now": Function(Type.INTEGER, {"": _now})}))
