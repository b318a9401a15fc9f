"""A single half-open interval ``[start, end)``."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Interval:
    """All x with ``start <= x < end``. Empty intervals are not allowed."""

    start: int
    end: int

    def __post_init__(self):
        if self.end <= self.start:
            raise ValueError(f"empty interval: [{self.start}, {self.end})")

    @property
    def length(self):
        """Number of integers covered."""
        return self.end - self.start

    def contains(self, point):
        """Whether ``point`` lies inside the interval."""
        return self.start <= point < self.end

    def overlaps(self, other):
        """Whether the two intervals share at least one point."""
        return self.start < other.end and other.start < self.end

    def touches(self, other):
        """Whether the union of the two is a single interval."""
        return self.start <= other.end and other.start <= self.end

    def join(self, other):
        """The smallest interval that covers both."""
        return Interval(min(self.start, other.start), max(self.end, other.end))

    def __str__(self):
        return f"[{self.start}, {self.end})"
