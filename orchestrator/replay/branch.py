"""A branch: a new run that has an instance's steps up to a point as they were recorded, and goes on from there for real."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from orchestrator import __version__
from orchestrator.errors import LedgerError, PromptError, SandboxError
from orchestrator.journey import replay_journey
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import Machine
from orchestrator.memory.recording import (
    CALLS,
    FILES,
    SANDBOX_RUNS,
    TESTS_REACHING,
    TOKEN_COUNTS,
    RecordedCall,
    RecordedRun,
)
from orchestrator.memory.runlock import lock_run
from orchestrator.prompts import PromptSet
from orchestrator.protocols import SandboxProfile
from orchestrator.replay.drive import check_machine, require_instance, require_state
from orchestrator.report.timeline import attempt_of
from orchestrator.settings import Settings, change_settings, parse_override, recorded_settings
from orchestrator.tuning.checks import require_sound


@dataclass(frozen=True, slots=True)
class Point:
    """Where a branch leaves its parent: before step `seq` of an instance, in `state` of `attempt`, on a rung of the ladder."""

    instance_id: str
    seq: int
    state: str
    attempt: int
    rung: int


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different: a model for the point's rung, a prompt set's folder, `-c` overrides."""

    model: str | None = None
    prompts: Path | None = None
    overrides: tuple[str, ...] = ()


def find_point(ledger: Ledger, machine: Machine, instance_id: str, state: str, attempt: int | None = None) -> Point:
    """The point before an instance's first step in `state` of `attempt` (default: the last attempt that reached it).

    Raises LedgerError where it was never reached, naming what was.
    """
    check_machine(ledger, machine)
    require_instance(ledger, instance_id)
    steps = list(ledger.transitions(instance_id))
    require_state(steps, state, machine)
    reached = [step for step in steps if step.state == state]
    wanted = attempt if attempt is not None else attempt_of(reached[-1])
    found = next((step for step in reached if attempt_of(step) == wanted), None)
    if found is None:
        known = ", ".join(map(str, sorted({attempt_of(step) for step in reached})))
        raise LedgerError(f"attempt {wanted} never reached {state}; it was reached in attempt {known}")
    journey = replay_journey(instance_id, machine.start, (step for step in steps if step.seq < found.seq))
    return Point(instance_id, found.seq, state, wanted, journey.rung)


def plan_branch(ledger: Ledger, point: Point, change: Change, prompts_root: Path) -> tuple[Settings, PromptSet]:
    """Settings and prompts of a branch: the parent's settings with the change, today's prompts. Raises UserErrors."""
    settings = recorded_settings(ledger.meta(), ledger.path)
    layers: list[tuple[str, Mapping[str, Any]]] = []
    if change.model is not None:
        ladder = [rung.model_dump(mode="json") for rung in settings.ladder]
        ladder[point.rung]["model"] = change.model
        layers.append(("-m", {"ladder": ladder}))
    if change.prompts is not None:
        layers.append(("--prompts", {"prompt_set": change.prompts.name}))
    layers += [(f"-c {text}", parse_override(text)) for text in change.overrides]
    settings = change_settings(settings, layers)
    if change.prompts is not None and not (change.prompts / "set.toml").is_file():
        raise PromptError(
            f"--prompts {change.prompts}: there is no set.toml in it; `ramp prompts new NAME` makes a set"
        )
    root = change.prompts.resolve().parent if change.prompts is not None else prompts_root
    prompts = PromptSet.load(root, settings.prompt_set)
    require_sound(prompts)
    return settings, prompts


def open_branch(
    parent: Path,
    ledger: Ledger,
    point: Point,
    settings: Settings,
    prompts: PromptSet,
    began_s: float,
    stamps: Mapping[str, Any] = MappingProxyType({}),
) -> Path:
    """Make the branch's folder beside its parent and copy what led to the point. Returns the folder; nothing runs yet."""
    folder = _free_folder(parent, point)
    meta = ledger.meta()
    branch = {"parent": parent.name, "instance_id": point.instance_id, "attempt": point.attempt, "state": point.state}
    facts = {
        **meta,
        "settings": settings.model_dump(mode="json"),
        "prompt_files": dict(prompts.files),
        "stamps": {
            **meta["stamps"],
            **stamps,
            "code_version": __version__,
            "prompts_sha256": prompts.sha256,
            "branch": branch,
        },
        "began_s": began_s,
        # One instance of a phase: never copied to the series, whatever it comes to.
        "is_subset": True,
        "branch": {**branch, "parent_path": str(parent.resolve()), "seq": point.seq},
    }
    folder.mkdir(parents=True)
    with lock_run(folder), contextlib.closing(Ledger.create(folder / LEDGER, facts, (point.instance_id,))) as copy:
        for step in ledger.transitions(point.instance_id):
            if step.seq < point.seq:
                copy.commit(point.instance_id, step, wait=False)
        _copy_memos(ledger, copy, point, began_s)
    return folder


def recorded_image(ledger: Ledger, instance_id: str) -> str:
    """The digest of the image that the instance's results came from; empty where none was used."""
    digests = {run.profile.image_digest for _, _, run in ledger.memos(SANDBOX_RUNS, RecordedRun, instance_id)}
    return next((digest for digest in sorted(digests) if digest), "")


def check_image(recorded: str, profile: SandboxProfile, image: str | None) -> None:
    """Refuse another image than the recorded one: what came before and after the point would not belong together.

    Raises SandboxError naming both digests.
    """
    if recorded and profile.image_digest != recorded:
        name = image or ""
        repository = name.removesuffix(f":{name.rpartition('/')[2].partition(':')[2]}")
        raise SandboxError(
            f"the image {name} is now {profile.image_digest or 'unknown'}, the run used {recorded}; get that one back "
            f"(`docker tag {recorded} {name}` where it is still here, else `docker pull {repository}@{recorded}`), "
            "or run the instance anew"
        )


def _copy_memos(source: Ledger, copy: Ledger, point: Point, at_s: float) -> None:
    instance_id = point.instance_id
    whole: tuple[tuple[str, type], ...] = ((FILES, bytes), (TESTS_REACHING, tuple[str, ...]))
    for kind, kept_as in whole:
        for key, owner, value in source.memos(kind, kept_as, instance_id):
            copy.remember(kind, key, owner, value, at_s, wait=False)
    by_step: tuple[tuple[str, type], ...] = ((SANDBOX_RUNS, RecordedRun), (TOKEN_COUNTS, dict[str, int]))
    for kind, kept_as in by_step:
        for key, owner, value in source.memos(kind, kept_as, instance_id):
            if int(key.removeprefix(f"{instance_id}/").partition("/")[0]) < point.seq:
                copy.remember(kind, key, owner, value, at_s, wait=False)
    asked_before = point.attempt - (point.state in ("BUILDING_CONTEXT", "GENERATING"))
    for key, owner, call in source.memos(CALLS, RecordedCall, instance_id):
        if call.attempt < point.attempt or (call.purpose == "edit" and call.attempt <= asked_before):
            copy.remember(CALLS, key, owner, call, at_s, wait=False)
    copy.settle()


def _free_folder(parent: Path, point: Point) -> Path:
    stem = f"{parent.name}+{point.instance_id}-{point.attempt}-{point.state.lower()}"
    return next(folder for n in itertools.count(1) if not (folder := parent.parent / f"{stem}-{n}").exists())
