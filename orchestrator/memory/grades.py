"""The official verdicts on all candidates of an instance, as `--grade-all` leaves them in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.ledger import Ledger
from orchestrator.records import Evaluation

GRADES = "grade"
"""The kind of memo that a grade is kept as."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The official verdict on one candidate's patch. `resolved` is None where the environment failed; `log` is a blob's hash.

    `outcome` says how the grading script ended: graded, patch_failed, timeout or infra.
    """

    patch_sha256: str
    resolved: bool | None
    outcome: str = ""
    infra: str = ""
    suspicion: str = ""
    duration_s: float = 0.0
    log: str = ""


def grade_of(evaluation: Evaluation, ledger: Ledger) -> Grade:
    """A verdict without its report; the test output goes into the ledger's blobs."""
    return Grade(
        patch_sha256=evaluation.patch_sha256,
        resolved=evaluation.resolved,
        outcome=evaluation.stamps.get("outcome", ""),
        infra=evaluation.infra,
        suspicion=evaluation.suspicion,
        duration_s=evaluation.duration_s,
        log=ledger.keep_blob(evaluation.test_output) if evaluation.test_output else "",
    )


def remember_grade(ledger: Ledger, instance_id: str, grade: Grade, at_s: float) -> None:
    """Commit a grade; a later one of the same patch replaces it."""
    ledger.remember(GRADES, f"{instance_id}/{grade.patch_sha256}", instance_id, grade, at_s)


def grades_of(ledger: Ledger, instance_id: str) -> Mapping[str, Grade]:
    """An instance's grades by the sha256 of the patch; empty where nobody asked for them."""
    return {grade.patch_sha256: grade for _, _, grade in ledger.memos(GRADES, Grade, instance_id)}
