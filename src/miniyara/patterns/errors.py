"""What is wrong with a string of a rule."""

from __future__ import annotations


class PatternError(Exception):
    """A hex string or regular expression that libyara refuses.

    ``message`` is libyara's text without the line it stands in.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
