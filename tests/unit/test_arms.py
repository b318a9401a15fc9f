"""phases/arms.toml: every arm is a set of settings that can be laid over a phase."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from orchestrator.edits import FORMATS
from orchestrator.judge import STAGES
from orchestrator.prompts import PromptSet
from orchestrator.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ARMS: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "phases" / "arms.toml").read_text(encoding="utf-8"))


def laid(name: str) -> Settings:
    """The arm over the first phase."""
    return load_settings(ROOT / "phases" / "1-micro.toml", [(f"arms.toml [{name}]", ARMS[name])])


def test_the_arms_are_these() -> None:
    """The old way, what each part is worth, and the controls."""
    assert list(ARMS) == [
        "patch-baseline", "patch-baseline+feedback", "direct", "direct+judge", "full", "cascade", "haiku-only", "mutation",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_is_whole_and_known(name: str) -> None:
    """Attempts, ladder, judge and feedback are said by the arm itself; formats, stages and prompts exist."""
    assert {"attempts", "ladder", "judge", "feedback"} <= set(ARMS[name])
    settings = laid(name)
    assert all(rung.format in FORMATS for rung in settings.ladder)
    stages = settings.judge.stages
    assert isinstance(stages, str) or set(stages) <= {stage.name for stage in STAGES}
    assert PromptSet.load(ROOT / "prompts", settings.prompt_set).sha256
    assert settings.attempts <= sum(rung.attempts for rung in settings.ladder)


def test_the_baseline_is_the_old_way() -> None:
    """Plain retrieval, the first bytes of files, one unified diff, nothing run; with feedback: six, told the raw tail."""
    old, told = laid("patch-baseline"), laid("patch-baseline+feedback")
    for settings in (old, told):
        assert (settings.localize.localizer, settings.context.strategy) == ("plain-bm25", "first-bytes")
        assert [(rung.format, rung.fallback_format) for rung in settings.ladder] == [("unified-diff", "unified-diff")]
    assert (old.attempts, old.judge.stages, old.feedback.detail) == (1, "none", "none")
    assert (told.attempts, told.feedback.detail, told.policy.repairs) == (6, "raw-tail", 6)


def test_only_the_cascade_escalates() -> None:
    """One model in every other arm, so that a difference has one cause."""
    assert {name for name in ARMS if len(laid(name).ladder) > 1} == {"cascade"}
