"""An instance's journey as one line of numbers."""

from __future__ import annotations

from orchestrator.journey import Journey
from orchestrator.records import Outcome, Reply

UNFINISHED = "UNFINISHED"


def outcome_of(journey: Journey, finals: frozenset[str]) -> Outcome:
    """The numbers of one instance. `verified` is the official verdict and nothing else; unknown costs stay unknown."""
    replies = [reply for attempt in journey.attempts for reply in attempt.replies]
    patch = journey.patch
    rung = patch.rung if patch else journey.rung
    return Outcome(
        instance_id=journey.instance_id,
        state=journey.state if journey.state in finals else UNFINISHED,
        verified=bool(journey.evaluation and journey.evaluation.resolved),
        attempts=len(journey.attempts),
        samples=len(replies),
        duration_s=journey.duration_s,
        error=_error(journey),
        model=patch.model if patch else "",
        rung=rung,
        escalated_because=_escalation(journey, rung),
        judge_accepted=bool(patch and patch.judge_accepted),
        patch_sha256=patch.sha256 if patch else "",
        cost_usd=cost_of(replies, [f.cost_usd for a in journey.attempts for f in a.findings if f.stage == "review"]),
        input_tokens=sum(reply.usage.input_tokens for reply in replies),
        output_tokens=sum(reply.usage.output_tokens for reply in replies),
    )


def cost_of(replies: list[Reply], reviews: list[float | None]) -> float | None:
    """Dollars of paid replies and reviews; None as soon as one price is unknown."""
    total = 0.0
    for reply in replies:
        if reply.from_cache:
            continue
        if reply.cost_usd is None:
            return None
        total += reply.cost_usd
    return total + sum(cost or 0.0 for cost in reviews)


def _error(journey: Journey) -> str:
    if journey.state in ("INFRA_FAILED", "CRASHED", "STOPPED"):
        return journey.note.strip().splitlines()[-1] if journey.note.strip() else journey.state
    return ""


def _escalation(journey: Journey, rung: int) -> str:
    """Why the instance came to `rung`, or to any higher one that it was sent to; empty where it never left the first."""
    sent = [decision for decision in journey.decisions if decision.event == "escalate"]
    return next((d.why for d in reversed(sent) if d.rung == rung), sent[-1].why if sent else "")
