"""Ranges such as ``>=1.2.0 <2.0.0`` or ``^1.4.2``."""

import operator
import re

from semver.version import Version

_COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_TERM = re.compile(r"(>=|<=|>|<|=|\^|~)?(\S+)")


class Range:
    """Conditions separated by blanks; a version must meet all of them."""

    def __init__(self, text):
        self.text = text
        self._terms = []
        for part in text.split():
            mark, version = _TERM.fullmatch(part).groups()
            self._terms += self._expand(mark or "=", Version.parse(version))
        if not self._terms:
            raise ValueError("empty range")

    @staticmethod
    def _expand(mark, version):
        if mark == "^":
            if version.major:
                upper = version.bump("major")
            elif version.minor:
                upper = version.bump("minor")
            else:
                upper = Version(0, 0, version.patch + 1)
            return [(">=", version), ("<", upper)]
        if mark == "~":
            return [(">=", version), ("<", version.bump("minor"))]
        return [(mark, version)]

    def __contains__(self, version):
        return all(_COMPARE[mark](version, bound) for mark, bound in self._terms)

    def __repr__(self):
        return f"Range({self.text!r})"
