"""The results of a run, from its export where that is as new as the ledger, else from the ledger."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from orchestrator.ledger import Ledger
from orchestrator.machine import load_machine
from orchestrator.report.results import phase_results
from orchestrator.resources import find_resource

LEDGER = "ledger.db"


def load_results(folder: Path) -> dict[str, Any]:
    """Results of the run in `folder`. A changed ledger outdates the export, which then is passed over."""
    exports = sorted(folder.glob("phase_*_results.json"))
    if exports and exports[0].stat().st_mtime >= _changed_at(folder):
        found: dict[str, Any] = json.loads(exports[0].read_text(encoding="utf-8"))
        if "instance_funnel" in found:
            return found
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        return phase_results(ledger, machine)


def _changed_at(folder: Path) -> float:
    # The writer's last commit may stand in the log beside the file; an empty log was folded in already.
    files = [folder / LEDGER, folder / f"{LEDGER}-wal"]
    return max((path.stat().st_mtime for path in files if path.is_file() and path.stat().st_size), default=0.0)
