"""One function per state, named for it in lower case; each returns an event and never names a state."""

from __future__ import annotations

from orchestrator.steps.deciding import deciding, diagnosing, escalating
from orchestrator.steps.deliver import evaluating, exporting_patch
from orchestrator.steps.generate import generating, parsing_edits
from orchestrator.steps.judging import STAGE_STEPS, judge_consensus
from orchestrator.steps.prepare import loading, opening_repository, preparing_sandbox, queued
from orchestrator.steps.said import Said, Step
from orchestrator.steps.understand import building_context, localizing, reproducing, running_baseline
from orchestrator.steps.workbench import Tools, Workbench

STEPS: dict[str, Step] = {
    "QUEUED": queued,
    "LOADING": loading,
    "OPENING_REPOSITORY": opening_repository,
    "PREPARING_SANDBOX": preparing_sandbox,
    "REPRODUCING": reproducing,
    "LOCALIZING": localizing,
    "RUNNING_BASELINE": running_baseline,
    "BUILDING_CONTEXT": building_context,
    "GENERATING": generating,
    "PARSING_EDITS": parsing_edits,
    **STAGE_STEPS,
    "JUDGE_CONSENSUS": judge_consensus,
    "DIAGNOSING": diagnosing,
    "DECIDING": deciding,
    "ESCALATING": escalating,
    "EXPORTING_PATCH": exporting_patch,
    "EVALUATING": evaluating,
}

__all__ = ["STEPS", "Said", "Step", "Tools", "Workbench"]
