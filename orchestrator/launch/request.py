"""What was typed, and the settings that it comes to: the phase file, the arm over it, the flags over that, `-c` over all."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from orchestrator.models.names import check_ladder
from orchestrator.resources import find_resource
from orchestrator.series.phasefiles import find_phase, ladder_from, read_arm
from orchestrator.series.selection import Selection
from orchestrator.settings import Settings, load_settings, parse_override, read_toml

STARTER_TIMEOUT_S = 60.0

Again = Literal["", "redo-existing", "retry-errors", "only-failed"]
"""What a run makes of an earlier one of its series: take over what holds, nothing, all but errors, or only what failed."""


@dataclass(frozen=True)
class Request:
    """What was typed: None and empty are "as the phase file says"."""

    phase: str
    benchmark: str | None = None
    model: str | None = None
    escalate_to: str | None = None
    arm: str | None = None
    disclosure: str | None = None
    selection: Selection = field(default_factory=Selection)
    workers: int | None = None
    run_id: str | None = None
    output: Path = Path("runs")
    overrides: tuple[str, ...] = ()
    spend_limit_usd: float | None = None
    unsafe_local: bool = False
    no_cache: bool = False
    again: Again = ""
    override_gate: str | None = None
    grade_all: bool = False


def settings_for(request: Request, workspace: Path) -> Settings:
    """The phase file, the arm over it, the flags over that, `-c` over all. Raises SettingsError."""
    phases = find_resource("phases", workspace)
    phase_file = find_phase(phases, request.phase)
    base = read_toml(phase_file)
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if (request.benchmark or base.get("benchmark")) == "starter" and "timeout_s" not in base.get("evaluate", {}):
        # Its tests take about a second; a candidate that never ends should not cost half an hour.
        layers.append(("the starter benchmark", {"evaluate": {"timeout_s": STARTER_TIMEOUT_S}}))
    arm = request.arm or ("mutation" if request.model == "mutation" and not request.escalate_to else None)
    if arm is not None:
        layers.append((f"arms.toml [{arm}]", {**read_arm(phases / "arms.toml", arm), "arm": arm}))
    ladder = layers[-1][1].get("ladder", base.get("ladder", [])) if layers else base.get("ladder", [])
    flags = {
        "benchmark": request.benchmark,
        "disclosure": request.disclosure,
        "workers": request.workers,
        "ladder": ladder_from(ladder, request.model, request.escalate_to, int(base.get("attempts", 6))),
        "budget": {"usd_per_phase": request.spend_limit_usd} if request.spend_limit_usd is not None else None,
        "sandbox": {"kind": "unsafe-local"} if request.unsafe_local else None,
        "models": {"cache": False} if request.no_cache else None,
        "evaluate": {"grade_all": True} if request.grade_all else None,
    }
    layers.append(("the command line", {key: value for key, value in flags.items() if value is not None}))
    layers += [(f"-c {text}", parse_override(text)) for text in request.overrides]
    settings = load_settings(phase_file, layers)
    check_ladder([rung.model for rung in settings.ladder])
    return settings


def run_id_of(settings: Settings) -> str:
    """The name of a run that was given none: phase, benchmark, arm, time."""
    name = Path(settings.benchmark).stem if "/" in settings.benchmark else settings.benchmark
    safe = re.sub(r"[^A-Za-z0-9_.+-]+", "-", f"phase{settings.phase}-{name}-{settings.arm}")
    return f"{safe}-{time.strftime('%Y%m%d-%H%M%S')}"
