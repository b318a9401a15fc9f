"""From a request to a plan (instances, stamps, what is taken over), and from the plan to a run; what is missing is said at once."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from orchestrator import __version__
from orchestrator.benchmarks import RowsBenchmark
from orchestrator.errors import InfrastructureError, MissingPiece, SettingsError
from orchestrator.launch.pieces import check_pieces
from orchestrator.launch.request import Request, run_id_of, settings_for
from orchestrator.launch.session import MakeTools, Plan, grade_run, resume_run, start_run
from orchestrator.launch.wiring import Wiring, open_the_benchmark
from orchestrator.machine import load_machine, prove_steps
from orchestrator.prompts import PromptSet
from orchestrator.report.gate import record_override
from orchestrator.resources import find_resource
from orchestrator.series.growth import Earlier, Growth, check_gate, earlier_runs, plan_growth
from orchestrator.series.selection import phase_order_of, select
from orchestrator.settings import Settings, parse_override, read_toml
from orchestrator.steps import STEPS
from orchestrator.steps.workbench import Observer
from orchestrator.tuning.checks import refuse_shared, require_sound
from orchestrator.tuning.tiers import tiers_of, tuned_instances

CHANGEABLE = frozenset({"budget", "models", "workers"})
"""Settings that a resumed run may be given anew: limits and endpoints, which decide when it goes on and not what it is."""


def plan_run(request: Request) -> Plan:
    """Settings, instances and stamps of a run; nothing is started. Raises UserErrors that name what to change."""
    workspace = Path.cwd()
    settings = settings_for(request, workspace)
    machine = load_machine(find_resource("states", workspace) / "machine.toml")
    prove_steps(machine, STEPS)
    prompts_root = find_resource("prompts", workspace)
    prompts = PromptSet.load(prompts_root, settings.prompt_set)
    require_sound(prompts)
    benchmark = _benchmark(settings, request.output)
    phases = find_resource("phases", workspace)
    lists = phases / "lists"
    order = phase_order_of(lists, settings.benchmark, benchmark.instance_ids())
    chosen = select(order[: settings.size], benchmark.instance_ids(), request.selection)
    refuse_shared(prompts, {name: benchmark.task(name).problem_statement for name in chosen})
    overridden = check_gate(request.output, settings, request.override_gate)
    folder = request.output / (request.run_id or run_id_of(settings))
    base, chosen = _base(request, settings, chosen)
    more: dict[str, Any] = {
        "earlier_ids": order[: size_before(phases, settings.phase)],
        "tuned_on": sorted(tuned_instances(prompts_root, settings.prompt_set) & set(chosen)),
        "tiers": dict(tiers_of(settings)),
    }
    if overridden is not None:
        why = request.override_gate or ""
        more["override"] = {"by": getpass.getuser(), "why": why, "against": overridden.folder.name}
    return Plan(
        folder=folder,
        settings=settings,
        instance_ids=chosen,
        machine=machine,
        stamps={
            "prompts_sha256": prompts.sha256,
            "dataset_sha256": benchmark.sha256,
            "list_sha256": hashlib.sha256("\n".join(order).encode()).hexdigest(),
        },
        prompt_files=prompts.files,
        is_subset=request.selection.is_subset or request.again == "only-failed",
        more_meta=more,
        base=base,
        only_errors=request.again == "retry-errors",
    )


def _benchmark(settings: Settings, output: Path) -> RowsBenchmark:
    """The benchmark's rows. Where they cannot be had, what else is missing is said with it, so that one look is enough."""
    try:
        return open_the_benchmark(settings)
    except MissingPiece as absent:
        wiring, piece = Wiring(settings, "", output), absent

    def rows() -> None:
        raise piece

    engines = [wiring.engine("docker").check] if settings.sandbox.kind in ("auto", "docker") else []
    check_pieces([rows, *wiring.checks([]), *engines])
    raise piece


def _base(request: Request, settings: Settings, chosen: tuple[str, ...]) -> tuple[Earlier | None, tuple[str, ...]]:
    """The run to take results over from, and the instances that are left to choose from. A subset is run anew: it was asked for."""
    again, subset = request.again, request.selection.is_subset
    if again == "redo-existing" or (subset and not again):
        return None, chosen
    runs = earlier_runs(request.output, settings.model_dump(mode="json"))
    if not again:
        return next(runs, None), chosen
    same = next((run for run in runs if run.phase == settings.phase), None)
    if same is None:
        raise SettingsError(f"--{again}: this series has no complete run of phase {settings.phase} in {request.output}")
    if again == "retry-errors":
        if not same.errors:
            raise SettingsError(f"--retry-errors: {same.folder.name} has no INFRA_FAILED or CRASHED instance")
        return same, chosen
    failed = tuple(name for name in chosen if name in same.failed)
    if not failed:
        raise SettingsError(f"--only-failed: {same.folder.name} resolved every chosen instance")
    return None, failed


