"""Counting numbers in bins of equal width."""


class Histogram:
    """``bins`` bins from ``low`` to ``high``; what lies outside is counted apart."""

    def __init__(self, low, high, bins):
        if not low < high or bins < 1:
            raise ValueError("need low < high and at least one bin")
        self.low = low
        self.high = high
        self.counts = [0] * bins
        self.below = 0
        self.above = 0

    def add(self, value):
        """Count one number. ``high`` itself belongs to the last bin."""
        if value < self.low:
            self.below += 1
        elif value > self.high:
            self.above += 1
        else:
            share = (value - self.low) / (self.high - self.low)
            index = min(int(share * len(self.counts)), len(self.counts) - 1)
            self.counts[index] += 1

    def merge(self, other):
        """Add the counts of a histogram with the same bins."""
        same = (self.low, self.high, len(self.counts)) == (
            other.low,
            other.high,
            len(other.counts),
        )
        if not same:
            raise ValueError("histograms have different bins")
        merged = Histogram(self.low, self.high, len(self.counts))
        merged.counts = [a + b for a, b in zip(self.counts, other.counts)]
        merged.below = self.below + other.below
        merged.above = self.above + other.above
        return merged
