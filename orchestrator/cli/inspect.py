"""`ramp inspect RUN [INSTANCE]`: what happened, and why what failed failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder, RunName

if TYPE_CHECKING:
    from orchestrator.ledger import Ledger
    from orchestrator.machine import Machine
    from orchestrator.report.lines import Line
    from orchestrator.report.taxonomy import GoldPaths


def inspect(
    run: RunName,
    instance: Annotated[str | None, typer.Argument(help="One instance: its timeline.")] = None,
    attempt: Annotated[int | None, typer.Option("--attempt", help="One attempt, whole.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only steps in this state, every record whole.")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Group the failures: counts, examples, what each calls for.")
    ] = False,
    output: OutputFolder = RUNS,
) -> None:
    """Show a run's instances, one instance's timeline, or one attempt's prompt, reply, diff, findings and feedback."""
    import contextlib

    from orchestrator.cli.common import find_run
    from orchestrator.cli.paint import show
    from orchestrator.errors import UserError
    from orchestrator.ledger import LEDGER, Ledger
    from orchestrator.machine import load_machine
    from orchestrator.report.attempt_view import attempt_lines
    from orchestrator.report.timeline import instance_lines
    from orchestrator.resources import find_resource

    if instance is None and (attempt is not None or state is not None):
        raise UserError("--attempt and --state are of one instance; give its id after the run")
    folder = find_run(run, output)
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    wanted = state.upper() if state else None
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True, whole=instance is None)) as ledger:
        if why:
            from orchestrator.report.why import why_lines
            from orchestrator.tuning.tiers import other_set

            run_set = str(ledger.meta().get("settings", {}).get("prompt_set", ""))
            next_set = other_set(find_resource("prompts", Path.cwd()), run_set)
            lines: Iterable[Line] = why_lines(ledger, machine, instance, lambda: _gold_of(ledger), next_set)
        elif instance is None:
            lines = _run_lines(folder, ledger, machine)
        elif attempt is None or wanted:
            lines = instance_lines(ledger, machine, instance, wanted, attempt)
        else:
            lines = attempt_lines(ledger, machine, instance, attempt)
        show(lines)


def _run_lines(folder: Path, ledger: Ledger, machine: Machine) -> Iterator[Line]:
    from orchestrator.report.choices import grade_lines
    from orchestrator.report.load import load_results
    from orchestrator.report.timeline import run_lines

    yield from run_lines(ledger, machine)
    if graded := load_results(folder).get("grade_all"):
        yield from grade_lines(graded)


def _gold_of(ledger: Ledger) -> GoldPaths:
    """The gold patch's files by instance. Raises where the run's benchmark is not here any more."""
    from orchestrator.evaluate.gold import gold_files
    from orchestrator.launch.wiring import open_the_benchmark
    from orchestrator.settings import recorded_settings

    return gold_files(open_the_benchmark(recorded_settings(ledger.meta(), ledger.path)))
