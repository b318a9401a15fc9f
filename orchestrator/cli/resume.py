"""`ramp resume RUN`: go on where a run stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, AsJson, OutputFolder, RunName


def resume(
    run: RunName,
    output: OutputFolder = RUNS,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Also retry INFRA_FAILED and CRASHED.")] = False,
    as_json: AsJson = False,
) -> None:
    """Continue every unfinished instance of a run at its last committed step."""
    from orchestrator.cli.common import find_run, show_results, watcher
    from orchestrator.launch import relaunch

    folder = find_run(run, output)
    with watcher(as_json) as observer:
        relaunch(folder, observer, retry=frozenset({"INFRA_FAILED", "CRASHED"} if retry_errors else ()))
    show_results(folder, as_json)
