"""Deliver: freeze the best patch, then open the seal."""

from __future__ import annotations

import hashlib

from orchestrator.errors import SandboxError
from orchestrator.journey import Attempt, Journey
from orchestrator.records import Candidate, Patch
from orchestrator.steps.said import Said, thought
from orchestrator.steps.workbench import Workbench

# A candidate that applies, stays in scope and parses is worth grading even where the judge refused it later.
_STAGES_WORTH_A_PATCH = 3


def exporting_patch(journey: Journey, bench: Workbench) -> Said:
    """Freeze and hash the accepted candidate, or the best of the rest."""
    del bench
    patch = patch_so_far(journey)
    if patch is None:
        return thought("nothing_to_export", note="no candidate applied, stayed in scope and parsed")
    return Said("exported", (patch,))


def patch_so_far(journey: Journey) -> Patch | None:
    """What would be frozen now: the accepted candidate, or the best of the rest; None where none is worth it."""
    best = best_candidate(journey)
    if best is None:
        return None
    attempt, candidate = best
    return Patch(
        diff=candidate.diff,
        sha256=hashlib.sha256(candidate.diff).hexdigest(),
        candidate_id=candidate.candidate_id,
        attempt=attempt.number,
        rung=attempt.rung,
        model=candidate.model,
        judge_accepted=_accepted(attempt) == candidate.candidate_id,
    )


def evaluating(journey: Journey, bench: Workbench) -> Said:
    """Grade the frozen patch with the sealed tests. Only here is the seal opened."""
    assert journey.patch is not None, "EVALUATING follows EXPORTING_PATCH"
    evaluation = bench.grade(journey.the_task, journey.patch)
    if evaluation.resolved is None:
        raise SandboxError(f"grading failed: {evaluation.infra}")
    return Said("resolved" if evaluation.resolved else "unresolved", (evaluation,))


def best_candidate(journey: Journey) -> tuple[Attempt, Candidate] | None:
    """What consensus chose last, else the candidate that most stages let through; ties: smallest diff, then earliest."""
    last = journey.attempts[-1] if journey.attempts else None
    if last and (chosen := _accepted(last)):
        return last, next(c for c in last.candidates if c.candidate_id == chosen)
    worthy = [
        (attempt.stages_passed(candidate), -len(candidate.diff), -attempt.number, -candidate.sample, attempt, candidate)
        for attempt in journey.attempts
        for candidate in attempt.candidates
        if attempt.stages_passed(candidate) >= _STAGES_WORTH_A_PATCH and candidate.diff
    ]
    if not worthy:
        return None
    *_, attempt, candidate = max(worthy, key=lambda row: row[:4])
    return attempt, candidate


def _accepted(attempt: Attempt) -> str | None:
    return attempt.verdict.candidate_id if attempt.verdict else None
