"""`ramp replay RUN INSTANCE`: one instance again from the ledger, and on for real from any point of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.ledger import Ledger
    from orchestrator.machine import Machine
    from orchestrator.replay.drive import Checked, Window


def replay(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name in the output folder, or its path.")],
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
    output: Annotated[Path, typer.Option("-o", "--output", help="Where runs are kept.")] = Path("runs"),
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every record.")] = False,
) -> None:
    """Compute a recorded instance again: no model, no sandbox, no network. Exit code 5 where it comes out otherwise."""
    import contextlib

    from orchestrator.cli.common import find_run
    from orchestrator.errors import UserError
    from orchestrator.ledger import LEDGER, Ledger
    from orchestrator.machine import load_machine
    from orchestrator.replay.drive import Window
    from orchestrator.resources import find_resource

    if live_from is None and (model or prompts or override):
        raise UserError("-m, --prompts and -c change what is done anew; say from where with --live-from STATE")
    if live_from is not None and (instance is None or start or end):
        raise UserError(
            "--live-from goes on with one instance: give its id, with --attempt but without --from and --until"
        )
    folder = find_run(run, output)
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        if live_from is not None:
            _go_live(
                folder,
                ledger,
                machine,
                str(instance),
                live_from.upper(),
                attempt,
                model,
                prompts,
                tuple(override or ()),
            )
        elif instance is None:
            _replay_all(ledger, machine)
        else:
            window = Window(attempt, start and start.upper(), end and end.upper())
            _replay_one(ledger, machine, instance, window, verbose)


def _replay_one(ledger: Ledger, machine: Machine, instance: str, window: Window, verbose: bool) -> None:
    from orchestrator.replay.drive import first_differing, raise_difference, replay_instance, within

    steps = within(replay_instance(ledger, machine, instance), window, machine)
    for step in steps:
        _show(step, verbose)
    taken = sum(bool(step.why_taken) for step in steps)
    if differing := first_differing(steps):
        raise_difference(instance, differing, ledger.meta()["stamps"]["code_version"])
    typer.echo(
        f"{instance}: {len(steps)} steps, {len(steps) - taken} computed again, {taken} taken as recorded; no difference"
    )


def _replay_all(ledger: Ledger, machine: Machine) -> None:
    from orchestrator.replay.drive import first_differing, raise_difference, replay_instance
    from orchestrator.repo.diff import PatchMaker

    steps_in_all, differing, patches = 0, [], PatchMaker()
    for instance in ledger.instance_ids():
        steps = tuple(replay_instance(ledger, machine, instance, patches))
        steps_in_all += len(steps)
        if step := first_differing(steps):
            differing.append((instance, step))
            typer.echo(f"{instance}: differs at step {step.transition.seq}, {step.transition.state}")
    count = len(ledger.instance_ids())
    if differing:
        typer.echo(f"{len(differing)} of {count} instances differ; the first:")
        raise_difference(*differing[0], ledger.meta()["stamps"]["code_version"])
    typer.echo(f"{count} instances, {steps_in_all} steps: no difference")


def _show(step: Checked, verbose: bool) -> None:
    t = step.transition
    how = "DIFFERS" if step.difference else f"as recorded: {step.why_taken}" if step.why_taken else "same"
    typer.echo(f"{t.seq:4} attempt {step.attempt}  {t.state} {t.event} → {t.next_state}  {how}")
    if verbose:
        from orchestrator.report.timeline import record_lines

        for record in t.records:
            for line in record_lines(record):
                typer.echo(f"       {line}")


def _go_live(
    folder: Path,
    ledger: Ledger,
    machine: Machine,
    instance: str,
    state: str,
    attempt: int | None,
    model: str | None,
    prompts: Path | None,
    overrides: tuple[str, ...],
) -> None:
    from orchestrator.cli.common import watcher
    from orchestrator.replay.beside import beside_lines
    from orchestrator.replay.branch import Change, find_point
    from orchestrator.replay.drive import first_differing, replay_instance
    from orchestrator.replay.live import branch_beside, branch_live, check_wiring, go_on
    from orchestrator.resources import find_resource

    point = find_point(ledger, machine, instance, state, attempt)
    before = tuple(step for step in replay_instance(ledger, machine, instance) if step.transition.seq < point.seq)
    if differing := first_differing(before):
        t = differing.transition
        typer.echo(
            f"note: step {t.seq}, {t.state}, no longer comes out as recorded; the branch keeps what was recorded"
        )
    prompts_root = find_resource("prompts", Path.cwd())
    branch = branch_live(
        folder, ledger, point, Change(model, prompts, overrides), prompts_root, check_wiring(folder.parent)
    )
    typer.echo(f"{branch}: {len(before)} steps as recorded in {folder.name}, on from attempt {point.attempt}, {state}")
    with watcher(as_json=False) as observer:
        go_on(branch, observer)
    for line in beside_lines(branch_beside(folder, branch, machine, point), folder.name, branch.name):
        typer.echo(line)
