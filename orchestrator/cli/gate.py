"""`ramp gate RUN`: is it right to go on?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder, RunName


def gate(
    run: RunName,
    output: OutputFolder = RUNS,
    rules: Annotated[
        Path | None, typer.Option("--rules", help="A phase file whose [gate] to decide by; default: the run's own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print gate.json.")] = False,
) -> None:
    """Decide a run's gate anew and record it in gate.json. Exit code 0: go; 4: no."""
    import json

    from orchestrator.cli.common import find_run
    from orchestrator.report.gate import gate_lines, says_no
    from orchestrator.series.growth import gate_anew
    from orchestrator.settings import load_settings

    decision = gate_anew(find_run(run, output), load_settings(rules) if rules else None)
    if as_json:
        typer.echo(json.dumps(decision, indent=2))
    else:
        for line in gate_lines(decision):
            typer.echo(line)
    if says_no(decision):
        raise typer.Exit(4)
