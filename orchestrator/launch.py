"""From what the user asked for to a plan: phase file, arm, flags, instances, stamps. What is missing is said here, all at once."""

from __future__ import annotations

import getpass
import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from orchestrator import __version__
from orchestrator.errors import InfrastructureError, MissingPiece, SettingsError
from orchestrator.machine import load_machine, prove_steps
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Benchmark
from orchestrator.report.gate import record_override
from orchestrator.resources import find_resource
from orchestrator.sandbox.docker_images import PullProgress
from orchestrator.selection import Selection, phase_order_of, select
from orchestrator.series import Earlier, Growth, check_gate, earlier_runs, plan_growth
from orchestrator.session import MakeTools, Plan, resume_run, start_run
from orchestrator.settings import Settings, load_settings, parse_override, read_toml
from orchestrator.steps import STEPS
from orchestrator.steps.workbench import Observer
from orchestrator.wiring import Wiring, open_the_benchmark

Again = Literal["", "redo-existing", "retry-errors", "only-failed"]
"""What a run makes of an earlier one of its series: take over what holds, nothing, all but errors, or only what failed."""

STARTER_COMMAND = "ramp run 1 -b starter -m mutation"


class MissingPieces(MissingPiece):
    """Everything that a run needs and does not have, each with its remedy."""

    def __init__(self, missing: Sequence[MissingPiece]) -> None:
        self.missing = tuple(missing)
        lines = "\n".join(f"  - {piece.what}\n    {piece.remedy}" for piece in missing)
        super().__init__(
            f"this run cannot start, something is missing:\n{lines}\n",
            f"Nothing was started. To see the whole loop without model server, key or Docker: {STARTER_COMMAND}",
        )


@dataclass(frozen=True)
class Request:
    """What was typed: None and empty are "as the phase file says"."""

    phase: str
    benchmark: str | None = None
    model: str | None = None
    escalate_to: str | None = None
    arm: str | None = None
    disclosure: str | None = None
    selection: Selection = field(default_factory=Selection)
    workers: int | None = None
    run_id: str | None = None
    output: Path = Path("runs")
    overrides: tuple[str, ...] = ()
    spend_limit_usd: float | None = None
    unsafe_local: bool = False
    no_cache: bool = False
    again: Again = ""
    override_gate: str | None = None


def plan_run(request: Request) -> Plan:
    """Settings, instances and stamps of a run; nothing is started. Raises UserErrors that name what to change."""
    workspace = Path.cwd()
    settings = settings_for(request, workspace)
    machine = load_machine(find_resource("states", workspace) / "machine.toml")
    prove_steps(machine, STEPS)
    prompts = PromptSet.load(find_resource("prompts", workspace), settings.prompt_set)
    benchmark = open_the_benchmark(settings)
    phases = find_resource("phases", workspace)
    lists = phases / "lists"
    order = phase_order_of(lists, settings.benchmark, benchmark.instance_ids())
    chosen = select(order[: settings.size], benchmark.instance_ids(), request.selection)
    overridden = check_gate(request.output, settings, request.override_gate)
    folder = request.output / (request.run_id or _run_id(settings))
    base, chosen = _base(request, settings, chosen)
    more: dict[str, Any] = {"earlier_ids": order[: size_before(phases, settings.phase)]}
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
        stamps = _full_stamps(wiring)
    except (MissingPiece, InfrastructureError):
        stamps = dict(wiring.stamps())
    return growth_of(plan, stamps)


def _full_stamps(wiring: Wiring) -> dict[str, Any]:
    return {"models": {rung: asdict(model.identify()) for rung, model in enumerate(wiring.models)}, **wiring.stamps()}


def size_before(phases: Path, phase: int) -> int:
    """The size of the phase before, or 0: instances past it are new in this phase."""
    found = sorted(phases.glob(f"{phase - 1}-*.toml"))
    return int(read_toml(found[0]).get("size", 0)) if found else 0


def launch(plan: Plan, observer: Observer, *, pull: bool = False) -> None:
    """Check that every piece is there, then run the plan. Raises MissingPieces before anything is made."""
    stamped, make_tools = prepare(plan, pull=pull, on_pull=getattr(observer, "pulling", _in_silence))
    _expect(observer, stamped)
    start_run(stamped, make_tools, observer)


def _in_silence(_: PullProgress) -> None:
    """An observer that cannot show a pull."""


def prepare(
    plan: Plan, *, pull: bool = False, on_pull: Callable[[PullProgress], None] = _in_silence
) -> tuple[Plan, MakeTools]:
    """The plan with all its stamps and what it takes over, and what makes its tools. Raises MissingPieces."""
    wiring = Wiring(plan.settings, plan.folder.name, plan.folder.parent, pull=pull, on_pull=on_pull)
    tasks = (wiring.benchmark.task(instance_id) for instance_id in plan.instance_ids)
    check_pieces(wiring.checks(list(tasks)))
    wiring.sweep()
    stamps = _full_stamps(wiring)
    stamped = replace(plan, stamps={**plan.stamps, **stamps}, growth=growth_of(plan, stamps))
    if override := plan.more_meta.get("override"):
        record_override(plan.folder.parent / override["against"], override, plan.folder.name)
    return stamped, wiring.tools


