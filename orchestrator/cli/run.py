"""`ramp run PHASE`: run a phase of the ramp."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.launch import Again
    from orchestrator.session import Plan


def run(
    phase: Annotated[str, typer.Argument(help="1..5, or a phase file (.toml).")],
    benchmark: Annotated[
        str | None, typer.Option("-b", "--benchmark", help="starter, lite, verified, full, multilingual, or a path.")
    ] = None,
    model: Annotated[str | None, typer.Option("-m", "--model", help="The primary model, alone on the ladder.")] = None,
    escalate_to: Annotated[str | None, typer.Option("--escalate-to", help="The second rung's model, or none.")] = None,
    arm: Annotated[str | None, typer.Option("--arm", help="An arm of phases/arms.toml.")] = None,
    feedback: Annotated[str, typer.Option("--feedback", help="repo-tests, or oracle (an upper bound).")] = "repo-tests",
    only: Annotated[list[str] | None, typer.Option("-i", "--instance", help="Only this instance; repeatable.")] = None,
    pattern: Annotated[str | None, typer.Option("--filter", help="Only ids that match this expression.")] = None,
    slice_text: Annotated[str | None, typer.Option("--slice", help="Only a:b of what is left.")] = None,
    shuffle: Annotated[int | None, typer.Option("--shuffle", help="Shuffle with this seed.")] = None,
    workers: Annotated[int | None, typer.Option("-w", "-j", "--workers", help="Instances at a time.")] = None,
    run_id: Annotated[
        str | None, typer.Option("--run-id", help="The run's name; default: phase, benchmark, arm, time.")
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where runs are kept.")] = Path("runs"),
    redo_existing: Annotated[
        bool, typer.Option("--redo-existing", help="Take nothing over from earlier runs of the series.")
    ] = False,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Run only what the environment or a bug broke last time.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Run only what was not resolved last time; a subset, never a phase.")
    ] = False,
    override_gate: Annotated[
        str | None, typer.Option("--override", metavar="WHY", help="Go on although the last phase's gate said no.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("-c", help="key.sub=value over the phase file; repeatable.")
    ] = None,
    spend_limit: Annotated[float | None, typer.Option("-l", "--limit", help="Dollars for the whole phase.")] = None,
    grade_all: Annotated[
        bool,
        typer.Option("--grade-all", help="Grade every candidate once all patches are frozen: pass@k, calibration."),
    ] = False,
    pull: Annotated[bool, typer.Option("--pull", help="Pull missing models and images.")] = False,
    unsafe_local: Annotated[bool, typer.Option("--unsafe-local", help="No sandbox; stamped on every result.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask models even where a reply is cached.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would run, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Run a phase: PHASE 1 to 5, or a phase file. What is missing is said before anything starts."""
    from orchestrator.cli.common import show_results, watcher
    from orchestrator.launch import Request, launch, plan_run
    from orchestrator.selection import Selection
    from orchestrator.tuning import invalidated_by

    request = Request(
        phase=phase,
        benchmark=benchmark,
        model=model,
        escalate_to=escalate_to,
        arm=arm,
        disclosure=feedback,
        selection=Selection(tuple(only or ()), pattern, slice_text, shuffle),
        workers=workers,
        run_id=run_id,
        output=output,
        overrides=tuple(overrides or ()),
        spend_limit_usd=spend_limit,
        unsafe_local=unsafe_local,
        no_cache=no_cache,
        again=_one_of(redo_existing, retry_errors, only_failed),
        override_gate=override_gate,
        grade_all=grade_all,
    )
    plan = plan_run(request)
    if dry_run:
        _print_plan(plan, as_json)
        for line in invalidated_by(plan.settings):
            typer.echo(line, err=True)
        return
    with watcher(as_json) as observer:
        launch(plan, observer, pull=pull)
    show_results(plan.folder, as_json)


def _one_of(redo_existing: bool, retry_errors: bool, only_failed: bool) -> Again:
    if redo_existing + retry_errors + only_failed > 1:
        raise typer.BadParameter("--redo-existing, --retry-errors and --only-failed exclude each other")
    return (
        "redo-existing" if redo_existing else "retry-errors" if retry_errors else "only-failed" if only_failed else ""
    )


def _print_plan(plan: Plan, as_json: bool) -> None:
    import json

    from orchestrator.launch import preview

    growth = preview(plan)
    if as_json:
        parts = {"reuse": growth.reuse, "regrade": growth.regrade, "rerun": growth.rerun, "changed": growth.why}
        base = growth.base.folder.name if growth.base else None
        typer.echo(json.dumps({"phase": plan.settings.phase, "base": base, **parts}, indent=2))
        return
    for line in growth.lines():
        typer.echo(line)
    ladder = " → ".join(rung.model for rung in plan.settings.ladder)
    typer.echo(f"{len(plan.instance_ids)} instances of {plan.settings.benchmark} with {ladder}; nothing was started")
