"""For all tests: hypothesis judges results, not the speed of a shared machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("ramp", deadline=None)
settings.load_profile("ramp")
