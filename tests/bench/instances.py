"""Dataset rows and mirrors for the benches; neither is part of the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import RepositoryError
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.sources import mirror_names


@dataclass(frozen=True, slots=True)
class Instance:
    """A row with its repository at base_commit."""

    row: dict[str, Any]
    repository: GitRepository


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Rows of a .jsonl or .json file."""
    text = path.read_text(encoding="utf-8")
    return (
        json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line.strip()]
    )


def open_repository(mirrors: Path, repo: str, commit: str) -> GitRepository:
    """The first mirror of `repo` that has the commit. Raises RepositoryError where none has."""
    for name in mirror_names(repo):
        if (mirrors / name).is_dir():
            return GitRepository(mirrors / name, commit)
    raise RepositoryError(f"{mirrors} holds no clone of {repo}; put one there as {repo.replace('/', '__')}")


def instances(rows: Path, mirrors: Path, only: str = "") -> Iterator[Instance]:
    """Every row whose id contains `only`, in the file's order; the repository is closed before the next one is opened."""
    for row in read_rows(rows):
        if only in row["instance_id"]:
            repository = open_repository(mirrors, row["repo"], row["base_commit"])
            yield Instance(row, repository)
            repository.close()
