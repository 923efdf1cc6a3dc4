"""Hypothesis is the same in every run (`derandomize`), unless HYPOTHESIS_PROFILE=explore asks for new examples."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=_SLOW_TO_DRAW)
settings.register_profile(
    "explore", max_examples=3000, deadline=None, suppress_health_check=_SLOW_TO_DRAW, print_blob=True
)
settings.register_profile(
    "quick",
    derandomize=True,
    deadline=None,
    suppress_health_check=_SLOW_TO_DRAW,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
