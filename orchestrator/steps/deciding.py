"""Decide: what the next attempt is told, and whether there is one."""

from __future__ import annotations

from dataclasses import asdict

from orchestrator.errors import MissingPiece, ModelUnavailable
from orchestrator.feedback.feedback import make_feedback, make_refusal_feedback
from orchestrator.feedback.history import AttemptHistory
from orchestrator.feedback.policy import decide
from orchestrator.journey import Attempt, Journey
from orchestrator.judge import STAGES
from orchestrator.models.signals import AttemptSummary
from orchestrator.records import Finding, FinishReason, Judgement
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench

_STAGE_NUMBER = {stage.name: number for number, stage in enumerate(STAGES, 1)}


def diagnosing(journey: Journey, bench: Workbench) -> Said:
    """Write the feedback from the candidate that got furthest, or from the replies that could not be read."""
    attempt = journey.attempt
    candidate = attempt.furthest()
    detail = bench.settings.feedback.detail
    if candidate is not None:
        finding = last_refusal(attempt, candidate.candidate_id)
        if finding is None:
            return thought("diagnosed", note="a survivor that consensus was not sure of")
        feedback = make_feedback(candidate, finding, attempt_number=attempt.number, tree=bench.tree, detail=detail)
    elif attempt.refusals:
        feedback = make_refusal_feedback(attempt.refusals[0], attempt_number=attempt.number, detail=detail)
    else:
        return thought("diagnosed", note="no reply")
    return thought("diagnosed", feedback)


def deciding(journey: Journey, bench: Workbench) -> Said:
    """Again, fresh, escalate or give up: asked of one pure function of counters and fingerprints."""
    settings = bench.settings
    decision = decide(history_of(journey, settings.context.strategy), settings.ladder, settings.policy, settings.attempts)
    return thought(decision.event, decision, note=decision.why)


def escalating(journey: Journey, bench: Workbench) -> Said:
    """Open the next rung; where its model cannot be reached, DECIDING hears of it."""
    try:
        identity = bench.model(journey.rung).identify()
    except (MissingPiece, ModelUnavailable) as error:
        return Said("rung_unavailable", note=str(error))
    return Said("escalated", note=str(asdict(identity)))


def history_of(journey: Journey, strategy: str) -> AttemptHistory:
    """What the policy looks at: counters, fingerprints and signatures; nothing that was graded."""
    exhausted = {
        attempt.rung
        for attempt in journey.attempts
        if any(reply.finish is FinishReason.EXHAUSTED for reply in attempt.replies)
    }
    return AttemptHistory(
        attempts=tuple(summary_of(attempt) for attempt in journey.attempts),
        decisions=journey.decisions,
        unavailable_rungs=frozenset(journey.unavailable_rungs),
        exhausted_rungs=frozenset(exhausted),
        strategy=strategy,
    )


def summary_of(attempt: Attempt) -> AttemptSummary:
    """One attempt as the policy sees it."""
    furthest = attempt.furthest()
    finding = last_refusal(attempt, furthest.candidate_id) if furthest else None
    chosen = attempt.verdict is not None and attempt.verdict.candidate_id is not None
    return AttemptSummary(
        attempt=attempt.number,
        rung=attempt.rung,
        fingerprints=tuple(c.fingerprint for c in attempt.candidates if c.fingerprint),
        stage_reached=max((_STAGE_NUMBER.get(f.stage, 0) for f in attempt.findings), default=0),
        failure_signature=finding.signature if finding else "",
        refusal_code=attempt.refusals[0].code if attempt.refusals and not attempt.candidates else "",
        confidence=attempt.verdict.confidence if attempt.verdict and chosen else None,
        unavailable=not attempt.replies,
        context_too_small=any(reply.finish is FinishReason.CONTEXT_TOO_SMALL for reply in attempt.replies),
    )


def last_refusal(attempt: Attempt, candidate_id: str) -> Finding | None:
    """The finding that refused a candidate, or None where every stage let it through."""
    refusals = [f for f in attempt.findings_of(candidate_id) if f.judgement is Judgement.FAIL]
    return refusals[-1] if refusals else None
