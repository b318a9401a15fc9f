"""Limits per client."""

import time
from dataclasses import dataclass

from throttle.bucket import TokenBucket


@dataclass(frozen=True)
class Decision:
    """Whether a request may go on, and if not, after how many seconds it may."""

    allowed: bool
    retry_after_s: float = 0.0


class RateLimiter:
    """One bucket per client, with room for ``burst`` requests at once."""

    def __init__(self, rate, burst=None, clock=time.monotonic):
        self.rate = rate
        self.burst = rate.amount if burst is None else burst
        self._clock = clock
        self._buckets = {}

    def check(self, client, cost=1):
        """Decide about a request and count it if it is allowed."""
        now = self._clock()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = TokenBucket(self.burst, self.rate.per_second, now)
            self._buckets[client] = bucket
        if bucket.take(now, cost):
            return Decision(True)
        return Decision(False, bucket.wait_time(now, cost))

    def forget_idle(self):
        """Drop clients whose bucket is full again; returns how many."""
        now = self._clock()
        idle = [c for c, b in self._buckets.items() if b.available(now) >= b.capacity]
        for client in idle:
            del self._buckets[client]
        return len(idle)
