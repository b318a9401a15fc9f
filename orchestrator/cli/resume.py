"""`ramp resume RUN`: go on where a run stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, AsJson, OutputFolder, RunName


def resume(
    run: RunName,
    output: OutputFolder = RUNS,
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Also retry INFRA_FAILED and CRASHED.")] = False,
    spend_limit: Annotated[
        float | None, typer.Option("-l", "--limit", help="From now on: dollars for the whole phase.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-c", help="budget.X=..., models.X=... or workers=N from now on; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Continue every unfinished instance of a run at its last committed step."""
    from orchestrator.cli.common import find_run, show_results, watcher
    from orchestrator.launch.plan import relaunch

    folder = find_run(run, output)
    changes = [f"budget.usd_per_phase={spend_limit}"] if spend_limit is not None else []
    changes += overrides or []
    with watcher(as_json) as observer:
        relaunch(folder, observer, frozenset({"INFRA_FAILED", "CRASHED"} if retry_errors else ()), tuple(changes))
    show_results(folder, as_json)
