"""`ramp doctor`: what is here, what is missing, and how to get it."""

from __future__ import annotations

from typing import Annotated

import typer


def doctor(
    benchmark: Annotated[str | None, typer.Option("-b", "--benchmark", help="Also check this benchmark.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("-i", "--instance", help="Preflight this instance; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check this machine, and with -b and -i an instance: gold must resolve, empty must not."""
    import json

    from orchestrator.launch.checkup import check_instances, check_machine

    checks = [*check_machine(), *(check_instances(benchmark, tuple(only or ())) if benchmark else ())]
    if as_json:
        typer.echo(json.dumps([check.as_dict() for check in checks], indent=2))
    else:
        for check in checks:
            typer.echo(f"{check.verdict:8} {check.name}: {check.detail}")
            if check.remedy:
                typer.echo(f"         {check.remedy}")
    if any(check.verdict == "failed" for check in checks):
        raise typer.Exit(1)
