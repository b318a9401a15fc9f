"""Time and faults from outside: both go in by the constructor, so tests need no patching."""

from __future__ import annotations

import os
import signal
import threading
import time


class Clock:
    """The machine's clocks, in seconds. Durations and deadlines use `monotonic`, so a clock that jumps changes nothing."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since the epoch; for display, calendar days and HTTP dates only."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)


class ManualClock(Clock):
    """A clock for tests: sleeping moves it at once and is written down in `slept`."""

    def __init__(self, now_s: float = 1_000.0, epoch_s: float = 1_700_000_000.0) -> None:
        self.now_s, self.epoch_s = now_s, epoch_s
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """The clock's own time."""
        return self.now_s

    def wall(self) -> float:
        """The same time, counted from the clock's own epoch."""
        return self.epoch_s + self.now_s

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` without waiting."""
        with self._lock:
            self.now_s += max(0.0, seconds)
            self.slept.append(seconds)


class SkippingClock(Clock):
    """The machine's clock, but that sleeping takes no time: waits are written down in `slept` and skipped.

    For tests with real sockets: time-outs are real, waits between retries are not.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._skipped_s = 0.0

    def monotonic(self) -> float:
        """The machine's, and what was skipped."""
        return time.monotonic() + self._skipped_s

    def wall(self) -> float:
        """The machine's, and what was skipped."""
        return time.time() + self._skipped_s

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds` without waiting."""
        self._skipped_s += max(0.0, seconds)
        self.slept.append(seconds)


class Faults:
    """Named points where a test can kill the process, to prove that resume loses nothing."""

    def __init__(self, kill_at: str = "", nth: int = 1) -> None:
        """`kill_at` is a point's name, such as `after_commit/GENERATING`; the `nth` time it is reached kills."""
        self._kill_at = kill_at
        self._left = nth

    def reach(self, point: str) -> None:
        """Pass the point, or die there as a power cut would."""
        if point == self._kill_at:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
