"""Tiers as named switches, new prompt sets, and the instances that a set was tuned on."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import PromptError
from orchestrator.prompts import PromptSet
from orchestrator.resources import installed_resource
from orchestrator.settings import Settings
from orchestrator.tuning import TIERS, invalidated_by, new_set, tiers_of

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
    """One line a tier, with the state from which on results no longer hold."""
    lines = invalidated_by(SETTINGS)
    assert len(lines) == len(TIERS)
    assert lines[2].startswith(
        "error feedback detail (detail=diagnosed, full_attempts=2): a change invalidates results from DIAGNOSING on"
    )


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
