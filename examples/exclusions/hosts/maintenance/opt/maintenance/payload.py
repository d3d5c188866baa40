"""A clean-up script that a systemd unit starts."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
