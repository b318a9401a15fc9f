"""`ramp export RUN`: what other tools read: predictions, a leaderboard submission, trajectories."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.options import RUNS, OutputFolder, RunName


def export(
    run: RunName,
    preds: Annotated[Path | None, typer.Option("--preds", metavar="FILE", help="Predictions, .jsonl or .json.")] = None,
    submission: Annotated[
        Path | None, typer.Option("--submission", metavar="DIR", help="The leaderboard's tree.")
    ] = None,
    traj: Annotated[
        Path | None, typer.Option("--traj", metavar="DIR", help="mini-swe-agent's .traj.json files.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The model name in them; default: swe-ramp and the arm.")
    ] = None,
    output: OutputFolder = RUNS,
) -> None:
    """Write a run in the formats of other tools, from its ledger alone."""
    import contextlib
    import json

    from orchestrator.cli.common import find_run
    from orchestrator.errors import UserError
    from orchestrator.evaluate.artifacts import write_file
    from orchestrator.evaluate.export import Submission, name_in_predictions, write_predictions, write_submission
    from orchestrator.ledger import LEDGER, Ledger
    from orchestrator.machine import load_machine
    from orchestrator.report.results import read_journeys
    from orchestrator.report.trajectories import as_text, trajectory
    from orchestrator.resources import find_resource

    if not (preds or submission or traj):
        raise UserError("say what to write: --preds FILE, --submission DIR or --traj DIR; several at once are fine")
    folder = find_run(run, output)
    machine = load_machine(find_resource("states", Path.cwd()) / "machine.toml")
    with contextlib.closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        settings = ledger.meta()["settings"]
        journeys = list(read_journeys(ledger, machine))
    model = name or name_in_predictions(settings["arm"], settings["disclosure"])
    patches = {j.instance_id: j.patch.diff if j.patch else b"" for j in journeys}
    evaluations = {j.instance_id: j.evaluation for j in journeys if j.evaluation is not None}
    not_text: tuple[str, ...] = ()
    if preds:
        not_text = write_predictions(preds, model, patches)
    if submission:
        if settings["disclosure"] == "oracle":
            raise UserError(f"{folder.name} was run with --feedback oracle; such a run may not be submitted")
        texts = {j.instance_id: as_text(j) for j in journeys}
        not_text = write_submission(submission, Submission(model), patches, evaluations, texts)
    if traj:
        for journey in journeys:
            document = json.dumps(trajectory(journey, settings), indent=1).encode()
            write_file(traj / journey.instance_id / f"{journey.instance_id}.traj.json", document)
    for instance_id in not_text:
        typer.echo(f"{instance_id}: its patch is no UTF-8 text, which the harness cannot take; its entry is empty")
    typer.echo(f"{len(journeys)} instances written to {', '.join(str(p) for p in (preds, submission, traj) if p)}")
