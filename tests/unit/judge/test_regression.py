"""Stage 7: per-test verdicts against the baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestrator.judge.regression import nothing_else_broke
from orchestrator.records import Baseline, Judgement, TestFileRun, TestRun, TestStatus
from tests.unit.judge.fakes import TASK, FakeTests, case, rewrite

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


def file_run(statuses: dict[str, TestStatus], **more: Any) -> TestFileRun:
    """One file's share of a run."""
    return TestFileRun(statuses, **{"duration_s": 1.0, **more})


def test_tests_that_reach_the_edit_beyond_the_baseline_are_run_too() -> None:
    """They are run twice at base_commit for all candidates, and count where they passed there both times."""
    more = "tests/test_more.py"
    at_base = [run({"e": P, "f": f}, files={more: file_run({"e": P, "f": f})}) for f in (F, P)]
    tests = FakeTests(*at_base, run({"a": P, "b": P, "e": F}), run({"a": P, "b": P, "e": P}))
    one_case = case(run_tests=tests, baseline=BASELINE, tests_reaching=lambda _: ("tests/test_core.py", more))
    first, second = nothing_else_broke(GOOD, one_case), nothing_else_broke(GOOD, one_case)
    assert first.rule == "regression.broken"
    assert second.judgement is Judgement.PASS
    assert "f" not in (second.behaviour or {})
    both = ("tests/test_core.py", more)
    assert tests.calls == [((more,), b""), ((more,), b""), (both, GOOD.diff), (both, GOOD.diff)]


def test_further_tests_fill_what_the_baseline_leaves_of_the_budget() -> None:
    """Where it leaves nothing they are left out, and the finding says so."""
    full = replace(BASELINE, duration_s=300.0)
    finding = judged(run({"a": P, "b": P}), baseline=full, tests_reaching=lambda _: ("tests/test_more.py",))
    assert finding.judgement is Judgement.PASS
    assert "1 file(s) left out (no time left for it)" in finding.reason


CUT = Baseline(
    ("tests/slow.py", "tests/test_core.py"),
    {"a": P, "s": P, "t": P},
    seconds={"tests/slow.py": 30.0, "tests/test_core.py": 2.0},
    cut={"tests/slow.py": ("s", "t")},
)


def judged_after_cut(slow: dict[str, TestStatus], *, slow_ended: bool, core_ended: bool = True) -> Any:
    """A candidate's run of a file that was cut at base_commit and of one that was not."""
    core = {"a": P} if core_ended else {}
    files = {"tests/test_core.py": file_run(core, ended=core_ended), "tests/slow.py": file_run(slow, ended=slow_ended)}
    return judged(run({**core, **slow}, files=files), baseline=CUT)


def test_a_file_that_was_cut_may_be_cut_again() -> None:
    """Its tests that did not report are not held against the candidate, and the finding counts them."""
    finding = judged_after_cut({"s": P}, slow_ended=False)
    assert finding.judgement is Judgement.PASS
    assert "2 test(s)" in finding.reason
    assert "1 not reached in time" in finding.reason


def test_where_no_test_ended_nothing_can_be_said() -> None:
    """Not a pass: nothing was seen to pass."""
    only_cut = replace(CUT, test_files=("tests/slow.py",), statuses={"s": P, "t": P})
    finding = judged(run({}, files={"tests/slow.py": file_run({}, ended=False)}), baseline=only_cut)
    assert finding.judgement is Judgement.ABSTAIN
    assert "no test ended" in finding.reason


def test_in_a_file_that_was_cut_what_reports_counts() -> None:
    """A test of it that fails now is broken; one that is gone although the file ended is too."""
    assert judged_after_cut({"s": F}, slow_ended=False).rule == "regression.broken"
    assert judged_after_cut({"s": P}, slow_ended=True).rule == "regression.broken"


def test_a_file_that_was_not_cut_must_end() -> None:
    """An endless loop in it is a time-out that names the file."""
    finding = judged_after_cut({"s": P}, slow_ended=False, core_ended=False)
    assert finding.rule == "regression.timeout"
    assert "tests/test_core.py" in finding.reason


def test_a_file_that_was_not_reached_is_a_timeout_too() -> None:
    """The time went elsewhere: the advice is about time, not about what the test asks for."""
    finding = judged(run({"s": P}, files={"tests/slow.py": file_run({"s": P}, ended=False)}), baseline=CUT)
    assert finding.rule == "regression.timeout"
    assert "tests/test_core.py" in finding.reason


def test_a_candidate_gets_time_by_what_the_files_took() -> None:
    """Three times its seconds and a little for a file that ended; for one that was cut the time that it had, and last."""
    asked: dict[str, Any] = {}

    def run_tests(sandbox: Any, task: Any, files: tuple[str, ...], **more: Any) -> TestRun:
        asked.update(more, files=files)
        return run({"a": P, "s": P, "t": P})

    nothing_else_broke(GOOD, case(run_tests=run_tests, baseline=CUT))
    assert asked["files"] == ("tests/test_core.py", "tests/slow.py")
    assert asked["file_limits"] == {"tests/test_core.py": 26.0, "tests/slow.py": 30.0}
    assert asked["timeout_s"] == 66.0


def test_disclosed_tests_judge_alone() -> None:
    """With --feedback oracle each graded test has to pass, also those that failed before; the baseline's are not asked."""
    task = replace(TASK, visible_tests=("x", "y"))
    runs = [run({"x": P, "y": TestStatus.MISSING}), run({"x": P, "y": P})]
    one_case = case(task=task, baseline=BASELINE, run_disclosed=lambda *_, **__: runs.pop(0))
    lost, right = nothing_else_broke(GOOD, one_case), nothing_else_broke(GOOD, one_case)
    assert lost.rule == "regression.broken"
    assert "y" in lost.reason
    assert "before" not in lost.reason
    assert right.judgement is Judgement.PASS
    assert "disclosed" in right.reason


def test_the_same_broken_tests_make_the_same_signature() -> None:
    """The fingerprint is made of the tests, not of times or order."""
    one, two = judged(run({"a": F, "b": P})), judged(run({"b": P, "a": F}, duration_s=9.0))
    assert one.signature == two.signature != judged(run({"a": P, "b": F})).signature
