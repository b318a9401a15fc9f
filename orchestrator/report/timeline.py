"""A run, an instance or an attempt in plain lines, straight from the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.errors import LedgerError
from orchestrator.journey import Journey, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.records import Finding
from orchestrator.report.files import attempt_files
from orchestrator.report.outcomes import outcome_of
from orchestrator.text import visible


def run_lines(ledger: Ledger, machine: Machine) -> Iterator[str]:
    """One line per instance: id, state, attempts, seconds, note."""
    finals = frozenset(machine.finals)
    for instance_id in ledger.instance_ids():
        outcome = outcome_of(replay_journey(instance_id, machine.start, ledger.transitions(instance_id)), finals)
        accepted = "judge accepted" if outcome.judge_accepted else ""
        figures = f"{outcome.attempts:2} attempts {outcome.duration_s:8.1f} s"
        yield f"{instance_id:40} {outcome.state:12} {figures}  {accepted}{outcome.error}"


def instance_lines(ledger: Ledger, machine: Machine, instance_id: str, state: str | None = None) -> Iterator[str]:
    """One line per step: number, state, event, where it led, and the findings it made."""
    journey = journey_of(ledger, machine, instance_id)
    for t in ledger.transitions(instance_id):
        if state is None or t.state == state.upper():
            note = f"  {visible(t.note.strip().splitlines()[-1])}" if t.note.strip() else ""
            yield f"{t.seq:4} {t.duration_s:8.3f} s  attempt {t.attempt}  {t.state} {t.event} → {t.next_state}{note}"
            yield from (
                f"       {line}"
                for record in t.records
                if isinstance(record, Finding)
                for line in finding_lines(record)
            )
    yield f"{instance_id}: {journey.state} after {len(journey.attempts)} attempts and {journey.duration_s:.1f} s"


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding as one line, and its advice as another."""
    yield f"{finding.candidate_id} {finding.stage} {finding.judgement}: {visible(finding.reason)}"
    if finding.advice:
        yield f"    advice: {visible(finding.advice)}"


def attempt_lines(ledger: Ledger, machine: Machine, instance_id: str, number: int) -> Iterator[str]:
    """An attempt whole: prompt, replies, edits, diffs, findings, feedback. Raises LedgerError where there is no such attempt."""
    journey = journey_of(ledger, machine, instance_id)
    if not 1 <= number <= len(journey.attempts):
        raise LedgerError(
            f"{instance_id} has {len(journey.attempts)} attempts; --attempt takes 1 to {len(journey.attempts)}"
        )
    for name, data in attempt_files(journey.attempts[number - 1]):
        yield f"--- {name} ---"
        yield visible(data.decode("utf-8", "replace"))


def journey_of(ledger: Ledger, machine: Machine, instance_id: str) -> Journey:
    """An instance's journey. Raises LedgerError where the run has no such instance."""
    if instance_id not in ledger.instance_ids():
        raise LedgerError(f"this run has no instance {instance_id}; `ramp inspect RUN` lists them")
    return replay_journey(instance_id, machine.start, ledger.transitions(instance_id))
