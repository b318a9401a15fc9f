"""Task repos that carry their source: the bundled starter benchmark, and any folder of the same shape.

Each task has a `source/` folder, which is the repository. Its one commit is made in memory and is the same on every
machine, so no git data is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import BenchmarkError
from orchestrator.protocols import Repository
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.seed import commit_tree

SOURCE = "source"
_AUTHOR = "starter <starter@localhost>"
_DATE = "2026-01-01T00:00:00+00:00"
_LEFT_OUT = {"__pycache__", ".pytest_cache", ".git"}


def starter_folder() -> Path:
    """The bundled benchmark, which is package data."""
    return Path(__file__).parent / "starter"


def has_sources(folder: Path) -> bool:
    """Whether every task of a task repo carries its source."""
    tasks = [path.parent for path in (folder / "tasks").glob("*/task.yaml")]
    return bool(tasks) and all((task / SOURCE).is_dir() for task in tasks)


def with_base_commit(row: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The row as it is; one that has no base_commit, or one of zeros, gets that which its source makes."""
    if str(row.get("base_commit") or "").strip("0"):
        return dict(row)
    repository = source_repository(folder, str(row.get("instance_id")))
    repository.close()
    return dict(row) | {"base_commit": repository.base_commit}


def source_repository(folder: Path, instance_id: str) -> GitRepository:
    """The repository of one task, committed from its `source/` folder; the caller closes it."""
    source = folder / "tasks" / instance_id / SOURCE
    files = {
        str(path.relative_to(source)): ("100755" if path.stat().st_mode & 0o100 else "100644", path.read_bytes())
        for path in sorted(source.rglob("*"))
        if path.is_file() and not _LEFT_OUT.intersection(path.relative_to(source).parts)
    }
    if not files:
        raise BenchmarkError(f"{source} is empty: a starter task needs its source tree there")
    return commit_tree(files, f"starter: {instance_id}\n", _AUTHOR, _DATE)


def find_in_folder(folder: Path, task: Task) -> Repository:
    """The repository of a task that carries its source. Raises BenchmarkError where it makes another commit than the row says."""
    repository = source_repository(folder, task.instance_id)
    if repository.base_commit != task.base_commit:
        repository.close()
        raise BenchmarkError(
            f"{folder}/tasks/{task.instance_id}: its source/ makes commit {repository.base_commit}, but task.yaml says "
            f"{task.base_commit}; correct base_commit in task.yaml"
        )
    return repository
