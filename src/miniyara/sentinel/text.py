"""Text and times as the service takes them.

What comes from rules and files is hostile: it need not be text, and has any length.
"""

from __future__ import annotations

from datetime import timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LONGEST: Final = 16_000
"""Characters in a field, at most 64,000 bytes: the service cuts fields at 64 KB."""


def clean(text: str | bytes, longest: int = LONGEST) -> str:
    """Return text that can be encoded and is not too long.

    What is no text is escaped with a backslash: surrogates, and bytes that are not UTF-8.
    """
    if isinstance(text, str):
        text = text.encode("utf-8", "backslashreplace")
    text = text.decode("utf-8", "backslashreplace")
    return text if len(text) <= longest else text[: longest - 3] + "..."


def moment(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC, with microseconds."""
    return time.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
