"""Stage 1: does every edit find its place, uniquely, and change something?"""

from __future__ import annotations

from orchestrator import syntax
from orchestrator.judge.case import Case
from orchestrator.judge.findings import Violation, passed, refused
from orchestrator.records import Candidate, EditRefusal, FileChange, Finding

STAGE = "applies"


def edits_apply(candidate: Candidate, case: Case) -> Finding:  # noqa: ARG001  # every stage has one signature
    """Pass where the edits landed and the program is another one than before; comments and formatting do not count."""
    if candidate.refusal is not None:
        return refused(STAGE, candidate, _from_refusal(candidate.refusal), detail=candidate.refusal.path)
    changed = [change for change in candidate.changes if change.before != change.after]
    if not changed or not candidate.diff:
        return refused(STAGE, candidate, _NO_CHANGE)
    if all(_means_the_same(change) for change in changed):
        return refused(STAGE, candidate, _NO_EFFECT)
    return passed(
        STAGE, candidate, f"{len(candidate.landings) or len(changed)} edit(s) landed in {len(changed)} file(s)"
    )


_NO_CHANGE = Violation(
    "applies.no_change",
    "the edits leave every file exactly as it was",
    "Write the code as it should be after the repair; it must differ from the code that was shown.",
)
_NO_EFFECT = Violation(
    "applies.no_effect",
    "only comments, docstrings, formatting or names of local variables change, so the program behaves as before",
    "Change what the code does: the cause of the issue is still there.",
)


def _from_refusal(refusal: EditRefusal) -> Violation:
    reason = f"{refusal.message} (nearest place:\n{refusal.nearest})" if refusal.nearest else refusal.message
    where = f" in {refusal.path}" if refusal.path else ""
    advice = f"Copy the code to be replaced{where} exactly as it was shown, whole and unchanged, and change only the replacement."
    return Violation(f"applies.{refusal.code}", reason, advice)


def _means_the_same(change: FileChange) -> bool:
    if change.before is None or change.after is None or not change.path.endswith((".py", ".pyi")):
        return False
    before, after = (syntax.decode_source(data)[0] for data in (change.before, change.after))
    return syntax.fingerprint(before) == syntax.fingerprint(after)
