"""A script that Salt runs to apply changes."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
