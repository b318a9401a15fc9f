"""The Retry-After header in all the forms in which servers send it."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from orchestrator.clock import Clock


def retry_after_s(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds that the server asks to wait (a number or an HTTP date), None where it says nothing that can be read."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if seconds < float("inf") else None
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - clock.wall())
    except ValueError:
        return None
