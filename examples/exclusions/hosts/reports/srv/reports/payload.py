"""A near miss: reports are not made in /srv."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
