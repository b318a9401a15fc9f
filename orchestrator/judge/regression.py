"""Stage 7: do the chosen tests that passed at base_commit still pass?

The verdict is taken test by test: a test that no longer reports has not passed. The exit code alone says nothing, and
results that contradict themselves are refused whatever they list. Where the task discloses its graded tests
(`--feedback oracle`), those have to pass instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from orchestrator.judge.baseline import BROKEN, both, measure, time_for
from orchestrator.judge.case import Case
from orchestrator.judge.findings import Violation, abstained, broken, passed, refused
from orchestrator.protocols import SandboxOutcome
from orchestrator.records import Baseline, Candidate, Finding, TestRun, TestStatus

STAGE = "regression"

_ENDINGS = {
    SandboxOutcome.TIMEOUT.value: (
        "timeout",
        "the tests did not end in time",
        "Look for an endless loop, or for code that became much slower.",
    ),
    SandboxOutcome.IDLE_TIMEOUT.value: (
        "timeout",
        "the tests stopped reporting",
        "Look for an endless loop or for something that waits.",
    ),
    SandboxOutcome.OOM.value: (
        "memory",
        "the tests ran out of memory",
        "Look for data or recursion that grows without end.",
    ),
    SandboxOutcome.KILLED.value: (
        "killed",
        "the test process was killed",
        "Code under test must not end or kill processes.",
    ),
    SandboxOutcome.OUTPUT_LIMIT.value: (
        "output",
        "the tests printed without end",
        "Take out debugging output and endless loops.",
    ),
}
_MEMO = "regression:base:"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Asked:
    """A candidate's run, the tests that must pass in it, and what to call them."""

    run: TestRun
    passing: frozenset[str]
    cut: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...] = ()
    passed_before: str = "that passed before "


def nothing_else_broke(candidate: Candidate, case: Case) -> Finding:
    """Pass where each test that passed at base_commit passes; abstain where none is known. Flaky ones are set aside."""
    if case.task.visible_tests:
        return _finding(
            candidate, _Asked(_run_disclosed(candidate, case), frozenset(case.task.visible_tests), {}, (), "")
        )
    baseline = _whole_baseline(candidate, case)
    if baseline.reason:
        return broken(STAGE, candidate, baseline.reason)
    passing = _passing(baseline)
    if not passing:
        return abstained(STAGE, candidate, f"no chosen test passes at base_commit{_left_out(baseline)}")
    limits = time_for(baseline)
    run = case.run_tests(
        case.sandbox,
        case.task,
        baseline.counting,
        patch=candidate.diff,
        timeout_s=limits.total_s,
        file_limits=limits.by_file,
        idle_timeout_s=case.settings.regression_idle_s,
        purpose="regression",
    )
    return _finding(candidate, _Asked(run, passing, baseline.cut, baseline.counting), _left_out(baseline))


def _run_disclosed(candidate: Candidate, case: Case) -> TestRun:
    return case.run_disclosed(
        case.sandbox,
        case.task,
        patch=candidate.diff,
        timeout_s=case.settings.disclosed_timeout_s,
        purpose="disclosed tests",
    )


def _finding(candidate: Candidate, asked: _Asked, note: str = "") -> Finding:
    run = asked.run
    more = {"output": run.output, "duration_s": run.duration_s}
    if run.outcome in BROKEN:
        return broken(STAGE, candidate, run.reason or f"the tests could not be run: {run.outcome}", **more)
    more["behaviour"] = {test: str(status) for test, status in sorted(run.statuses.items()) if test in asked.passing}
    if violation := _violation(asked):
        return refused(STAGE, candidate, violation, detail="\n".join(sorted(_lost(asked))), **more)
    still = "still pass" if asked.passed_before else "pass, as disclosed"
    unreached = len(_excused(asked))
    if unreached == len(asked.passing):
        return abstained(STAGE, candidate, f"no test ended in the time that it had{note}", **more)
    seen = f"{len(asked.passing) - unreached} test(s) in {max(1, len(run.files))} file(s) {still}"
    return passed(STAGE, candidate, seen + (f", {unreached} not reached in time" if unreached else "") + note, **more)


