"""One attempt, whole and in the order in which it happened: context, prompt, replies, diffs, findings, feedback, decision."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.errors import LedgerError
from orchestrator.journey import Attempt
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.records import Candidate, Judgement
from orchestrator.report.lines import Line, heading, marked_diff
from orchestrator.report.rows import end_of
from orchestrator.report.timeline import context_lines, finding_lines, journey_of, text_lines


def attempt_lines(ledger: Ledger, machine: Machine, instance_id: str, number: int) -> Iterator[Line]:
    """An attempt whole. Raises LedgerError where there is no such attempt."""
    journey = journey_of(ledger, machine, instance_id)
    if not 1 <= number <= len(journey.attempts):
        takes = f"--attempt takes 1 to {len(journey.attempts)}" if journey.attempts else "none was begun"
        raise LedgerError(f"{instance_id} has {len(journey.attempts)} attempts; {takes}")
    attempt = journey.attempts[number - 1]
    model = attempt.requests[0].model if attempt.requests else "no model was asked"
    yield f"{instance_id}, attempt {number} of {len(journey.attempts)}: {model}, ended: {end_of(attempt)}"
    yield from _asked_and_answered(attempt)
    for candidate in attempt.candidates:
        yield from _judged(attempt, candidate)
    yield from _decided(attempt)


def _asked_and_answered(attempt: Attempt) -> Iterator[Line]:
    yield heading("context")
    yield from context_lines(attempt.context)
    # The samples of an attempt are asked for with the same words.
    for message in attempt.requests[0].messages if attempt.requests else ():
        yield heading(f"prompt: {message.role}")
        yield from text_lines(message.content)
    for reply in attempt.replies:
        yield heading(
            f"reply {reply.sample}: {reply.finish}, {reply.usage.output_tokens} tokens, {reply.duration_s:.1f} s"
        )
        yield from text_lines(reply.text or "(nothing)")
    for refusal in attempt.refusals:
        yield heading(f"no edit: {refusal.code}")
        yield from text_lines(f"{refusal.message}\n{refusal.nearest}".strip())


def _judged(attempt: Attempt, candidate: Candidate) -> Iterator[Line]:
    yield heading(f"candidate {candidate.candidate_id}")
    yield from (f"landed in {place.path}, line {place.line} ({place.rung})" for place in candidate.landings)
    yield from marked_diff(candidate.diff.decode("utf-8", "replace"))
    yield heading(f"findings on {candidate.candidate_id}")
    for finding in attempt.findings_of(candidate.candidate_id):
        yield from finding_lines(finding)
        if finding.judgement is not Judgement.PASS:
            yield from (f"    | {line}" for line in text_lines(finding.output.decode("utf-8", "replace")))


def _decided(attempt: Attempt) -> Iterator[Line]:
    if attempt.verdict is not None:
        yield heading("verdict")
        who = attempt.verdict.candidate_id or "nobody"
        yield f"{who}, confidence {attempt.verdict.confidence:.2f}: {attempt.verdict.reason}"
    if attempt.feedback is not None:
        yield heading("feedback")
        yield from text_lines(f"{attempt.feedback.stage}: {attempt.feedback.reason}\n{attempt.feedback.advice}".strip())
    if attempt.decision is not None:
        yield heading("decision")
        yield f"{attempt.decision.event}: {attempt.decision.why}"
