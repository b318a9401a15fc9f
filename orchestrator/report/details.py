"""One instance, whole, for its place in a page: what was asked, said, judged and told, each text cut to what a page can carry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from orchestrator.journey import Attempt, Journey, Transition
from orchestrator.records import Finding
from orchestrator.report.lines import diff_lines
from orchestrator.report.rows import end_of

HEAD_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it is shown: cut in the middle where it is too long; `href` is the file that has it whole."""

    text: str
    left_out: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Clipper:
    """Cuts texts to `limit` characters and knows where the whole ones are: `folder` is the instance's, relative to the page."""

    folder: str
    limit: int

    def __call__(self, text: str | bytes, file: str = "") -> Text:
        """The text, cut; bytes that are no UTF-8 are shown as replacement characters."""
        whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        over = len(whole) - self.limit
        if over <= 0:
            return Text(whole)
        head = round(self.limit * HEAD_SHARE)
        cut = f"{whole[:head]}\n[... {over} characters left out ...]\n{whole[head + over :]}"
        return Text(cut, over, f"{self.folder}/{quote(file)}" if file else "")


def details_of(journey: Journey, transitions: Sequence[Transition], clip: Clipper) -> dict[str, Any]:
    """Everything that the instance template shows."""
    task, evaluation, patch = journey.task, journey.evaluation, journey.patch
    return {
        "instance_id": journey.instance_id,
        "state": journey.state,
        "duration_s": journey.duration_s,
        "issue": clip(task.problem_statement) if task else None,
        "where": f"{task.repo} at {task.base_commit}" if task else "",
        "note": clip(journey.note),
        "steps": transitions,
        "reproduction": journey.reproduction,
        "reproduction_script": clip(journey.reproduction.script) if journey.reproduction else None,
        "localization": journey.localization.functions[:8] if journey.localization else (),
        "attempts": [_attempt(attempt, clip) for attempt in journey.attempts],
        "patch": patch,
        "patch_lines": list(diff_lines(clip(patch.diff, "patch.diff").text)) if patch else [],
        "evaluation": evaluation,
        "evaluation_report": clip(json.dumps(evaluation.report, indent=1, default=str)) if evaluation else None,
        "test_output": clip(evaluation.test_output, "evaluation/test_output.txt") if evaluation else None,
    }


def _attempt(attempt: Attempt, clip: Clipper) -> dict[str, Any]:
    folder = f"attempt-{attempt.number}"
    request = attempt.requests[0] if attempt.requests else None
    feedback = attempt.feedback
    told = f"{feedback.stage}: {feedback.reason}\n\n{feedback.advice}" if feedback else ""
    return {
        "number": attempt.number,
        "rung": attempt.rung,
        "ended": end_of(attempt),
        "model": request.model if request else "",
        "strategy": attempt.context.strategy,
        "tokens": attempt.context.tokens,
        "messages": [(m.role, clip(m.content, f"{folder}/prompt.md")) for m in request.messages] if request else [],
        "replies": [(reply, clip(reply.text, f"{folder}/reply-{reply.sample}.md")) for reply in attempt.replies],
        "refusals": attempt.refusals,
        "candidates": [_candidate(attempt, candidate, clip, folder) for candidate in attempt.candidates],
        "verdict": attempt.verdict,
        "feedback": clip(told, f"{folder}/feedback.md") if feedback else None,
        "decision": attempt.decision,
    }


def _candidate(attempt: Attempt, candidate: Any, clip: Clipper, folder: str) -> dict[str, Any]:
    cut = clip(candidate.diff, f"{folder}/candidate-{candidate.sample}.diff")
    return {
        "id": candidate.candidate_id,
        "lines": list(diff_lines(cut.text)),
        "whole": cut,
        "findings": [_finding(finding, clip, folder) for finding in attempt.findings_of(candidate.candidate_id)],
    }


def _finding(finding: Finding, clip: Clipper, folder: str) -> dict[str, Any]:
    return {
        "stage": finding.stage,
        "judgement": finding.judgement.value,
        "reason": clip(finding.reason),
        "advice": clip(finding.advice),
        "output": clip(finding.output, f"{folder}/findings.json") if finding.output else None,
        "duration_s": finding.duration_s,
    }