def _violation(asked: _Asked) -> Violation | None:
    run, lost = asked.run, _lost(asked)
    if run.outcome in _ENDINGS:
        rule, reason, advice = _ENDINGS[run.outcome]
        held = len(asked.passing) - len(lost)
        return Violation(f"regression.{rule}", f"{reason} ({held} of {len(asked.passing)} passed before)", advice)
    if not run.trusted:
        advice = "Repair the behaviour; results must come from the tests as they are."
        return Violation("regression.untrusted", f"the test results cannot be trusted: {run.reason}", advice)
    if not lost:
        return None
    states = {test: run.statuses.get(test, TestStatus.MISSING) for test in lost}
    ended = {name for name, file in run.files.items() if file.ended}
    # Without files told apart nothing is known of where the time went.
    hung = [name for name in asked.files if run.files and name not in ended and name not in asked.cut]
    if hung and set(states.values()) == {TestStatus.MISSING}:
        rule, reason, advice = _ENDINGS[SandboxOutcome.TIMEOUT.value]
        return Violation(f"regression.{rule}", f"{reason}: {', '.join(hung[:_SHOWN])}", advice)
    names = ", ".join(sorted(lost)[:_SHOWN]) + (f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else "")
    kinds = ", ".join(sorted({str(status) for status in states.values()}))
    advice = "Keep what these tests ask for, and repair the issue in a narrower way."
    said = f"{len(lost)} test(s) {asked.passed_before}are now {kinds}: {names}"
    return Violation("regression.broken", said, advice)


def _lost(asked: _Asked) -> list[str]:
    excused = _excused(asked)
    statuses = asked.run.statuses
    return [test for test in asked.passing if statuses.get(test) is not TestStatus.PASSED and test not in excused]


def _excused(asked: _Asked) -> frozenset[str]:
    """Tests that did not report, of files whose time was over this time as it was at base_commit."""
    over = [path for path in asked.cut if path not in asked.run.files or not asked.run.files[path].ended]
    unreported = (test for path in over for test in asked.cut[path] if test not in asked.run.statuses)
    return frozenset(unreported) & asked.passing


def _whole_baseline(candidate: Candidate, case: Case) -> Baseline:
    """The baseline's tests, and those that reach what this edit touches beyond them, as far as the budget goes."""
    baseline = case.baseline or Baseline((), {})
    # What kept the tests from being run before the first attempt says nothing about this one.
    baseline = replace(baseline, reason="")
    further = _further(candidate, case, baseline.test_files)
    left_s = case.settings.regression_budget_s - baseline.duration_s
    if not further or left_s <= 0:
        return replace(baseline, left_out={**baseline.left_out, **dict.fromkeys(further, "no time left for it")})
    return both(baseline, _at_base(further, left_s, case))


def _passing(baseline: Baseline) -> frozenset[str]:
    return frozenset(
        test for test, status in baseline.statuses.items() if status is TestStatus.PASSED and test not in baseline.flaky
    )


def _left_out(baseline: Baseline) -> str:
    """What to say of files that do not count."""
    count = len(baseline.left_out)
    if not count:
        return ""
    why = sorted(set(baseline.left_out.values()))
    return f"; {count} file(s) left out ({'; '.join(why[:2])}{'; ...' if len(why) > 2 else ''})"


def _further(candidate: Candidate, case: Case, known: tuple[str, ...]) -> tuple[str, ...]:
    if case.tests_reaching is None:
        return ()
    return tuple(path for path in case.tests_reaching(tuple(c.path for c in candidate.changes)) if path not in known)


def _at_base(files: tuple[str, ...], pass_s: float, case: Case) -> Baseline:
    """The baseline of further files, found out once for all candidates."""
    named = hashlib.sha256("\0".join(files).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    key = f"{_MEMO}{named}"

    def run(chosen: Sequence[str], *, timeout_s: float, file_limits: Mapping[str, float], purpose: str) -> TestRun:
        return case.run_tests(
            case.sandbox, case.task, tuple(chosen), timeout_s=timeout_s, file_limits=file_limits, purpose=purpose
        )

    with case.memo_lock:
        if key not in case.memo:
            found = measure(files, run, case.known_tests, pass_s, f"regression at base_commit {named}")
            if found.reason:
                return found
            case.memo[key] = found
        kept: Baseline = case.memo[key]
    return kept
