"""A verdict on disk, in the harness's format: report.json, test_output.txt, patch.diff, and our own stamps beside them."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from orchestrator.records import Evaluation


def write_evaluation(folder: Path, evaluation: Evaluation, patch: bytes) -> None:
    """Write the files of one verdict into `folder`, each to a temporary name first.

    report.json is the harness's own, by instance id, and is absent where the harness would write none (a patch that does
    not apply, a time-out, infra). verdict.json holds what is ours: resolved, infra, suspicion, stamps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if evaluation.report:
        write_file(folder / "report.json", json.dumps(dict(evaluation.report), indent=4).encode())
    write_file(folder / "test_output.txt", evaluation.test_output)
    write_file(folder / "patch.diff", patch)
    verdict = {
        "resolved": evaluation.resolved,
        "infra": evaluation.infra,
        "suspicion": evaluation.suspicion,
        "patch_sha256": evaluation.patch_sha256,
        "duration_s": round(evaluation.duration_s, 3),
        "stamps": dict(evaluation.stamps),
    }
    write_file(folder / "verdict.json", json.dumps(verdict, indent=2, sort_keys=True).encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: to a temporary name in its folder, then renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
