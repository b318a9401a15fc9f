"""The tiers of optimisation as named switches, and which results a change of each would invalidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import PromptError
from orchestrator.prompt_checks import read_log, tuned_on
from orchestrator.prompts import PromptSet, available_sets
from orchestrator.settings import Settings


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier: its keys in a phase file, and from which state on a change of it makes recorded results say nothing."""

    name: str
    keys: tuple[str, ...]
    changes_from: str
    why: str


TIERS: tuple[Tier, ...] = (
    Tier("prompt set", ("prompt_set",), "GENERATING", "every reply was to another prompt; localization and baselines stay"),
    Tier("context strategy", ("context.strategy", "context.budget_tokens"), "BUILDING_CONTEXT",
         "every prompt showed other code; localization and baselines stay"),
    Tier("error feedback detail", ("feedback.detail", "feedback.full_attempts"), "DIAGNOSING",
         "first attempts stay; every later one was told something else"),
    Tier("attempt policy", ("policy.repairs", "policy.story_for_next_rung", "policy.hard_case_escalation", "attempts"), "DECIDING",
         "first attempts stay; which attempts followed would differ"),
    Tier("ladder", ("ladder",), "GENERATING", "every reply came from another model or was asked for in another way"),
)  # fmt: skip
"""Cheapest to try first."""


def tiers_of(settings: Settings) -> Mapping[str, str]:
    """Each tier's setting in words, by the tier's name: recorded in results."""
    values = settings.model_dump(mode="json")
    return {tier.name: _words(tier, values) for tier in TIERS}


def invalidated_by(settings: Settings) -> tuple[str, ...]:
    """For a dry run, a line per tier: its setting, and which results of this phase a change of it would invalidate."""
    now = tiers_of(settings)
    return tuple(
        f"{tier.name} ({now[tier.name]}): a change invalidates results from {tier.changes_from} on; {tier.why}"
        for tier in TIERS
    )


def new_set(root: Path, name: str, base: str, workspace: Path) -> Path:
    """Make a prompt set that inherits `base`. Raises PromptError where there is one, or where the sets are the installed ones."""
    PromptSet.load(root, base)
    if not name.replace("-", "").replace("_", "").isalnum():
        raise PromptError(f"{name!r} is no name for a prompt set; use letters, digits, - and _")
    if name in available_sets(root):
        raise PromptError(f"there is a prompt set {name!r} in {root} already; choose another name")
    if root.resolve() not in {folder / "prompts" for folder in (workspace.resolve(), *workspace.resolve().parents)}:
        raise PromptError(f"{root} belongs to the installation; make a workspace with `ramp init DIR` and go there")
    folder = root / name
    folder.mkdir()
    (folder / "set.toml").write_text(f'name = "{name}"\nabout = ""\ninherits = "{base}"\n', encoding="utf-8")
    return folder


def tuned_instances(prompts_root: Path, name: str) -> frozenset[str]:
    """The instances that a prompt set, or any it inherits from, was tuned on by their logs: a report flags them.

    Raises PromptError where there is no such set.
    """
    prompt_set = PromptSet.load(prompts_root, name)
    folders = [prompts_root / heir for heir in (name, *prompt_set.inherits)]
    return frozenset(instance for folder in folders for instance in tuned_on(read_log(folder)))


def _words(tier: Tier, values: Mapping[str, object]) -> str:
    if tier.name == "ladder":
        return " → ".join(_rung(rung) for rung in values["ladder"])  # type: ignore[attr-defined]
    if len(tier.keys) == 1:
        return str(_at(values, tier.keys[0]))
    return ", ".join(f"{key.rpartition('.')[2]}={_at(values, key)}" for key in tier.keys)


def _rung(rung: Mapping[str, object]) -> str:
    warm = "" if rung["temperature"] is None else f", temperature {rung['temperature']}"
    return f"{rung['model']} x{rung['attempts']} ({rung['format']}, {rung['samples']} sample(s){warm})"


def _at(values: Mapping[str, object], key: str) -> object:
    found: object = values
    for part in key.split("."):
        assert isinstance(found, Mapping), f"{key} is no setting"
        found = found[part]
    return found
