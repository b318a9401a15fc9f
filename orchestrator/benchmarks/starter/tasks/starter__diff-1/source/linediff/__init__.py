"""Compare two texts line by line."""

from linediff.align import align
from linediff.hunks import hunks
from linediff.render import unified

__all__ = ["align", "hunks", "unified"]
