"""Statistics in one pass."""

from runstats.accumulator import Accumulator
from runstats.histogram import Histogram
from runstats.summary import summarize

__all__ = ["Accumulator", "Histogram", "summarize"]
