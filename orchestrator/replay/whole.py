"""A whole run replayed, on as many processes as there are processors: a replay computes, and waits for nothing."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.replay.drive import Checked, Replayer, check_machine, first_differing

CHUNK = 8  # instances that a process takes at a time


@dataclass(frozen=True, slots=True)
class Replayed:
    """One instance of a replayed run: how many steps it has, and the first that does not come out as recorded."""

    instance_id: str
    steps: int
    differing: Checked | None


def replay_run(ledger: Ledger, machine: Machine, workers: int, chunk: int = CHUNK) -> Iterator[Replayed]:
    """Every instance of a run, in its order. Raises LedgerError for a run that cannot be replayed."""
    check_machine(ledger, machine)
    ids = ledger.instance_ids()
    chunks = [ids[at : at + chunk] for at in range(0, len(ids), chunk)]
    replay = partial(_replay_chunk, ledger.path, machine)
    workers = min(workers, len(chunks))
    if workers < 2:
        for part in chunks:
            yield from replay(part)
        return
    # A new interpreter each: a forked one would share the open ledger with this process.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for replayed in pool.map(replay, chunks):
            yield from replayed


def _replay_chunk(path: Path, machine: Machine, ids: tuple[str, ...]) -> tuple[Replayed, ...]:
    with contextlib.closing(Ledger(path, read_only=True, whole=False)) as ledger:
        replayer = Replayer.of(ledger, machine)
        found = []
        for instance_id in ids:
            steps = tuple(replayer.replay(instance_id))
            found.append(Replayed(instance_id, len(steps), first_differing(steps)))
        return tuple(found)
