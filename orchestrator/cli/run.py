"""`ramp run PHASE`: run a phase of the ramp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from orchestrator.cli import options as o

if TYPE_CHECKING:
    from orchestrator.launch.request import Again
    from orchestrator.launch.session import Plan


def run(
    phase: o.PhaseName,
    benchmark: o.BenchmarkName = None,
    model: o.Model = None,
    escalate_to: o.EscalateTo = None,
    arm: o.Arm = None,
    feedback: o.Disclosure = "repo-tests",
    only: o.Instances = None,
    pattern: o.Pattern = None,
    slice_text: o.Slice = None,
    shuffle: o.Shuffle = None,
    workers: o.Workers = None,
    run_id: o.RunId = None,
    output: o.OutputFolder = o.RUNS,
    redo_existing: o.RedoExisting = False,
    retry_errors: o.RetryErrors = False,
    only_failed: o.OnlyFailed = False,
    override_gate: o.OverrideGate = None,
    overrides: o.Overrides = None,
    spend_limit: o.SpendLimit = None,
    grade_all: o.GradeAll = False,
    pull: o.Pull = False,
    unsafe_local: o.UnsafeLocal = False,
    no_cache: o.NoCache = False,
    dry_run: o.DryRun = False,
    as_json: o.AsJson = False,
) -> None:
    """Run a phase: PHASE 1 to 5, or a phase file. What is missing is said before anything starts."""
    from orchestrator.cli.common import show_results, tell_progress, watcher
    from orchestrator.launch.plan import launch, plan_run
    from orchestrator.launch.request import Request
    from orchestrator.series.selection import Selection

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
        return
    with watcher(as_json) as observer:
        launch(plan, observer, pull=pull, tell=tell_progress())
    show_results(plan.folder, as_json)


def _one_of(redo_existing: bool, retry_errors: bool, only_failed: bool) -> Again:
    if redo_existing + retry_errors + only_failed > 1:
        raise typer.BadParameter("--redo-existing, --retry-errors and --only-failed exclude each other")
    return (
        "redo-existing" if redo_existing else "retry-errors" if retry_errors else "only-failed" if only_failed else ""
    )


def _print_plan(plan: Plan, as_json: bool) -> None:
    import json

    from orchestrator.launch.plan import preview
    from orchestrator.series.growth import price_changes

    growth, prices = preview(plan), price_changes(plan.base, plan.instance_ids, plan.settings)
    base = plan.base.folder.name if plan.base else ""
    if as_json:
        tiers = [
            {"tier": p.tier.name, "setting": p.setting, "default": p.default or None, "from": p.tier.changes_from,
             "invalidates": p.invalidated, "keeps": p.kept}
            for p in prices
        ]  # fmt: skip
        parts = {"reuse": growth.reuse, "regrade": growth.regrade, "rerun": growth.rerun, "changed": growth.why}
        plan_text = {"phase": plan.settings.phase, "base": growth.base.folder.name if growth.base else None, **parts}
        typer.echo(json.dumps({**plan_text, "tiers": tiers}, indent=2))
        return
    for line in growth.lines():
        typer.echo(line)
    for price in prices:
        for line in price.lines(base):
            typer.echo(line)
    ladder = " → ".join(rung.model for rung in plan.settings.ladder)
    typer.echo(f"{len(plan.instance_ids)} instances of {plan.settings.benchmark} with {ladder}; nothing was started")
