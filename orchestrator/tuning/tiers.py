"""The tiers of optimisation as named switches, and which results a change of each would invalidate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import PromptError
from orchestrator.prompts import PromptSet, available_sets
from orchestrator.settings import Rung, Settings
from orchestrator.tuning.checks import read_log, tuned_on


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

_DEFAULTS = Settings(phase=1, name="", size=1, benchmark="", ladder=(Rung(model=""),))


def tiers_of(settings: Settings) -> Mapping[str, str]:
    """Each tier's setting in words, by the tier's name: recorded in results."""
    values = settings.model_dump(mode="json")
    return {tier.name: _words(tier, values) for tier in TIERS}


@dataclass(frozen=True, slots=True)
class Price:
    """What a change of a tier costs: of the recorded results, those that would say nothing any more, and those that stay."""

    tier: Tier
    setting: str
    default: str
    invalidated: tuple[str, ...]
    kept: tuple[str, ...]

    def lines(self, run: str) -> Iterator[str]:
        """In words; `run` is the name of the run that the results are in, empty where there is none."""
        changed = "" if self.setting == self.default or not self.default else f" (default {self.default})"
        yield f"{self.tier.name}: {self.setting}{changed}"
        if not run:
            yield f"  a change invalidates what comes from {self.tier.changes_from} on; no results are recorded yet"
            return
        count = len(self.invalidated) + len(self.kept)
        gone = f"{len(self.invalidated)} of {count} results of {run}, from {self.tier.changes_from} on"
        yield f"  a change invalidates {gone}: {self.tier.why}"
        if self.kept:
            yield f"  never in {self.tier.changes_from}: {', '.join(self.kept)}"


def price_of_changes(settings: Settings, states: Mapping[str, frozenset[str]]) -> tuple[Price, ...]:
    """For a dry run: what a change of each tier would cost, cheapest to try first.

    `states` holds the states that each recorded instance was in. A run does not mix results of two settings: it runs all anew.
    """
    now, default = tiers_of(settings), tiers_of(_DEFAULTS)
    prices = []
    for tier in TIERS:
        gone = tuple(instance_id for instance_id, seen in states.items() if tier.changes_from in seen)
        kept = tuple(instance_id for instance_id in states if instance_id not in set(gone))
        usual = "" if tier.name == "ladder" else default[tier.name]
        prices.append(Price(tier, now[tier.name], usual, gone, kept))
    return tuple(prices)


def new_set(root: Path, name: str, base: str, workspace: Path) -> Path:
    """Make a prompt set that inherits `base`. Raises PromptError where there is one, or where the sets are the installed ones."""
    PromptSet.load(root, base)
    if not name.replace("-", "").replace("_", "").isalnum():
        raise PromptError(f"{name!r} is no name for a prompt set; use letters, digits, - and _")
    if name in available_sets(root):
        raise PromptError(f"there is a prompt set {name!r} in {root} already; choose another name")
    require_workspace(root, workspace)
    folder = root / name
    folder.mkdir()
    (folder / "set.toml").write_text(f'name = "{name}"\nabout = ""\ninherits = "{base}"\n', encoding="utf-8")
    return folder


def other_set(root: Path, name: str) -> str:
    """Of the sets in `root` other than `name` the one that was changed last: what is likely to be tried next. Empty for none."""

    def changed_s(other: str) -> float:
        return max(path.stat().st_mtime for path in ((root / other / "set.toml"), *(root / other).rglob("*.md")))

    return max((other for other in available_sets(root) if other != name), key=changed_s, default="")


def require_workspace(root: Path, workspace: Path) -> None:
    """Raise PromptError where the sets in `root` are the installed ones: neither sets nor their logs are written there."""
    if root.resolve() not in {folder / "prompts" for folder in (workspace.resolve(), *workspace.resolve().parents)}:
        raise PromptError(f"{root} belongs to the installation; make a workspace with `ramp init DIR` and go there")


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
