"""`ramp evaluate`: grade any predictions file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    predictions: Annotated[Path, typer.Option("-p", "--predictions", help="A .json or .jsonl file of predictions.")],
    benchmark: Annotated[str, typer.Option("-b", "--benchmark", help="starter, lite, ..., or a path.")],
    engine: Annotated[str, typer.Option("--engine", help="own, or swebench: the official harness itself.")] = "own",
    lean: Annotated[bool, typer.Option("--lean", help="Leave out what cannot change a verdict; stamped.")] = False,
    repeat: Annotated[int, typer.Option("--repeat", help="Runs under different hash seeds; flags a draw.")] = 1,
    workers: Annotated[int, typer.Option("-w", "-j", "--workers", help="Patches at a time.")] = 1,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where reports go.")] = Path("runs/evaluation"),
    pull: Annotated[bool, typer.Option("--pull", help="Pull missing images.")] = False,
    override: Annotated[list[str] | None, typer.Option("-c", help="key.sub=value, as for ramp run.")] = None,
) -> None:
    """Grade predictions with the sealed tests: one line per patch, a summary, reports in the harness's format."""
    from orchestrator.cli.display import PlainLines
    from orchestrator.errors import SettingsError
    from orchestrator.evaluate.grade_file import grade_file, official_grader, own_grader, write_summary
    from orchestrator.evaluate.predictions import read_predictions
    from orchestrator.launch import check_pieces
    from orchestrator.wiring import grading_wiring

    if engine not in ("own", "swebench"):
        raise SettingsError(f"--engine {engine!r}: there is own and swebench")
    wiring = grading_wiring(
        benchmark, lean=lean, repeat=repeat, overrides=tuple(override or ()), pull=pull, on_pull=PlainLines().pulling
    )
    wanted = read_predictions(predictions, wiring.benchmark.instance_ids())
    tasks = {p.instance_id: wiring.benchmark.task(p.instance_id) for p in wanted}
    check_pieces(wiring.engine_checks(list(tasks.values())))
    wiring.sweep()
    grade = (
        own_grader(wiring.evaluator, wiring.benchmark) if engine == "own" else official_grader(wiring.benchmark, output)
    )
    done = []
    for graded in grade_file(wanted, grade, output, workers):
        said = {True: "resolved", False: "unresolved", None: f"infra: {graded.evaluation.infra}"}[
            graded.evaluation.resolved
        ]
        suspicion = f"  (suspicion: {graded.evaluation.suspicion})" if graded.evaluation.suspicion else ""
        typer.echo(f"{graded.prediction.instance_id:40} {graded.evaluation.duration_s:7.1f} s  {said}{suspicion}")
        done.append(graded)
    summary = write_summary(output / "results.json", done, {"engine": engine, "benchmark": benchmark})
    typer.echo(
        f"resolved {summary['resolved']} of {summary['total']}, unresolved {summary['unresolved']}, "
        f"infrastructure {summary['infra']}; files: {output}/"
    )
