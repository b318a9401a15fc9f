"""A run, an instance, a step or an attempt in plain lines, straight from the ledger."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields

from orchestrator.errors import LedgerError
from orchestrator.journey import Journey, Transition, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.memory.grades import Grade, grades_of
from orchestrator.records import (
    Candidate,
    Context,
    Decision,
    EditRefusal,
    Evaluation,
    Feedback,
    Finding,
    Judgement,
    ModelRequest,
    Patch,
    Record,
    Reply,
)
from orchestrator.report.outcomes import outcome_of
from orchestrator.text import first_sentence, visible


def run_lines(ledger: Ledger, machine: Machine) -> Iterator[str]:
    """One line per instance: id, state, attempts, seconds, note; and how many ended in which state."""
    finals, ends = frozenset(machine.finals), Counter[str]()
    for instance_id in ledger.instance_ids():
        outcome = outcome_of(replay_journey(instance_id, machine.start, ledger.transitions(instance_id)), finals)
        ends[outcome.state] += 1
        notes = ", ".join(filter(None, ("judge accepted" * outcome.judge_accepted, visible(outcome.error))))
        numbers = f"{outcome.attempts:2} attempt(s) {outcome.duration_s:8.1f} s"
        yield f"{instance_id:40} {outcome.state:12} {numbers}  {notes}".rstrip()
    yield f"{ends.total()} instances: {', '.join(f'{count} {state}' for state, count in ends.most_common())}"


def instance_lines(
    ledger: Ledger, machine: Machine, instance_id: str, state: str | None = None, attempt: int | None = None
) -> Iterator[str]:
    """One line per step: number, state, event, where it led, and the findings it made; with `state`, every record whole.

    Raises LedgerError where there is no such instance or state, or where it was not reached.
    """
    steps = steps_of(ledger, instance_id)
    shown = [t for t in steps if (state is None or t.state == state) and (attempt is None or attempt_of(t) == attempt)]
    if state is not None and not shown:
        if state not in machine.states:
            raise LedgerError(f"there is no state {state}; `ramp states` lists them")
        reached = ", ".join(dict.fromkeys(t.state for t in steps)) or "none"
        raise LedgerError(f"{instance_id} never reached {state} here; it reached: {reached}")
    for t in shown:
        note = f"  {visible(t.note.strip().splitlines()[-1])}" if t.note.strip() else ""
        yield f"{t.seq:4} {t.duration_s:8.3f} s  attempt {attempt_of(t)}  {t.state} {t.event} → {t.next_state}{note}"
        for record in t.records:
            lines = record_lines(record) if state else finding_lines(record) if isinstance(record, Finding) else ()
            yield from (f"       {line}" for line in lines)
    journey = replay_journey(instance_id, machine.start, steps)
    if state is None:
        # Here, since it brings every model along, and a replay of the steps shows no call.
        from orchestrator.report.calls import call_line, calls_of

        yield from (call_line(call) for call in calls_of(ledger, instance_id) if attempt in (None, call.attempt))
        yield from candidate_lines(journey, grades_of(ledger, instance_id))
    yield f"{instance_id}: {journey.state} after {len(journey.attempts)} attempts and {journey.duration_s:.1f} s"


def candidate_lines(journey: Journey, grades: Mapping[str, Grade]) -> Iterator[str]:
    """What the official tests say of each candidate and where the judge left it; nothing without `--grade-all`."""
    if not grades:
        return
    words = {True: "resolves", False: "does not resolve", None: "has no verdict"}
    frozen = journey.patch.candidate_id if journey.patch else None
    for attempt in journey.attempts:
        for candidate in attempt.candidates:
            grade = grades.get(hashlib.sha256(candidate.diff).hexdigest())
            said = words[grade.resolved if grade else None] if candidate.diff else "changes nothing"
            refused = [f.stage for f in attempt.findings_of(candidate.candidate_id) if f.judgement is Judgement.FAIL]
            judge = f"refused by {refused[-1]}" if refused else "refused by no stage"
            mark = ", the frozen patch" if candidate.candidate_id == frozen else ""
            yield f"candidate {candidate.candidate_id:6} {said:16} {judge}{mark}"


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding as one line, and its advice as another."""
    yield f"{finding.candidate_id} {finding.stage} {finding.judgement}: {visible(finding.reason)}"
    if finding.advice:
        yield f"    advice: {visible(finding.advice)}"


def record_lines(record: Record) -> Iterator[str]:
    """A record as a person wants to read it; texts whole, control characters shown."""
    match record:
        case Finding():
            yield from finding_lines(record)
            yield from _text(record.output.decode("utf-8", "replace"))
        case ModelRequest():
            s = record.sampling
            yield f"request to {record.model}, {record.edit_format}, temperature {s.temperature}, seed {s.seed}"
            for message in record.messages:
                yield f"--- {message.role} ---"
                yield from _text(message.content)
        case Reply():
            yield f"reply {record.sample} from {record.model} ({record.finish}), {record.usage.output_tokens} tokens"
            yield from _text(record.text)
        case EditRefusal():
            where = f" in {visible(record.path)}" if record.path else ""
            yield f"refused: {record.code}{where}: {visible(record.message)}"
        case Candidate():
            yield f"candidate {record.candidate_id}: {record.refusal.message if record.refusal else 'applies'}"
            yield from _text(record.diff.decode("utf-8", "replace"))
        case Context():
            yield from context_lines(record)
        case Feedback():
            yield f"feedback on {record.stage}: {visible(record.reason)}"
            yield f"    advice: {visible(record.advice)}"
        case Decision():
            yield f"decision {record.event}: {record.why}; strategy {record.strategy}, rung {record.rung}"
        case Patch():
            yield f"patch {record.sha256[:12]} of candidate {record.candidate_id}, judge accepted: {record.judge_accepted}"
        case Evaluation():
            yield f"official verdict: resolved = {record.resolved} {record.infra}"
        case _:
            yield f"{type(record).__name__}:"
            for field in fields(record):
                yield f"  {field.name}: {first_sentence(visible(str(getattr(record, field.name))), 200)}"


def journey_of(ledger: Ledger, machine: Machine, instance_id: str) -> Journey:
    """An instance's journey. Raises LedgerError where the run has no such instance."""
    return replay_journey(instance_id, machine.start, steps_of(ledger, instance_id))


def steps_of(ledger: Ledger, instance_id: str) -> tuple[Transition, ...]:
    """An instance's committed steps. Raises LedgerError where the run has no such instance."""
    if instance_id not in ledger.instance_ids():
        raise LedgerError(f"this run has no instance {instance_id}; `ramp inspect RUN` lists them")
    return tuple(ledger.transitions(instance_id))


def attempt_of(transition: Transition) -> int:
    """The attempt that a step belongs to, from 1; 0 before the first. The step that opens an attempt belongs to it."""
    return transition.attempt + any(isinstance(record, Context) for record in transition.records)


def context_lines(context: Context) -> Iterator[str]:
    """What a model was shown: strategy, size, and each excerpt's place."""
    yield f"context {context.strategy}, {context.tokens} of {context.budget_tokens} tokens"
    for excerpt in context.excerpts:
        at = excerpt.location
        name = f" {at.qualified_name}" if at.qualified_name else ""
        yield f"  {excerpt.role} {at.path}:{at.start_line}{name}"


def text_lines(text: str) -> Iterator[str]:
    """A text line by line, control characters shown."""
    yield from visible(text).splitlines()


def _text(text: str) -> Iterator[str]:
    yield from (f"  {line}" for line in text_lines(text))
