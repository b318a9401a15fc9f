"""Tiers as named switches, new prompt sets, and the instances that a set was tuned on."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from orchestrator.edits import FORMATS
from orchestrator.errors import PromptError, SettingsError
from orchestrator.judge import STAGES
from orchestrator.localize.context import STRATEGIES
from orchestrator.prompts import PromptSet
from orchestrator.resources import installed_resource
from orchestrator.settings import Format, Settings, StageName, Strategy, change_settings, parse_override
from orchestrator.tuning.tiers import TIERS, new_set, price_of_changes, tiers_of

SETTINGS = Settings.model_validate(
    {"phase": 1, "name": "t", "size": 1, "benchmark": "starter", "ladder": [{"model": "m"}]}
)


def test_every_tier_has_its_setting() -> None:
    """In words, by name; a change of the setting changes the words."""
    assert tiers_of(SETTINGS)["prompt set"] == "default"
    assert tiers_of(SETTINGS)["context strategy"] == "strategy=functions, budget_tokens=6000"
    assert tiers_of(SETTINGS)["ladder"] == "m x4 (function, 1 sample(s))"
    changed = SETTINGS.model_copy(update={"prompt_set": "architect"})
    assert {k for k, v in tiers_of(changed).items() if v != tiers_of(SETTINGS)[k]} == {"prompt set"}


def test_a_dry_run_says_what_a_change_would_invalidate() -> None:
    """By name: a repaired first attempt was never told anything, so another way to tell leaves it as it is."""
    early, late = frozenset({"BUILDING_CONTEXT", "GENERATING"}), frozenset({"GENERATING", "DIAGNOSING", "DECIDING"})
    prices = {p.tier.name: p for p in price_of_changes(SETTINGS, {"a__b-1": early, "a__b-2": early | late})}
    assert tuple(prices) == tuple(tier.name for tier in TIERS)
    assert prices["prompt set"].invalidated == ("a__b-1", "a__b-2")
    feedback = prices["error feedback detail"]
    assert (feedback.invalidated, feedback.kept) == (("a__b-2",), ("a__b-1",))
    told = "\n".join(feedback.lines("run-1"))
    assert told.startswith(
        "error feedback detail: detail=diagnosed, full_attempts=2\n  a change invalidates 1 of 2 results of run-1"
    )
    assert "never in DIAGNOSING: a__b-1" in told


def test_a_changed_tier_names_its_default() -> None:
    """So that a dry run shows what is not as it usually is."""
    changed = SETTINGS.model_copy(update={"prompt_set": "architect"})
    (first, *_) = price_of_changes(changed, {})
    assert list(first.lines("")) == [
        "prompt set: architect (default default)",
        "  a change invalidates what comes from GENERATING on; no results are recorded yet",
    ]


def test_the_names_in_settings_are_those_of_the_program() -> None:
    """A strategy, a format or a stage that a phase file may name is one that there is, and the other way round."""
    assert get_args(Strategy) == tuple(STRATEGIES)
    assert get_args(Format) == tuple(FORMATS)
    assert get_args(StageName) == tuple(stage.name for stage in STAGES)


@pytest.mark.parametrize(
    "text", ["context.strategy=functoins", "judge.stages=['lint']", "ladder=[{model='m',format='diff'}]"]
)
def test_a_misspelt_name_is_refused_before_a_run(text: str) -> None:
    """With the key, and with what it may be."""
    with pytest.raises(SettingsError, match=r"-c .*Input should be"):
        change_settings(SETTINGS, [(f"-c {text}", parse_override(text))])


def workspace(tmp_path: Path) -> Path:
    """A folder with a prompt set of its own."""
    made = tmp_path / "prompts" / "default"
    made.mkdir(parents=True)
    (made / "set.toml").write_text('name = "default"\n')
    (made / "review.md").write_text("{{ issue }}")
    return tmp_path / "prompts"


def test_a_new_set_inherits_all(tmp_path: Path) -> None:
    """Its hash is its parent's until a template is changed."""
    root = workspace(tmp_path)
    new_set(root, "mine", "default", tmp_path)
    assert PromptSet.load(root, "mine").sha256 == PromptSet.load(root, "default").sha256


@pytest.mark.parametrize(
    ("name", "base", "told"),
    [
        ("default", "default", "already; choose another name"),
        ("../x", "default", "is no name for a prompt set"),
        ("mine", "nothing", "there is no prompt set 'nothing'"),
    ],
)
def test_a_set_that_cannot_be_made_is_named(tmp_path: Path, name: str, base: str, told: str) -> None:
    """With what to do instead."""
    with pytest.raises(PromptError, match=told):
        new_set(workspace(tmp_path), name, base, tmp_path)


def test_the_installed_sets_are_left_alone(tmp_path: Path) -> None:
    """A set is made in a workspace, never in the installation."""
    with pytest.raises(PromptError, match="ramp init DIR"):
        new_set(installed_resource("prompts"), "mine", "default", tmp_path)
