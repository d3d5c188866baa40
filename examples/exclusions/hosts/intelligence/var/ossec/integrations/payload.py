"""A script of the security tool that reads feeds of indicators."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
