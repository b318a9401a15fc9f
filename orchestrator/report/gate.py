"""The gate of a phase: from results and rules to a recorded decision, `gate.json`.

A rule refuses by what was observed: a pipeline that lost one instance in five did so, whatever an interval makes of it. The
verdict beside it (MET, NOT MET, NOT SHOWN, by Clopper and Pearson's interval) says how far the observation carries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestrator.gate_rules import GateSettings, Health, Label, Target
from orchestrator.report.files import write_json
from orchestrator.report.statistics import (
    MET,
    NOT_MET,
    NOT_SHOWN,
    Interval,
    clopper_pearson,
    mean_interval,
    predicted_count,
    verdict_on,
    wilson,
)

GATE = "gate.json"
GO, NO = "go", "no"


def decide_gate(results: Mapping[str, Any], gate: GateSettings) -> dict[str, Any]:
    """The decision on a phase with everything that led to it, ready for JSON. Pure: the same results give the same decision."""
    rules = gate.for_ladder(tuple(results["config"]["ladder"]))
    summary = results["summary"]
    labelled = _label(summary["verified"], summary["total"], rules.labels)
    health = [_health(results, rule) for rule in rules.health]
    reasons = [*_unfit(results), *_refusals(rules, labelled, health)]
    return {
        "run": results["config"].get("run"),
        "phase": results["phase"],
        "rule": rules.model_dump(mode="json", exclude={"ladders"}),
        "observed": {"total": _rate(summary, "verified"), "primary": _rate(summary, "verified_primary")},
        "escalated": summary["verified_escalated"],
        "fresh": summary["fresh"],
        "label": labelled,
        "health": health,
        "targets": [_target(results, target) for target in rules.targets],
        "prediction": _prediction(summary, rules.predict_size),
        "verdict": NO if reasons else GO,
        "reasons": reasons,
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "override": None,
    }


def write_gate(folder: Path, decision: dict[str, Any]) -> dict[str, Any]:
    """Write `gate.json`, keeping an override that was recorded there, and return what was written."""
    known = read_gate(folder)
    kept = {**decision, "override": known["override"] if known else None}
    write_json(folder / GATE, kept)
    return kept


def read_gate(folder: Path) -> dict[str, Any] | None:
    """A run's recorded decision, if there is one."""
    path = folder / GATE
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def record_override(folder: Path, override: Mapping[str, str], next_run: str) -> None:
    """Record in a run's gate who went on against it (`by`), why, and with which run."""
    decision = read_gate(folder)
    if decision is not None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        noted = {"by": override["by"], "why": override["why"], "at": at, "next_run": next_run}
        write_json(folder / GATE, {**decision, "override": noted})


def says_no(decision: Mapping[str, Any]) -> bool:
    """Whether a recorded decision stands in the way of the next phase."""
    return bool(decision["verdict"] == NO)


# --- the parts of a decision ------------------------------------------------------------------------


def _unfit(results: Mapping[str, Any]) -> list[str]:
    reasons = []
    if results["status"] != "complete":
        left = sum(row["state"] in ("UNFINISHED", "STOPPED") for row in results["results"])
        reasons.append(
            f"the run is partial ({left} of {results['summary']['total']} unfinished); `ramp resume` finishes it"
        )
    if results["config"].get("is_subset"):
        reasons.append("the run is a subset of its phase, which decides nothing")
    return reasons


def _refusals(rules: GateSettings, labelled: Mapping[str, Any], health: Sequence[Mapping[str, Any]]) -> list[str]:
    if rules.decides == "label" and labelled["label"] in rules.refuse:
        return [f"label {labelled['label']!r}: {labelled['rate']:.0%} resolved"]
    if rules.decides == "health":
        return [f"{h['measure']}: observed {h['text']}, must be {h['bound']}" for h in health if h["ok"] is False]
    return []


def _rate(summary: Mapping[str, Any], key: str) -> dict[str, Any]:
    k, n = summary[key], summary["total"]
    gate, display = clopper_pearson(k, n), wilson(k, n)
    return {
        "verified": k,
        "total": n,
        "rate": k / n if n else 0.0,
        "interval": gate.as_dict() if gate else None,
        "display_interval": display.as_dict() if display else None,
    }


def _label(verified: int, total: int, labels: Sequence[Label]) -> dict[str, Any]:
    """The label of the observed rate, and those that the interval leaves possible: more than one is NOT SHOWN."""
    rate = verified / total if total else 0.0
    interval = clopper_pearson(verified, total)
    possible = [] if interval is None else _between(labels, interval.low, interval.high)
    verdict = MET if len(possible) == 1 else NOT_SHOWN
    return {"label": _label_at(labels, rate), "rate": rate, "possible": possible, "verdict": verdict}


def _label_at(labels: Sequence[Label], rate: float) -> str | None:
    return next((label.label for label in reversed(labels) if label.covers(rate)), None)


def _between(labels: Sequence[Label], low: float, high: float) -> list[str]:
    at = [i for i, label in enumerate(labels) if label.covers(low)]
    first = at[-1] if at else 0
    return list(dict.fromkeys(label.label for i, label in enumerate(labels) if i >= first and label.covers(high)))


