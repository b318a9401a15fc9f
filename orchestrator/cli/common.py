"""What several verbs share: finding a run, showing its results, choosing how to watch."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from orchestrator.errors import LedgerError

if TYPE_CHECKING:
    from orchestrator.steps.workbench import Observer


def find_run(run: str, output: Path) -> Path:
    """A run's folder by name or path. Raises LedgerError listing the newest runs."""
    from orchestrator.ledger import LEDGER, run_folders

    for folder in (output / run, Path(run)):
        if (folder / LEDGER).is_file():
            return folder

    known = ", ".join(folder.name for folder in run_folders(output)[:5]) or "none yet"
    raise LedgerError(f"there is no run {run!r} in {output}; the newest are: {known}")


@contextlib.contextmanager
def watcher(as_json: bool) -> Iterator[Observer]:
    """A live display on a terminal, plain lines in a pipe, silence for --json."""
    from orchestrator.cli.display import LiveDisplay, PlainLines
    from orchestrator.steps.workbench import Silent

    if as_json:
        yield Silent()
    elif sys.stdout.isatty():
        with LiveDisplay() as live:
            yield live
    else:
        yield PlainLines()


def tell_progress() -> Callable[[str], None]:
    """What prints the progress of a pull on stderr: each new line, at most two a second but for what is new in kind."""
    said, last_s = "", float("-inf")

    def tell(line: str) -> None:
        nonlocal said, last_s
        now_s, kind = time.monotonic(), line.rpartition(":")[0]
        if line != said and (now_s - last_s > 0.5 or kind != said.rpartition(":")[0]):
            typer.echo(line, err=True)
            said, last_s = line, now_s

    return tell


def read_results(folder: Path) -> dict[str, Any]:
    """A run's exported results."""
    from orchestrator.ledger import LEDGER

    found = sorted(folder.glob("phase_*_results.json"))
    if not found:
        raise LedgerError(f"{folder} has a {LEDGER} but no results yet; `ramp resume {folder.name}` finishes it")
    results: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
    return results


def show_results(folder: Path, as_json: bool) -> None:
    """The summary at the end of a run."""
    results = read_results(folder)
    if as_json:
        typer.echo(json.dumps(results, indent=2))
        return
    from orchestrator.cli.tables import print_results
    from orchestrator.report.gate import read_gate

    print_results(results, folder, read_gate(folder))


def show_comparison(a: dict[str, Any], b: dict[str, Any], as_json: bool) -> None:
    """Two runs side by side."""
    from orchestrator.report.compare import compare_lines, compare_results

    comparison = compare_results(a, b)
    if as_json:
        typer.echo(json.dumps(comparison, indent=2))
        return
    for line in compare_lines(comparison):
        typer.echo(line)
