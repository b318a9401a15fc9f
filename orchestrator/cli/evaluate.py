"""`ramp evaluate`: grade any predictions file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from orchestrator.evaluate.grade_file import Graded


def evaluate(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="A run that is over; with --grade-all.")] = None,
    predictions: Annotated[
        Path | None, typer.Option("-p", "--predictions", help="A .json or .jsonl file of predictions.")
    ] = None,
    benchmark: Annotated[str | None, typer.Option("-b", "--benchmark", help="starter, lite, ..., or a path.")] = None,
    grade_all: Annotated[
        bool, typer.Option("--grade-all", help="Grade every candidate of RUN, the refused ones too.")
    ] = False,
    engine: Annotated[str, typer.Option("--engine", help="own, or swebench: the official harness itself.")] = "own",
    lean: Annotated[bool, typer.Option("--lean", help="Leave out what cannot change a verdict; stamped.")] = False,
    repeat: Annotated[int, typer.Option("--repeat", help="Runs under different hash seeds; flags a draw.")] = 1,
    workers: Annotated[int, typer.Option("-w", "-j", "--workers", help="Patches at a time.")] = 1,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Where reports go; with RUN, where runs are kept.")
    ] = Path("runs/evaluation"),
    pull: Annotated[bool, typer.Option("--pull", help="Pull missing images.")] = False,
    override: Annotated[list[str] | None, typer.Option("-c", help="key.sub=value, as for ramp run.")] = None,
) -> None:
    """Grade a predictions file, or every candidate of a run, with the sealed tests."""
    if run is not None or grade_all:
        _grade_run(run, predictions, output, grade_all)
        return
    from orchestrator.cli.common import tell_progress
    from orchestrator.errors import SettingsError, UserError
    from orchestrator.evaluate.grade_file import grade_with_retry, official_grader, own_grader, write_summary
    from orchestrator.evaluate.predictions import read_predictions
    from orchestrator.launch.pieces import check_pieces
    from orchestrator.launch.wiring import grading_wiring

    if predictions is None or benchmark is None:
        raise UserError("say what to grade: -p PREDICTIONS -b BENCHMARK, or RUN --grade-all")
    if engine not in ("own", "swebench"):
        raise SettingsError(f"--engine {engine!r}: there is own and swebench")
    wiring = grading_wiring(
        benchmark, lean=lean, repeat=repeat, overrides=tuple(override or ()), pull=pull, tell=tell_progress()
    )
    wanted = read_predictions(predictions, wiring.benchmark.instance_ids())
    tasks = {p.instance_id: wiring.benchmark.task(p.instance_id) for p in wanted}
    wiring.patches_per_instance = len(wanted) / max(len(tasks), 1)
    check_pieces(wiring.engine_checks(list(tasks.values())))
    wiring.sweep()
    grade = (
        own_grader(wiring.evaluator, wiring.benchmark) if engine == "own" else official_grader(wiring.benchmark, output)
    )
    done = []
    try:
        for graded in grade_with_retry(wanted, grade, output, workers):
            typer.echo(_line(graded))
            done.append(graded)
    finally:
        wiring.close()
    summary = write_summary(output / "results.json", done, {"engine": engine, "benchmark": benchmark})
    typer.echo(
        f"resolved {summary['resolved']} of {summary['total']}, unresolved {summary['unresolved']}, "
        f"infrastructure {summary['infra']}; files: {output}/"
    )
    if summary["infra"]:
        typer.echo("what the environment broke has no verdict; the same command grades it again", err=True)
        raise typer.Exit(1)


def _line(graded: Graded) -> str:
    """What is said of one verdict."""
    evaluation = graded.evaluation
    said = {True: "resolved", False: "unresolved", None: f"infra: {evaluation.infra}"}[evaluation.resolved]
    suspicion = f"  (suspicion: {evaluation.suspicion})" if evaluation.suspicion else ""
    return f"{graded.prediction.instance_id:40} {evaluation.duration_s:7.1f} s  {said}{suspicion}"


def _grade_run(run: str | None, predictions: Path | None, output: Path, grade_all: bool) -> None:
    from orchestrator.cli.common import find_run, show_results, watcher
    from orchestrator.errors import UserError
    from orchestrator.launch.plan import grade_everything

    if run is None or predictions is not None:
        raise UserError("--grade-all is of a run: ramp evaluate RUN --grade-all")
    if not grade_all:
        raise UserError(f"the patches of {run} have their verdicts; --grade-all gives one to every candidate")
    folder = find_run(run, Path("runs") if output == Path("runs/evaluation") else output)
    with watcher(as_json=False) as observer:
        grade_everything(folder, observer)
    show_results(folder, as_json=False)
