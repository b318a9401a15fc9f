"""Calls summed up: what was made, what it cost, what repeated; and the price of an extra resolve."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.models import CallRecord
from orchestrator.records import Usage
from orchestrator.report.calls import CallTable, call_lines, calls_in_row, cost_usd, escalation_of
from tests.unit.report.made import results, row

SMALL, LARGE = "ollama/s", "anthropic/l"


def call(model: str = SMALL, **changes: Any) -> CallRecord:
    """A call that went well."""
    made = {
        "model": model, "digest": "d", "purpose": "edit", "instance_id": "i", "attempt": 1, "sample": 0, "outcome": "stop",
        "usage": Usage(100, 10), "cost_usd": 0.5, "retries": 0, "from_cache": False, "first_token_s": 1.0, "duration_s": 3.0,
        "prefix_share": None, "estimated_tokens": 120,
    }  # fmt: skip
    return CallRecord(**{**made, **changes})


def test_prefix_share_is_weighed_by_tokens_of_later_attempts() -> None:
    """The first attempt has nothing to repeat, and what came from the cache was not sent."""
    table = CallTable()
    table.add(
        [
            call(),
            call(attempt=2, prefix_share=1.0, usage=Usage(300, 1)),
            call(attempt=3, prefix_share=0.0, usage=Usage(100, 1)),
            call(attempt=4, prefix_share=0.0, from_cache=True),
        ]
    )
    (entry,) = table.rows()
    assert (entry["prefix_share"], entry["calls"], entry["cache_hits"]) == (0.75, 4, 1)


def test_a_call_that_was_never_made_is_no_call() -> None:
    """A spend limit that kept a call from being made is an outcome and not a call."""
    table = CallTable()
    refused = call(outcome="BudgetExhausted", usage=Usage(), cost_usd=0.0, digest="")
    table.add([call(), refused])
    (entry,) = table.rows()
    assert (entry["calls"], entry["outcomes"], entry["cost_usd"]) == (1, {"stop": 1, "BudgetExhausted": 1}, 0.5)
    assert calls_in_row([call(), refused], [SMALL], made=True)["calls"] == 1


def test_failed_calls_are_paid_and_unknown_prices_stay_unknown() -> None:
    """One call of unknown price makes the sum unknown."""
    assert cost_usd([call(), call(outcome="stalled", cost_usd=0.25)]) == 0.75
    assert cost_usd([call(), call(cost_usd=None)]) is None
    parts = calls_in_row([call(), call(LARGE, cost_usd=None), call(purpose="review")], [SMALL, LARGE], made=True)
    assert (parts["cost_primary_usd"], parts["cost_escalated_usd"], parts["cost_review_usd"]) == (0.5, None, 0.5)
    assert calls_in_row([], [SMALL], made=True)["cost_primary_usd"] is None


@pytest.mark.parametrize(
    ("spent", "resolved", "each", "said"),
    [
        (
            (2.0, 4.0),
            (True, False),
            6.0,
            "1 extra resolved; cost of escalation $6.0000, dollars per extra resolve: $6.0000",
        ),
        ((2.0, 4.0), (False, False), None, "0 extra resolved; cost of escalation $6.0000, no extra resolve"),
        ((2.0, None), (True, True), None, "cost of escalation unknown, dollars per extra resolve: unknown"),
    ],
    ids=["one of two", "none", "unknown"],
)
def test_dollars_per_extra_resolve(spent: Any, resolved: Any, each: float | None, said: str) -> None:
    """All that escalation cost, by what it resolved; never a number where one part is unknown."""
    ends = [{"attempt": 1, "rung": 0, "ended": "no edits"}, {"attempt": 2, "rung": 1, "ended": "accepted"}]
    rows = [row("r__a-0", True), *(
        row(f"r__a-{n}", ok, rung=1, cost_escalated_usd=usd, attempt_ends=ends)
        for n, (usd, ok) in enumerate(zip(spent, resolved, strict=True), 1)
    )]  # fmt: skip
    assert escalation_of(rows)["usd_per_extra_resolve"] == each
    assert escalation_of(rows)["instances_escalated"] == 2
    assert said in call_lines(results(rows, ladder=[SMALL, LARGE]))[0]
