"""From rows to numbers. Every rate has its denominator and its interval; primary-only, escalated and total are three numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from orchestrator.report.calls import escalation_of
from orchestrator.report.rows import STAGES
from orchestrator.report.statistics import clopper_pearson, mean_interval, quantiles, wilson

Row = Mapping[str, Any]


def summary_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts, rates and intervals over all instances; infra failures and crashes stay in the total and are counted apart."""
    total = len(rows)
    verified = [row for row in rows if row["verified"]]
    accepted = [row for row in rows if row["judge_accepted"]]
    return {
        "total": total,
        "verified": len(verified),
        "success_rate": len(verified) / total if total else 0.0,
        "avg_attempts": mean(row["attempts"] for row in rows) if rows else 0.0,
        "avg_time": mean(row["duration_seconds"] for row in rows) if rows else 0.0,
        "verified_primary": sum(row["rung"] == 0 for row in verified),
        "verified_escalated": sum(row["rung"] > 0 for row in verified),
        "intervals": intervals_of(rows),
        "fresh": part_of([row for row in rows if row["fresh"]]),
        "tuned_instances": sum(row["tuned_on"] for row in rows),
        "untuned": part_of([row for row in rows if not row["tuned_on"]]),
        "judge_accepted": len(accepted),
        "verified_of_judge_accepted": sum(row["verified"] for row in accepted),
        "infra_failed": sum(row["state"] == "INFRA_FAILED" for row in rows),
        "crashed": sum(row["state"] == "CRASHED" for row in rows),
        "empty_patches": sum(row["patch_sha256"] is None for row in rows),
        "reused": sum(row["reused_from"] is not None for row in rows),
        "finals": dict(Counter(row["state"] for row in rows)),
        "attempts_histogram": _histogram(rows),
        "cost_usd": total_cost(rows),
        "escalation": escalation_of(rows),
        "input_tokens": sum(row["input_tokens"] for row in rows),
        "output_tokens": sum(row["output_tokens"] for row in rows),
    }


def intervals_of(rows: Sequence[Row]) -> dict[str, Any]:
    """95% intervals of the success rates: Wilson's for display, Clopper and Pearson's for gates."""
    n = len(rows)
    counts = {
        "total": sum(row["verified"] for row in rows),
        "primary": sum(row["verified"] and row["rung"] == 0 for row in rows),
    }
    return {
        name: {"display": _as_dict(wilson(k, n)), "gate": _as_dict(clopper_pearson(k, n))} for name, k in counts.items()
    }


def part_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Counts and rate of a part of the instances: the fresh ones, or those that no prompt was tuned on."""
    verified = [row for row in rows if row["verified"]]
    return {
        "total": len(rows),
        "verified": len(verified),
        "success_rate": len(verified) / len(rows) if rows else None,
        "verified_primary": sum(row["rung"] == 0 for row in verified),
        "verified_escalated": sum(row["rung"] > 0 for row in verified),
        "interval": _as_dict(wilson(len(verified), len(rows))),
    }


def total_cost(rows: Sequence[Row]) -> float | None:
    """Dollars; None as soon as one price is unknown."""
    costs = [row["cost_usd"] for row in rows]
    return None if None in costs else float(sum(costs))


def latency_of(rows: Sequence[Row], call_seconds: Sequence[float]) -> dict[str, Any]:
    """p50 and p95 with intervals, in seconds: of whole instances and of single calls to models."""
    times = [row["duration_seconds"] for row in rows]
    return {
        "instance": quantiles(times),
        "call": quantiles(call_seconds),
        "instance_mean": _as_dict(mean_interval(times)),
    }


def calibration_of(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, int]]]:
    """What a stage's word is worth: of the graded patches of which it said so, how many were resolved."""
    table: dict[str, dict[str, dict[str, int]]] = {}
    for row in rows:
        if row["state"] not in ("RESOLVED", "UNRESOLVED"):
            continue
        said = {**row["patch_findings"], "judge as a whole": "pass" if row["judge_accepted"] else "fail"}
        for stage, judgement in said.items():
            cell = table.setdefault(stage, {}).setdefault(judgement, {"graded": 0, "resolved": 0})
            cell["graded"] += 1
            cell["resolved"] += row["verified"]
    return table


def heat_of(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many attempts number K ended where: `{"1": {"parses": 3, "accepted": 2}}`."""
    table: dict[str, Counter[str]] = {}
    for row in rows:
        for end in row["attempt_ends"]:
            table.setdefault(str(end["attempt"]), Counter())[end["ended"]] += 1
    return {number: dict(counts) for number, counts in sorted(table.items(), key=lambda item: int(item[0]))}


def repositories_of(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Per repository: total, verified, by the primary model alone, and Wilson's interval."""
    names = sorted({row["repo"] for row in rows})
    return {name: _repository([row for row in rows if row["repo"] == name]) for name in names}


def instance_funnel_of(rows: Sequence[Row]) -> dict[str, int]:
    """How many instances had at least one candidate let through each stage."""
    found = {
        stage: sum(row["stages"].get(stage) in ("pass", "abstain") for row in rows)
        for stage in STAGES
        if stage != "consensus"
    }
    return {
        "instances": len(rows),
        "candidates": sum(bool(row["stages"]) for row in rows),
        **found,
        "accepted": sum(row["judge_accepted"] for row in rows),
        "resolved": sum(row["verified"] for row in rows),
    }


def _repository(rows: Sequence[Row]) -> dict[str, Any]:
    verified = [row for row in rows if row["verified"]]
    return {
        "total": len(rows),
        "verified": len(verified),
        "verified_primary": sum(row["rung"] == 0 for row in verified),
        "interval": _as_dict(wilson(len(verified), len(rows))),
    }


def _histogram(rows: Sequence[Row]) -> dict[str, int]:
    counts = Counter(row["attempts"] for row in rows)
    return {str(number): counts[number] for number in sorted(counts)}


def _as_dict(interval: Any) -> dict[str, Any] | None:
    return None if interval is None else interval.as_dict()
