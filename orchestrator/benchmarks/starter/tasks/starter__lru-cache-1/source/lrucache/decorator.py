"""A decorator that caches a function's results."""

import functools

from lrucache.cache import LRUCache


def cached(capacity=128, ttl_s=None):
    """Remember the results of a function of hashable positional arguments."""

    def decorate(function):
        cache = LRUCache(capacity, ttl_s=ttl_s)

        @functools.wraps(function)
        def wrapper(*args):
            if args in cache:
                return cache.get(args)
            result = function(*args)
            cache.put(args, result)
            return result

        wrapper.cache = cache
        return wrapper

    return decorate
