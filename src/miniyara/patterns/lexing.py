"""What the lexers of hex strings and regular expressions share."""

from __future__ import annotations

from typing import Final

from miniyara import limits

MAX_GROUPS: Final = limits.MAX_EXPRESSION_DEPTH // 3
"""Groups inside each other; each can be repeated and have branches, which nest too."""


def atoi(digits: bytes) -> int:
    """The value of a number as C's ``atoi`` computes it.

    What does not fit in 32 bits comes out as something else, and nothing is 0.
    """
    significant = digits.strip().lstrip(b"0")[:20] or b"0"
    return (min(int(significant), 2**63 - 1) + 2**31) % 2**32 - 2**31
