"""One instance as one row of `results`: everything that later tables and plots need of it, so that no journey has to be kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from orchestrator.journey import Attempt, Journey
from orchestrator.records import Judgement
from orchestrator.report.outcomes import outcome_of
from orchestrator.report.taxonomy import classify
from orchestrator.series.phaselists import repository_of
from orchestrator.text import first_sentence

STAGES = ("applies", "scope", "parses", "lints", "imports", "reproduction", "regression", "review", "consensus")
ENDS = ("no reply", "no edits", *STAGES, "accepted")
"""Where an attempt can end, in the order of the way through."""

REASON_LIMIT = 160
FORMAT = 3
"""Counts up when results get keys that readers here need: an older export is then made again from its ledger."""

_LET_THROUGH = (Judgement.PASS, Judgement.ABSTAIN)


@dataclass(slots=True)
class Counts:
    """What is summed over all candidates of a run while instances stream by."""

    funnel: Counter[str] = field(default_factory=Counter)
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)
    call_seconds: list[float] = field(default_factory=list)

    def add(self, journey: Journey) -> None:
        """Take in one instance."""
        for attempt in journey.attempts:
            self.funnel["replies"] += len(attempt.replies)
            self.funnel["candidates"] += len(attempt.candidates)
            self.call_seconds += [r.duration_s for r in attempt.replies if not r.from_cache]
            for finding in attempt.findings:
                self.funnel[f"{finding.stage}:in"] += 1
                self.funnel[f"{finding.stage}:through"] += finding.judgement in _LET_THROUGH
                self.verdicts.setdefault(finding.stage, Counter())[finding.judgement.value] += 1
            self.funnel["accepted"] += attempt.verdict is not None and attempt.verdict.candidate_id is not None


def row_of(
    journey: Journey, finals: frozenset[str], *, fresh: bool, tuned_on: bool, reused_from: str | None
) -> dict[str, Any]:
    """The row of an instance. The first five keys are the seed schema's; durations are in seconds, costs in dollars.

    `category` is of `taxonomy.CLASSES`, judged without the gold patch. `fresh`: no earlier phase had the instance; `tuned_on`:
    the log of the prompt set says that its prompts were tried on it.
    """
    outcome = outcome_of(journey, finals)
    failure = classify(journey) if journey.state in finals else None
    return {
        "instance_id": outcome.instance_id,
        "verified": outcome.verified,
        "attempts": outcome.attempts,
        "duration_seconds": round(outcome.duration_s, 3),
        "error": outcome.error or None,
        "state": outcome.state,
        "repo": journey.task.repo if journey.task else repository_of(outcome.instance_id),
        "fresh": fresh,
        "tuned_on": tuned_on,
        "reused_from": reused_from,
        "samples": outcome.samples,
        "model": outcome.model,
        "rung": outcome.rung,
        "escalated_because": outcome.escalated_because or None,
        "judge_accepted": outcome.judge_accepted,
        "patch_sha256": outcome.patch_sha256 or None,
        "cost_usd": outcome.cost_usd,
        "input_tokens": outcome.input_tokens,
        "output_tokens": outcome.output_tokens,
        "stages": _stages(journey),
        "attempt_ends": [_attempt_end(attempt) for attempt in journey.attempts],
        "patch_findings": _patch_findings(journey),
        "category": failure.kind if failure else "",
        "reason": first_sentence(failure.reason, REASON_LIMIT) if failure else "",
    }


def end_of(attempt: Attempt) -> str:
    """Where an attempt ended: `accepted`, or what its furthest candidate could not pass."""
    if attempt.verdict is not None and attempt.verdict.candidate_id is not None:
        return "accepted"
    furthest = attempt.furthest()
    if furthest is None:
        return "no edits" if attempt.replies else "no reply"
    refused = [f.stage for f in attempt.findings_of(furthest.candidate_id) if f.judgement not in _LET_THROUGH]
    return refused[-1] if refused else "consensus"


def _attempt_end(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.number,
        "rung": attempt.rung,
        "ended": end_of(attempt),
        "decision": attempt.decision.event if attempt.decision else None,
    }


def _stages(journey: Journey) -> dict[str, str]:
    """For each stage that saw a candidate of the instance, the best that it said: pass, abstain, fail or infra."""
    best: dict[str, Judgement] = {}
    order = (Judgement.PASS, Judgement.ABSTAIN, Judgement.FAIL, Judgement.INFRA)
    for attempt in journey.attempts:
        for finding in attempt.findings:
            known = best.get(finding.stage, Judgement.INFRA)
            best[finding.stage] = min(known, finding.judgement, key=order.index)
    return {stage: judgement.value for stage, judgement in best.items()}


def _patch_findings(journey: Journey) -> dict[str, str]:
    """What each stage said of the candidate that became the patch."""
    if journey.patch is None:
        return {}
    attempt = journey.attempts[journey.patch.attempt - 1]
    return {f.stage: f.judgement.value for f in attempt.findings_of(journey.patch.candidate_id)}
