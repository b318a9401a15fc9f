"""From what the user asked for to a plan: phase file, arm, flags, instances, stamps. What is missing is said here, all at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.errors import MissingPiece, SettingsError
from orchestrator.machine import load_machine, prove_steps
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Benchmark
from orchestrator.resources import find_resource
from orchestrator.selection import Selection, phase_instances, select
from orchestrator.session import Plan, resume_run, start_run
from orchestrator.settings import Settings, load_settings, parse_override, read_toml
from orchestrator.steps import STEPS
from orchestrator.steps.workbench import Observer
from orchestrator.wiring import Wiring, open_the_benchmark

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


def plan_run(request: Request) -> Plan:
    """Settings, instances and stamps of a run; nothing is started. Raises UserErrors that name what to change."""
    workspace = Path.cwd()
    settings = settings_for(request, workspace)
    machine = load_machine(find_resource("states", workspace) / "machine.toml")
    prove_steps(machine, STEPS)
    prompts = PromptSet.load(find_resource("prompts", workspace), settings.prompt_set)
    benchmark = open_the_benchmark(settings)
    lists = find_resource("phases", workspace) / "lists"
    known = benchmark.instance_ids()
    chosen = select(phase_instances(lists, settings.benchmark, known, settings.size), known, request.selection)
    return Plan(
        folder=request.output / (request.run_id or _run_id(settings)),
        settings=settings,
        instance_ids=chosen,
        machine=machine,
        stamps={"prompts_sha256": prompts.sha256, "dataset_sha256": benchmark.sha256},
        prompt_files=prompts.files,
        is_subset=request.selection.is_subset,
    )


def launch(plan: Plan, observer: Observer, *, pull: bool = False) -> None:
    """Check that every piece is there, then run the plan. Raises MissingPieces before anything is made."""
    wiring = Wiring(plan.settings, plan.folder.name, plan.folder.parent, pull=pull)
    tasks = (wiring.benchmark.task(instance_id) for instance_id in plan.instance_ids)
    check_pieces(wiring.checks(list(tasks)))
    identities = {rung: asdict(model.identify()) for rung, model in enumerate(wiring.models)}
    stamped = Plan(**{**_shallow(plan), "stamps": {**plan.stamps, "models": identities, **wiring.stamps()}})
    _expect(observer, len(plan.instance_ids))
    start_run(stamped, wiring.tools, observer)


def relaunch(folder: Path, observer: Observer, retry: frozenset[str] = frozenset()) -> None:
    """Go on with a run, with the settings and prompts that it was started with."""
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    resume_run(folder, machine, _tools_again(folder), observer, retry=retry)


def _tools_again(folder: Path) -> Callable[..., Any]:
    def make(ledger: Any, settings: Settings, switch: Any, observer: Observer) -> Any:
        wiring = Wiring(settings, folder.name, folder.parent)
        check_pieces(wiring.checks([wiring.benchmark.task(i) for i in ledger.instance_ids()]))
        _expect(observer, len(ledger.instance_ids()))
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


def _shallow(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


def _expect(observer: Observer, total: int) -> None:
    expect = getattr(observer, "expect", None)
    if expect is not None:
        expect(total)


__all__ = ["Benchmark", "MissingPieces", "Request", "launch", "plan_run", "relaunch"]
