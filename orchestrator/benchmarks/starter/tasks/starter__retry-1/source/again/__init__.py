"""Call a function again when it fails."""

from again.backoff import Backoff
from again.policy import GaveUp, RetryPolicy, retry

__all__ = ["Backoff", "GaveUp", "RetryPolicy", "retry"]
