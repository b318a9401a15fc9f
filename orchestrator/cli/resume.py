"""`ramp resume RUN`: go on where a run stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name in the output folder, or its path.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where runs are kept.")] = Path("runs"),
    retry_errors: Annotated[bool, typer.Option("--retry-errors", help="Also retry INFRA_FAILED and CRASHED.")] = False,
    spend_limit: Annotated[
        float | None, typer.Option("-l", "--limit", help="From now on: dollars for the whole phase.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-c", help="budget.X=..., models.X=... or workers=N from now on; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Continue every unfinished instance of a run at its last committed step."""
    from orchestrator.cli.common import find_run, show_results, watcher
    from orchestrator.launch import relaunch

    folder = find_run(run, output)
    changes = [f"budget.usd_per_phase={spend_limit}"] if spend_limit is not None else []
    changes += overrides or []
    with watcher(as_json) as observer:
        relaunch(folder, observer, frozenset({"INFRA_FAILED", "CRASHED"} if retry_errors else ()), tuple(changes))
    show_results(folder, as_json)
