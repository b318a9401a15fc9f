"""A journey as the attempt policy reads it."""

from __future__ import annotations

from orchestrator.feedback.history import AttemptHistory
from orchestrator.feedback.signals import DEFAULT_THRESHOLDS, AttemptSummary, Thresholds
from orchestrator.journey import Attempt, Journey
from orchestrator.records import FinishReason, Judgement

_CUT_OFF = frozenset({FinishReason.LENGTH, FinishReason.REPETITION, FinishReason.REFUSAL})

CODE_AT_FAULT = frozenset({
    "repeated", "syntax_error", "does_not_parse", "no_change", "already_there", "unsafe_path", "encoding", "binary", "too_large",
})  # fmt: skip
"""Codes of refusals that another edit format would not have spared the model."""

REPEATED = "repeated"
"""The refusal code of a candidate that was proposed before, in whatever words."""


def history_of(journey: Journey, *, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> AttemptHistory:
    """Everything that DECIDING looks at, from the records committed so far."""
    attempts = journey.attempts
    return AttemptHistory(
        attempts=tuple(summarise(attempt) for attempt in attempts),
        decisions=journey.decisions,
        unavailable_rungs=frozenset(journey.unavailable_rungs),
        exhausted_rungs=frozenset(attempt.rung for attempt in attempts if _exhausted(attempt)),
        repeated=frozenset(attempt.number for attempt in attempts if _repeats(attempt)),
        strategy=attempts[0].context.strategy if attempts else "functions",
        thresholds=thresholds,
    )


def summarise(attempt: Attempt) -> AttemptSummary:
    """What one attempt came to. The stage reached counts the findings of the candidate that got furthest."""
    furthest = attempt.furthest()
    failed = (
        [f for f in attempt.findings_of(furthest.candidate_id) if f.judgement is Judgement.FAIL] if furthest else []
    )
    diagnosed = attempt.feedback.diagnosis.signature if attempt.feedback else ""
    return AttemptSummary(
        attempt=attempt.number,
        rung=attempt.rung,
        fingerprints=tuple(candidate.fingerprint for candidate in attempt.candidates if candidate.fingerprint),
        stage_reached=max((len(attempt.findings_of(c.candidate_id)) for c in attempt.candidates), default=0),
        failure_signature=(failed[-1].signature if failed else "") or diagnosed,
        refusal_code=_format_failure(attempt),
        confidence=attempt.verdict.confidence if attempt.verdict and attempt.verdict.candidate_id else None,
        unavailable=bool(attempt.requests) and not attempt.replies,  # even an engine without an idea replies so
        context_too_small=any(reply.finish is FinishReason.CONTEXT_TOO_SMALL for reply in attempt.replies),
    )


def _format_failure(attempt: Attempt) -> str:
    """Why no edit of the attempt could be read or placed; empty where one could, or where its code was at fault."""
    if any(candidate.refusal is None for candidate in attempt.candidates):
        return ""
    refused = [*attempt.refusals, *(candidate.refusal for candidate in attempt.candidates if candidate.refusal)]
    codes = [refusal.code for refusal in refused]
    codes += [str(reply.finish) for reply in attempt.replies if reply.finish in _CUT_OFF]
    return next((code for code in codes if code not in CODE_AT_FAULT), "")


def _exhausted(attempt: Attempt) -> bool:
    return any(reply.finish is FinishReason.EXHAUSTED for reply in attempt.replies)


def _repeats(attempt: Attempt) -> bool:
    """Whether the attempt proposed only what was proposed before."""
    return not attempt.candidates and any(refusal.code == REPEATED for refusal in attempt.refusals)
