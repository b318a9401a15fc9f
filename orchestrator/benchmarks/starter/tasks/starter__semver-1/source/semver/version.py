"""A version such as ``1.4.0-rc.1+build.5``, see semver.org, version 2.0.0."""

import re
from dataclasses import dataclass
from functools import total_ordering

_PATTERN = re.compile(
    r"(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+(?P<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """``pre`` is the tuple of pre-release identifiers. ``build`` does not count in comparisons."""

    major: int
    minor: int
    patch: int
    pre: tuple = ()
    build: str = ""

    @classmethod
    def parse(cls, text):
        """A version from its text; raises ValueError."""
        match = _PATTERN.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a semantic version: {text!r}")
        numbers = [int(match.group(name)) for name in ("major", "minor", "patch")]
        pre = tuple(match.group("pre").split(".")) if match.group("pre") else ()
        return cls(*numbers, pre=pre, build=match.group("build") or "")

    @property
    def release(self):
        """The three numbers."""
        return (self.major, self.minor, self.patch)

    def bump(self, part):
        """The next version: ``part`` is major, minor or patch."""
        if part == "major":
            return Version(self.major + 1, 0, 0)
        if part == "minor":
            return Version(self.major, self.minor + 1, 0)
        if part == "patch":
            return Version(*self.release) if self.pre else Version(
                self.major, self.minor, self.patch + 1
            )
        raise ValueError(f"unknown part: {part}")

    def _key(self):
        return (self.release, not self.pre, self.pre)

    def __eq__(self, other):
        if not isinstance(other, Version):
            return NotImplemented
        return self._key() == other._key()

    def __lt__(self, other):
        if not isinstance(other, Version):
            return NotImplemented
        return self._key() < other._key()

    def __hash__(self):
        return hash(self._key())

    def __str__(self):
        text = ".".join(str(number) for number in self.release)
        if self.pre:
            text += "-" + ".".join(self.pre)
        return f"{text}+{self.build}" if self.build else text
