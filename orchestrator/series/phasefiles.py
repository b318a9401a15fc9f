"""Phase files and arms by name, and what the ladder flags of the command line make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestrator.errors import SettingsError
from orchestrator.settings import read_toml


def find_phase(phases: Path, phase: str) -> Path:
    """The file of a phase by number, or a path. Raises SettingsError naming the phases there are."""
    if phase.endswith(".toml"):
        return Path(phase)
    found = sorted(phases.glob(f"{phase}-*.toml")) if phase.isdigit() else []
    if not found:
        known = ", ".join(path.stem for path in sorted(phases.glob("[0-9]*-*.toml")))
        raise SettingsError(f"there is no phase {phase!r}; {phases} has {known}; a .toml of your own works too")
    return found[0]


def read_arm(path: Path, name: str) -> dict[str, Any]:
    """One arm of arms.toml. Raises SettingsError naming the arms there are."""
    arms = read_toml(path)
    if name not in arms:
        raise SettingsError(f"{path}: there is no arm {name!r}; it has {', '.join(arms)}")
    arm: dict[str, Any] = arms[name]
    return arm


def ladder_from(
    ladder: list[dict[str, Any]], model: str | None, escalate_to: str | None, attempts: int
) -> list[dict[str, Any]] | None:
    """What -m and --escalate-to make of a phase's ladder; None where neither was given.

    -m puts one model alone on the ladder with all attempts, asked as its own rung says, or else as the first one does;
    --escalate-to sets or, with none, removes the second rung.
    """
    if model is None and escalate_to is None:
        return None
    rungs = [dict(rung) for rung in ladder]
    if model is not None:
        asked_like = next((rung for rung in rungs if rung["model"] == model), rungs[0] if rungs else {})
        rungs = [{**asked_like, "model": model, "attempts": attempts}]
    if escalate_to == "none":
        rungs = [{**rungs[0], "attempts": attempts}]
    elif escalate_to is not None:
        second = next((dict(r) for r in ladder if r["model"] == escalate_to), {"model": escalate_to})
        rungs = [{**rungs[0], "attempts": max(1, attempts - 2)}, {**second, "attempts": min(2, attempts)}]
    return rungs