def growth_of(plan: Plan, stamps: Mapping[str, Any]) -> Growth:
    """What the plan's base spares it, given the stamps that are known. Raises SettingsError where --retry-errors would run more."""
    everything = {"code_version": __version__, "machine_sha256": plan.machine.sha256, **plan.stamps, **stamps}
    growth = plan_growth(plan.base, plan.instance_ids, plan.settings.model_dump(mode="json"), everything)
    if plan.only_errors and plan.base and (set(growth.rerun) - set(plan.base.errors) or growth.regrade):
        raise SettingsError(
            f"--retry-errors: more than the errors of {plan.base.folder.name} would run, since this changed:"
            f" {', '.join(growth.why) or 'its instances'}; leave the flag out to run what is new or changed"
        )
    return growth


def preview(plan: Plan) -> Growth:
    """The growth for --dry-run: models are asked who they are where that is possible."""
    wiring = Wiring(plan.settings, plan.folder.name, plan.folder.parent)
    try:
        stamps = stamps_of(wiring)
    except (MissingPiece, InfrastructureError):
        stamps = dict(wiring.stamps())
    return growth_of(plan, stamps)


def stamps_of(wiring: Wiring) -> dict[str, Any]:
    """Who the models are, and everything else that the wiring stamps on results. Raises where a model cannot be asked."""
    return {"models": {rung: asdict(model.identify()) for rung, model in enumerate(wiring.models)}, **wiring.stamps()}


def size_before(phases: Path, phase: int) -> int:
    """The size of the phase before, or 0: instances past it are new in this phase."""
    found = sorted(phases.glob(f"{phase - 1}-*.toml"))
    return int(read_toml(found[0]).get("size", 0)) if found else 0


def launch(plan: Plan, observer: Observer, *, pull: bool = False, tell: Callable[[str], None] = lambda _: None) -> None:
    """Check that every piece is there, then run the plan. Raises MissingPieces before anything is made.

    With `pull` missing models and images are fetched; `tell` hears how far that is.
    """
    stamped, make_tools = prepare(plan, pull=pull, tell=tell)
    _expect(observer, stamped)
    start_run(stamped, make_tools, observer)


def prepare(plan: Plan, *, pull: bool = False, tell: Callable[[str], None] = lambda _: None) -> tuple[Plan, MakeTools]:
    """The plan with all its stamps and what it takes over, and what makes its tools. Raises MissingPieces."""
    wiring = Wiring(plan.settings, plan.folder.name, plan.folder.parent, pull=pull, tell=tell)
    tasks = (wiring.benchmark.task(instance_id) for instance_id in plan.instance_ids)
    check_pieces(wiring.checks(list(tasks)))
    wiring.sweep()
    stamps = stamps_of(wiring)
    stamped = replace(plan, stamps={**plan.stamps, **stamps}, growth=growth_of(plan, stamps))
    if override := plan.more_meta.get("override"):
        record_override(plan.folder.parent / override["against"], override, plan.folder.name)
    return stamped, wiring.tools


def relaunch(
    folder: Path, observer: Observer, retry: frozenset[str] = frozenset(), overrides: Sequence[str] = ()
) -> None:
    """Go on with a run, with the settings and prompts that it was started with but for `overrides` of its limits."""
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    changes = [(f"-c {text}", parse_override(text)) for text in overrides]
    for source, values in changes:
        if foreign := sorted(set(values) - CHANGEABLE):
            raise SettingsError(
                f"{source}: {foreign[0]} is part of what the run is; `ramp resume` takes {', '.join(sorted(CHANGEABLE))}"
            )
    resume_run(folder, machine, _tools_again(folder), observer, retry=retry, changes=changes)


def grade_everything(folder: Path, observer: Observer) -> None:
    """Grade every candidate of a run that is over, with the settings that it was run with."""
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    grade_run(folder, _tools_again(folder, grading_only=True), machine, observer)


def _tools_again(folder: Path, *, grading_only: bool = False) -> Callable[..., Any]:
    def make(ledger: Any, settings: Settings, switch: Any, observer: Observer) -> Any:
        wiring = Wiring(settings, folder.name, folder.parent)
        tasks = [wiring.benchmark.task(i) for i in ledger.instance_ids()]
        check_pieces(wiring.engine_checks(tasks) if grading_only else wiring.checks(tasks))
        wiring.sweep()
        expect_run(observer, len(ledger.instance_ids()), settings)
        return wiring.tools(ledger, settings, switch, observer)

    return make


def _expect(observer: Observer, plan: Plan) -> None:
    growth = plan.growth
    left = len(plan.instance_ids) if growth is None else len(growth.rerun) + len(growth.regrade)
    expect_run(observer, left, plan.settings, taken_over=len(plan.instance_ids) - left)


def expect_run(observer: Observer, instances: int, settings: Settings, *, taken_over: int = 0) -> None:
    """Tell a display that wants to know how much there is to do, what is done already, and within which budget."""
    expect = getattr(observer, "expect", None)
    if expect is not None:
        expect(instances, settings, taken_over)
