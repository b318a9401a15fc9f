"""What execution evidence adds: the same instances ranked with and without what their issue's code ran through.

    python -m tests.bench.execution --rows FILE --collect DIR [--only TEXT]
    python -m tests.bench.execution --rows FILE --mirrors DIR --seen DIR [--cache DIR] [--weights FILE] [--json FILE]

`--collect` runs the product's own REPRODUCING (in Docker) on every row whose image is here and keeps one file an instance;
it goes on where it was stopped. `--seen` is that folder. The figures are for the instances where something of the project
was executed; paired differences come with the exact McNemar p and a bootstrap interval over instances.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from orchestrator.benchmarks import BenchmarkOptions, open_benchmark
from orchestrator.errors import InfrastructureError, MissingPiece
from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize
from orchestrator.records import Reproduction
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.steps.understand import observe
from tests.bench.gold import gold_files, gold_functions
from tests.bench.instances import instances
from tests.bench.localization import FILE_KS, FUNCTION_KS, at, worst_place

_RESAMPLES = 10_000
Places = dict[str, list[int]]


def collect(rows: Path, folder: Path, only: str) -> None:
    """Run what the issues show, once for each instance whose image is here."""
    from pydantic import TypeAdapter

    folder.mkdir(parents=True, exist_ok=True)
    benchmark = open_benchmark(str(rows), BenchmarkOptions(fetch_missing=False))
    engine = DockerEngine(DockerSettings(run_id="bench-execution"))
    for instance_id in benchmark.instance_ids():
        kept = folder / f"{instance_id}.json"
        if only not in instance_id or kept.exists():
            continue
        started = time.perf_counter()
        try:
            task = benchmark.task(instance_id)
            seen = observe(task, engine.open(task))
        except (InfrastructureError, MissingPiece) as error:
            print(f"{instance_id}: {str(error).splitlines()[0][:100]}", flush=True)
            continue
        kept.write_bytes(TypeAdapter(Reproduction).dump_json(seen))
        runs = len(seen.walked.runs) if seen.walked else 0
        took_s = time.perf_counter() - started
        print(f"{instance_id}: {took_s:.1f} s, {runs} runs, accepted {seen.accepted} ({seen.reason})", flush=True)


def paired(before: Sequence[int], after: Sequence[int], k: int) -> str:
    """The difference at k in points with its 95% bootstrap interval, what was gained and lost, and the exact McNemar p."""
    from scipy.stats import binomtest

    change = (np.array(after) < k).astype(int) - (np.array(before) < k).astype(int)
    gained, lost = int((change > 0).sum()), int((change < 0).sum())
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    drawn = np.random.default_rng(7).choice(change, (_RESAMPLES, len(change))).mean(axis=1)
    low, high = 100 * np.quantile(drawn, (0.025, 0.975))
    return f"{100 * change.mean():+.1f} points [{low:+.1f}, {high:+.1f}], +{gained} -{lost} (exact p {p:.3f}), n={len(change)}"


def compare(chosen: argparse.Namespace) -> tuple[list[str], Places, Places]:
    """(instances, file places, function places by arm) of the instances where something was executed."""
    from pydantic import TypeAdapter

    ids: list[str] = []
    files: Places = {"static": [], "with execution": []}
    functions: Places = {"static": [], "with execution": []}
    with tempfile.TemporaryDirectory() as temporary:
        index = open_index(chosen.cache or Path(temporary))
        kept = {path.stem: path for path in chosen.seen.glob("*.json")}
        for each in instances(chosen.rows, chosen.mirrors, chosen.only, ids=kept):
            seen = TypeAdapter(Reproduction).validate_json(kept[each.row["instance_id"]].read_bytes())
            if not seen.executed and not (seen.walked and any(run.entered for run in seen.walked.runs)):
                continue
            loaded, text = index.load(each.repository), each.row["problem_statement"]
            gold = gold_functions(each.row["patch"], each.repository)
            ids.append(each.row["instance_id"])
            for arm in files:
                found = (
                    localize(loaded, each.repository, text, weights_path=chosen.weights)
                    if arm == "static"
                    else localize(
                        loaded,
                        each.repository,
                        text,
                        executed=seen.executed,
                        walked=seen.walked,
                        weights_path=chosen.weights,
                    )
                )
                files[arm].append(worst_place(found.files, [(p, None) for p in gold_files(each.row["patch"])]))
                if gold:
                    functions[arm].append(worst_place(found.functions, gold))
    return ids, files, functions


def main() -> None:
    """Collect, or rank twice and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--collect", type=Path)
    parser.add_argument("--mirrors", type=Path)
    parser.add_argument("--seen", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    if chosen.collect:
        collect(chosen.rows, chosen.collect, chosen.only)
        return
    ids, files, functions = compare(chosen)
    for arm, places in files.items():
        print(
            f"{arm:<15} file@1/3/5/10 {at(places, FILE_KS)} n={len(places)}; "
            f"function@5/10 {at(functions[arm], FUNCTION_KS)} n={len(functions[arm])}"
        )
    for k in (1, 3, 5):
        print(f"file@{k}     ", paired(files["static"], files["with execution"], k))
    for k in FUNCTION_KS:
        print(f"function@{k} ", paired(functions["static"], functions["with execution"], k))
    if chosen.json:
        chosen.json.write_text(json.dumps({"ids": ids, "files": files, "functions": functions}, indent=1))


if __name__ == "__main__":
    main()
