"""pass@k and what is left out of it."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.journey import Attempt, Journey
from orchestrator.judge.calibration import StageCalibration, add_up
from orchestrator.memory.grades import Grade
from orchestrator.records import Candidate, Context, EditRefusal, Edits, FinishReason, Reply
from orchestrator.report.choices import GradedCandidates, pass_at_k


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_draws_that_hold_a_right_sample(numbers: tuple[int, int, int]) -> None:
    """Against counting every draw of k out of n."""
    n, c, k = numbers
    draws = list(combinations(range(n), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(any(i < c for i in draw) for draw in draws) / len(draws))


def made(sample: int, diff: bytes) -> Candidate:
    """A candidate of the first attempt."""
    return Candidate(f"1.{sample}", 1, sample, 0, "m", Edits("function", ()), diff=diff)


def journey(candidates: tuple[Candidate, ...], replies: int, *refusals: EditRefusal) -> Journey:
    """An instance of one attempt that was given up."""
    said = tuple(Reply("", FinishReason.STOP, "m", sample=i) for i in range(replies))
    context = Context("functions", (), (), 0, 0)
    attempt = Attempt(1, 0, context, replies=said, refusals=refusals, candidates=candidates)
    return Journey("a__b-1", "GAVE_UP", attempts=(attempt,))


def grades(**resolved: bool | None) -> dict[str, Grade]:
    """Grades by the text of the diff."""
    found = {}
    for diff, verdict in resolved.items():
        sha256 = hashlib.sha256(diff.encode()).hexdigest()
        found[sha256] = Grade(sha256, verdict)
    return found


def results_of(one: Journey, known: dict[str, Grade]) -> dict[str, Any]:
    """The numbers of one instance."""
    graded = GradedCandidates()
    graded.add(one, known)
    found = graded.results()
    assert found is not None
    return found


def test_a_reply_without_a_patch_is_a_sample_that_failed() -> None:
    """Three replies, one right: pass@1 is a third."""
    found = results_of(journey((made(0, b"wrong"), made(1, b"right")), 3), grades(wrong=False, right=True))
    assert [round(p["value"], 3) for p in found["pass_at_k"]["first_attempt"]] == [0.333, 0.667, 1.0]
    assert found["choices"]["random candidate"]["resolved"] == 0.5
    assert found["choices"]["first sample"]["resolved"] == 0.0


def test_a_sample_that_repeats_another_shares_its_verdict() -> None:
    """The second reply said the first one's repair in other words."""
    again = EditRefusal("repeated", "", sample=1, same_as="1.0")
    found = results_of(journey((made(0, b"right"),), 2, again), grades(right=True))
    assert found["pass_at_k"]["first_attempt"][0]["value"] == 1.0


def test_an_instance_with_an_unknown_verdict_is_named_and_left_out() -> None:
    """A broken environment is neither right nor wrong."""
    found = results_of(journey((made(0, b"broken"),), 1), grades(broken=None))
    assert found["left_out"] == ["a__b-1"]
    assert (found["choices"]["instances"], found["pass_at_k"]["first_attempt"]) == (0, [])
    assert found["infra"] == 1


def test_nothing_graded_is_nothing_said() -> None:
    """No numbers without `--grade-all`."""
    graded = GradedCandidates()
    graded.add(journey((made(0, b"x"),), 1), {})
    assert graded.results() is None


def test_matrices_of_two_instances_add_up() -> None:
    """Counts and times add; an unknown price stays unknown."""
    one = StageCalibration("lints", true_accepts=1, duration_s=0.5, cost_usd=None)
    two = StageCalibration("lints", true_accepts=2, false_rejects=1, duration_s=1.0)
    assert add_up(one, two) == StageCalibration("lints", true_accepts=3, false_rejects=1, duration_s=1.5, cost_usd=None)
    assert add_up(None, two) is two
