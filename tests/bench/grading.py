"""How long grading takes, beside swebench's own harness, in one sitting on one machine.

    python -m tests.bench.grading ROWS.jsonl PREDICTIONS.jsonl -i ID -i ID ... [--patches 5] [--workers 1 4]

Grades the same patches of the same instances by the harness (`run_instance`), by our evaluator with the script verbatim,
and lean; the engines take turns by instance, so that a busy moment of the machine falls on all of them. The images have
to be here. Prints seconds for each engine, ratios, and every pair of verdicts that differs.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from orchestrator.benchmarks import BenchmarkOptions, RowsBenchmark, open_benchmark
from orchestrator.evaluate import EvaluateSettings, Evaluator
from orchestrator.evaluate.grade_file import Grader, grade_file, official_grader, own_grader
from orchestrator.evaluate.predictions import Prediction, read_predictions
from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_settings import DockerSettings


def main() -> None:
    """Read what to grade, grade it by every engine, print the table."""
    arguments = _parse()
    benchmark = open_benchmark(str(arguments.rows), BenchmarkOptions(fetch_missing=False))
    stored = read_predictions(arguments.predictions, benchmark.instance_ids())
    batches = {i: _batch(benchmark, stored, i, arguments.patches) for i in arguments.instance}
    engine = DockerEngine(DockerSettings(run_id="bench-grading"))
    overhead = _overhead_s(engine, benchmark, arguments.instance[0])
    print(f"sandbox overhead over its command: {overhead * 1000:.0f} ms (median of 9)")
    with tempfile.TemporaryDirectory() as scratch:
        for workers in arguments.workers:
            folder = Path(scratch) / f"{workers}-workers"
            _compare(_graders(engine, benchmark, folder / "logs"), batches, folder, workers)
            engine.sweep(engine.settings.run_id)  # what was prepared


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("rows", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("-i", "--instance", action="append", required=True)
    parser.add_argument("--patches", type=int, default=5)
    parser.add_argument("--workers", type=int, nargs="+", default=[1])
    return parser.parse_args()


def _graders(engine: DockerEngine, benchmark: RowsBenchmark, logs: Path) -> dict[str, Grader]:
    """As `ramp evaluate` has them for many patches of an instance; images are prepared within the time of `lean`."""
    preparing = DockerEngine(engine.settings, prepare_after=1)
    return {
        "swebench": official_grader(benchmark, logs),
        "own": own_grader(Evaluator(engine.open), benchmark),
        "own lean": own_grader(Evaluator(preparing.open, EvaluateSettings(lean=True)), benchmark),
    }


def _batch(benchmark: RowsBenchmark, stored: tuple[Prediction, ...], instance_id: str, count: int) -> list[Prediction]:
    """Gold and the stored predictions, filled up with gold under other names (which is graded anew each time)."""
    gold = benchmark.sealed(instance_id).patch.encode()
    found = {one.patch: one for one in stored if one.instance_id == instance_id and one.patch and one.patch != gold}
    batch = [Prediction(instance_id, "gold", gold), *found.values()][:count]
    fill = (Prediction(instance_id, f"gold-{n}", gold + b"\n" * n) for n in range(1, count))
    return batch + [next(fill) for _ in range(count - len(batch))]


def _compare(graders: dict[str, Grader], batches: dict[str, list[Prediction]], scratch: Path, workers: int) -> None:
    seconds: dict[str, float] = defaultdict(float)
    verdicts: dict[tuple[str, str], dict[str, bool | None]] = defaultdict(dict)
    groups = [[one for batch in batches.values() for one in batch]] if workers > 1 else list(batches.values())
    for group in groups:
        # One patch of each instance after the other: the harness cannot grade two of one instance at once.
        order = sorted(group, key=lambda one: [p.model_name for p in batches[one.instance_id]].index(one.model_name))
        for name, grader in graders.items():
            started = time.perf_counter()
            for one in grade_file(order, grader, scratch / f"{name}-{workers}", workers):
                verdicts[one.prediction.instance_id, one.prediction.model_name][name] = one.evaluation.resolved
            seconds[name] += time.perf_counter() - started
        # The harness answers a patch that it has graded under this run id from its files.
        for report in (scratch / "logs").rglob("report.json"):
            report.unlink()
    pairs = sum(len(batch) for batch in batches.values())
    for name, total in seconds.items():
        print(
            f"{workers} workers  {name:9}  {total:7.1f} s  {total / pairs:6.2f} s a patch  1/{seconds['swebench'] / total:.2f}"
        )
    differ = {pair: given for pair, given in verdicts.items() if len(set(given.values())) > 1}
    print(f"{workers} workers  {pairs} pairs, {len(differ)} with differing verdicts")
    for pair, given in differ.items():
        print(f"  {pair}: {given}")


def _overhead_s(engine: DockerEngine, benchmark: RowsBenchmark, instance_id: str) -> float:
    """The median of a sandbox run's time over its command's own."""
    sandbox = engine.open(benchmark.task(instance_id))
    over = []
    for _ in range(9):
        started = time.perf_counter()
        result = sandbox.run(SandboxCommand("echo x > f; git diff --quiet", patch=b"", timeout_s=60))
        over.append(time.perf_counter() - started - result.duration_s)
    return median(over)


if __name__ == "__main__":
    main()
