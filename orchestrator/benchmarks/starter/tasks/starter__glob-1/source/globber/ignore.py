"""Ignore files: one pattern per line, later lines win."""

from globber.match import matches


class IgnoreList:
    """``#`` starts a comment, ``!`` takes back what earlier lines ignored.

    A pattern without a slash is looked for in every directory. A pattern that
    ends in a slash covers everything below.
    """

    def __init__(self, text):
        self._rules = []
        for line in text.splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            keep = line.startswith("!")
            self._rules.append((keep, self._patterns(line[1:] if keep else line)))

    @staticmethod
    def _patterns(line):
        pattern = line + "**" if line.endswith("/") else line
        if "/" in line.rstrip("/"):
            return (pattern.lstrip("/"),)
        return (pattern, "**/" + pattern)

    def ignores(self, path):
        """Whether the path is ignored."""
        ignored = False
        for keep, patterns in self._rules:
            if any(matches(pattern, path) for pattern in patterns):
                ignored = not keep
        return ignored
