"""Stage 7: per-test verdicts against the baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.judge.regression import nothing_else_broke
from orchestrator.records import Baseline, Judgement, TestRun, TestStatus
from tests.unit.judge.fakes import FakeTests, case, rewrite

GOOD = rewrite("import os\n\n\ndef add(a, b):\n    return a + b\n")
P, F, S = TestStatus.PASSED, TestStatus.FAILED, TestStatus.SKIPPED
BASELINE = Baseline(("tests/test_core.py",), {"a": P, "b": P, "c": F, "d": P}, flaky=("d",))


def run(statuses: dict[str, TestStatus], **more: Any) -> TestRun:
    """A trusted run that ended by itself."""
    return TestRun(
        **{"statuses": statuses, "outcome": "exited", "exit_code": 0, "output": b"", "duration_s": 0.1, **more}
    )


def judged(first: TestRun, *others: TestRun, **more: Any) -> Any:
    """The finding for a candidate whose test runs are given."""
    return nothing_else_broke(GOOD, case(run_tests=FakeTests(first, *others), **{"baseline": BASELINE, **more}))


def test_all_that_passed_still_passes() -> None:
    """What failed at base may fail on, what is flaky may do as it likes; the behaviour lists the tests that count."""
    finding = judged(run({"a": P, "b": P, "c": F, "d": F}, exit_code=1))
    assert finding.judgement is Judgement.PASS
    assert finding.behaviour == {"a": "passed", "b": "passed"}


@pytest.mark.parametrize("status", [F, S, TestStatus.ERROR])
def test_a_test_that_no_longer_passes_is_named(status: TestStatus) -> None:
    """Failed, skipped and broken are all not passed, whatever the exit code."""
    finding = judged(run({"a": P, "b": status}, exit_code=0))
    assert finding.rule == "regression.broken"
    assert "b" in finding.reason.split(": ")[1]
    assert str(status) in finding.reason


def test_a_test_that_does_not_report_has_not_passed() -> None:
    """No results at all with exit code 0 (os._exit, deselected, nothing collected) is a refusal."""
    finding = judged(run({}, exit_code=0))
    assert finding.rule == "regression.broken"
    assert "missing" in finding.reason


def test_untrusted_results_are_refused_with_the_suspicion() -> None:
    """Even where every test is listed as passed."""
    finding = judged(run({"a": P, "b": P}, trusted=False, reason="the must-fail canary passed"))
    assert finding.rule == "regression.untrusted"
    assert "canary" in finding.reason


@pytest.mark.parametrize(
    ("outcome", "rule"),
    [
        ("timeout", "regression.timeout"), ("idle_timeout", "regression.timeout"), ("oom", "regression.memory"),
        ("killed", "regression.killed"), ("output_limit", "regression.output"),
    ],
)  # fmt: skip
def test_an_end_that_was_not_its_own_is_refused_with_advice(outcome: str, rule: str) -> None:
    """Also where the tests that did report had passed."""
    finding = judged(run({"a": P, "b": P}, outcome=outcome, exit_code=None))
    assert finding.rule == rule
    assert finding.advice


@pytest.mark.parametrize("outcome", ["infra", "patch_failed"])
def test_a_broken_environment_is_nobodys_fault(outcome: str) -> None:
    """INFRA, with the reason."""
    finding = judged(run({}, outcome=outcome, exit_code=None, reason="the engine went away"))
    assert finding.judgement is Judgement.INFRA
    assert "engine" in finding.reason


def test_without_passing_tests_nothing_can_be_said() -> None:
    """No baseline, or one in which nothing passes: abstain, and run nothing."""
    for baseline in (None, Baseline(("tests/test_core.py",), {"c": F})):
        assert nothing_else_broke(GOOD, case(baseline=baseline)).judgement is Judgement.ABSTAIN


def test_tests_that_reach_the_edit_beyond_the_baseline_are_run_too() -> None:
    """They are run once at base_commit for all candidates, and count where they passed there."""
    tests = FakeTests(run({"e": P, "f": F}), run({"a": P, "b": P, "e": F}), run({"a": P, "b": P, "e": P}))
    one_case = case(
        run_tests=tests, baseline=BASELINE, tests_reaching=lambda _: ("tests/test_core.py", "tests/test_more.py")
    )
    first, second = nothing_else_broke(GOOD, one_case), nothing_else_broke(GOOD, one_case)
    assert first.rule == "regression.broken"
    assert second.judgement is Judgement.PASS
    both = ("tests/test_core.py", "tests/test_more.py")
    assert tests.calls == [(("tests/test_more.py",), b""), (both, GOOD.diff), (both, GOOD.diff)]


def test_the_same_broken_tests_make_the_same_signature() -> None:
    """The fingerprint is made of the tests, not of times or order."""
    one, two = judged(run({"a": F, "b": P})), judged(run({"b": P, "a": F}, duration_s=9.0))
    assert one.signature == two.signature != judged(run({"a": P, "b": F})).signature


@pytest.mark.parametrize(("base_s", "limit_s"), [(0.0, 300.0), (0.2, 10.0), (2.0, 40.0), (100.0, 300.0)])
def test_an_endless_loop_costs_what_the_tests_took_at_base_many_times_over(base_s: float, limit_s: float) -> None:
    """Not the whole budget, which is the most there is and what applies where the time at base_commit is unknown."""
    tests = FakeTests(run({"a": P, "b": P}))
    nothing_else_broke(GOOD, case(run_tests=tests, baseline=replace(BASELINE, duration_s=base_s)))
    assert tests.limits_s == [limit_s]
