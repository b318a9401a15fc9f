"""`ramp evaluate`: grade every prediction of a file, by our own evaluator or by swebench's whole harness."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from orchestrator.errors import InfrastructureError, MissingPiece
from orchestrator.evaluate.artifacts import write_evaluation, write_file
from orchestrator.evaluate.evaluator import Evaluator
from orchestrator.evaluate.predictions import Prediction
from orchestrator.evaluate.upstream import run_official, upstream_version
from orchestrator.protocols import Benchmark
from orchestrator.records import Evaluation

Grader = Callable[[Prediction], Evaluation]
"""Grades one prediction; the engines of `--engine` are made by `own_grader` and `official_grader`."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One prediction with its verdict and the folder of its files."""

    prediction: Prediction
    evaluation: Evaluation
    folder: Path


def own_grader(evaluator: Evaluator, benchmark: Benchmark) -> Grader:
    """`--engine own`: our evaluator."""

    def grade(prediction: Prediction) -> Evaluation:
        task, sealed = benchmark.task(prediction.instance_id), benchmark.sealed(prediction.instance_id)
        return evaluator.grade(task, sealed, prediction.patch, model_name=prediction.model_name)

    return grade


def official_grader(benchmark: Benchmark, log_dir: Path, timeout_s: float = 1800.0) -> Grader:
    """`--engine swebench`: the official harness itself, with its own containers, privileges and waits.

    The run id holds the patch's hash, so the harness cannot answer a new patch with an old verdict. Predictions of one
    instance are graded one after the other, because the harness mixes up their logs otherwise.
    """
    locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def grade(prediction: Prediction) -> Evaluation:
        digest = hashlib.sha256(prediction.patch).hexdigest()
        stamps = {"evaluator": "swebench run_instance", "swebench": upstream_version(), "timeout_s": f"{timeout_s:g}"}
        if not prediction.patch:
            return Evaluation(digest, resolved=False, report={}, stamps=stamps | {"outcome": "empty_patch"})
        row = benchmark.sealed(prediction.instance_id).row
        entry = {
            "instance_id": prediction.instance_id,
            "model_name_or_path": prediction.model_name,
            "model_patch": prediction.patch.decode("utf-8", "replace"),
        }
        run_id = f"ramp-{digest[:16]}"
        started = time.monotonic()
        with locks[prediction.instance_id]:
            report = run_official(row, entry, run_id, log_dir, timeout_s)
        folder = log_dir / run_id / prediction.model_name.replace("/", "__") / prediction.instance_id
        output = folder / "test_output.txt"
        # No report: a patch that does not apply, a missing image and a time-out look alike to the harness.
        return Evaluation(
            patch_sha256=digest,
            resolved=bool(report and report[prediction.instance_id]["resolved"]),
            report=report or {},
            test_output=output.read_bytes() if output.is_file() else b"",
            stamps=stamps | {"outcome": "graded" if report else "no_report"},
            duration_s=time.monotonic() - started,
        )

    return grade


def grade_file(
    predictions: Iterable[Prediction], grade: Grader, output_dir: Path, workers: int = 1
) -> Iterator[Graded]:
    """Grade predictions in `workers` threads and yield each as it is done, its files written below `output_dir`.

    A folder is <model>/<instance>/<first 12 of the patch's hash>, so no verdict is ever taken for another patch's. What
    the environment broke is yielded with `infra`, never raised; a missing image of one instance does not stop the others.
    """

    def one(prediction: Prediction) -> Graded:
        try:
            evaluation = grade(prediction)
        except (InfrastructureError, MissingPiece) as error:
            digest = hashlib.sha256(prediction.patch).hexdigest()
            evaluation = Evaluation(digest, resolved=None, report={}, infra=str(error), stamps={"outcome": "infra"})
        model = prediction.model_name.replace("/", "__")
        folder = output_dir / model / prediction.instance_id / evaluation.patch_sha256[:12]
        write_evaluation(folder, evaluation, prediction.patch)
        return Graded(prediction, evaluation, folder)

    pool = ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="grade")
    try:
        for future in as_completed([pool.submit(one, prediction) for prediction in predictions]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def grade_with_retry(
    predictions: Iterable[Prediction], grade: Grader, output_dir: Path, workers: int = 1
) -> Iterator[Graded]:
    """As `grade_file`; what the environment broke is graded once more, apart, after all others."""
    broken: list[Prediction] = []
    for graded in grade_file(predictions, grade, output_dir, workers):
        if graded.evaluation.resolved is None:
            broken.append(graded.prediction)
        else:
            yield graded
    yield from grade_file(broken, grade, output_dir, 1)


def write_summary(path: Path, graded: Iterable[Graded], stamps: dict[str, str]) -> dict[str, object]:
    """Write the summary of a graded file and return it: counts by outcome, and the ids behind them by model."""
    by_model: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    counts: Counter[str] = Counter()
    for one in graded:
        verdict = {True: "resolved", False: "unresolved", None: "infra"}[one.evaluation.resolved]
        counts[verdict] += 1
        by_model[one.prediction.model_name][verdict].append(one.prediction.instance_id)
    summary: dict[str, object] = {
        "total": sum(counts.values()),
        **{verdict: counts[verdict] for verdict in ("resolved", "unresolved", "infra")},
        "models": {
            model: {verdict: sorted(ids) for verdict, ids in verdicts.items()} for model, verdicts in by_model.items()
        },
        "stamps": stamps,
    }
    write_file(path, json.dumps(summary, indent=2, sort_keys=True).encode())
    return summary
