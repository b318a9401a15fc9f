"""Each escalation signal is raised by what it names and by nothing else."""

from __future__ import annotations

import pytest

from orchestrator.feedback.signals import (
    AttemptSummary,
    InstanceOutlook,
    SignalKind,
    Thresholds,
    attempt_signals,
    outlook_signals,
)


def kinds(*attempts: AttemptSummary, thresholds: Thresholds | None = None) -> list[str]:
    """The names of the signals that the last attempt raises."""
    return [signal.kind.value for signal in attempt_signals(attempts, thresholds or Thresholds())]


def attempt(number: int, *prints: str, stage: int = 0, rung: int = 0, **more: object) -> AttemptSummary:
    """An attempt with the given fingerprints that reached `stage`."""
    return AttemptSummary(number, rung, prints, stage_reached=stage, **more)  # type: ignore[arg-type]


def test_no_attempt_raises_no_signal() -> None:
    """Before the first attempt there is nothing to see."""
    assert kinds() == []


def test_a_first_new_result_raises_no_signal() -> None:
    """One attempt that failed in a new way is no reason to escalate."""
    assert kinds(attempt(1, "a", stage=6, failure_signature="E1")) == []


def test_the_same_result_twice_is_a_signal() -> None:
    """The same normalised result in two attempts is same_result, with the attempt named."""
    signals = attempt_signals([attempt(1, "a", stage=2), attempt(2, "a", stage=3)])
    assert [(s.kind, s.why) for s in signals] == [
        (SignalKind.SAME_RESULT, "attempt 2 made nothing that was not tried before")
    ]


def test_one_new_result_in_a_batch_is_no_repetition() -> None:
    """A batch that repeats one result and makes a new one still has ideas."""
    assert kinds(attempt(1, "a", stage=2), attempt(2, "a", "b", stage=3)) == []


def test_the_same_failure_after_two_different_results_is_a_signal() -> None:
    """Two different results with one failure signature are same_failure, even with an attempt between them."""
    first, between = attempt(1, "a", stage=6, failure_signature="E1"), attempt(2, "b", stage=7, failure_signature="E2")
    assert kinds(first, between, attempt(3, "c", stage=8, failure_signature="E1")) == ["same_failure"]


def test_the_same_failure_of_the_same_result_is_no_second_signal() -> None:
    """A repeated result fails alike of course: only same_result is raised."""
    first = attempt(1, "a", stage=6, failure_signature="E1")
    assert kinds(first, attempt(2, "a", stage=7, failure_signature="E1")) == ["same_result"]


def test_two_format_failures_in_a_row_are_a_signal() -> None:
    """Two unreadable replies in a row are format_failures; with a readable one between them they are not."""
    bad_1, bad_3 = attempt(1, refusal_code="no_code"), attempt(3, refusal_code="truncated")
    assert kinds(bad_1, bad_3) == ["format_failures"]
    assert kinds(bad_1, attempt(2, "a", stage=6), bad_3) == []


def test_two_attempts_without_progress_are_a_signal() -> None:
    """Two attempts that get no further than the best before them are no_stage_progress; one is not."""
    first, second = attempt(1, "a", stage=5), attempt(2, "b", stage=3)
    assert kinds(first, second) == []
    assert kinds(first, second, attempt(3, "c", stage=5)) == ["no_stage_progress"]
    assert kinds(first, second, attempt(3, "c", stage=6)) == []


def test_the_number_of_stalled_attempts_is_a_threshold() -> None:
    """A phase can ask for a quicker or slower reading of a stall."""
    stalled = attempt(1, "a", stage=5), attempt(2, "b", stage=5)
    assert kinds(*stalled, thresholds=Thresholds(stalled_attempts=1)) == ["no_stage_progress"]


@pytest.mark.parametrize(("confidence", "raised"), [(0.49, ["low_consensus"]), (0.5, []), (None, [])])
def test_low_confidence_is_a_signal(confidence: float | None, raised: list[str]) -> None:
    """Only a confidence that exists and is below the threshold is low_consensus."""
    assert kinds(attempt(1, "a", stage=9, confidence=confidence)) == raised


def test_a_context_that_is_too_small_is_a_signal() -> None:
    """A prompt that did not fit is context_too_small at once."""
    assert kinds(attempt(1, context_too_small=True)) == ["context_too_small"]


def test_an_endpoint_that_is_gone_hides_every_other_signal() -> None:
    """An unanswered attempt says model_unavailable and nothing about the model's ability."""
    bad = attempt(1, refusal_code="no_code")
    assert kinds(bad, attempt(2, refusal_code="no_code", unavailable=True)) == ["model_unavailable"]


def test_unanswered_attempts_are_left_out_of_comparisons() -> None:
    """An outage between two format failures does not break the row."""
    outage = attempt(2, unavailable=True)
    assert kinds(attempt(1, refusal_code="x"), outage, attempt(3, refusal_code="x")) == ["format_failures"]


def test_another_rung_starts_afresh() -> None:
    """What the small model tried is not held against the stronger one."""
    assert kinds(attempt(1, "a", stage=5), attempt(2, "a", stage=5, rung=1)) == []


def test_an_easy_case_has_no_hard_case_signal() -> None:
    """A sure localization, room to spare and a reproduction speak for the small model."""
    assert outlook_signals(InstanceOutlook(0.6, 3000, 4096, reproduced=True)) == ()


def test_each_hard_case_signal_is_raised_by_its_own_cause() -> None:
    """Unsure localization, a large context and a missing reproduction are three signals with their figures."""
    signals = outlook_signals(InstanceOutlook(0.05, 4000, 4096, reproduced=False))
    assert [signal.kind.value for signal in signals] == ["unsure_localization", "large_context", "no_reproduction"]
    assert "0.05" in signals[0].why
    assert "4000 of 4096" in signals[1].why
