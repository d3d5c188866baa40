"""The first string begins with a capital here, and the rule does not say ``nocase``."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "Can't find target version module!"
