"""Welford's running mean and variance."""

import math


class Accumulator:
    """Count, mean, variance and extremes of the numbers added so far.

    ``_m2`` is the sum of squared distances from the current mean.
    """

    def __init__(self, values=()):
        self.count = 0
        self.mean = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self._m2 = 0.0
        for value in values:
            self.add(value)

    def add(self, value):
        """Take one more number into account."""
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self._m2 += delta * (value - self.mean)
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)

    @property
    def variance(self):
        """Population variance; 0.0 before the first number."""
        return self._m2 / self.count if self.count else 0.0

    @property
    def sample_variance(self):
        """Unbiased variance; 0.0 with fewer than two numbers."""
        return self._m2 / (self.count - 1) if self.count > 1 else 0.0

    @property
    def deviation(self):
        """Population standard deviation."""
        return math.sqrt(self.variance)

    def merge(self, other):
        """An accumulator equal to one that has seen the numbers of both."""
        merged = Accumulator()
        merged.count = self.count + other.count
        if merged.count == 0:
            return merged
        weight = other.count / merged.count
        merged.mean = self.mean + (other.mean - self.mean) * weight
        merged._m2 = self._m2 + other._m2
        merged.minimum = min(self.minimum, other.minimum)
        merged.maximum = max(self.maximum, other.maximum)
        return merged
