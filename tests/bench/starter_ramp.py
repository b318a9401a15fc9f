"""Wall time, peak memory and verdicts of starter phases with the mutation engine: `python -m tests.bench.starter_ramp [1 3]`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main(phases: list[str]) -> None:
    """Run each phase once in a fresh folder and print its figures. The load of the machine is printed with them."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for phase in phases:
        with tempfile.TemporaryDirectory() as folder:
            began_s = time.monotonic()
            command = [sys.executable, "-m", "orchestrator", "run", phase, "-b", "starter", "-m", "mutation", "-j", "2"]
            subprocess.run([*command, "-o", folder], check=True, stdout=subprocess.DEVNULL)
            wall_s = time.monotonic() - began_s
            (path,) = Path(folder).glob("*/phase_*_results.json")
            summary = json.loads(path.read_text())["summary"]
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"phase {phase}: {wall_s:.0f} s wall, largest process {peak_mb:.0f} MB, resolved {summary['verified']} of "
            f"{summary['total']}, judge accepted {summary['judge_accepted']}, finals {summary['finals']}"
        )


if __name__ == "__main__":
    main(sys.argv[1:] or ["1"])
