"""Two runs at once, taking turns, so that whatever changes with time (load, temperature, a server's mood) falls on both alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from orchestrator.clock import Clock
from orchestrator.errors import Interrupted, SettingsError
from orchestrator.launch.plan import expect_run, plan_run, prepare
from orchestrator.launch.request import Request
from orchestrator.launch.session import MakeTools, Plan, StopSwitch, meta_of
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.memory.runlock import lock_run
from orchestrator.ramp import Run
from orchestrator.report.exports import export_run
from orchestrator.steps import STEPS
from orchestrator.steps.workbench import Observer


def run_interleaved(requests: Sequence[Request], observer: Observer, *, pull: bool = False) -> list[Path]:
    """Plan, check and run two arms; returns their folders. Raises MissingPieces before anything is made."""
    plans = [plan_run(request) for request in requests]
    if plans[0].folder == plans[1].folder:
        raise SettingsError(f"both arms are {plans[0].settings.arm}; compare two different ones")
    prepared = [prepare(plan, pull=pull) for plan in plans]
    both = plans[0].settings.model_copy(update={"arm": " against ".join(plan.settings.arm for plan in plans)})
    expect_run(observer, sum(len(plan.instance_ids) for plan in plans), both)
    start_interleaved(prepared, observer)
    return [plan.folder for plan in plans]


def start_interleaved(
    prepared: Sequence[tuple[Plan, MakeTools]], observer: Observer, clock: Clock | None = None
) -> None:
    """Make both runs and drive them in turns. Raises Interrupted after a clean stop; both can be resumed then."""
    clock = clock or Clock()
    minutes = [plan.settings.budget.minutes for plan, _ in prepared if plan.settings.budget.minutes]
    switch = StopSwitch(clock, sum(minutes) or None)
    with contextlib.ExitStack() as stack:
        stack.enter_context(switch.listening())
        runs = [stack.enter_context(_opened(plan, make, switch, observer, clock)) for plan, make in prepared]
        workers = prepared[0][0].settings.workers
        for turn in turns([plan.instance_ids for plan, _ in prepared], workers):
            runs[turn[0]].drive(turn[1], workers)
    if switch.signal_number:
        raise Interrupted(switch.signal_number, *(plan.folder.name for plan, _ in prepared))


def turns(ids: Sequence[Sequence[str]], workers: int) -> Iterator[tuple[int, Sequence[str]]]:
    """Whose turn it is and with which instances: A B, B A, A B and so on, so that neither always goes first."""
    blocks = [[run[at : at + workers] for at in range(0, len(run), workers)] for run in ids]
    for number, row in enumerate(zip_longest(*blocks, fillvalue=())):
        sides = list(enumerate(row))
        yield from (side for side in (sides if number % 2 == 0 else reversed(sides)) if side[1])


@contextlib.contextmanager
def _opened(plan: Plan, make_tools: MakeTools, switch: StopSwitch, observer: Observer, clock: Clock) -> Iterator[Run]:
    """A run that was made and can be driven; on the way out its files are written."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with lock_run(plan.folder):
        ledger = Ledger.create(plan.folder / LEDGER, meta_of(plan, clock), plan.instance_ids)
        with contextlib.closing(ledger):
            if plan.growth is not None:
                plan.growth.carry_over(plan.folder / LEDGER)
            try:
                yield Run(plan.machine, STEPS, make_tools(ledger, plan.settings, switch, observer))
            finally:
                export_run(plan.folder, ledger, plan.machine)
