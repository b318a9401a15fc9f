"""The repository's own tests at base_commit: each file run twice, within a budget of seconds, and never twice for one image.

A pass may take half of the budget: both passes fit in the whole, and a candidate's run of the same files leaves the other
half for what its edit touches beyond them. A file that takes more than a third of a pass is cut; the tests that ended in it
count, and a candidate is given the same time for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from orchestrator.protocols import SandboxOutcome
from orchestrator.records import Baseline, TestFileBaseline, TestFileRun, TestRun, TestStatus

BROKEN = frozenset({SandboxOutcome.INFRA.value, SandboxOutcome.PATCH_FAILED.value})
"""Outcomes of a run that say nothing about its tests."""
NO_TIME = "not reached in time"
_SLACK_S = 20.0
_SLOWER = 3.0


class Known(Protocol):
    """What earlier runs found out about test files at base_commit."""

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        """What is known of a file that may take `limit_s` seconds."""

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        """Keep what was found out."""


class NothingKnown:
    """No memory at all: for tests, and where a sandbox has no image digest."""

    def find(self, test_file: str, limit_s: float) -> TestFileBaseline | None:
        """Nothing."""

    def keep(self, test_file: str, found: TestFileBaseline) -> None:
        """Forget it."""


class RunFiles(Protocol):
    """Runs test files on the tree at base_commit."""

    def __call__(
        self, chosen: Sequence[str], *, timeout_s: float, file_limits: Mapping[str, float], purpose: str
    ) -> TestRun:
        """`purpose` says which pass it is."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds for one run of test files: of all, and by file."""

    total_s: float
    by_file: Mapping[str, float]


def measure(files: Sequence[str], run: RunFiles, known: Known, pass_s: float, purpose: str) -> Baseline:
    """The baseline of `files`, a pass over those that are not known within `pass_s` seconds.

    `reason` is set where the environment failed, and then nothing is kept.
    """
    limit_s = pass_s / 3
    found = {path: one for path in files if (one := known.find(path, limit_s)) is not None}
    remembered = tuple(found)
    new = [path for path in files if path not in found]
    if new:
        first = run(new, timeout_s=pass_s, file_limits=dict.fromkeys(new, limit_s), purpose=f"{purpose}-1")
        if first.outcome in BROKEN:
            return Baseline(tuple(files), {}, reason=first.reason or first.outcome)
        useful = [path for path in new if path in first.files and not _useless(first.files[path], first)]
        limits = _limits({path: first.files[path].duration_s for path in useful}, lambda p: not first.files[p].ended)
        second = first
        if useful:
            second = run(useful, timeout_s=limits.total_s, file_limits=limits.by_file, purpose=f"{purpose}-2")
        if second.outcome in BROKEN:
            return Baseline(tuple(files), {}, reason=second.reason or second.outcome)
        for path, seen in first.files.items():
            if why := _useless(seen, first):
                found[path] = TestFileBaseline(seen.statuses, (), seen.duration_s, seen.ended, limit_s, why)
            elif path in second.files:
                found[path] = _compare(seen, second.files[path], limit_s)
            if path in found:
                known.keep(path, found[path])
    return _of(files, found, remembered)


def both(one: Baseline, other: Baseline) -> Baseline:
    """Two baselines of different files as one."""
    clash = {test for test in one.statuses.keys() & other.statuses if one.statuses[test] is not other.statuses[test]}
    return Baseline(
        (*one.test_files, *other.test_files),
        {**one.statuses, **other.statuses},
        tuple(sorted({*one.flaky, *other.flaky, *clash})),
        one.duration_s + other.duration_s,
        one.reason or other.reason,
        {**one.seconds, **other.seconds},
        {**one.cut, **other.cut},
        {**one.left_out, **other.left_out},
        (*one.known, *other.known),
    )


def time_for(baseline: Baseline) -> TimeLimits:
    """How long a candidate's run of a baseline's files may take."""
    return _limits(baseline.seconds, baseline.cut.__contains__)


def _limits(seconds: Mapping[str, float], is_cut: Callable[[str], bool]) -> TimeLimits:
    """A loaded machine is three times slower, and an endless loop is endless; a file that was cut gets the time that it had."""
    by_file = {path: spent if is_cut(path) else _SLOWER * spent + _SLACK_S for path, spent in seconds.items()}
    total_s = sum(spent if is_cut(path) else _SLOWER * spent for path, spent in seconds.items())
    return TimeLimits(total_s + _SLACK_S + 10, by_file)


def _useless(one: TestFileRun, whole: TestRun) -> str:
    """Why a file says nothing about a candidate; empty where it does."""
    if one.reason:
        return one.reason
    if not one.ended and whole.outcome != SandboxOutcome.EXITED.value:
        return f"ended from outside: {whole.outcome}"
    if TestStatus.PASSED not in one.statuses.values():
        return "no test of it passes" if one.ended else "no test of it ended in time"
    return ""


def _compare(first: TestFileRun, second: TestFileRun, limit_s: float) -> TestFileBaseline:
    """A file's two runs. What only one run of a cut file came to is left out: time decided it."""
    ended = first.ended and second.ended
    statuses = {test: status for test, status in first.statuses.items() if ended or test in second.statuses}
    tests = statuses.keys() | (second.statuses.keys() if ended else set())
    missing = TestStatus.MISSING
    flaky = sorted(t for t in tests if first.statuses.get(t, missing) is not second.statuses.get(t, missing))
    spent = max(first.duration_s, second.duration_s)
    says_nothing = not ended and TestStatus.PASSED not in statuses.values()
    return TestFileBaseline(
        statuses,
        tuple(flaky),
        spent,
        ended,
        limit_s,
        second.reason or ("no test of it ended in time twice" if says_nothing else ""),
    )


def _of(files: Sequence[str], found: Mapping[str, TestFileBaseline], remembered: tuple[str, ...]) -> Baseline:
    """One baseline of several files. A test whose name two files have counts only where it fares alike in both."""
    whole = Baseline((), {})
    for path in files:
        one = found.get(path)
        if one is None or one.reason:
            part = Baseline((path,), {}, left_out={path: one.reason if one else NO_TIME})
        else:
            stable = {test: status for test, status in one.statuses.items() if test not in one.flaky}
            cut = {} if one.ended else {path: tuple(stable)}
            part = Baseline((path,), stable, one.flaky, one.duration_s, seconds={path: one.duration_s}, cut=cut)
        whole = both(whole, part)
    return replace(whole, known=remembered)
