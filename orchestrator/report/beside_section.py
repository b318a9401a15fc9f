"""A branch beside its parent, for the page: the section that `templates/beside.html` shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from orchestrator.errors import LedgerError
from orchestrator.journey import Attempt
from orchestrator.machine import load_machine
from orchestrator.report.beside import Beside, Pair, branch_beside, ends
from orchestrator.report.lines import diff_lines
from orchestrator.report.rows import end_of
from orchestrator.resources import find_resource
from orchestrator.text import clip_lines

SHOWN_LINES = 400  # of one diff: what is longer is in the run's own files


def beside_section(folder: Path) -> dict[str, Any] | None:
    """What the template shows of the run in `folder`; None where it is no branch, a reason where its parent is gone."""
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    try:
        beside = branch_beside(folder, machine)
    except LedgerError as error:
        return {"problem": str(error), "pairs": ()}
    return _section(beside) if beside else None


def _section(beside: Beside) -> dict[str, Any]:
    return {
        "problem": "",
        "instance_id": beside.branch.instance_id,
        "attempt": beside.first_attempt,
        "state": beside.state,
        "names": (beside.parent_name, beside.branch_name),
        "ends": list(ends(beside)),
        "pairs": [_pair(pair) for pair in beside.pairs],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    diffs = [(name, list(diff_lines(clip_lines(diff, SHOWN_LINES))) if diff else []) for name, diff in pair.diffs()]
    return {"number": pair.number, "diffs": diffs, "sides": [_side(pair.parent), _side(pair.branch)]}


def _side(attempt: Attempt | None) -> dict[str, Any] | None:
    if attempt is None:
        return None
    return {"ended": end_of(attempt), "refusals": attempt.refusals, "findings": attempt.findings}
