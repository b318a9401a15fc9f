"""`phase_N_results.json`: the seed schema, with more keys; every number has its denominator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import mean
from typing import Any

from orchestrator.journey import Journey, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.records import Judgement, Outcome
from orchestrator.report.outcomes import outcome_of

INFRA_FAILED, CRASHED = "INFRA_FAILED", "CRASHED"


def read_journeys(ledger: Ledger, machine: Machine) -> list[Journey]:
    """Every instance's journey, in the run's order; memory grows with the run, so stream where you can."""
    return [replay_journey(i, machine.start, ledger.transitions(i)) for i in ledger.instance_ids()]


def phase_results(ledger: Ledger, machine: Machine) -> dict[str, Any]:
    """The results of a run as they go to JSON. `verified` counts official verdicts; rates are fractions of `total`."""
    meta = ledger.meta()
    finals = frozenset(machine.finals)
    outcomes: list[Outcome] = []
    funnel: Counter[str] = Counter()
    for instance_id in ledger.instance_ids():
        journey = replay_journey(instance_id, machine.start, ledger.transitions(instance_id))
        outcomes.append(outcome_of(journey, finals))
        funnel.update(funnel_of(journey))
    settings = meta["settings"]
    began = datetime.fromtimestamp(meta["began_s"], UTC).isoformat()
    return {
        "phase": settings["phase"],
        "timestamp": began,
        "config": {
            "model": settings["ladder"][0]["model"],
            "approach": settings["arm"],
            "max_attempts": settings["attempts"],
            "benchmark": settings["benchmark"],
            "ladder": [rung["model"] for rung in settings["ladder"]],
            "disclosure": settings["disclosure"],
            "stamps": meta["stamps"],
        },
        "status": "complete" if all(_is_over(o) for o in outcomes) else "partial",
        "summary": summary_of(outcomes),
        "funnel": dict(funnel),
        "results": [_row(outcome) for outcome in outcomes],
    }


def summary_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Counts and rates. Primary-only, escalated and total are three numbers; infra failures and crashes stay in the total."""
    total = len(outcomes)
    verified = [o for o in outcomes if o.verified]
    costs = [o.cost_usd for o in outcomes]
    return {
        "total": total,
        "verified": len(verified),
        "success_rate": len(verified) / total if total else 0.0,
        "avg_attempts": mean(o.attempts for o in outcomes) if outcomes else 0.0,
        "avg_time": mean(o.duration_s for o in outcomes) if outcomes else 0.0,
        "verified_primary": sum(o.rung == 0 for o in verified),
        "verified_escalated": sum(o.rung > 0 for o in verified),
        "judge_accepted": sum(o.judge_accepted for o in outcomes),
        "verified_of_judge_accepted": sum(o.judge_accepted for o in verified),
        "infra_failed": sum(o.state == INFRA_FAILED for o in outcomes),
        "crashed": sum(o.state == CRASHED for o in outcomes),
        "finals": dict(Counter(o.state for o in outcomes)),
        "attempts_histogram": dict(sorted(Counter(str(o.attempts) for o in outcomes).items())),
        "cost_usd": None if None in costs else sum(cost or 0.0 for cost in costs),
        "input_tokens": sum(o.input_tokens for o in outcomes),
        "output_tokens": sum(o.output_tokens for o in outcomes),
    }


def funnel_of(journey: Journey) -> Mapping[str, int]:
    """How many candidates went into each stage and how many were let through: `applies:in`, `applies:through`."""
    counts: Counter[str] = Counter()
    for attempt in journey.attempts:
        counts["replies"] += len(attempt.replies)
        counts["candidates"] += len(attempt.candidates)
        for finding in attempt.findings:
            counts[f"{finding.stage}:in"] += 1
            counts[f"{finding.stage}:through"] += finding.judgement in (Judgement.PASS, Judgement.ABSTAIN)
        counts["accepted"] += attempt.verdict is not None and attempt.verdict.candidate_id is not None
    return counts


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "instance_id": outcome.instance_id,
        "verified": outcome.verified,
        "attempts": outcome.attempts,
        "duration_seconds": round(outcome.duration_s, 3),
        "error": outcome.error or None,
        "state": outcome.state,
        "samples": outcome.samples,
        "model": outcome.model,
        "rung": outcome.rung,
        "escalated_because": outcome.escalated_because or None,
        "judge_accepted": outcome.judge_accepted,
        "patch_sha256": outcome.patch_sha256 or None,
        "cost_usd": outcome.cost_usd,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
    }


def _is_over(outcome: Outcome) -> bool:
    return outcome.state not in ("UNFINISHED", "STOPPED")
