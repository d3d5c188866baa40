"""A near miss: it lies in /opt, but nobody starts it."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
