"""How long to wait before the next attempt."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Exponential delays: ``first_s``, then ``factor`` times as long, up to ``max_s``.

    ``jitter`` between 0 and 1 is the share of each delay that is random.
    """

    first_s: float = 0.1
    factor: float = 2.0
    max_s: float = 30.0
    jitter: float = 0.0

    def __post_init__(self):
        if self.first_s < 0 or self.factor < 1 or not 0 <= self.jitter <= 1:
            raise ValueError(f"impossible backoff: {self}")

    def delay(self, attempt, rng=random):
        """Seconds to wait after attempt number ``attempt`` (from 1)."""
        full = min(self.max_s, self.first_s * self.factor ** (attempt - 1))
        return full * (1 - self.jitter * rng.random())

    def delays(self, attempts):
        """All delays of a run with that many attempts, without jitter."""
        plain = Backoff(self.first_s, self.factor, self.max_s)
        return [plain.delay(number) for number in range(1, attempts)]
