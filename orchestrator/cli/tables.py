"""Tables for people: the summary of a run, its funnel, and what its gate says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestrator.report.calls import call_lines
from orchestrator.report.choices import grade_lines
from orchestrator.text import first_sentence, visible

STAGES = ("applies", "scope", "parses", "lints", "imports", "reproduction", "regression", "review")
LONGEST = 40
"""Instances that a table still lists; of a larger run it lists those that broke, and the report has the rest."""


def print_results(results: dict[str, Any], folder: Path, gate: Mapping[str, Any] | None = None) -> None:
    """Instances, totals with their denominators and intervals, the funnel, the gate, and where the files are."""
    console = Console(highlight=False, soft_wrap=True)
    config = results["config"]
    console.print(f"phase {results['phase']} · {config['benchmark']} · {config['approach']}")
    shown = results["results"]
    if len(shown) > LONGEST:
        shown = [row for row in shown if row["error"]]
    if shown:
        console.print(instance_table(shown), soft_wrap=False)
    if left_out := len(results["results"]) - len(shown):
        console.print(f"{left_out} more instances; `ramp report {folder.name} --html` has them all", markup=False)
    for line in [*summary_lines(results), *gate_summary(gate, results)]:
        console.print(line, markup=False)
    console.print(f"files: {folder}/ (phase_{results['phase']}_results.json, preds.jsonl, one folder per instance)")


def instance_table(rows: list[dict[str, Any]]) -> Table:
    """A line per instance within 80 columns. Ids are never broken, and a column that would say nothing is left out."""
    table = Table(box=None, pad_edge=False)
    table.add_column("instance", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    for column in ("attempts", "seconds"):
        table.add_column(column, justify="right", no_wrap=True)
    notes = [_note(row) for row in rows]
    if any(notes):
        table.add_column("note", overflow="fold")
    for row, note in zip(rows, notes, strict=True):
        cells = [row["instance_id"], row["state"], str(row["attempts"]), f"{row['duration_seconds']:.1f}"]
        table.add_row(*map(escape, cells), *([escape(note)] if any(notes) else []))
    return table


def _note(row: Mapping[str, Any]) -> str:
    """What broke; else that a stronger model was asked, that it was done before, that judge and official tests disagree."""
    if row["error"]:
        return first_sentence(visible(row["error"]), 120)
    said = ["escalated"] if row["rung"] > 0 else []
    said += ["taken over"] if row["reused_from"] else []
    if row["patch_sha256"] and row["judge_accepted"] != row["verified"]:
        said.append("judge accepted" if row["judge_accepted"] else "judge refused")
    return ", ".join(said)


def summary_lines(results: dict[str, Any]) -> list[str]:
    """The run's numbers in words, each with its denominator."""
    s, config = results["summary"], results["config"]
    labels = [config["model"] + (" (no LLM)" if config["model"] == "mutation" else ""), *config["ladder"][1:]]
    cost = "unknown" if s["cost_usd"] is None else f"${s['cost_usd']:.4f}"
    unsafe = config["stamps"].get("isolation") == "unsafe-local"
    lines = [
        f"model: {' → '.join(labels)}   status: {results['status']}   feedback: {config['disclosure']}",
        (
            f"resolved {_share(s, s['intervals']['total']['display'])}: "
            f"{s['verified_primary']} by the primary model, {s['verified_escalated']} escalated"
        ),
        *_part_lines(s),
        *(["NO ISOLATION: run without a sandbox (--unsafe-local)"] if unsafe else []),
        f"judge accepted {s['judge_accepted']} of {s['total']}; of these {s['verified_of_judge_accepted']} resolved",
        (
            f"infrastructure failures {s['infra_failed']}, crashes {s['crashed']}   cost {cost}   "
            f"{s['avg_attempts']:.1f} attempts and {s['avg_time']:.1f} s per instance"
        ),
    ]
    if results["status"] != "complete":
        how = "with -l USD or -c budget.X=... where a limit stopped it"
        lines.insert(1, f"not every instance came to its end: `ramp resume {config['run']}` goes on, {how}")
    lines += call_lines(results)
    funnel = results["funnel"]
    steps = [f"replies {funnel.get('replies', 0)}", f"candidates {funnel.get('candidates', 0)}"]
    steps += [f"{stage} {funnel.get(f'{stage}:through', 0)}/{funnel.get(f'{stage}:in', 0)}" for stage in STAGES]
    lines.append("funnel: " + " → ".join(steps))
    return [*lines, *grade_lines(results["grade_all"])] if "grade_all" in results else lines


def _part_lines(s: Mapping[str, Any]) -> list[str]:
    lines = []
    if 0 < s["fresh"]["total"] < s["total"]:
        lines.append(f"fresh only (new in this phase): resolved {_share(s['fresh'], s['fresh']['interval'])}")
    if s["tuned_instances"]:
        left = (
            f"resolved {_share(s['untuned'], s['untuned']['interval'])}" if s["untuned"]["total"] else "there are none"
        )
        lines.append(
            f"careful: the prompts were tried on {s['tuned_instances']} of these instances; without them {left}"
        )
    return lines


def _share(part: Mapping[str, Any], interval: Mapping[str, Any] | None) -> str:
    span = f", 95% {interval['method']} {interval['low']:.0%} to {interval['high']:.0%}" if interval else ""
    return f"{part['verified']} of {part['total']} ({part['success_rate']:.0%}{span})"


def gate_summary(gate: Mapping[str, Any] | None, results: Mapping[str, Any]) -> list[str]:
    """The gate in a line, and why where it says no."""
    if gate is None:
        return []
    if results["config"]["is_subset"]:
        return ["gate: a subset of a phase decides nothing"]
    label = f", label {gate['label']['label']} ({gate['label']['verdict']})" if gate["label"]["label"] else ""
    lines = [f"gate: {gate['verdict'].upper()}{label}; `ramp gate {results['config']['run']}` has the rules"]
    return [*lines, *(f"  because {reason}" for reason in gate["reasons"])]
