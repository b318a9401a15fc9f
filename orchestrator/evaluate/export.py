"""What other tools read: a predictions file for `swebench eval -p`, and the tree of a leaderboard submission."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from orchestrator.errors import UserError
from orchestrator.evaluate.artifacts import write_file
from orchestrator.records import Evaluation


def name_in_predictions(arm: str, disclosure: str) -> str:
    """The one model name of a run's predictions; what was made with the graded tests in sight says so."""
    return f"swe-ramp-{arm}" + ("" if disclosure == "repo-tests" else f"-{disclosure}")


def write_predictions(path: Path, model_name: str, patches: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write a .jsonl (or .json) predictions file with one model name; attribution is kept elsewhere.

    The harness takes patches as UTF-8 text only: the ids of those that are not are returned, and their entry is an empty
    patch, so that the file still has every instance. Raises UserError for another file ending.
    """
    if path.suffix not in {".json", ".jsonl"}:
        raise UserError(f"{path}: the harness reads predictions from .json or .jsonl; give one of these endings")
    entries, not_text = [], []
    for instance_id, patch in patches.items():
        try:
            text = patch.decode("utf-8")
        except UnicodeDecodeError:
            not_text.append(instance_id)
            text = ""
        entries.append({"instance_id": instance_id, "model_name_or_path": model_name, "model_patch": text})
    document = (
        json.dumps(entries, indent=1) if path.suffix == ".json" else "".join(json.dumps(e) + "\n" for e in entries)
    )
    write_file(path, document.encode())
    return tuple(not_text)


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission to the leaderboard. `attempts` is its "pass@k": 1 unless the graded tests chose among patches."""

    model_name: str
    site: str = ""
    report: str = ""
    attempts: int = 1
    is_open_source_model: bool = False
    is_open_source_system: bool = True
    notes: str = ""
    checklist: Sequence[str] = field(
        default=(
            "Is a pass@1 submission (does not attempt the same task instance more than once with the graded tests in view)",
            "Does not use SWE-bench test knowledge (PASS_TO_PASS, FAIL_TO_PASS)",
            "Does not use the hints field in SWE-bench",
            "Does not browse the web for the solution",
        )
    )


def write_submission(
    folder: Path, submission: Submission, patches: Mapping[str, bytes], evaluations: Mapping[str, Evaluation],
    trajectories: Mapping[str, str],
) -> tuple[str, ...]:  # fmt: skip
    """Write the leaderboard's tree: metadata.yaml, README.md, all_preds.jsonl, logs/<id>/..., trajs/<id>.md.

    Raises UserError where a verdict came from the graded tests shown to the model: such a run may not be submitted.
    Returns the ids whose patch is not UTF-8 text, as `write_predictions` does.
    """
    oracle = [i for i, evaluation in evaluations.items() if evaluation.stamps.get("disclosure") == "oracle"]
    if oracle:
        raise UserError(f"{len(oracle)} instances were run with --feedback oracle; such a run may not be submitted")
    not_text = write_predictions(folder / "all_preds.jsonl", submission.model_name, patches)
    for instance_id, evaluation in evaluations.items():
        logs = folder / "logs" / instance_id
        write_file(logs / "patch.diff", patches.get(instance_id, b""))
        write_file(logs / "report.json", json.dumps(dict(evaluation.report), indent=4).encode())
        write_file(logs / "test_output.txt", evaluation.test_output)
    for instance_id, text in trajectories.items():
        write_file(folder / "trajs" / f"{instance_id}.md", text.encode())
    write_file(folder / "metadata.yaml", yaml.safe_dump(_metadata(submission), sort_keys=False).encode())
    write_file(folder / "README.md", _readme(submission, evaluations).encode())
    return not_text


def _metadata(submission: Submission) -> dict[str, object]:
    return {
        "info": {
            "name": submission.model_name,
            "site": submission.site,
            "report": submission.report,
            "logo": "",
            "authors": "",
        },
        "tags": {
            "checked": False,
            "model": [submission.model_name],
            "os_model": submission.is_open_source_model,
            "os_system": submission.is_open_source_system,
            "system": {"attempts": str(submission.attempts)},
        },
    }


def _readme(submission: Submission, evaluations: Mapping[str, Evaluation]) -> str:
    resolved = sum(evaluation.resolved is True for evaluation in evaluations.values())
    infra = sum(evaluation.resolved is None for evaluation in evaluations.values())
    broken = (
        f" {infra} could not be graded because the environment failed; they count as unresolved here." if infra else ""
    )
    # The boxes are for the person who submits: we cannot vouch for what was done outside this run.
    boxes = "".join(f"- [ ] {item}\n" for item in submission.checklist)
    notes = f"\n{submission.notes}\n" if submission.notes else ""
    total = f"{resolved} of {len(evaluations)} instances resolved.{broken}"
    return f"# {submission.model_name}\n\n{total}\n{notes}\n## Checklist\n\n{boxes}"
