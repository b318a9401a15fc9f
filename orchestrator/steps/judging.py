"""Judge: each stage is a filter on the batch; survivors go on. The ninth chooses among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from orchestrator.errors import SandboxError
from orchestrator.journey import Journey
from orchestrator.judge import STAGES, Case, Stage, choose
from orchestrator.records import Candidate, Finding, Judgement
from orchestrator.steps.said import Said, Step, thought
from orchestrator.steps.workbench import Workbench

# Stages that look at text only: their work leaves no trace outside of this process.
_HOST_STAGES = frozenset({"applies", "scope", "parses", "lints"})


def stage_step(stage: Stage) -> Step:
    """The step of one judge stage: judge every survivor, and say whether anybody is left."""

    def judge_batch(journey: Journey, bench: Workbench) -> Said:
        candidates = journey.attempt.survivors()
        if not bench.judges(stage.name):
            findings = tuple(_switched_off(stage, c) for c in candidates)
        else:
            findings = bench.map(_timed(stage, bench.case(journey), bench), candidates)
        left = [f for f in findings if f.judgement in (Judgement.PASS, Judgement.ABSTAIN)]
        if not left and any(f.judgement is Judgement.INFRA for f in findings):
            raise SandboxError(next(f.reason for f in findings if f.judgement is Judgement.INFRA))
        return Said("passed" if left else "none_left", findings, has_effects=stage.name not in _HOST_STAGES)

    judge_batch.__name__ = stage.state.lower()
    return judge_batch


def judge_consensus(journey: Journey, bench: Workbench) -> Said:
    """Choose among the survivors, and say how sure the choice is."""
    attempt = journey.attempt
    said_again = Counter(refusal.same_as for refusal in attempt.refusals if refusal.same_as)
    verdict = choose(attempt.survivors(), attempt.findings, attempt.number, said_again)
    sure = verdict.confidence >= bench.settings.judge.confidence
    return thought("agreed" if sure else "low_confidence", verdict)


STAGE_STEPS: dict[str, Step] = {stage.state: stage_step(stage) for stage in STAGES}


def _timed(stage: Stage, case: Case, bench: Workbench) -> Callable[[Candidate], Finding]:
    def judge(candidate: Candidate) -> Finding:
        began_s = bench.clock.monotonic()
        finding = stage.judge(candidate, case)
        return replace(finding, duration_s=bench.clock.monotonic() - began_s)

    return judge


def _switched_off(stage: Stage, candidate: Candidate) -> Finding:
    return Finding(
        stage.name, candidate.candidate_id, Judgement.ABSTAIN, "this arm does not use the stage", cost_usd=0.0
    )
