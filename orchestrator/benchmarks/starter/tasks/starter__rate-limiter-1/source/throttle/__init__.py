"""Rate limiting with token buckets."""

from throttle.bucket import TokenBucket
from throttle.limiter import Decision, RateLimiter
from throttle.rates import Rate, parse_rate

__all__ = ["Decision", "Rate", "RateLimiter", "TokenBucket", "parse_rate"]
