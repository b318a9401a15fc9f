"""Two runs on their common instances, paired: who flips, McNemar's exact test, the difference and its interval, the cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from orchestrator.errors import LedgerError
from orchestrator.report.rows import STAGES
from orchestrator.report.statistics import Interval, mcnemar_exact, paired_bootstrap

_PER_INSTANCE = {
    "cost_usd": "cost_usd",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "seconds": "duration_seconds",
    "attempts": "attempts",
}
_LET_THROUGH = ("pass", "abstain")


def compare_results(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Any]:
    """A and B on the instances that both have. Raises LedgerError where they share none."""
    rows_a = {row["instance_id"]: row for row in a["results"]}
    rows_b = {row["instance_id"]: row for row in b["results"]}
    common = [name for name in rows_a if name in rows_b]
    if not common:
        raise LedgerError(
            "the two runs have no instance in common, so nothing can be paired; compare runs of one benchmark"
        )
    pairs = [(rows_a[name], rows_b[name]) for name in common]
    fresh = [pair for pair in pairs if all(row["fresh"] and not row["tuned_on"] for row in pair)]
    return {
        "a": _side(a),
        "b": _side(b),
        "warnings": _warnings(a, b, rows_a, rows_b),
        "paired": len(pairs),
        "same_result": sum(_is_same(a, b, *pair) for pair in pairs),
        "only_in_a": len(rows_a) - len(pairs),
        "only_in_b": len(rows_b) - len(pairs),
        "resolved": resolved_of(pairs),
        "resolved_primary": resolved_of(pairs, primary_only=True),
        "resolved_fresh": resolved_of(fresh),
        "gained": [name for name in common if rows_b[name]["verified"] and not rows_a[name]["verified"]],
        "lost": [name for name in common if rows_a[name]["verified"] and not rows_b[name]["verified"]],
        "per_instance": {name: _difference(pairs, key) for name, key in _PER_INSTANCE.items()},
        "repositories": _by_repository(pairs),
        "stages": {stage: _stage(pairs, stage) for stage in STAGES if stage != "consensus"},
    }


def _is_same(a: Mapping[str, Any], b: Mapping[str, Any], row_a: Mapping[str, Any], row_b: Mapping[str, Any]) -> bool:
    """Whether both rows are one and the same result, which one run took over from the other or both from a third."""
    origins = [row["reused_from"] or run["config"]["run"] for run, row in ((a, row_a), (b, row_b))]
    return bool(origins[0] == origins[1])


def resolved_of(pairs: Sequence[tuple[Any, Any]], *, primary_only: bool = False) -> dict[str, Any]:
    """Counts of both sides, the difference of the rates (B minus A) with its interval, and what McNemar's test shows."""
    outcomes = [tuple(bool(r["verified"] and not (primary_only and r["rung"] > 0)) for r in pair) for pair in pairs]
    only_a, only_b = outcomes.count((True, False)), outcomes.count((False, True))
    both, n = outcomes.count((True, True)), len(outcomes)
    test = mcnemar_exact(only_a, only_b)
    return {
        "n": n,
        "a": both + only_a,
        "b": both + only_b,
        "both": both,
        "neither": n - both - only_a - only_b,
        "difference": (only_b - only_a) / n if n else None,
        "interval": _as_dict(paired_bootstrap([int(y) - int(x) for x, y in outcomes])),
        "mcnemar": asdict(test),
    }


def compare_lines(comparison: Mapping[str, Any]) -> list[str]:
    """A comparison in words, for a terminal."""
    a, b = comparison["a"], comparison["b"]
    same = comparison["same_result"]
    lines = [
        f"A  {a['run']}: {a['approach']}, {' → '.join(a['ladder'])}",
        f"B  {b['run']}: {b['approach']}, {' → '.join(b['ladder'])}",
        *(f"careful: {warning}" for warning in comparison["warnings"]),
        f"{comparison['paired']} instances in common ({comparison['only_in_a']} only in A, {comparison['only_in_b']} only in B)",
        *([f"careful: {same} of these are one and the same result, taken over by the later run"] if same else []),
    ]
    for title, key in (
        ("in total", "resolved"),
        ("by the primary model alone", "resolved_primary"),
        ("fresh only (new in this phase, no prompt tuned on them)", "resolved_fresh"),
    ):
        lines += _resolved_lines(title, comparison[key])
    for what in ("gained", "lost"):
        names = comparison[what]
        lines.append(f"{what} by B ({len(names)}): {', '.join(names) or 'none'}")
    for name, row in comparison["per_instance"].items():
        means = (
            "unknown"
            if row["a"] is None or row["b"] is None
            else f"A {row['a']:.4g}, B {row['b']:.4g}, B - A {_span(row)}"
        )
        lines.append(f"{name} per instance: {means}")
    lines.append("per repository:")
    for name, row in comparison["repositories"].items():
        lines.append(f"  {name:32} A {row['a']}/{row['n']}  B {row['b']}/{row['n']}")
    stages = [f"{stage} {row['a']}:{row['b']}" for stage, row in comparison["stages"].items()]
    lines.append(f"instances let through, A:B of {comparison['paired']}: {'  '.join(stages)}")
    return lines


