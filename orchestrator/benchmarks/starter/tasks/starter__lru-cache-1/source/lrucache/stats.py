"""Counters of what a cache did."""

from dataclasses import dataclass


@dataclass
class CacheStats:
    """Hits, misses and evictions since the cache was made or cleared."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0

    @property
    def hit_ratio(self):
        """Hits divided by lookups, 0.0 before the first lookup."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else 0.0
