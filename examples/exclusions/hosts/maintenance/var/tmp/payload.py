"""A near miss: cron starts it, but everybody can write to /var/tmp."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
