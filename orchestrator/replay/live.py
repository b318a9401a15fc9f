"""Go on for real: check that what the branch needs is still there, open it, and drive it like any resumed run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestrator.launch.pieces import check_pieces
from orchestrator.launch.plan import relaunch
from orchestrator.launch.wiring import Wiring
from orchestrator.ledger import Ledger
from orchestrator.replay.branch import Change, Point, check_image, open_branch, plan_branch, recorded_image
from orchestrator.settings import Settings
from orchestrator.steps.workbench import Observer

Check = Callable[[Settings, Point, str], Mapping[str, Any]]
"""Finds every model and engine, and the image of the recorded digest, or raises; returns stamps of what answers."""


def branch_live(parent: Path, ledger: Ledger, point: Point, change: Change, prompts_root: Path, check: Check) -> Path:
    """Open a branch of `parent` at `point`, once `check` has found what it needs. Raises MissingPieces or SandboxError first."""
    settings, prompts = plan_branch(ledger, point, change, prompts_root)
    stamps = check(settings, point, recorded_image(ledger, point.instance_id))
    return open_branch(parent, ledger, point, settings, prompts, time.time(), stamps)


def check_wiring(output: Path) -> Check:
    """The check of a real run: every model and engine answers, and the image is the recorded one."""

    def check(settings: Settings, point: Point, recorded_digest: str) -> Mapping[str, Any]:
        wiring = Wiring(settings, "branch", output)
        task = wiring.benchmark.task(point.instance_id)
        check_pieces(wiring.checks([task]))
        if recorded_digest:
            repository = wiring.benchmark.repository(task)
            sandbox = wiring.engine_for(task).open(task, repository)
            try:
                check_image(recorded_digest, sandbox.profile, task.image)
            finally:
                for opened in (sandbox, repository):
                    getattr(opened, "close", lambda: None)()
        return {
            "models": {rung: asdict(model.identify()) for rung, model in enumerate(wiring.models)},
            **wiring.stamps(),
        }

    return check


def go_on(branch: Path, observer: Observer) -> None:
    """Drive a branch to its end with its own settings and prompts."""
    relaunch(branch, observer)
