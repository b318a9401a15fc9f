"""Start-up times, median of nine: `python -m tests.bench.startup`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import orchestrator": ["-c", "import orchestrator"],
    "ramp --help": ["-m", "orchestrator", "--help"],
    "ramp states": ["-m", "orchestrator", "states"],
}


def main() -> None:
    """Time each command in turn, round by round, so that a noisy machine is noisy for all of them."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(9):
        for name, arguments in COMMANDS.items():
            began_s = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - began_s)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name, taken in times.items():
        print(f"{name:22} median {statistics.median(taken) * 1000:6.0f} ms   least {min(taken) * 1000:6.0f} ms")


if __name__ == "__main__":
    main()
