"""The first string ends in front of a word character, so it is no whole word."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!s"
