"""What a sandbox adds to its command: medians of 30 runs of `true` and `python -c pass`, beside the commands alone.

Run with `python -m tests.bench.sandbox_overhead`; it prints figures and never fails on them.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable

from orchestrator.protocols import SandboxCommand
from orchestrator.records import Task
from orchestrator.repo.seed import commit_tree
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from orchestrator.sandbox.environment import base_environment

RUNS = 30


def median_ms(call: Callable[[], object]) -> float:
    """Median wall time of RUNS calls, after one that does not count."""
    call()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def main() -> None:
    """Print the table."""
    files = {f"pkg/m{number}.py": ("100644", b"x = 1\n" * 50) for number in range(8)}
    repository = commit_tree(files, "starter: bench\n", "starter <starter@localhost>", "2026-01-01T00:00:00+00:00")
    sandbox = BubblewrapEngine().open(Task("bench__bench-1", "starter", "b/b", repository.base_commit, ""), repository)
    print(f"{'command':<18}{'alone ms':>10}{'sandbox ms':>12}{'added ms':>10}")
    for script in ("true", "python -c pass"):
        alone = median_ms(
            lambda script=script: subprocess.run(["bash", "-c", script], env=base_environment({}), check=True)
        )
        inside = median_ms(lambda script=script: sandbox.run(SandboxCommand(script)))
        print(f"{script:<18}{alone:>10.1f}{inside:>12.1f}{inside - alone:>10.1f}")


if __name__ == "__main__":
    main()
