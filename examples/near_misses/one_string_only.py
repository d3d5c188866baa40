"""EQGRP_payload wants both of its strings; this file holds the second alone."""


class Payload:
    """Loads nothing and does nothing."""
