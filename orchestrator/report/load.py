"""The results of a run, from its export where that is as new as the ledger, else from the ledger."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from orchestrator.ledger import LEDGER, Ledger
from orchestrator.memory.copy import count_steps
from orchestrator.report.rows import FORMAT


def load_results(folder: Path) -> dict[str, Any]:
    """Results of the run in `folder`. An export of another version, or from before the ledger's last step, is passed over."""
    for export in folder.glob("phase_*_results.json"):
        found: dict[str, Any] = json.loads(export.read_text(encoding="utf-8"))
        if found.get("format") == FORMAT and found.get("ledger_steps") == count_steps(folder / LEDGER):
            return found
    return _from_ledger(folder)


def _from_ledger(folder: Path) -> dict[str, Any]:
    from orchestrator.machine import load_machine
    from orchestrator.report.results import phase_results
    from orchestrator.resources import find_resource

    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        return phase_results(ledger, machine)
