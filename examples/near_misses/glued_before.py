"""The second string follows a word character here, so it is no whole word."""


class Loader:
    """Its source would hold the string as ``subclass Payload:``."""

    complaint = "can't find target version module!"
