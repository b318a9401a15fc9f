"""`ramp replay RUN INSTANCE`: one instance again from the ledger, and on for real from any point of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder, RunName

if TYPE_CHECKING:
    from orchestrator.ledger import Ledger
    from orchestrator.machine import Machine
    from orchestrator.replay.branch import Change
    from orchestrator.replay.drive import Checked, Window


def replay(
    run: RunName,
    instance: Annotated[str | None, typer.Argument(help="One instance; without it, all of the run.")] = None,
    attempt: Annotated[int | None, typer.Option("--attempt", help="Only this attempt.")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="STATE", help="Only from this state on.")] = None,
    end: Annotated[str | None, typer.Option("--until", metavar="STATE", help="Only up to this state.")] = None,
    live_from: Annotated[
        str | None,
        typer.Option("--live-from", metavar="STATE", help="Go on for real from here, into a branch of the run."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("-m", "--model", help="With --live-from: this model in place of the rung's.")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option("--prompts", metavar="DIR", help="With --live-from: a prompt set's folder.")
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option("-c", help="With --live-from: key.sub=value; repeatable.")
    ] = None,
    output: OutputFolder = RUNS,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every record.")] = False,
) -> None:
    """Compute a recorded instance again: no model, no sandbox, no network. Exit code 5 where it comes out otherwise."""
    import contextlib

    from orchestrator.cli.common import find_run
    from orchestrator.errors import UserError
    from orchestrator.ledger import LEDGER, Ledger
    from orchestrator.machine import load_machine
    from orchestrator.replay.branch import Change
    from orchestrator.replay.drive import Window
    from orchestrator.resources import find_resource

    if live_from is None and (model or prompts or override):
        raise UserError("-m, --prompts and -c change what is done anew; say from where with --live-from STATE")
    if instance is None and (live_from or attempt is not None or start or end):
        raise UserError("--attempt, --from, --until and --live-from are of one instance; give its id after the run")
    if live_from is not None and (start or end):
        raise UserError("--live-from says itself from where; leave out --from and --until")
    folder = find_run(run, output)
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True, whole=instance is None)) as ledger:
        if instance is None:
            _replay_all(ledger, machine, verbose)
        elif live_from is not None:
            change = Change(model, prompts, tuple(override or ()))
            _go_live(ledger, machine, instance, live_from.upper(), attempt, change)
        else:
            window = Window(attempt, start and start.upper(), end and end.upper())
            _replay_one(ledger, machine, instance, window, verbose)


def _replay_one(ledger: Ledger, machine: Machine, instance: str, window: Window, verbose: bool) -> None:
    from orchestrator.replay.drive import difference_of, first_differing, replay_instance, within

    steps = within(replay_instance(ledger, machine, instance), window, machine)
    for step in steps:
        _show(step, verbose)
    if differing := first_differing(steps):
        raise difference_of(ledger, instance, differing)
    taken = sum(bool(step.why_taken) for step in steps)
    typer.echo(
        f"{instance}: {len(steps)} steps, {len(steps) - taken} computed again, {taken} taken as recorded; no difference"
    )


def _replay_all(ledger: Ledger, machine: Machine, verbose: bool) -> None:
    import os

    from orchestrator.replay.drive import difference_of
    from orchestrator.replay.whole import replay_run

    done, differing = [], []
    for replayed in replay_run(ledger, machine, os.cpu_count() or 1):
        done.append(replayed)
        if step := replayed.differing:
            differing.append((replayed.instance_id, step))
            typer.echo(f"{replayed.instance_id}: differs at step {step.transition.seq}, {step.transition.state}")
        elif verbose:
            typer.echo(f"{replayed.instance_id}: {replayed.steps} steps, no difference")
    if differing:
        typer.echo(f"{len(differing)} of {len(done)} instances differ; the first:")
        raise difference_of(ledger, *differing[0])
    typer.echo(f"{len(done)} instances, {sum(replayed.steps for replayed in done)} steps: no difference")


def _show(step: Checked, verbose: bool) -> None:
    from orchestrator.cli.paint import show
    from orchestrator.report.timeline import record_lines

    t = step.transition
    how = "DIFFERS" if step.difference else f"as recorded: {step.why_taken}" if step.why_taken else "same"
    show([f"{t.seq:4} attempt {step.attempt}  {t.state} {t.event} → {t.next_state}  {how}"])
    if verbose:
        show(f"       {line}" for record in t.records for line in record_lines(record))


def _go_live(ledger: Ledger, machine: Machine, instance: str, state: str, attempt: int | None, change: Change) -> None:
    from orchestrator.cli.common import watcher
    from orchestrator.cli.paint import show
    from orchestrator.replay.branch import find_point
    from orchestrator.replay.drive import first_differing, replay_instance
    from orchestrator.replay.live import branch_live, check_wiring, go_on
    from orchestrator.report.beside import beside_lines, branch_beside
    from orchestrator.resources import find_resource

    folder = ledger.path.parent
    point = find_point(ledger, machine, instance, state, attempt)
    before = tuple(step for step in replay_instance(ledger, machine, instance) if step.transition.seq < point.seq)
    prompts_root = find_resource("prompts", Path.cwd())
    branch = branch_live(folder, ledger, point, change, prompts_root, check_wiring(folder.parent))
    typer.echo(f"{branch}: {len(before)} steps as recorded in {folder.name}, on from attempt {point.attempt}, {state}")
    if differing := first_differing(before):
        t = differing.transition
        typer.echo(
            f"note: step {t.seq}, {t.state}, no longer comes out as recorded; the branch keeps what was recorded"
        )
    with watcher(as_json=False) as observer:
        go_on(branch, observer)
    beside = branch_beside(branch, machine)
    show(beside_lines(beside) if beside else ())
    typer.echo(f"the same as a page: ramp report {branch} --html")
