"""Decide: what the next attempt is told, and whether there is one."""

from __future__ import annotations

from dataclasses import asdict

from orchestrator.errors import MissingPiece, ModelUnavailable
from orchestrator.feedback.feedback import make_feedback, make_refusal_feedback
from orchestrator.feedback.policy import decide
from orchestrator.feedback.summary import history_of
from orchestrator.journey import Attempt, Journey
from orchestrator.records import Finding, Judgement
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench


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
    decision = decide(history_of(journey), settings.ladder, settings.policy, settings.attempts)
    return thought(decision.event, decision, note=decision.why)


def escalating(journey: Journey, bench: Workbench) -> Said:
    """Open the next rung; where its model cannot be reached, DECIDING hears of it."""
    try:
        identity = bench.model(journey.rung).identify()
    except (MissingPiece, ModelUnavailable) as error:
        return Said("rung_unavailable", note=str(error))
    return Said("escalated", note=str(asdict(identity)))


def last_refusal(attempt: Attempt, candidate_id: str) -> Finding | None:
    """The finding that refused a candidate, or None where every stage let it through."""
    refusals = [f for f in attempt.findings_of(candidate_id) if f.judgement is Judgement.FAIL]
    return refusals[-1] if refusals else None
