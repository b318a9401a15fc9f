"""The filter."""

import hashlib
import math

from bloomset.bits import BitArray
from bloomset.sizing import best_parameters


class BloomFilter:
    """A set of strings that only ever grows."""

    def __init__(self, bits, hashes):
        if hashes < 1:
            raise ValueError("hashes must be at least 1")
        self.hashes = hashes
        self._bits = BitArray(bits)

    @classmethod
    def for_entries(cls, expected, error_rate=0.01):
        """A filter that keeps to ``error_rate`` up to ``expected`` entries."""
        return cls(*best_parameters(expected, error_rate))

    def _positions(self, entry):
        digest = hashlib.sha256(entry.encode("utf-8")).digest()
        first = int.from_bytes(digest[:8], "big")
        second = int.from_bytes(digest[8:16], "big") | 1
        return [(first + i * second) % len(self._bits) for i in range(self.hashes)]

    def add(self, entry):
        """Add a string; returns whether the filter was changed by it."""
        changed = False
        for position in self._positions(entry):
            if not self._bits[position]:
                self._bits.set(position)
                changed = True
        return changed

    def __contains__(self, entry):
        return all(self._bits[position] for position in self._positions(entry))

    def estimate(self):
        """Approximate number of different strings that were added."""
        size, ones = len(self._bits), self._bits.count()
        if ones == size:
            return math.inf
        return round(-size / self.hashes * math.log(1 - ones / size))

    def union(self, other):
        """The filter that holds what either of two filters of equal shape holds."""
        if self.hashes != other.hashes:
            raise ValueError("filters use different numbers of hashes")
        result = BloomFilter(len(self._bits), self.hashes)
        result._bits = self._bits.union(other._bits)
        return result
