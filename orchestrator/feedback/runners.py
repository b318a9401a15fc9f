"""Finds the failures in what a test runner printed: pytest, unittest and Django's, sympy's, doctest.

A reader takes the lines of the whole output and returns its failures in the order printed, or nothing where the output
is not its runner's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_PYTEST_PART = re.compile(r"^=+ (?P<name>FAILURES|ERRORS) =+$")
_PYTEST_END = re.compile(
    r"^=+ (?:warnings summary|PASSES|XPASSES|short test summary info|.* in [\d.]+.*s.*) .*=+$|^=+ .* =+$"
)
_PYTEST_HEADER = re.compile(r"^_+ (?P<name>[^_\s].*?|_\w.*?) _+$")
_PYTEST_CAPTURED = re.compile(r"^-+ Captured \w+ (?:setup|call|teardown) -+$")
_PYTEST_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (?P<id>\S+?\.\w+(?:::.+?)?)(?: - (?P<message>.*))?$")
_UNITTEST_HEADER = re.compile(r"^(?:FAIL|ERROR): (?P<name>.+)$")
_RULE = re.compile(r"^(?:={70}|-{70})$")
_SYMPY_HEADER = re.compile(r"^_* ?(?P<name>\S+\.py:\w+|\w+(?:\.\w+)+) ?_*$")
_SYMPY_END = re.compile(r"^(?:_{60,}$|=+ (?:doc)?tests? finished)")
_SYMPY_RULE = re.compile(r"^_{60,}$")
_DOCTEST_FILE = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<name>\S+)$')
_TOO_LONG = 4000  # no header of a runner is that long: regular expressions never see such a line


@dataclass(frozen=True, slots=True)
class Failure:
    """One failing test as printed: its id in its runner's own spelling, and the lines about it."""

    test: str
    lines: tuple[str, ...] = field(default=())
    runner: str = ""
    summary: str = ""


Reader = Callable[[Sequence[str]], tuple[Failure, ...]]


def pytest_failures(lines: Sequence[str]) -> tuple[Failure, ...]:
    """Failures and errors of pytest.

    What a test printed may itself be pytest's output (pytest tests itself): with a summary at the end only its ids count
    as headers, and captured output is never read.
    """
    start = next((i for i, line in enumerate(lines) if _PYTEST_PART.match(line)), None)
    summary = _pytest_summary(lines)
    if start is None:
        return tuple(Failure(test, (), "pytest", message) for test, message in summary.items())
    found: list[Failure] = []
    name, body, captured = "", list[str](), False
    for line in lines[start + 1 :]:
        header = _PYTEST_HEADER.match(line) if len(line) < _TOO_LONG else None
        if header and _is_outer(header["name"], summary):
            found += [_pytest_failure(name, body, summary)] if name else []
            name, body, captured = header["name"], [], False
        elif _PYTEST_CAPTURED.match(line):
            captured = True
        elif _PYTEST_PART.match(line):
            continue
        elif not captured and _PYTEST_END.match(line):
            break
        elif not captured:
            body.append(line)
    found += [_pytest_failure(name, body, summary)] if name else []
    return tuple(found)


def _pytest_summary(lines: Sequence[str]) -> dict[str, str]:
    """Ids of the short summary with what it says of them; the last summary is the outer run's."""
    starts = [i for i, line in enumerate(lines) if line.startswith("==") and " short test summary info " in line]
    found: dict[str, str] = {}
    for line in lines[starts[-1] + 1 :] if starts else ():
        if match := _PYTEST_SUMMARY.match(line[:_TOO_LONG]):
            found.setdefault(match["id"], match["message"] or "")
    return found


def _is_outer(name: str, summary: dict[str, str]) -> bool:
    return not summary or any(_names(name, test) for test in summary)


def _names(header: str, test: str) -> bool:
    """Whether a section's header stands for this id: `TestA.test_b[1]` for `path::TestA::test_b[1]`."""
    for prefix in ("ERROR at setup of ", "ERROR at teardown of ", "ERROR collecting "):
        header = header.removeprefix(prefix)
    _, _, inner = test.partition("::")
    return (
        header in (test, inner, f"[doctest] {inner}")
        or header == _dotted(inner)
        or _dotted(inner).endswith(f".{header}")
    )


def _dotted(inner: str) -> str:
    name, bracket, parameters = inner.partition("[")
    return name.replace("::", ".") + bracket + parameters


def _pytest_failure(name: str, body: list[str], summary: dict[str, str]) -> Failure:
    test = next((test for test in summary if _names(name, test)), name)
    return Failure(test, tuple(body), "pytest", summary.get(test, ""))


def unittest_failures(lines: Sequence[str]) -> tuple[Failure, ...]:
    """Failures and errors of unittest, which is Django's format too."""
    found = []
    for i in range(len(lines) - 1):
        header = _UNITTEST_HEADER.match(lines[i + 1][:_TOO_LONG]) if _RULE.match(lines[i]) else None
        if header:
            begin = next((j + 1 for j in range(i + 2, min(i + 8, len(lines))) if _RULE.match(lines[j])), i + 2)
            end = next((j for j in range(begin, len(lines)) if _RULE.match(lines[j])), len(lines))
            found.append(Failure(header["name"], tuple(lines[begin:end]), "unittest"))
    return tuple(found)


def sympy_failures(lines: Sequence[str]) -> tuple[Failure, ...]:
    """Failures of sympy's own runner: below a rule `path.py:test`, or a dotted name for a doctest, between underscores if short."""
    after_rule = [i for i in range(1, len(lines)) if _SYMPY_RULE.match(lines[i - 1])]
    headers = [(i, m["name"]) for i in after_rule if (m := _SYMPY_HEADER.match(lines[i][:_TOO_LONG]))]
    found = []
    for (start, name), (following, _) in pairwise([*headers, (len(lines), "")]):
        end = next((j for j in range(start + 1, following) if _SYMPY_END.match(lines[j])), None)
        found.append(Failure(name, tuple(lines[start + 1 : end or following]), "sympy"))
    return tuple(found)


def doctest_failures(lines: Sequence[str]) -> tuple[Failure, ...]:
    """Failed examples of doctest."""
    starts = [
        i for i in range(len(lines) - 1) if lines[i + 1].strip() == "Failed example:" and _DOCTEST_FILE.match(lines[i])
    ]
    found = []
    for start, following in pairwise([*starts, len(lines)]):
        match = _DOCTEST_FILE.match(lines[start])
        stop = next((j for j in range(start, following) if set(lines[j].strip()) == {"*"}), following)
        found.append(Failure(match["name"] if match else "", tuple(lines[start:stop]), "doctest"))
    return tuple(found)


READERS: tuple[Reader, ...] = (pytest_failures, unittest_failures, sympy_failures, doctest_failures)
"""Tried in this order: the first that finds a failure has read the output."""


def short_name(test: str) -> str:
    """The last part of a test's id in any runner's spelling, parameters kept: what two spellings have in common."""
    name, bracket, parameters = test.split(" (", 1)[0].partition("[")
    return re.split(r"::|[:./]", name.removesuffix(".py"))[-1] + bracket + parameters
