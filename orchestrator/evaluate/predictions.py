"""Predictions files as other tools write them: .json (a list, or an object by instance id) and .jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import BenchmarkError

_MAX_FILE_BYTES = 2_000_000_000
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Prediction:
    """One patch for one instance by one model. An absent patch (null) is empty."""

    instance_id: str
    model_name: str
    patch: bytes


def read_predictions(path: Path, known_ids: Iterable[str]) -> tuple[Prediction, ...]:
    """Read and check a predictions file before anything is graded.

    Raises BenchmarkError that lists missing keys, unknown ids and duplicates (of one instance by one model), each with
    its place in the file.
    """
    known = set(known_ids)
    problems: list[str] = []
    predictions: list[Prediction] = []
    seen: dict[tuple[str, str], str] = {}
    for place, raw in _entries(path):
        problem = _problem(raw, known)
        if problem:
            problems.append(f"{place}: {problem}")
            continue
        patch = (raw["model_patch"] or "").encode("utf-8", "surrogatepass")
        prediction = Prediction(raw["instance_id"], raw["model_name_or_path"], patch)
        key = (prediction.instance_id, prediction.model_name)
        if key in seen:
            problems.append(f"{place}: {key[0]} by {key[1]!r} stands at {seen[key]} already")
        seen.setdefault(key, place)
        predictions.append(prediction)
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        listed = "\n  ".join(problems[:_SHOWN])
        raise BenchmarkError(f"{path}: {len(problems)} bad predictions; nothing was graded\n  {listed}{more}")
    if not predictions:
        raise BenchmarkError(f"{path} holds no predictions")
    return tuple(predictions)


def _problem(raw: Any, known: set[str]) -> str:
    if not isinstance(raw, dict):
        return f"is {type(raw).__name__}, not an object"
    missing = [key for key in ("instance_id", "model_name_or_path", "model_patch") if key not in raw]
    if missing:
        return f"has no {', '.join(missing)}"
    for key in ("instance_id", "model_name_or_path"):
        if not isinstance(raw[key], str) or not raw[key]:
            return f"{key} should be a name, not {raw[key]!r}"
    if not isinstance(raw["model_patch"], str | None):
        return f"model_patch should be text or null, not {type(raw['model_patch']).__name__}"
    if raw["instance_id"] not in known:
        return f"{raw['instance_id']!r} is not an instance of this benchmark"
    return ""


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    """Each entry with its place in words."""
    if path.suffix not in {".json", ".jsonl"}:
        raise BenchmarkError(f"{path}: a predictions file ends in .json or .jsonl")
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise BenchmarkError(f"{path} is larger than {_MAX_FILE_BYTES:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise BenchmarkError(f"there is no predictions file {path}") from error
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path} is not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise BenchmarkError(f"{path} cannot be read: {error.strerror}") from error
    if path.suffix == ".jsonl":
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"line {number}", _parse(line, f"{path}, line {number}")
        return
    document = _parse(text, str(path))
    if isinstance(document, dict):
        document = [
            entry | {"instance_id": key} if isinstance(entry, dict) else entry for key, entry in document.items()
        ]
    if not isinstance(document, list):
        raise BenchmarkError(f"{path}: should hold a list of predictions or an object by instance id")
    yield from ((f"entry {index}", entry) for index, entry in enumerate(document))


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BenchmarkError(f"{where}: not JSON: {error}") from error
