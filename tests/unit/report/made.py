"""Results made by hand, for what needs more instances than a laboratory runs in a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestrator.report.rows import STAGES
from orchestrator.report.summary import instance_funnel_of, latency_of, repositories_of, summary_of


def row(name: str, verified: bool, **changes: Any) -> dict[str, Any]:
    """A row of an instance that walked the whole way, with `changes`."""
    said = dict.fromkeys(STAGES[:-1], "pass")
    made = {
        "instance_id": name,
        "verified": verified,
        "attempts": 1,
        "duration_seconds": 2.0,
        "error": None,
        "state": "RESOLVED" if verified else "UNRESOLVED",
        "repo": name.rpartition("-")[0],
        "fresh": True,
        "tuned_on": False,
        "reused_from": None,
        "samples": 1,
        "model": "m",
        "rung": 0,
        "escalated_because": None,
        "judge_accepted": True,
        "patch_sha256": "p",
        "cost_usd": 0.0,
        "cost_primary_usd": 0.0,
        "cost_escalated_usd": 0.0,
        "cost_review_usd": 0.0,
        "input_tokens": 100,
        "output_tokens": 10,
        "stages": said,
        "attempt_ends": [{"attempt": 1, "rung": 0, "ended": "accepted", "decision": None}],
        "patch_findings": said,
        "category": "" if verified else "wrong repair",
        "reason": "" if verified else "the graded tests do not pass",
    }
    return {**made, **changes}


def results(rows: Sequence[dict[str, Any]], phase: int = 1, **config: Any) -> dict[str, Any]:
    """Results of these rows."""
    base = {"run": "made", "approach": "cascade", "ladder": ["m"], "model": "m", "benchmark": "lite", "stamps": {}}
    return {
        "phase": phase,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "config": {**base, "disclosure": "repo-tests", "is_subset": False, **config},
        "status": "partial" if any(r["state"] in ("STOPPED", "UNFINISHED") for r in rows) else "complete",
        "summary": summary_of(rows),
        "instance_funnel": instance_funnel_of(rows),
        "repositories": repositories_of(rows),
        "models": [],
        "latency": latency_of(rows, [1.0]),
        "results": list(rows),
    }


def many(total: int, verified: int, phase: int = 1, **config: Any) -> dict[str, Any]:
    """Results of `total` instances of which the first `verified` are resolved."""
    return results([row(f"repo__r-{i}", i < verified) for i in range(total)], phase, **config)
