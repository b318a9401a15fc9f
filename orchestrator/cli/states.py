"""`ramp states`: the machine, drawn and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def states(
    table: Annotated[bool, typer.Option("--table", help="One row per state (the default).")] = False,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="A Mermaid diagram.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Prove the table and compare MACHINE.md with it.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write MACHINE.md anew.")] = False,
) -> None:
    """Show the machine that drives every instance."""
    from orchestrator.drawing import draw_mermaid, draw_page, draw_table
    from orchestrator.errors import MachineError
    from orchestrator.machine import load_machine, prove_steps
    from orchestrator.resources import find_resource

    folder = find_resource("states", Path.cwd())
    machine = load_machine(folder / "machine.toml")
    page = folder / "MACHINE.md"
    if write:
        page.write_text(draw_page(machine), encoding="utf-8")
    if check:
        from orchestrator.steps import STEPS

        prove_steps(machine, STEPS)
        if not page.is_file() or page.read_text(encoding="utf-8") != draw_page(machine):
            raise MachineError(f"{page} differs from machine.toml; write it anew with `ramp states --write`")
        typer.echo(
            f"proved: {len(machine.states)} working states, {len(machine.finals)} final ones, every state has its step"
        )
    elif mermaid:
        typer.echo(draw_mermaid(machine), nl=False)
    elif table or not write:
        typer.echo(draw_table(machine), nl=False)