def _resolved_lines(title: str, found: Mapping[str, Any]) -> list[str]:
    if not found["n"]:
        return [f"{title}: no pairs"]
    interval = found["interval"]
    span = f", 95% {_points(interval['low'])} to {_points(interval['high'])} ({interval['method']})" if interval else ""
    return [
        f"{title}: A {found['a']} and B {found['b']} of {found['n']}, B - A {_points(found['difference'])} points{span}",
        f"  McNemar, exact: {found['mcnemar']['shows']}",
    ]


def _points(share: float) -> str:
    """A difference of rates in percentage points: 0.1 is +10."""
    return f"{100 * share:+.0f}"


def _span(row: Mapping[str, Any]) -> str:
    interval = row["interval"]
    return f"{row['difference']:+.4g}" + (
        f" (95% {interval['low']:+.4g} to {interval['high']:+.4g})" if interval else ""
    )


def _side(results: Mapping[str, Any]) -> dict[str, Any]:
    config = results["config"]
    keys = ("run", "approach", "ladder", "benchmark", "disclosure", "stamps")
    return {"phase": results["phase"], "status": results["status"], **{key: config.get(key) for key in keys}}


def _warnings(
    a: Mapping[str, Any], b: Mapping[str, Any], rows_a: Mapping[str, Any], rows_b: Mapping[str, Any]
) -> list[str]:
    out = [f"{name} is partial" for name, r in (("A", a), ("B", b)) if r["status"] != "complete"]
    if a["config"]["disclosure"] != b["config"]["disclosure"]:
        out.append("one of them saw the graded tests (--feedback oracle), the other did not")
    data = [r["config"]["stamps"].get("dataset_sha256") for r in (a, b)]
    if data[0] != data[1]:
        out.append("their datasets differ (dataset_sha256)")
    for name, rows in (("A", rows_a), ("B", rows_b)):
        if tuned := sum(row["tuned_on"] for row in rows.values()):
            out.append(
                f"the prompts of {name} were tried on {tuned} of its {len(rows)} instances while they were tuned"
            )
    broken = [sum(row["state"] in ("INFRA_FAILED", "CRASHED") for row in rows.values()) for rows in (rows_a, rows_b)]
    if any(broken):
        out.append(f"infrastructure failures and crashes count as not resolved: {broken[0]} in A, {broken[1]} in B")
    return out


def _difference(pairs: Sequence[tuple[Any, Any]], key: str) -> dict[str, Any]:
    values = [(x[key], y[key]) for x, y in pairs if x[key] is not None and y[key] is not None]
    if not values or len(values) < len(pairs):
        return {"n": len(values), "a": None, "b": None, "difference": None, "interval": None}
    n = len(values)
    return {
        "n": n,
        "a": sum(x for x, _ in values) / n,
        "b": sum(y for _, y in values) / n,
        "difference": sum(y - x for x, y in values) / n,
        "interval": _as_dict(paired_bootstrap([y - x for x, y in values])),
    }


def _by_repository(pairs: Sequence[tuple[Any, Any]]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for x, y in sorted(pairs, key=lambda pair: str(pair[0]["repo"])):
        cell = table.setdefault(x["repo"], {"n": 0, "a": 0, "b": 0})
        cell["n"] += 1
        cell["a"] += x["verified"]
        cell["b"] += y["verified"]
    return table


def _stage(pairs: Sequence[tuple[Any, Any]], stage: str) -> dict[str, int]:
    let = [tuple(row["stages"].get(stage) in _LET_THROUGH for row in pair) for pair in pairs]
    return {"a": sum(x for x, _ in let), "b": sum(y for _, y in let)}


def _as_dict(interval: Interval | None) -> dict[str, Any] | None:
    return None if interval is None else interval.as_dict()
