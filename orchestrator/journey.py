"""A journey: everything known of one instance, as the fold of the records its steps committed.

Fresh and resumed runs take the same path: after each commit the transition is folded in; after a crash all of
them are. Nothing else remembers anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orchestrator.records import (
    Baseline,
    Candidate,
    Context,
    Decision,
    EditRefusal,
    Edits,
    Evaluation,
    Feedback,
    Finding,
    Judgement,
    Localization,
    ModelRequest,
    Patch,
    Record,
    Reply,
    Reproduction,
    Task,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One committed step: in `state` the step said `event` and made `records`; the table led to `next_state`."""

    seq: int
    state: str
    event: str
    next_state: str
    records: tuple[Record, ...] = ()
    attempt: int = 0
    duration_s: float = 0.0
    at_s: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One turn of the loop: a batch of replies, what became of them, and what the next turn is told. `number` counts from 1."""

    number: int
    rung: int
    context: Context
    requests: tuple[ModelRequest, ...] = ()
    replies: tuple[Reply, ...] = ()
    refusals: tuple[EditRefusal, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    findings: tuple[Finding, ...] = ()
    verdict: Verdict | None = None
    feedback: Feedback | None = None
    decision: Decision | None = None

    def findings_of(self, candidate_id: str) -> tuple[Finding, ...]:
        """The findings on one candidate, in the order of the stages."""
        return tuple(f for f in self.findings if f.candidate_id == candidate_id)

    def survivors(self) -> tuple[Candidate, ...]:
        """Candidates that no stage has refused and no broken environment has lost."""
        out = {f.candidate_id for f in self.findings if f.judgement in (Judgement.FAIL, Judgement.INFRA)}
        return tuple(c for c in self.candidates if c.candidate_id not in out)

    def furthest(self) -> Candidate | None:
        """The candidate that the most stages let through; ties go to the earliest sample."""
        return max(self.candidates, key=lambda c: (self.stages_passed(c), -c.sample), default=None)

    def stages_passed(self, candidate: Candidate) -> int:
        """How many stages did not refuse the candidate."""
        accepted = (Judgement.PASS, Judgement.ABSTAIN)
        return sum(f.judgement in accepted for f in self.findings_of(candidate.candidate_id))


@dataclass(frozen=True, slots=True)
class Journey:
    """One instance from its first state to its last. `state` is where it stands now, `seq` how many steps it took."""

    instance_id: str
    state: str
    seq: int = 0
    task: Task | None = None
    reproduction: Reproduction | None = None
    localization: Localization | None = None
    baseline: Baseline | None = None
    attempts: tuple[Attempt, ...] = ()
    decisions: tuple[Decision, ...] = ()
    patch: Patch | None = None
    evaluation: Evaluation | None = None
    unavailable_rungs: tuple[int, ...] = ()
    duration_s: float = 0.0
    note: str = ""

    @property
    def attempt(self) -> Attempt:
        """The attempt in hand. Only states from BUILDING_CONTEXT on have one."""
        return self.attempts[-1]

    @property
    def decision(self) -> Decision | None:
        """The latest decision: how the attempt in hand, or the next one, is asked for."""
        return self.decisions[-1] if self.decisions else None

    @property
    def rung(self) -> int:
        """The rung of the ladder in use, from 0."""
        return self.decision.rung if self.decision else 0

    @property
    def the_task(self) -> Task:
        """The task; there is one from LOADING on."""
        assert self.task is not None, "a state before LOADING has no task"
        return self.task

    def after(self, transition: Transition) -> Journey:
        """The journey with one more transition folded in."""
        folded = self
        for record in transition.records:
            folded = _fold(folded, record)
        if transition.event == "rung_unavailable":
            folded = replace(folded, unavailable_rungs=(*self.unavailable_rungs, self.rung))
        return replace(
            folded,
            state=transition.next_state,
            seq=transition.seq + 1,
            duration_s=self.duration_s + transition.duration_s,
            note=transition.note,
        )


def replay_journey(instance_id: str, start: str, transitions: Iterable[Transition]) -> Journey:
    """Fold an instance's committed transitions into its journey."""
    journey = Journey(instance_id, start)
    for transition in transitions:
        journey = journey.after(transition)
    return journey


def _fold(journey: Journey, record: Record) -> Journey:
    match record:
        case Task():
            return replace(journey, task=record)
        case Reproduction():
            return replace(journey, reproduction=record)
        case Localization():
            return replace(journey, localization=record)
        case Baseline():
            return replace(journey, baseline=record)
        case Context():
            opened = Attempt(len(journey.attempts) + 1, journey.rung, record)
            return replace(journey, attempts=(*journey.attempts, opened))
        case Patch():
            return replace(journey, patch=record)
        case Evaluation():
            return replace(journey, evaluation=record)
        case Decision():
            # The decision that opens the first attempt closes none.
            open_one = journey.attempts and journey.attempt.decision is None
            closed = _in_attempt(journey, replace(journey.attempt, decision=record)) if open_one else journey
            return replace(closed, decisions=(*journey.decisions, record))
        case _:
            return _in_attempt(journey, _fold_attempt(journey.attempt, record))


def _fold_attempt(attempt: Attempt, record: Record) -> Attempt:
    match record:
        case ModelRequest():
            return replace(attempt, requests=(*attempt.requests, record))
        case Reply():
            return replace(attempt, replies=(*attempt.replies, record))
        case EditRefusal():
            return replace(attempt, refusals=(*attempt.refusals, record))
        case Candidate():
            return replace(attempt, candidates=(*attempt.candidates, record))
        case Finding():
            return replace(attempt, findings=(*attempt.findings, record))
        case Verdict():
            return replace(attempt, verdict=record)
        case Feedback():
            return replace(attempt, feedback=record)
        case Edits():
            return attempt
        case _:
            raise TypeError(f"{type(record).__name__} belongs to no attempt")


def _in_attempt(journey: Journey, attempt: Attempt) -> Journey:
    return replace(journey, attempts=(*journey.attempts[:-1], attempt))