def _health(results: Mapping[str, Any], rule: Health) -> dict[str, Any]:
    per_instance = rule.measure in ("cost_usd_per_instance", "seconds_per_instance")
    observed, interval, text = (_mean if per_instance else _share)(results, rule.measure)
    bound = f"at least {rule.at_least:g}" if rule.at_least is not None else f"at most {rule.at_most:g}"
    return {
        "measure": rule.measure,
        "bound": bound,
        "observed": observed,
        "text": text,
        "interval": interval.as_dict() if interval else None,
        "ok": None if observed is None else _holds(observed, rule),
        "verdict": _carries(observed, interval, rule),
    }


def _carries(observed: float | None, interval: Interval | None, rule: Health) -> str:
    """How far the observation carries. A bound of none is about this run, so that what was counted settles it."""
    if rule.at_most == 0 and observed is not None:
        return NOT_MET if observed else MET
    return verdict_on(interval, at_least=rule.at_least, at_most=rule.at_most)


def _holds(observed: float, rule: Health) -> bool:
    return observed >= rule.at_least if rule.at_least is not None else observed <= (rule.at_most or 0.0)


def _mean(results: Mapping[str, Any], measure: str) -> tuple[float | None, Interval | None, str]:
    key = "cost_usd" if measure.startswith("cost") else "duration_seconds"
    values = [row[key] for row in results["results"]]
    if None in values or not values:
        return None, None, f"unknown for {values.count(None)} of {len(values)}"
    observed = sum(values) / len(values)
    return observed, mean_interval([float(value) for value in values]), f"{observed:.4g}"


def _share(results: Mapping[str, Any], measure: str) -> tuple[float | None, Interval | None, str]:
    """A share of instances. Regression counts only where it was judged; everything else has all instances below the line."""
    summary, funnel = results["summary"], results["instance_funnel"]
    n = summary["total"]
    if measure == "regression_clean":
        said = [row["stages"].get("regression") for row in results["results"]]
        k, n = said.count("pass"), said.count("pass") + said.count("fail")
    elif measure in ("edits_applied", "candidates_parse"):
        k = funnel[{"edits_applied": "applies", "candidates_parse": "parses"}[measure]]
    else:
        k = summary[measure]
    return (k / n if n else None), clopper_pearson(k, n), f"{k} of {n}"


def _target(results: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """A count is reached or not once all instances are through; before that only "reached" can be said."""
    summary = results["summary"]
    count = summary["verified_primary" if target.of == "primary" else "verified"]
    final = results["status"] == "complete" and summary["total"] == target.out_of
    verdict = MET if count >= target.count else NOT_MET if final else NOT_SHOWN
    escalated = summary["verified_escalated"]
    return {**target.model_dump(mode="json"), "observed": count, "escalated": escalated, "verdict": verdict}


def _prediction(summary: Mapping[str, Any], size: int | None) -> dict[str, Any] | None:
    if size is None or (found := predicted_count(summary["verified"], summary["total"], size)) is None:
        return None
    expected, interval = found
    return {"size": size, "expected": expected, "interval": interval.as_dict()}


def gate_lines(decision: Mapping[str, Any]) -> list[str]:
    """A decision in words, for a terminal."""
    observed = decision["observed"]
    lines = [
        f"phase {decision['phase']}: the gate says {decision['verdict'].upper()}",
        *(f"  because {r}" for r in decision["reasons"]),
    ]
    for name in ("total", "primary"):
        rate = observed[name]
        interval = rate["interval"]
        span = f", 95% {interval['method']} {interval['low']:.0%} to {interval['high']:.0%}" if interval else ""
        lines.append(f"  {name:8} resolved {rate['verified']} of {rate['total']} ({rate['rate']:.0%}{span})")
    label = decision["label"]
    if label["label"]:
        role = "" if decision["rule"]["decides"] == "label" else "advice, "
        left = ", ".join(label["possible"])
        lines.append(f"  label    {label['label']} ({role}{label['verdict']}: the interval leaves {left})")
    for rule in decision["health"]:
        mark = {True: "ok", False: "NO", None: "? "}[rule["ok"]]
        lines.append(f"  {mark:8} {rule['measure']} {rule['text']}, {rule['bound']} wanted: {rule['verdict']}")
    for target in decision["targets"]:
        who = (
            "by the primary model alone" if target["of"] == "primary" else f"in total ({target['escalated']} escalated)"
        )
        lines.append(
            f"  target   {target['name']}: {target['observed']} of {target['count']} {who}: {target['verdict']}"
        )
    if (prediction := decision["prediction"]) is not None:
        low, high = prediction["interval"]["low"], prediction["interval"]["high"]
        lines.append(
            f"  expect   {prediction['expected']:.0f} of {prediction['size']}, 95% prediction interval {low:.0f} to {high:.0f}"
            f" ({prediction['interval']['method']})"
        )
    if decision["override"]:
        o = decision["override"]
        lines.append(f"  override by {o['by']} at {o['at']} for {o['next_run']}: {o['why']}")
    return lines
