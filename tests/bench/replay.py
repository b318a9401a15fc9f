"""How long a replay takes: `python -m tests.bench.replay RUN_FOLDER [REPLAYS]` replays a run's instances over and over."""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from pathlib import Path
from statistics import median

from orchestrator.ledger import LEDGER, Ledger
from orchestrator.machine import load_machine
from orchestrator.replay.drive import Replayer
from orchestrator.resources import installed_resource


def main(folder: Path, replays: int) -> None:
    """Print wall and CPU seconds for each replay and in all, and how many steps differed."""
    machine = load_machine(installed_resource("states") / "machine.toml")
    walls, steps_in_all, differences = [], 0, 0
    began_s, cpu_s = time.perf_counter(), time.process_time()
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        replayer = Replayer.of(ledger, machine)
        for instance_id in itertools.islice(itertools.cycle(ledger.instance_ids()), replays):
            at_s = time.perf_counter()
            steps = tuple(replayer.replay(instance_id))
            walls.append(time.perf_counter() - at_s)
            steps_in_all += len(steps)
            differences += sum(step.difference is not None for step in steps)
    print(f"{replays} replays, {steps_in_all} steps, {differences} differences")
    print(f"median {median(walls):.3f} s, longest {max(walls):.3f} s wall each")
    print(f"in all {time.perf_counter() - began_s:.1f} s wall, {time.process_time() - cpu_s:.1f} s CPU")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300)
