"""Half-open intervals and ordered sets of disjoint intervals."""

from intervals.interval import Interval
from intervals.intervalset import IntervalSet

__all__ = ["Interval", "IntervalSet"]
