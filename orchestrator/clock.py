"""Time and faults from outside: both go in by the constructor, so tests need no patching."""

from __future__ import annotations

import os
import signal
import time


class Clock:
    """The real clock: durations and deadlines from `monotonic`, display only from `wall`; both in seconds."""

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since the epoch."""
        return time.time()


class FixedClock(Clock):
    """A clock for tests: each look moves it on by `tick_s`."""

    def __init__(self, start_s: float = 1_000_000.0, tick_s: float = 0.0) -> None:
        self.now_s = start_s
        self.tick_s = tick_s

    def monotonic(self) -> float:
        """The clock's own time."""
        self.now_s += self.tick_s
        return self.now_s

    def wall(self) -> float:
        """The same time again."""
        return self.now_s


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
