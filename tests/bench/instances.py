"""Dataset rows and mirrors for the benches; neither is part of the project."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
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


def instances(
    rows: Path, mirrors: Path, only: str = "", *, ids: Container[str] | None = None, every: int = 1
) -> Iterator[Instance]:
    """Every n-th of the rows whose id contains `only` and is one of `ids`; a repository is closed before the next is opened."""
    wanted = [r for r in read_rows(rows) if only in r["instance_id"] and (ids is None or r["instance_id"] in ids)]
    for row in wanted[::every]:
        repository = open_repository(mirrors, row["repo"], row["base_commit"])
        yield Instance(row, repository)
        repository.close()
