"""Choosing among versions."""

from semver.ranges import Range
from semver.version import Version


def latest(texts, prereleases=False):
    """The text of the highest version, or None; pre-releases only on request."""
    versions = [Version.parse(text) for text in texts]
    if not prereleases:
        versions = [version for version in versions if not version.pre]
    return str(max(versions)) if versions else None


def best_match(texts, range_text):
    """The text of the highest version in the range, or None."""
    wanted = Range(range_text)
    versions = [v for v in map(Version.parse, texts) if v in wanted]
    return str(max(versions)) if versions else None
