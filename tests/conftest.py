"""What holds for all tests: how many examples Hypothesis draws.

``pytest --hypothesis-profile=ci`` or ``deep`` draw more than the default.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Sources are large examples and an engine's first scan is slow: neither is a fault.
_COMMON = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
settings.register_profile("small", _COMMON, max_examples=40)
settings.register_profile("ci", _COMMON, max_examples=300)
settings.register_profile("deep", _COMMON, max_examples=10_000)
settings.load_profile("small")
