"""Comparison of two runs, paired."""

from __future__ import annotations

import pytest

from orchestrator.errors import LedgerError
from orchestrator.report.compare import compare_lines, compare_results
from tests.unit.report.made import many, results, row


def sides(flips_up: int, flips_down: int, same: int) -> tuple[dict, dict]:
    """Two runs with that many flips."""
    outcomes = [(False, True)] * flips_up + [(True, False)] * flips_down + [(True, True)] * same
    a = results([row(f"r__r-{i}", x) for i, (x, _) in enumerate(outcomes)], run="A")
    b = results([row(f"r__r-{i}", y, cost_usd=0.5) for i, (_, y) in enumerate(outcomes)], run="B")
    return a, b


def test_flips_are_named_both_ways():
    """Who gained and who lost stand by name."""
    found = compare_results(*sides(2, 1, 3))
    assert found["gained"] == ["r__r-0", "r__r-1"]
    assert found["lost"] == ["r__r-2"]
    assert (found["resolved"]["a"], found["resolved"]["b"], found["resolved"]["both"]) == (4, 5, 3)


def test_ten_flips_one_way_are_shown_and_three_are_not():
    """A small n says plainly that it cannot show anything."""
    shown, unshown = compare_results(*sides(10, 0, 20)), compare_results(*sides(3, 0, 2))
    assert shown["resolved"]["mcnemar"]["shows"].startswith("B resolves more")
    assert shown["resolved"]["interval"]["low"] > 0
    assert any("NOT SHOWN: 3 flips cannot show a difference" in line for line in compare_lines(unshown))


def test_only_common_instances_are_paired():
    """The rest is counted, not compared; no common instance is an error."""
    found = compare_results(many(5, 5), many(3, 0))
    assert (found["paired"], found["only_in_a"], found["only_in_b"]) == (3, 2, 0)
    with pytest.raises(LedgerError, match="no instance in common"):
        compare_results(results([row("a-1", True)]), results([row("b-1", True)]))


def test_primary_only_is_apart():
    """What the second model rescued does not count for the first."""
    a, b = results([row("r-1", False)]), results([row("r-1", True, rung=1)])
    found = compare_results(a, b)
    assert (found["resolved"]["b"], found["resolved_primary"]["b"]) == (1, 0)


def test_cost_is_paired_and_an_unknown_price_makes_it_unknown():
    """A mean over the instances whose price happens to be known would flatter."""
    a, b = sides(1, 1, 1)
    assert compare_results(a, b)["per_instance"]["cost_usd"]["difference"] == 0.5
    b["results"][0]["cost_usd"] = None
    assert compare_results(a, b)["per_instance"]["cost_usd"]["b"] is None


def test_what_makes_a_comparison_unfair_is_said():
    """An oracle run, another dataset, a partial run and broken instances are pointed out."""
    a = results([row("r-1", True), row("r-2", False, state="STOPPED")], stamps={"dataset_sha256": "x"})
    b = results([row("r-1", True), row("r-2", False, state="INFRA_FAILED")], disclosure="oracle")
    text = " ".join(compare_results(a, b)["warnings"])
    for said in ("A is partial", "oracle", "datasets differ", "0 in A, 1 in B"):
        assert said in text
