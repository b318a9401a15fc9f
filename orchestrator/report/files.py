"""The files beside a ledger: written to a temporary name and renamed, and to be made again from the ledger at any time."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from orchestrator.journey import Attempt, Journey
from orchestrator.text import visible


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, whole, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """JSON for people and programs, written whole."""
    write_whole(
        path, (json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n").encode("utf-8", "replace")
    )


def write_instance(folder: Path, journey: Journey) -> None:
    """An instance's folder: attempt-K/ for reading, patch.diff, evaluation/."""
    for attempt in journey.attempts:
        for name, data in attempt_files(attempt):
            write_whole(folder / f"attempt-{attempt.number}" / name, data)
    if journey.patch is not None:
        write_whole(folder / "patch.diff", journey.patch.diff)
    if journey.evaluation is not None:
        write_json(folder / "evaluation" / "report.json", journey.evaluation.report)
        write_whole(folder / "evaluation" / "test_output.txt", journey.evaluation.test_output)


def attempt_files(attempt: Attempt) -> Iterator[tuple[str, bytes]]:
    """What one attempt saw, said and heard, as (file name, content); control characters are shown, not sent."""
    yield "context.json", _json(asdict(attempt.context))
    for request in attempt.requests:
        yield "prompt.md", _text("\n\n".join(f"## {m.role}\n\n{m.content}" for m in request.messages))
    for reply in attempt.replies:
        yield f"reply-{reply.sample}.md", _text(reply.text)
    for candidate in attempt.candidates:
        yield (
            f"edits-{candidate.sample}.json",
            _json({"edits": asdict(candidate.edits), "landings": candidate.landings}),
        )
        yield f"candidate-{candidate.sample}.diff", candidate.diff
    if attempt.refusals:
        yield "refusals.json", _json(attempt.refusals)
    yield "findings.json", _json(attempt.findings)
    if attempt.feedback is not None:
        yield (
            "feedback.md",
            _text(f"{attempt.feedback.stage}: {attempt.feedback.reason}\n\n{attempt.feedback.advice}\n"),
        )


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, default=_plain) + "\n").encode()


def _text(text: str) -> bytes:
    return visible(text).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return visible(value.decode("utf-8", "replace"))
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return str(value)
