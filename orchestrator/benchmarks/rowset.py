"""A benchmark made of validated rows: SWE-bench in any of its forms."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.benchmarks.rows import Row
from orchestrator.benchmarks.split import REPO_TESTS, split_row
from orchestrator.errors import BenchmarkError
from orchestrator.protocols import Repository
from orchestrator.records import Sealed, Task

FindRepository = Callable[[Task], Repository]
"""From a Task to its repository at base_commit; raises RepositoryError or MissingPiece."""


@dataclass(frozen=True, slots=True)
class BenchmarkOptions:
    """How a benchmark is opened. `disclosure` is what --feedback says; `mirrors` are folders of local clones.

    `fetch_missing` allows a partial clone from the origin into `cache_dir`; `image_repository`, where given, is the last
    source: the image's own /testbed.
    """

    disclosure: str = REPO_TESTS
    mirrors: tuple[Path, ...] = ()
    cache_dir: Path = Path(".cache")
    split: str = "test"
    revision: str | None = None
    fetch_missing: bool = True
    image_repository: FindRepository | None = None


class RowsBenchmark:
    """A Benchmark over rows. `revision` says where the rows came from exactly, for the stamps.

    Tasks of rows that carry their source (`needs_image` False) name no image: the source is the whole environment.
    """

    def __init__(
        self,
        name: str,
        rows: tuple[Row, ...],
        find: FindRepository,
        *,
        disclosure: str = REPO_TESTS,
        revision: str = "",
        needs_image: bool = True,
    ) -> None:
        self._name = name
        self._rows = {row.instance_id: row for row in rows}
        self._find = find
        self._disclosure = disclosure
        self._needs_image = needs_image
        self.revision = revision

    @property
    def name(self) -> str:
        """The name as given with -b."""
        return self._name

    @property
    def sha256(self) -> str:
        """Hash over the rows' own hashes, in order."""
        return hashlib.sha256("".join(row.sha256() for row in self._rows.values()).encode()).hexdigest()

    def instance_ids(self) -> tuple[str, ...]:
        """All ids, in the benchmark's own order."""
        return tuple(self._rows)

    def task(self, instance_id: str) -> Task:
        """What the loop may know. Raises BenchmarkError on an unknown id."""
        return self._split(instance_id)[0]

    def sealed(self, instance_id: str) -> Sealed:
        """What grades it; only `evaluate/` calls this."""
        return self._split(instance_id)[1]

    def repository(self, task: Task) -> Repository:
        """The repository at base_commit. Raises RepositoryError or MissingPiece."""
        return self._find(task)

    def _split(self, instance_id: str) -> tuple[Task, Sealed]:
        task, sealed = split_row(self._row(instance_id), self._name, self._disclosure)
        return (task if self._needs_image else replace(task, image=None)), sealed

    def _row(self, instance_id: str) -> Row:
        try:
            return self._rows[instance_id]
        except KeyError:
            owner = instance_id.partition("__")[0]
            near = ", ".join(sorted(known for known in self._rows if known.startswith(f"{owner}__"))[:3])
            hint = f"; it has {near}, ..." if near else ""
            raise BenchmarkError(f"{self._name} has no instance {instance_id!r}{hint}") from None


def find_in_sources(options: BenchmarkOptions) -> FindRepository:
    """Look for a repository in the mirrors, then a cached partial clone, then the image's own /testbed."""
    from orchestrator.errors import MissingPiece
    from orchestrator.repo.sources import find_repository

    def find(task: Task) -> Repository:
        origin = _origin if options.fetch_missing else None
        try:
            return find_repository(task.repo, task.base_commit, options.mirrors, options.cache_dir / "repos", origin)
        except MissingPiece:
            if options.image_repository is None or task.image is None:
                raise
            return options.image_repository(task)

    return find


def _origin(repo: str) -> str:
    return f"https://github.com/{repo}.git"


def mirrors_of(environment_value: str) -> tuple[Path, ...]:
    """The folders in RAMP_MIRRORS: several are separated as in PATH."""
    return tuple(Path(part).expanduser() for part in environment_value.split(os.pathsep) if part)
