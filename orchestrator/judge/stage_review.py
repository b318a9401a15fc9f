"""Stage 8: what a reviewing model thinks of the change. It ranks; it can refuse only where a phase lets it veto.

Never a way up: a candidate that an earlier stage refused does not come here, and a verdict that cannot be read is none.
"""

from __future__ import annotations

from orchestrator.judge.case import Case
from orchestrator.judge.findings import Violation, abstained, passed, refused
from orchestrator.judge.review import read_review, review_messages
from orchestrator.records import Candidate, Finding, FinishReason, ModelRequest, Sampling
from orchestrator.sandbox.nonces import nonce_of

STAGE = "review"

_SAMPLING = Sampling(temperature=0.0, seed=0, max_output_tokens=1024)
_FIRST_WORDS = 400


def reviewer_approves(candidate: Candidate, case: Case) -> Finding:
    """Pass with a score (0..1) for consensus; abstain without a reviewing model or a readable verdict.

    A rejection is a refusal only under `settings.review_veto`; otherwise it lowers the score and the candidate goes on.
    Raises what the model raises (ModelUnavailable, BudgetExhausted).
    """
    if case.reviewer is None:
        return abstained(STAGE, candidate, "no reviewing model set", cost_usd=0.0)
    nonce = nonce_of(case.sandbox, f"review/{candidate.candidate_id}")
    reply = case.reviewer.complete(_request(candidate, case, nonce))
    more = {"cost_usd": reply.cost_usd, "duration_s": reply.duration_s, "output": reply.text.encode("utf-8", "replace")}
    verdict = read_review(reply.text, nonce) if reply.finish is FinishReason.STOP else None
    if verdict is None:
        return abstained(STAGE, candidate, f"the reviewer's verdict could not be read ({reply.finish})", **more)
    reasons = verdict.reasons[:_FIRST_WORDS]
    if verdict.approve:
        return passed(STAGE, candidate, f"approved: {reasons}", score=verdict.score, **more)
    if not case.settings.review_veto:
        return abstained(
            STAGE, candidate, f"not approved (no veto in this phase): {reasons}", score=verdict.score, **more
        )
    weakest = min(verdict.ratings, key=lambda point: verdict.ratings[point])
    violation = Violation("review.rejected", f"the reviewer rejects the change: {reasons}", _ADVICE.get(weakest, ""))
    return refused(STAGE, candidate, violation, detail=weakest, score=verdict.score, **more)


_ADVICE = {
    "cause": "Repair the cause that the issue describes, not its symptom.",
    "minimal": "Change only what the repair needs.",
    "honest": "Do not mask the failure or treat the issue's example as a special case.",
    "safe": "Keep what callers rely on: names, arguments, return values and exceptions.",
}


def _request(candidate: Candidate, case: Case, nonce: str) -> ModelRequest:
    assert case.reviewer is not None, "asked only where there is a reviewer"
    messages = review_messages(
        case.prompts,
        problem_statement=case.task.problem_statement,
        diff=candidate.diff,
        nonce=nonce,
        count_tokens=case.reviewer.count_tokens,
    )
    return ModelRequest(
        model=case.reviewer.name,
        purpose="review",
        instance_id=case.task.instance_id,
        attempt=candidate.attempt,
        sample=candidate.sample,
        messages=messages,
        sampling=_SAMPLING,
    )
