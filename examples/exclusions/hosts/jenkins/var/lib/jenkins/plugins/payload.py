"""A near miss: it lies beside the workspaces."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
