"""A near miss: the tool's folder for temporary files."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
