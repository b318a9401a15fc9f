"""What the next attempt is told of a failed one: a record made from the candidate, the stage's finding and its diagnosis.

Nothing here has a parameter that could carry anything sealed: a finding is what the judge saw, which is the repository's
own tests and the issue's own example.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from orchestrator.feedback.diagnosis import diagnose, explain_place
from orchestrator.feedback.masking import signature_of
from orchestrator.records import (
    Candidate,
    DeleteFile,
    Diagnosis,
    DiffHunks,
    Edit,
    EditRefusal,
    Feedback,
    FileChange,
    Finding,
    ReplaceDefinition,
    SearchReplace,
)
from orchestrator.syntax import decode_source, definitions, enclosing_definition, parse_source
from orchestrator.text import clip_columns, clip_lines

Detail = Literal["none", "raw-tail", "reason", "diagnosed"]
"""How much is told: nothing, the last 40 lines that were printed, one sentence with advice, or all of the diagnosis."""

_RAW_LINES = 40
_TRIED_LINES = 30
_SOURCE_LINES = 40
_GOOD_OUTCOMES = frozenset({"passed", "skipped"})
_HUNK = re.compile(rb"^@@ -(\d+)", re.MULTILINE)

ADVICE: Mapping[str, str] = {
    "parse": "Answer in the edit format, and in nothing else.",
    "applies": "Copy the place to change exactly from the code that is shown, and name its path as it is shown.",
    "scope": "Change only the source code that the repair needs; leave tests and configuration alone.",
    "parses": "Write the definition again as a whole, and check brackets, quotes and indentation.",
    "lints": "Use only names that exist there; import what you need inside the function.",
    "imports": "The module must still import: look at names used at module level and at circular imports.",
    "reproduction": "The example of the report still fails: the cause is elsewhere, or the condition is not the right one.",
    "regression": "Keep the behaviour that this test checks, and repair only the case of the report.",
    "review": "Treat the cause that the report describes, with as small a change as you can.",
    "consensus": "Proposals disagree: look again at what exactly the report expects.",
}
"""What to do differently, by stage, where the finding has no advice of its own."""


def diagnosis_of(finding: Finding, candidate: Candidate, *, repository_root: str = "/testbed") -> Diagnosis:
    """Read a finding: what its stage printed, or for a stage that prints nothing the place that its reason names."""
    if finding.output.strip():
        failed = [test for test, outcome in finding.behaviour.items() if outcome not in _GOOD_OUTCOMES]
        return diagnose(finding.output, repository_root=repository_root, known_tests=failed)
    named = [change for change in candidate.changes if change.path in finding.reason] or list(candidate.changes)
    if not named:
        return Diagnosis(signature=signature_of(finding.stage, finding.reason))
    return explain_place(finding.reason, named[0].path, named[0].after)


def make_feedback(
    attempt: int,
    *,
    candidate: Candidate | None = None,
    finding: Finding | None = None,
    refusal: EditRefusal | None = None,
    diagnosis: Diagnosis | None = None,
    detail: Detail = "diagnosed",
) -> Feedback:
    """The record of a failed attempt: from the finding that refused its candidate, or the refusal of its reply.

    `candidate` is the one that got furthest; `refusal` counts where no reply could be read as edits.
    """
    refusal = refusal or (candidate.refusal if candidate else None)
    stage = finding.stage if finding else "parse"
    reason = finding.reason if finding else refusal.message if refusal else "The model proposed nothing."
    advice = (finding.advice if finding else "") or ADVICE.get(stage, "")
    found = diagnosis or Diagnosis(signature=signature_of(stage, refusal.code if refusal else reason))
    candidate_id = candidate.candidate_id if candidate else None
    if detail == "raw-tail":
        tail = clip_lines(_tail(finding.output if finding else b""), _RAW_LINES, head=0)
        raw = Diagnosis(excerpt=tail, signature=found.signature)
        return Feedback(attempt, stage, candidate_id, "", reason if not tail else "the tests fail", "", raw)
    if detail != "diagnosed":
        said = Diagnosis(signature=found.signature)
        return Feedback(attempt, stage, candidate_id, "", reason, advice, said)
    tried = short_diff(candidate) if candidate else ""
    return Feedback(attempt, stage, candidate_id, tried, reason, advice, found, _current_source(candidate, refusal))


def short_diff(candidate: Candidate, limit: int = _TRIED_LINES) -> str:
    """The candidate's change without git's index lines; for edits that did not apply, what they asked for."""
    if candidate.diff:
        lines = candidate.diff.decode("utf-8", "replace").split("\n")
        kept = [
            line for line in lines if not line.startswith(("diff --git ", "index ", "old mode", "new mode", "--- "))
        ]
    else:
        kept = [line for edit in candidate.edits.edits for line in _asked(edit)]
    return clip_lines(clip_columns("\n".join(kept).strip("\n")), limit)


def _asked(edit: Edit) -> list[str]:
    match edit:
        case SearchReplace(path, search, replace):
            removed, added = search.rstrip("\n").split("\n"), replace.rstrip("\n").split("\n")
            return [f"+++ {path}", *(f"-{line}" for line in removed), *(f"+{line}" for line in added)]
        case ReplaceDefinition(path, name, source):
            return [f"+++ {path} :: {name}", *(f"+{line}" for line in source.rstrip("\n").split("\n"))]
        case DiffHunks(path, diff):
            return [f"+++ {path}", *diff.rstrip("\n").split("\n")]
        case DeleteFile(path):
            return [f"deleted {path}"]
        case _:
            return [f"+++ {edit.path}", *(f"+{line}" for line in edit.content.rstrip("\n").split("\n"))]


def _tail(output: bytes) -> str:
    text = output[-200_000:].decode("utf-8", "replace")
    return clip_columns("\n".join(text.rstrip().split("\n")[-_RAW_LINES:]), 200)


def _current_source(candidate: Candidate | None, refusal: EditRefusal | None) -> str:
    """The place as it is, now that the edit is undone: the nearest place of a refused edit, else the definition changed."""
    if refusal and refusal.nearest:
        return clip_lines(refusal.nearest, _SOURCE_LINES)
    change = next((change for change in candidate.changes if change.before), None) if candidate else None
    hunk = _HUNK.search(candidate.diff) if candidate else None
    return _definition_at(change, int(hunk[1]) + 3) if change and hunk else ""


def _definition_at(change: FileChange, line: int) -> str:
    """The innermost definition around `line` of the file before the change (a hunk starts three lines above its change)."""
    text, _ = decode_source(change.before or b"")
    lines = text.split("\n")
    try:
        place = enclosing_definition(definitions(parse_source(text)), line)
    except SyntaxError:
        place = None
    first, last = (place.start_line, place.end_line) if place else (max(1, line - 6), line + 6)
    return clip_lines(clip_columns("\n".join(lines[first - 1 : last])), _SOURCE_LINES)
