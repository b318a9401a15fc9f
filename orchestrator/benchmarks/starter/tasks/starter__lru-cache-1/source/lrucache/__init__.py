"""A bounded least-recently-used cache with optional expiry."""

from lrucache.cache import LRUCache
from lrucache.decorator import cached
from lrucache.stats import CacheStats

__all__ = ["CacheStats", "LRUCache", "cached"]
