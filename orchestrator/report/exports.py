"""Everything a run leaves beside its ledger, made from it: instance folders, results, gate, predictions, copies of a phase."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestrator.evaluate.export import name_in_predictions
from orchestrator.journey import Transition, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.machine import Machine
from orchestrator.memory.grades import grades_of
from orchestrator.report.calls import calls_of
from orchestrator.report.files import write_instance, write_json, write_whole
from orchestrator.report.gate import decide_gate, write_gate
from orchestrator.report.results import ResultsBuilder, with_patch_so_far
from orchestrator.series.growth import earlier_runs
from orchestrator.settings import Settings


def export_run(folder: Path, ledger: Ledger, machine: Machine) -> dict[str, Any]:
    """Write a run's files and return its results. A complete run of a whole phase is also copied to the folder above."""
    meta = ledger.meta()
    settings = Settings.model_validate(meta["settings"])
    builder = ResultsBuilder(meta, machine, folder.name)
    model = name_in_predictions(settings.arm, settings.disclosure)
    predictions: list[bytes] = []
    events: list[str] = []
    for instance_id in ledger.instance_ids():
        transitions = tuple(ledger.transitions(instance_id))
        journey = with_patch_so_far(replay_journey(instance_id, machine.start, transitions), machine)
        builder.add(journey, grades_of(ledger, instance_id), calls_of(ledger, instance_id))
        if transitions:
            write_instance(folder / instance_id, journey)
        events += [_event_line(instance_id, t) for t in transitions]
        if journey.patch is not None:
            predictions.append(_prediction(instance_id, journey.patch.diff, model))
    results = builder.results()
    name = results_name(settings.phase)
    write_json(folder / name, results)
    write_whole(folder / "preds.jsonl", b"".join(predictions))
    write_whole(folder / "events.log", ("\n".join(sorted(events)) + "\n").encode())
    write_gate(folder, decide_gate(results, settings.gate))
    if results["status"] == "complete" and not meta["is_subset"]:
        _copy_to_series(folder, name, results, settings)
    return results


def results_name(phase: int) -> str:
    """The name of a phase's results file."""
    return f"phase_{phase}_results.json"


def _event_line(instance_id: str, t: Transition) -> str:
    step = f"{t.state} {t.event} {t.next_state} attempt={t.attempt}"
    return f"{t.at_s:.3f} {instance_id} {step} {t.duration_s:.3f}s"


def _prediction(instance_id: str, diff: bytes, model: str) -> bytes:
    row = {
        "instance_id": instance_id,
        "model_name_or_path": model,
        "model_patch": diff.decode("utf-8", "surrogateescape"),
    }
    return json.dumps(row).encode() + b"\n"


def _copy_to_series(folder: Path, name: str, results: dict[str, Any], settings: Settings) -> None:
    """Keep `runs/phase_N_results.json` of one series; a complete run of another one replaces the set by its own.

    A series that comes back brings its other phases along, each from its latest complete run.
    """
    config = results["config"]
    series = {key: config[key] for key in ("benchmark", "ladder", "disclosure")} | {"arm": config["approach"]}
    index = folder.parent / "series.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    if known.get("series") != series:
        for old in folder.parent.glob("phase_*_results.json"):
            old.unlink()
        known = {"series": series, "runs": _other_phases(folder, settings)}
    known["runs"][str(results["phase"])] = folder.name
    write_json(folder.parent / name, results)
    write_json(index, known)


def _other_phases(folder: Path, settings: Settings) -> dict[str, str]:
    """Copy the other phases of a run's series beside it; the run of each phase by its number."""
    found: dict[str, str] = {}
    for run in earlier_runs(folder.parent, settings.model_dump(mode="json"), but=folder):
        export = run.folder / results_name(run.phase)
        if str(run.phase) not in found and run.phase != settings.phase and export.is_file():
            write_whole(folder.parent / export.name, export.read_bytes())
            found[str(run.phase)] = run.folder.name
    return found
