"""The time module tells the time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from miniyara.modules.interface import ModuleScan

if TYPE_CHECKING:
    from collections.abc import Callable


def test_now(ours: Callable[..., Any]) -> None:
    before = int(time.time())
    now = ours(ModuleScan(b""), "time.now")
    assert isinstance(now, int)
    assert before <= now <= time.time()
