"""`ramp inspect RUN [INSTANCE]`: what happened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def inspect(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name in the output folder, or its path.")],
    instance: Annotated[str | None, typer.Argument(help="One instance: its timeline.")] = None,
    attempt: Annotated[int | None, typer.Option("--attempt", help="One attempt, whole.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only steps in this state.")] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where runs are kept.")] = Path("runs"),
) -> None:
    """Show a run's instances, one instance's timeline, or one attempt's prompt, reply, diff, findings and feedback."""
    import contextlib

    from orchestrator.cli.common import find_run
    from orchestrator.ledger import Ledger
    from orchestrator.machine import load_machine
    from orchestrator.report.timeline import attempt_lines, instance_lines, run_lines
    from orchestrator.resources import find_resource
    from orchestrator.session import LEDGER

    folder = find_run(run, output)
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        if instance is None:
            lines = run_lines(ledger, machine)
        elif attempt is None:
            lines = instance_lines(ledger, machine, instance, state)
        else:
            lines = attempt_lines(ledger, machine, instance, attempt)
        for line in lines:
            typer.echo(line)
