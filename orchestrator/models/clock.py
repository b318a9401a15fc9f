"""Time as a tool that goes in by the constructor: the machine's own clock, and one that tests move by hand."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol


class Clock(Protocol):
    """What the gateway needs of time. Deadlines and durations use `monotonic`, so a clock that jumps changes nothing."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""

    def time(self) -> float:
        """Seconds since the epoch; for calendar days and HTTP dates only."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic()

    def time(self) -> float:
        """See Clock."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See Clock."""
        time.sleep(seconds)


@dataclass(slots=True)
class ManualClock:
    """A clock for tests: sleeping moves it at once and is written down in `slept`."""

    now_s: float = 1_000.0
    epoch_s: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def monotonic(self) -> float:
        """See Clock."""
        return self.now_s

    def time(self) -> float:
        """See Clock."""
        return self.epoch_s + self.now_s

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` without waiting."""
        with self._lock:
            self.now_s += max(0.0, seconds)
            self.slept.append(seconds)


class SkippingClock:
    """The machine's clock, but that sleeping takes no time: waits are written down in `slept` and skipped.

    For tests with real sockets: time-outs are real, waits between retries are not.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._skipped_s = 0.0

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic() + self._skipped_s

    def time(self) -> float:
        """See Clock."""
        return time.time() + self._skipped_s

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` without waiting."""
        self._skipped_s += max(0.0, seconds)
        self.slept.append(seconds)
