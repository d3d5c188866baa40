"""A script that writes compliance reports, for all to call."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
