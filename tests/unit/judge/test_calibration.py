"""Confusion matrices per stage."""

from __future__ import annotations

from orchestrator.judge.calibration import calibrate
from orchestrator.records import Finding, Judgement


def say(stage: str, who: str, judgement: Judgement, **more: float) -> Finding:
    """One finding."""
    return Finding(stage, who, judgement, "", **more)


def test_each_cell_counts_what_its_name_says() -> None:
    """Accepted and refused against resolved and unresolved, abstentions among the accepted, the ungraded and infra apart."""
    p, f, a, i = Judgement.PASS, Judgement.FAIL, Judgement.ABSTAIN, Judgement.INFRA
    findings = [say("lints", who, j, duration_s=1.0) for who, j in zip("abcdefg", (p, p, f, f, a, i, p), strict=True)]
    resolved = {"a": True, "b": False, "c": True, "d": False, "e": True, "f": True, "g": None}
    (matrix,) = calibrate(findings, resolved, ["lints"])
    assert (matrix.true_accepts, matrix.false_accepts) == (2, 1)
    assert (matrix.true_rejects, matrix.false_rejects) == (1, 1)
    assert (matrix.abstained, matrix.infra, matrix.ungraded) == (1, 1, 1)
    assert matrix.precision == 2 / 3
    assert matrix.recall == 2 / 3
    assert matrix.reject_precision == 1 / 2
    assert matrix.duration_s == 7.0
    assert not matrix.adds_nothing


def test_rates_without_a_denominator_are_absent() -> None:
    """A stage that saw nothing has no precision, and adds nothing."""
    (matrix,) = calibrate([], {}, ["review"])
    assert (matrix.precision, matrix.recall, matrix.reject_precision) == (None, None, None)
    assert matrix.adds_nothing


def test_a_retried_environment_failure_leaves_no_trace() -> None:
    """The last word of a stage on a candidate counts."""
    findings = [say("imports", "a", Judgement.INFRA), say("imports", "a", Judgement.PASS)]
    (matrix,) = calibrate(findings, {"a": True}, ["imports"])
    assert (matrix.infra, matrix.true_accepts) == (0, 1)


def test_an_unknown_price_makes_the_sum_unknown() -> None:
    """Never zero where a call's price is not known."""
    paid = [say("review", "a", Judgement.PASS, cost_usd=0.5), Finding("review", "b", Judgement.PASS, "", cost_usd=None)]
    assert calibrate(paid, {}, ["review"])[0].cost_usd is None
    assert calibrate(paid[:1], {}, ["review"])[0].cost_usd == 0.5
