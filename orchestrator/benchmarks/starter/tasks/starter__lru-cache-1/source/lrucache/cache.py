"""The cache itself."""

import time
from collections import OrderedDict

from lrucache.stats import CacheStats

_MISSING = object()


class LRUCache:
    """Keeps at most ``capacity`` entries, dropping the least recently used.

    ``ttl_s`` is the lifetime of an entry in seconds, counted from the last
    time it was stored; None keeps entries for ever. ``clock`` is a function
    that returns seconds.
    """

    def __init__(self, capacity, ttl_s=None, clock=time.monotonic):
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self.capacity = capacity
        self.ttl_s = ttl_s
        self.stats = CacheStats()
        self._clock = clock
        self._entries = OrderedDict()

    def __len__(self):
        return len(self._entries)

    def __contains__(self, key):
        return self._live(key) is not _MISSING

    def keys(self):
        """Keys from the least to the most recently used."""
        return list(self._entries)

    def get(self, key, default=None):
        """The value stored under ``key``, which becomes the most recent."""
        value = self._live(key)
        if value is _MISSING:
            self.stats.misses += 1
            return default
        self.stats.hits += 1
        self._entries.move_to_end(key)
        return value

    def put(self, key, value):
        """Store ``value``, evicting the oldest entry when the cache is full."""
        if key not in self._entries and len(self._entries) >= self.capacity:
            self._entries.popitem(last=False)
            self.stats.evictions += 1
        self._entries[key] = (value, self._clock())

    def discard(self, key):
        """Remove ``key`` if it is there."""
        self._entries.pop(key, None)

    def clear(self):
        """Forget all entries and all counters."""
        self._entries.clear()
        self.stats = CacheStats()

    def _live(self, key):
        entry = self._entries.get(key)
        if entry is None:
            return _MISSING
        value, stored_at = entry
        if self.ttl_s is not None and self._clock() - stored_at >= self.ttl_s:
            del self._entries[key]
            return _MISSING
        return value
