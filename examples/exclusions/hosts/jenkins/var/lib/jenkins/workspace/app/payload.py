"""A build script in the workspace of a job."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
