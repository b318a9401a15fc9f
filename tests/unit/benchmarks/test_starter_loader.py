"""The bundled benchmark as the loop sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.benchmarks import open_benchmark
from orchestrator.benchmarks.starter import find_in_folder, source_repository, with_base_commit
from orchestrator.errors import BenchmarkError
from orchestrator.records import Task


def test_every_starter_task_opens_with_its_repository() -> None:
    """The repository made from source/ has the commit that task.yaml names; no image is needed."""
    benchmark = open_benchmark("starter")
    assert len(benchmark.instance_ids()) == 30
    for instance_id in benchmark.instance_ids():
        task = benchmark.task(instance_id)
        assert benchmark.repository(task).base_commit == task.base_commit
        assert task.image is None
        assert task.test_command == "python -m pytest -rA -p no:cacheprovider"


def make_source(root: Path, text: str = "x = 1\n") -> None:
    """A task's source folder with caches in it."""
    source = root / "tasks/own__thing-1/source"
    (source / "__pycache__").mkdir(parents=True)
    (source / "__pycache__/thing.pyc").write_bytes(b"\0")
    (source / "thing.py").write_text(text)


def test_caches_do_not_change_the_commit(tmp_path: Path) -> None:
    """Running the tests of a source tree leaves files that are no part of it."""
    make_source(tmp_path)
    repository = source_repository(tmp_path, "own__thing-1")
    assert list(repository.entries()) == ["thing.py"]


def test_a_row_without_a_commit_gets_it_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    """The commit is what the source makes, and a row that names another is out of date."""
    make_source(tmp_path)
    row = with_base_commit({"instance_id": "own__thing-1"}, tmp_path)
    assert len(row["base_commit"]) == 40
    with pytest.raises(BenchmarkError, match=r"task\.yaml says"):
        find_in_folder(tmp_path, Task("own__thing-1", "own", "own/thing", "b" * 40, "It breaks."))
