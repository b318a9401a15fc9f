"""Stage 7: do the chosen tests that passed at base_commit still pass?

The verdict is taken test by test: a test that no longer reports has not passed. The exit code alone says nothing, and
results that contradict themselves are refused whatever they list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.judge.case import Case
from orchestrator.judge.driver_run import limit_s
from orchestrator.judge.findings import Violation, abstained, broken, passed, refused
from orchestrator.protocols import SandboxOutcome
from orchestrator.records import Candidate, Finding, TestRun, TestStatus

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
_INFRA = (SandboxOutcome.INFRA.value, SandboxOutcome.PATCH_FAILED.value)
_MEMO = "regression:base:"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Expected:
    """Tests to run, those among them that must pass, and how long all took at base_commit."""

    files: tuple[str, ...]
    passing: frozenset[str]
    duration_s: float = 0.0


def nothing_else_broke(candidate: Candidate, case: Case) -> Finding:
    """Pass where each test that passed at base_commit passes; abstain where none is known. Flaky ones are set aside."""
    expected = _expected(candidate, case)
    if isinstance(expected, str):
        return broken(STAGE, candidate, expected)
    if not expected.passing:
        return abstained(STAGE, candidate, "no chosen test passes at base_commit")
    most_s = limit_s(expected.duration_s, case.settings.regression_budget_s)
    run = _run(expected.files, candidate.diff, case, "regression", most_s)
    more = {"output": run.output, "duration_s": run.duration_s}
    if run.outcome in _INFRA:
        return broken(STAGE, candidate, run.reason or f"the tests could not be run: {run.outcome}", **more)
    more["behaviour"] = {test: str(status) for test, status in sorted(run.statuses.items()) if test in expected.passing}
    if violation := _violation(run, expected):
        return refused(STAGE, candidate, violation, detail=_gone_wrong(run, expected), **more)
    reason = f"{len(expected.passing)} test(s) in {len(expected.files)} file(s) still pass"
    return passed(STAGE, candidate, reason, **more)


def _violation(run: TestRun, expected: _Expected) -> Violation | None:
    if not run.trusted:
        advice = "Repair the behaviour; results must come from the tests as they are."
        return Violation("regression.untrusted", f"the test results cannot be trusted: {run.reason}", advice)
    lost = _lost(run, expected)
    if run.outcome in _ENDINGS:
        rule, reason, advice = _ENDINGS[run.outcome]
        return Violation(
            f"regression.{rule}",
            f"{reason} ({len(expected.passing) - len(lost)} of {len(expected.passing)} passed before)",
            advice,
        )
    if not lost:
        return None
    names = ", ".join(sorted(lost)[:_SHOWN]) + (f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else "")
    kinds = ", ".join(sorted({str(run.statuses.get(test, TestStatus.MISSING)) for test in lost}))
    advice = "Keep what these tests ask for, and repair the issue in a narrower way."
    return Violation("regression.broken", f"{len(lost)} test(s) that passed before are now {kinds}: {names}", advice)


def _lost(run: TestRun, expected: _Expected) -> list[str]:
    return [test for test in expected.passing if run.statuses.get(test, TestStatus.MISSING) is not TestStatus.PASSED]


def _gone_wrong(run: TestRun, expected: _Expected) -> str:
    return "\n".join(sorted(_lost(run, expected)))


def _expected(candidate: Candidate, case: Case) -> _Expected | str:
    """The baseline's tests, and those that reach what this edit touches beyond them; a text where the environment failed."""
    baseline = case.baseline
    files = baseline.test_files if baseline else ()
    statuses: dict[str, TestStatus] = dict(baseline.statuses) if baseline else {}
    duration_s = baseline.duration_s if baseline else 0.0
    further = _further(candidate, case, files)
    if further:
        run = _at_base(further, case)
        if run.outcome in _INFRA:
            return run.reason or f"the further tests could not be run at base_commit: {run.outcome}"
        # Where they do not end in time or lie at base_commit, they say nothing about a candidate.
        if run.trusted and run.outcome == SandboxOutcome.EXITED.value:
            statuses.update({test: status for test, status in run.statuses.items() if test not in statuses})
            files = (*files, *further)
            duration_s += run.duration_s
    return _Expected(files, _passing(statuses, baseline.flaky if baseline else ()), duration_s)


def _passing(statuses: Mapping[str, TestStatus], flaky: tuple[str, ...]) -> frozenset[str]:
    return frozenset(test for test, status in statuses.items() if status is TestStatus.PASSED and test not in flaky)


def _further(candidate: Candidate, case: Case, known: tuple[str, ...]) -> tuple[str, ...]:
    if case.tests_reaching is None:
        return ()
    return tuple(path for path in case.tests_reaching(tuple(c.path for c in candidate.changes)) if path not in known)


def _at_base(files: tuple[str, ...], case: Case) -> TestRun:
    known_by = hashlib.sha256("\0".join(files).encode("utf-8", "surrogateescape")).hexdigest()
    key = _MEMO + known_by
    with case.memo_lock:
        if key not in case.memo:
            purpose = f"regression at base_commit {known_by[:12]}"
            run = _run(files, b"", case, purpose, case.settings.regression_budget_s)
            if run.outcome in _INFRA:
                return run
            case.memo[key] = run
        found: TestRun = case.memo[key]
    return found


def _run(files: tuple[str, ...], patch: bytes, case: Case, purpose: str, timeout_s: float) -> TestRun:
    return case.run_tests(
        case.sandbox,
        case.task,
        files,
        patch=patch,
        timeout_s=timeout_s,
        idle_timeout_s=case.settings.regression_idle_s,
        purpose=purpose,
    )