def relaunch(folder: Path, observer: Observer, retry: frozenset[str] = frozenset()) -> None:
    """Go on with a run, with the settings and prompts that it was started with."""
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    resume_run(folder, machine, _tools_again(folder), observer, retry=retry)


def _tools_again(folder: Path) -> Callable[..., Any]:
    def make(ledger: Any, settings: Settings, switch: Any, observer: Observer) -> Any:
        wiring = Wiring(settings, folder.name, folder.parent)
        check_pieces(wiring.checks([wiring.benchmark.task(i) for i in ledger.instance_ids()]))
        wiring.sweep()
        expect_run(observer, len(ledger.instance_ids()), settings)
        return wiring.tools(ledger, settings, switch, observer)

    return make


def check_pieces(checks: Sequence[Callable[[], object]]) -> None:
    """Run every check and raise one MissingPieces with all that is missing."""
    missing: list[MissingPiece] = []
    for check in checks:
        try:
            check()
        except MissingPiece as piece:
            missing.append(piece)
    if missing:
        raise MissingPieces(missing)


def settings_for(request: Request, workspace: Path) -> Settings:
    """The phase file, the arm over it, the flags over that, `-c` over all. Raises SettingsError."""
    phases = find_resource("phases", workspace)
    phase_file = find_phase(phases, request.phase)
    base = read_toml(phase_file)
    layers: list[tuple[str, Mapping[str, Any]]] = []
    arm = request.arm or ("mutation" if request.model == "mutation" and not request.escalate_to else None)
    if arm is not None:
        layers.append((f"arms.toml [{arm}]", {**_arm(phases / "arms.toml", arm), "arm": arm}))
    ladder = layers[-1][1].get("ladder", base.get("ladder", [])) if layers else base.get("ladder", [])
    flags = {
        "benchmark": request.benchmark,
        "disclosure": request.disclosure,
        "workers": request.workers,
        "ladder": _ladder(ladder, request, int(base.get("attempts", 6))),
        "budget": {"usd_per_phase": request.spend_limit_usd} if request.spend_limit_usd is not None else None,
        "sandbox": {"kind": "unsafe-local"} if request.unsafe_local else None,
        "models": {"cache": False} if request.no_cache else None,
    }
    layers.append(("the command line", {key: value for key, value in flags.items() if value is not None}))
    layers += [(f"-c {text}", parse_override(text)) for text in request.overrides]
    return load_settings(phase_file, layers)


def find_phase(phases: Path, phase: str) -> Path:
    """The file of a phase by number, or a path. Raises SettingsError naming the phases there are."""
    if phase.endswith(".toml"):
        return Path(phase)
    found = sorted(phases.glob(f"{phase}-*.toml")) if phase.isdigit() else []
    if not found:
        known = ", ".join(path.stem for path in sorted(phases.glob("[0-9]*-*.toml")))
        raise SettingsError(f"there is no phase {phase!r}; {phases} has {known}; a .toml of your own works too")
    return found[0]


def _arm(path: Path, name: str) -> dict[str, Any]:
    arms = read_toml(path)
    if name not in arms:
        raise SettingsError(f"{path}: there is no arm {name!r}; it has {', '.join(arms)}")
    arm: dict[str, Any] = arms[name]
    return arm


def _ladder(ladder: list[dict[str, Any]], request: Request, attempts: int) -> list[dict[str, Any]] | None:
    """-m puts one model alone on the ladder with all attempts; --escalate-to sets or removes the second rung."""
    if request.model is None and request.escalate_to is None:
        return None
    rungs = [dict(rung) for rung in ladder]
    if request.model is not None:
        first = rungs[0] if rungs and rungs[0]["model"] == request.model else {"model": request.model}
        rungs = [{**first, "attempts": attempts}]
    if request.escalate_to == "none":
        rungs = [{**rungs[0], "attempts": attempts}]
    elif request.escalate_to is not None:
        second = next((dict(r) for r in ladder if r["model"] == request.escalate_to), {"model": request.escalate_to})
        rungs = [{**rungs[0], "attempts": max(1, attempts - 2)}, {**second, "attempts": min(2, attempts)}]
    return rungs


def _run_id(settings: Settings) -> str:
    name = Path(settings.benchmark).stem if "/" in settings.benchmark else settings.benchmark
    safe = re.sub(r"[^A-Za-z0-9_.+-]+", "-", f"phase{settings.phase}-{name}-{settings.arm}")
    return f"{safe}-{time.strftime('%Y%m%d-%H%M%S')}"


def _expect(observer: Observer, plan: Plan) -> None:
    growth = plan.growth
    left = len(plan.instance_ids) if growth is None else len(growth.rerun) + len(growth.regrade)
    expect_run(observer, left, plan.settings)


def expect_run(observer: Observer, instances: int, settings: Settings) -> None:
    """Tell a display that wants to know how much there is to do, and within which budget."""
    expect = getattr(observer, "expect", None)
    if expect is not None:
        expect(instances, settings)


__all__ = ["Benchmark", "MissingPieces", "Request", "launch", "plan_run", "relaunch"]
