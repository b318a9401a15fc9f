"""How a stage says what it found: one constructor per judgement, and the masked fingerprint of a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.masking import signature_of
from orchestrator.records import Candidate, Finding, Judgement


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a candidate breaks: a stable id, what is wrong, and what to do differently."""

    rule: str
    reason: str
    advice: str


def passed(stage: str, candidate: Candidate, reason: str, **more: Any) -> Finding:
    """The stage's claim holds."""
    return Finding(stage, candidate.candidate_id, Judgement.PASS, reason, **more)


def refused(stage: str, candidate: Candidate, violation: Violation, *, detail: str = "", **more: Any) -> Finding:
    """The claim does not hold. `detail` is what the fingerprint is made of where the reason is too particular or too vague."""
    return Finding(
        stage,
        candidate.candidate_id,
        Judgement.FAIL,
        violation.reason,
        advice=violation.advice,
        rule=violation.rule,
        signature=signature_of(violation.rule, detail or violation.reason),
        **more,
    )


def abstained(stage: str, candidate: Candidate, reason: str, **more: Any) -> Finding:
    """Nothing can be said either way; the candidate goes on."""
    return Finding(stage, candidate.candidate_id, Judgement.ABSTAIN, reason, **more)


def broken(stage: str, candidate: Candidate, reason: str, **more: Any) -> Finding:
    """The environment failed: never held against the candidate."""
    return Finding(stage, candidate.candidate_id, Judgement.INFRA, reason, rule=f"{stage}.infra", **more)
