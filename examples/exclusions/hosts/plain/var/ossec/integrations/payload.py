"""A near miss: the tool's folder on a host without the tool."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
