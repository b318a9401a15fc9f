"""The token bucket."""


class TokenBucket:
    """Holds up to ``capacity`` tokens and gains ``per_second`` tokens a second.

    The bucket starts full. All times are in seconds, on whatever clock the
    caller uses.
    """

    def __init__(self, capacity, per_second, now):
        if capacity <= 0 or per_second <= 0:
            raise ValueError("capacity and per_second must be positive")
        self.capacity = capacity
        self.per_second = per_second
        self._tokens = float(capacity)
        self._updated = now

    def available(self, now):
        """Number of tokens in the bucket."""
        self._refill(now)
        return self._tokens

    def take(self, now, tokens=1):
        """Take tokens out if there are enough; returns whether it worked."""
        self._refill(now)
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True

    def wait_time(self, now, tokens=1):
        """Seconds until ``tokens`` can be taken."""
        if tokens > self.capacity:
            raise ValueError(f"the bucket never holds {tokens} tokens")
        self._refill(now)
        missing = tokens - self._tokens
        return max(0.0, missing / self.per_second)

    def _refill(self, now):
        elapsed = max(0, now - self._updated)
        self._tokens += elapsed * self.per_second
        self._updated = max(now, self._updated)
