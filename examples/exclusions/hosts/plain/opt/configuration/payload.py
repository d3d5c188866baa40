"""A near miss: this host has neither Ansible nor Salt."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
