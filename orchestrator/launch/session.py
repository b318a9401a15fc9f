"""One process at work on one run: its lock, its signals, its tools, and the exports at the end."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from orchestrator import __version__
from orchestrator.clock import Clock, Faults
from orchestrator.errors import Interrupted, LedgerError
from orchestrator.launch.grade_all import grade_candidates
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine
from orchestrator.memory.runlock import lock_run
from orchestrator.ramp import Run, StillWorking
from orchestrator.report.exports import export_run
from orchestrator.series.growth import Earlier, Growth
from orchestrator.settings import Settings, change_settings, recorded_settings
from orchestrator.steps import STEPS, Tools
from orchestrator.steps.workbench import Observer, Silent

GRACE_S = 8.0
"""How long a stopped run waits for calls and commands that are under way; they are done again when it resumes."""


class StopSwitch:
    """Why the run should stop, if it should: a signal, or its time is up. Steps look at it before they begin."""

    def __init__(self, clock: Clock, minutes: float | None = None, grace_s: float = GRACE_S) -> None:
        self.clock = clock
        self._grace_s = grace_s
        self._deadline_s = None if minutes is None else clock.monotonic() + minutes * 60
        self.signal_number = 0
        self.asked_at_s: float | None = None

    def __call__(self) -> str:
        """The reason to stop; empty: go on."""
        if self.signal_number:
            return f"interrupted by {signal.Signals(self.signal_number).name}"
        if self._deadline_s is not None and self.clock.monotonic() > self._deadline_s:
            return "the time budget (budget.minutes) is used up"
        return ""

    def is_overdue(self) -> bool:
        """Whether a signal asked for an end so long ago that what is under way is not waited for any more."""
        return self.asked_at_s is not None and self.clock.monotonic() - self.asked_at_s > self._grace_s

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a wish to stop cleanly; the second one ends the process at once."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.signal_number:
            os._exit(128 + number)
        self.signal_number = number
        self.asked_at_s = self.clock.monotonic()


@dataclass(frozen=True)
class Plan:
    """What a run is to be: its folder, settings and instances, and the facts that are stamped on its results."""

    folder: Path
    settings: Settings
    instance_ids: tuple[str, ...]
    machine: Machine
    stamps: Mapping[str, Any]
    prompt_files: Mapping[str, str]
    is_subset: bool = False
    more_meta: Mapping[str, Any] = field(default_factory=dict)
    base: Earlier | None = None
    only_errors: bool = False
    growth: Growth | None = None


MakeTools = Callable[[Ledger, Settings, StopSwitch, Observer], Tools]


def start_run(
    plan: Plan,
    make_tools: MakeTools,
    observer: Observer | None = None,
    clock: Clock | None = None,
    *,
    grace_s: float = GRACE_S,
) -> None:
    """Make the run's folder and ledger, and drive it. Raises Interrupted after a clean stop by a signal."""
    clock = clock or Clock()
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot make {plan.folder}: {error.strerror}; choose another folder with -o") from error
    with lock_run(plan.folder):
        ledger = Ledger.create(plan.folder / LEDGER, meta_of(plan, clock), plan.instance_ids)
        with contextlib.closing(ledger):
            if plan.growth is not None:
                plan.growth.carry_over(plan.folder / LEDGER)
            _drive(plan.folder, ledger, plan.machine, plan.settings, make_tools, observer, clock, grace_s=grace_s)


def resume_run(
    folder: Path,
    machine: Machine,
    make_tools: MakeTools,
    observer: Observer | None = None,
    clock: Clock | None = None,
    retry: frozenset[str] = frozenset(),
    changes: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> None:
    """Go on with every unfinished instance at its last committed step, from the ledger alone.

    `changes` are (source, values) layers over the run's settings, which it keeps from then on.
    """
    with lock_run(folder), contextlib.closing(Ledger(folder / LEDGER)) as ledger:
        meta = ledger.meta()
        if (made_with := ledger.stamps()["machine_sha256"]) != machine.sha256:
            raise LedgerError(
                f"{folder} was run with another states/machine.toml ({made_with[:12]}, "
                f"now {machine.sha256[:12]}); put that one back to resume"
            )
        settings = recorded_settings(meta, ledger.path)
        if changes:
            settings = change_settings(settings, changes)
            ledger.set_meta("settings", settings.model_dump(mode="json"))
        _drive(folder, ledger, machine, settings, make_tools, observer, clock or Clock(), retry)


def grade_run(
    folder: Path, make_tools: MakeTools, machine: Machine, observer: Observer | None = None, clock: Clock | None = None
) -> None:
    """Give every candidate of a run's finished instances its official verdict, and make the exports anew."""
    with lock_run(folder), contextlib.closing(Ledger(folder / LEDGER)) as ledger:
        settings = recorded_settings(ledger.meta(), ledger.path)
        _drive(folder, ledger, machine, settings, make_tools, observer, clock or Clock(), grading_only=True)


def _unwatched(instance_id: str, done: int, total: int) -> None:
    pass


def meta_of(plan: Plan, clock: Clock) -> dict[str, Any]:
    """The run's own facts as its ledger keeps them. The secret makes nonces; it never enters a sandbox."""
    return {
        "settings": plan.settings.model_dump(mode="json"),
        "stamps": {"code_version": __version__, "machine_sha256": plan.machine.sha256, **plan.stamps},
        "prompt_files": dict(plan.prompt_files),
        "began_s": clock.wall(),
        "secret": secrets.token_hex(32),
        "is_subset": plan.is_subset,
        **plan.more_meta,
        **(plan.growth.meta if plan.growth else {}),
    }


def _drive(
    folder: Path,
    ledger: Ledger,
    machine: Machine,
    settings: Settings,
    make_tools: MakeTools,
    observer: Observer | None,
    clock: Clock,
    retry: frozenset[str] = frozenset(),
    *,
    grading_only: bool = False,
    grace_s: float = GRACE_S,
) -> None:
    switch = StopSwitch(clock, settings.budget.minutes, grace_s)
    tools = make_tools(ledger, settings, switch, observer or Silent())
    try:
        with switch.listening():
            if not grading_only:
                Run(machine, STEPS, tools).drive(ledger.instance_ids(), settings.workers, retry=retry)
            if settings.evaluate.grade_all or grading_only:
                on_grade = getattr(tools.observer, "graded", _unwatched)
                grade_candidates(ledger, machine, tools, settings.workers, on_grade)
    except StillWorking:
        _end_at_once(folder, ledger, machine, tools, 128 + switch.signal_number)
    finally:
        try:
            export_run(folder, ledger, machine)
        finally:
            tools.close()
    if switch.signal_number:
        raise Interrupted(switch.signal_number, folder.name)


def _end_at_once(folder: Path, ledger: Ledger, machine: Machine, tools: Tools, exit_code: int) -> NoReturn:
    """Export what is committed, stop what runs in sandboxes, and leave; threads in the middle of a step go with us."""
    ledger.stop_writing()
    export_run(folder, ledger, machine)
    tools.close()
    print(f"ramp: stopped in the middle of a step; `ramp resume {folder.name}` does that step again", file=sys.stderr)  # noqa: T201
    sys.stdout.flush()
    os._exit(exit_code)


def faults_from(environment: Mapping[str, str]) -> Faults:
    """The crash point that a test asks for by RAMP_CRASH_AT=point[:n]; none in ordinary life."""
    point, _, nth = environment.get("RAMP_CRASH_AT", "").partition(":")
    return Faults(point, int(nth or 1))
