"""A harmless file that EQGRP_payload finds: it holds both strings of the rule."""


class Payload:
    """Loads nothing and does nothing."""

    complaint = "can't find target version module!"
