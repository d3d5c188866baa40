"""A script for rotating logs that cron starts."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
