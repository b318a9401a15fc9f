"""What the next attempt is told of a failed one: a record made from the candidate, the stage's finding and its diagnosis.

Nothing here has a parameter that could carry anything sealed: a finding is what the judge saw, which is the repository's
own tests and the issue's own example.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from orchestrator.feedback.diagnosis import diagnose, explain_place
from orchestrator.masking import signature_of
from orchestrator.protocols import Tree
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
    Frame,
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
    "repeated": "This change was tried before: make another one.",
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


_OWN_LINES = frozenset({"syntax_error", "does_not_parse"})  # their `nearest` shows the model's lines, not the file's
_ADVICE_FOR = {"repeated": "repeated", "syntax_error": "parses", "does_not_parse": "parses"}


def diagnosis_of(
    finding: Finding, candidate: Candidate, *, tree: Tree | None = None, repository_root: str = "/testbed"
) -> Diagnosis:
    """Read a finding: what its stage printed, or for a stage that prints nothing the place that its reason names.

    Frames that were printed without their source line get it from the candidate's files, else from `tree`.
    """
    if finding.output.strip():
        failed = [test for test, outcome in finding.behaviour.items() if outcome not in _GOOD_OUTCOMES]
        found = diagnose(finding.output, repository_root=repository_root, known_tests=failed)
        return replace(found, frames=tuple(_with_source(frame, candidate, tree) for frame in found.frames))
    named = [change for change in candidate.changes if change.path in finding.reason] or list(candidate.changes)
    if not named:
        refusal = candidate.refusal
        wrong = refusal.nearest if refusal and refusal.code in _OWN_LINES else ""
        return Diagnosis(
            excerpt=clip_lines(wrong, _SOURCE_LINES), signature=signature_of(finding.stage, finding.reason)
        )
    return explain_place(finding.reason, named[0].path, named[0].after)


def make_feedback(
    candidate: Candidate,
    finding: Finding,
    *,
    attempt_number: int,
    tree: Tree | None = None,
    detail: Detail = "diagnosed",
    repository_root: str = "/testbed",
) -> Feedback:
    """The record of an attempt whose candidate got furthest and was refused by `finding`.

    With "none" the record says what happened (for reports and signatures); that nothing is shown is up to `story`.
    """
    found = diagnosis_of(finding, candidate, tree=tree, repository_root=repository_root)
    signature = Diagnosis(signature=finding.signature or found.signature)
    stage, told = finding.stage, candidate.candidate_id
    advice = finding.advice or ADVICE.get(stage, "")
    if detail == "diagnosed":
        found = replace(found, signature=signature.signature)
        source = _current_source(candidate)
        return Feedback(attempt_number, stage, told, short_diff(candidate), finding.reason, advice, found, source)
    if detail == "raw-tail" and finding.output.strip():
        raw = replace(signature, excerpt=_tail(finding.output))
        return Feedback(attempt_number, stage, told, "", "the tests fail", "", raw)
    return Feedback(attempt_number, stage, told, "", finding.reason, "" if detail == "raw-tail" else advice, signature)


def make_refusal_feedback(refusal: EditRefusal, *, attempt_number: int, detail: Detail = "diagnosed") -> Feedback:
    """The record of an attempt none of whose replies could be read as an edit, or was a new one."""
    advice = ADVICE[_ADVICE_FOR.get(refusal.code, "parse")]
    shown = clip_lines(refusal.nearest, _SOURCE_LINES) if detail == "diagnosed" else ""
    wrong = shown if refusal.code in _OWN_LINES else ""
    found = Diagnosis(excerpt=wrong, signature=signature_of(refusal.code, refusal.path))
    return Feedback(attempt_number, "parse", None, "", refusal.message, advice, found, "" if wrong else shown)


def _with_source(frame: Frame, candidate: Candidate, tree: Tree | None) -> Frame:
    if frame.source:
        return frame
    data = next((change.after for change in candidate.changes if change.path == frame.path), None)
    if data is None and tree is not None:
        try:
            data = tree.read(frame.path)
        except KeyError:
            return frame
    lines = decode_source(data or b"")[0].split("\n")
    return replace(frame, source=lines[frame.line - 1].strip()) if 0 < frame.line <= len(lines) else frame


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
        case SearchReplace(path, search, put):
            removed, added = search.rstrip("\n").split("\n"), put.rstrip("\n").split("\n")
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
    text = output[-200_000:].decode("utf-8", "replace").replace("\r\n", "\n")
    return clip_columns("\n".join(text.rstrip().split("\n")[-_RAW_LINES:]), 200)


def _current_source(candidate: Candidate) -> str:
    """The place as it is, now that the edit is undone: the nearest place of a refused edit, else the definition changed."""
    if candidate.refusal and candidate.refusal.nearest and candidate.refusal.code not in _OWN_LINES:
        return clip_lines(candidate.refusal.nearest, _SOURCE_LINES)
    change = next((change for change in candidate.changes if change.before), None)
    hunk = _HUNK.search(candidate.diff)
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
