"""Rows as they are stored: .json, .jsonl, .parquet, a task repo, a folder of parquet files, a dataset on the hub."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orchestrator.errors import BenchmarkError, MissingPiece

_MAX_FILE_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows before validation. `revision` is the hub's commit, or the hash of the file they came from."""

    rows: tuple[Any, ...]
    source: str
    revision: str


def read_path(path: Path, split: str = "test") -> RawRows:
    """Read a .json, .jsonl or .parquet file, a task repo (`tasks/<id>/task.yaml`), or a folder with `<split>*.parquet`.

    Raises BenchmarkError that names the file, and the line where there is one.
    """
    if path.is_dir():
        return _read_folder(path, split)
    if not path.is_file():
        raise BenchmarkError(
            f"there is no benchmark file or folder {path}; give a .json, .jsonl or .parquet file or a task repo"
        )
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise BenchmarkError(f"{path} has {path.stat().st_size:,} bytes; a benchmark may have {_MAX_FILE_BYTES:,}")
    if path.suffix == ".parquet":
        rows = tuple(_parquet(path))
    elif path.suffix in {".json", ".jsonl"}:
        text = _text(path)
        rows = tuple(_lines(text, path) if path.suffix == ".jsonl" else _document(text, path))
    else:
        raise BenchmarkError(f"{path}: a benchmark file ends in .json, .jsonl or .parquet")
    with path.open("rb") as stream:
        return RawRows(rows, str(path), f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}")


def read_hub(dataset: str, split: str = "test", revision: str | None = None) -> RawRows:
    """Download a dataset from the hub (cached by its own library) at its newest or the given revision.

    Raises MissingPiece with the remedy where the hub cannot be reached, BenchmarkError where the dataset is not there.
    """
    import datasets
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        commit = revision or HfApi().dataset_info(dataset, timeout=30).sha or ""
        loaded = datasets.load_dataset(dataset, split=split, revision=commit or None)
    except (RepositoryNotFoundError, datasets.exceptions.DatasetNotFoundError) as error:
        raise BenchmarkError(f"the hub has no dataset {dataset!r} that you may read: {_first_line(error)}") from error
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError, *_http_errors()) as error:
        remedy = "Download the dataset's .parquet file where there is a network and give its path: -b PATH.parquet"
        raise MissingPiece(
            f"the dataset {dataset!r} could not be loaded from the hub: {_first_line(error)}", remedy
        ) from error
    return RawRows(tuple(dict(row) for row in loaded), dataset, commit)


def _read_folder(folder: Path, split: str) -> RawRows:
    if (folder / "tasks").is_dir():
        return _task_repo(folder)
    parts = sorted((*folder.glob(f"{split}*.parquet"), *folder.glob(f"data/{split}*.parquet")))
    if not parts:
        raise BenchmarkError(f"{folder} is neither a task repo (no tasks/ in it) nor has it {split}*.parquet files")
    rows = tuple(row for part in parts for row in _parquet(part))
    digest = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
    return RawRows(rows, str(folder), f"sha256:{digest}")


def _task_repo(folder: Path) -> RawRows:
    import yaml
    from swebench.task.repo import load_task, task_dirs

    rows: list[Any] = []
    for directory in task_dirs(folder):
        try:
            row = load_task(directory)
        except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
            raise BenchmarkError(
                f"{directory}: {_first_line(error)}; `swebench dataset check {folder}` says more"
            ) from error
        if row.get("instance_id") != directory.name:
            raise BenchmarkError(
                f"{directory}: task.yaml says instance_id {row.get('instance_id')!r}, not the folder's name"
            )
        rows.append(row)
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(f"{path.relative_to(folder)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return RawRows(tuple(rows), str(folder), f"sha256:{digest.hexdigest()}")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BenchmarkError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _lines(text: str, path: Path) -> Iterator[Any]:
    # Only \n ends a record: JSON strings may hold U+2028 and the like, which splitlines() would cut at.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                raise BenchmarkError(f"{path}, line {number}: not JSON: {error}") from error


def _document(text: str, path: Path) -> list[Any]:
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BenchmarkError(f"{path}: not JSON: {error}; a file with one object a line ends in .jsonl") from error
    if isinstance(document, dict):
        return list(document.values())
    if not isinstance(document, list):
        raise BenchmarkError(f"{path}: should hold a list of rows, not {type(document).__name__}")
    return document


def _parquet(path: Path) -> list[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        rows: list[Any] = parquet.read_table(path).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise BenchmarkError(f"{path} cannot be read as parquet: {_first_line(error)}; download it again") from error
    return rows


def _http_errors() -> tuple[type[Exception], ...]:
    """What the hub's client raises without a network: its HTTP library's errors, which is one of these by its version."""
    found = (find_spec(name) and import_module(name) for name in ("httpx", "httpx2", "requests"))
    return tuple(getattr(module, "HTTPError", None) or module.RequestException for module in found if module)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).split("\n")[0][:300]
