"""Tables for people: the summary of a run and its funnel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestrator.report.choices import grade_lines

STAGES = ("applies", "scope", "parses", "lints", "imports", "reproduction", "regression", "review")


def print_results(results: dict[str, Any], folder: Path) -> None:
    """Instances, totals with their denominators, the funnel, and where the files are."""
    console = Console(highlight=False)
    table = Table(
        title=f"phase {results['phase']} · {results['config']['benchmark']} · {results['config']['approach']}"
    )
    for column in ("instance", "outcome", "attempts", "samples", "judge", "seconds", "note"):
        table.add_column(column, overflow="fold")
    for row in results["results"]:
        judge = "accepted" if row["judge_accepted"] else "-"
        cells = [
            row["instance_id"],
            row["state"],
            row["attempts"],
            row["samples"],
            judge,
            f"{row['duration_seconds']:.1f}",
        ]
        table.add_row(*map(str, cells), row["error"] or row["escalated_because"] or "")
    console.print(table)
    for line in summary_lines(results):
        console.print(line)
    console.print(f"files: {folder}/ (phase_{results['phase']}_results.json, preds.jsonl, one folder per instance)")


def summary_lines(results: dict[str, Any]) -> list[str]:
    """The run's numbers in words, each with its denominator."""
    s, config = results["summary"], results["config"]
    labels = [config["model"] + (" (no LLM)" if config["model"] == "mutation" else ""), *config["ladder"][1:]]
    cost = "unknown" if s["cost_usd"] is None else f"${s['cost_usd']:.4f}"
    lines = [
        f"model: {' → '.join(labels)}   status: {results['status']}   feedback: {config['disclosure']}",
        (
            f"resolved {s['verified']} of {s['total']} ({s['success_rate']:.0%}): "
            f"{s['verified_primary']} by the primary model, {s['verified_escalated']} escalated"
        ),
        f"judge accepted {s['judge_accepted']} of {s['total']}; of these {s['verified_of_judge_accepted']} resolved",
        (
            f"infrastructure failures {s['infra_failed']}, crashes {s['crashed']}   cost {cost}   "
            f"{s['avg_attempts']:.1f} attempts and {s['avg_time']:.1f} s per instance"
        ),
    ]
    funnel = results["funnel"]
    steps = [f"replies {funnel.get('replies', 0)}", f"candidates {funnel.get('candidates', 0)}"]
    steps += [f"{stage} {funnel.get(f'{stage}:through', 0)}/{funnel.get(f'{stage}:in', 0)}" for stage in STAGES]
    lines.append("funnel: " + " → ".join(steps))
    return [*lines, *grade_lines(results["grade_all"])] if "grade_all" in results else lines
