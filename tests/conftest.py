"""What holds for all tests: how many examples Hypothesis draws, and that Ctrl-C works.

``pytest --hypothesis-profile=ci`` or ``deep`` draw more than the default, and other
examples each time; ``brief`` draws fewer, for another look at the same code.
The default draws the same ones each time, so that the suite says
something about the change at hand; looking for what is new is the business of
``python -m miniyara.testing fuzz``.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# A script's background job is started with SIGINT ignored, and its children inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Sources are large examples and an engine's first scan is slow: neither is a fault.
_COMMON = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)
settings.register_profile("brief", _COMMON, max_examples=8, derandomize=True)
settings.register_profile("small", _COMMON, max_examples=40, derandomize=True)
settings.register_profile("ci", _COMMON, max_examples=300)
settings.register_profile("deep", _COMMON, max_examples=10_000)
settings.load_profile("small")
