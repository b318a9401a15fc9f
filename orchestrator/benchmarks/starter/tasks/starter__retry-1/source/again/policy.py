"""When to try again."""

import functools
import time

from again.backoff import Backoff


class GaveUp(Exception):
    """The last attempt failed, too. ``__cause__`` is its exception."""

    def __init__(self, attempts):
        super().__init__(f"gave up after {attempts} attempts")
        self.attempts = attempts


class RetryPolicy:
    """Up to ``attempts`` calls of a function.

    ``on`` is an exception class or a collection of them; others are passed
    on at once. ``sleep`` is called with the seconds to wait.
    """

    def __init__(self, attempts=3, on=Exception, backoff=Backoff(), sleep=time.sleep):
        if attempts < 1:
            raise ValueError("attempts must be at least 1")
        self.attempts = attempts
        self.on = on
        self.backoff = backoff
        self._sleep = sleep

    def call(self, function, *args, **kwargs):
        """The function's result; raises GaveUp when no attempt succeeds."""
        for attempt in range(1, self.attempts + 1):
            try:
                return function(*args, **kwargs)
            except Exception as error:
                if not self.should_retry(error):
                    raise
                if attempt == self.attempts:
                    raise GaveUp(attempt) from error
            self._sleep(self.backoff.delay(attempt))
        raise AssertionError("unreachable")

    def should_retry(self, error):
        """Whether the policy covers this exception."""
        return isinstance(error, self.on)

    def without(self, *classes):
        """A policy that does not cover ``classes`` (listed exactly) any more."""
        kept = tuple(cls for cls in _as_tuple(self.on) if cls not in classes)
        return RetryPolicy(self.attempts, kept, self.backoff, self._sleep)


def _as_tuple(classes):
    return (classes,) if isinstance(classes, type) else tuple(classes)


def retry(**options):
    """Decorator form of RetryPolicy, with the same options."""
    policy = RetryPolicy(**options)

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return policy.call(function, *args, **kwargs)

        return wrapper

    return decorate
