"""Semantic versions and ranges of them."""

from semver.ranges import Range
from semver.select import best_match, latest
from semver.version import Version

__all__ = ["Range", "Version", "best_match", "latest"]
