"""Drive many instances with an instant scripted model, sandbox and grader, and report them: instances a second, memory, slowdown.

Run as `python -m tests.bench.report_drive [INSTANCES] [WORKERS]`. Everything but model, sandbox and grader is real: machine,
ledger, edits, judge, exports, results, page. Prints figures; fails on nothing.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import threading
import time
from itertools import pairwise
from pathlib import Path

from orchestrator.journey import Journey, Transition
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.report.compare import compare_results
from orchestrator.report.load import load_results
from orchestrator.report.page import write_page
from orchestrator.series.growth import gate_anew
from tests.flow.lab import BROKEN, RIGHT, SOURCE, WRONG, Lab, LabBenchmark, make_repository

FINALS = {"RESOLVED", "UNRESOLVED", "GAVE_UP", "INFRA_FAILED", "CRASHED"}
SCRIPTS = ((RIGHT,), (BROKEN, RIGHT), (WRONG,), (RIGHT,))


class OneClone(LabBenchmark):
    """The lab's instances on one clone, as a real benchmark's are; the lab itself makes one for each."""

    def __init__(self, instance_ids: tuple[str, ...]) -> None:
        super().__init__(instance_ids)
        self._clone = make_repository(SOURCE.encode())

    def repository(self, task: Task) -> GitRepository:
        """A reader of the clone."""
        return GitRepository(self._clone.git_dir, task.base_commit)


class Watch:
    """Notes when each instance ends, and the memory at every hundredth."""

    def __init__(self) -> None:
        self.ends_s: list[float] = []
        self.memory_mb: list[float] = []
        self._lock = threading.Lock()

    def moved(self, journey: Journey, transition: Transition) -> None:
        """An instance took a step."""
        del journey
        if transition.next_state in FINALS:
            with self._lock:
                self.ends_s.append(time.perf_counter())
                if len(self.ends_s) % 100 == 0:
                    self.memory_mb.append(memory_mb())


def memory_mb() -> float:
    """Resident memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Measure."""
    count, workers = (int(sys.argv[1]) if len(sys.argv) > 1 else 2294), (int(sys.argv[2]) if len(sys.argv) > 2 else 2)
    scripts = {f"lab__r{i % 12}-{i}": SCRIPTS[i % len(SCRIPTS)] for i in range(count)}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        lab = Lab(Path(folder), scripts=scripts, changes={"workers": workers, "size": count})
        lab.benchmark = OneClone(tuple(scripts))
        watch, began_s, cpu_s = Watch(), time.perf_counter(), time.process_time()
        lab.start(watch)
        driven_s = watch.ends_s[-1] - began_s
        total_s = time.perf_counter() - began_s
        print(f"{count} instances, {workers} workers: driven in {driven_s:.1f} s = {count / driven_s:.1f}/s")
        print(f"with exports {total_s:.1f} s = {count / total_s:.1f}/s; {time.process_time() - cpu_s:.1f} s of CPU")
        hundreds = [watch.ends_s[i] for i in range(0, count, 100)]
        rates = [100 / (b - a) for a, b in pairwise(hundreds)]
        print("instances/s by hundreds:", " ".join(f"{rate:.0f}" for rate in rates))
        print("memory, MB, by hundreds:", " ".join(f"{mb:.0f}" for mb in watch.memory_mb))
        measure_reports(lab)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def measure_reports(lab: Lab) -> None:
    """Page, gate and comparison of the same run."""
    page = lab.run_folder / "report.html"
    for name, work in (
        ("results from the export", lambda: load_results(lab.run_folder)),
        ("gate", lambda: gate_anew(lab.run_folder)),
        ("compare", lambda: compare_results(load_results(lab.run_folder), load_results(lab.run_folder))),
        ("page", lambda: write_page(page, [lab.run_folder])),
    ):
        began_s = time.perf_counter()
        work()
        print(f"{name}: {time.perf_counter() - began_s:.2f} s")
    print(
        f"page: {page.stat().st_size / 2**20:.1f} MB; ledger {(lab.run_folder / 'ledger.db').stat().st_size / 2**20:.1f} MB"
    )


if __name__ == "__main__":
    main()
