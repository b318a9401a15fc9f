"""The nine-stage judge: a tuple of claims about a candidate, cheap first.

A stage filters: what it refuses does not reach the next one. The first four read, the next three run code in a sandbox,
the eighth asks a model, and the ninth chooses among what is left (`choose`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestrator.judge.applies import edits_apply
from orchestrator.judge.case import Case, JudgeSettings
from orchestrator.judge.consensus import choose, stands_with_others
from orchestrator.judge.imports import still_imports
from orchestrator.judge.lints import adds_no_lint
from orchestrator.judge.parses import still_parses
from orchestrator.judge.regression import nothing_else_broke
from orchestrator.judge.scope import stays_in_scope
from orchestrator.judge.stage_reproduction import reproduction_passes
from orchestrator.judge.stage_review import reviewer_approves
from orchestrator.records import Candidate, Finding

__all__ = ["STAGES", "Case", "JudgeSettings", "Stage", "choose"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A state of the machine, the stage's name in findings, and its claim about one candidate."""

    state: str
    name: str
    judge: Callable[[Candidate, Case], Finding]


STAGES: tuple[Stage, ...] = (
    Stage("JUDGE_APPLIES", "applies", edits_apply),
    Stage("JUDGE_SCOPE", "scope", stays_in_scope),
    Stage("JUDGE_PARSES", "parses", still_parses),
    Stage("JUDGE_LINTS", "lints", adds_no_lint),
    Stage("JUDGE_IMPORTS", "imports", still_imports),
    Stage("JUDGE_REPRODUCTION", "reproduction", reproduction_passes),
    Stage("JUDGE_REGRESSION", "regression", nothing_else_broke),
    Stage("JUDGE_REVIEW", "review", reviewer_approves),
    Stage("JUDGE_CONSENSUS", "consensus", stands_with_others),
)
