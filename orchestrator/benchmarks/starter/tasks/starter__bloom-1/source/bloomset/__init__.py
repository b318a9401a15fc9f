"""Approximate sets."""

from bloomset.bits import BitArray
from bloomset.bloom import BloomFilter
from bloomset.sizing import best_parameters

__all__ = ["BitArray", "BloomFilter", "best_parameters"]
