"""A script that writes compliance reports."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
