"""Where a benchmark's repositories come from, and what a hub that cannot be reached says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.benchmarks.rows import validate_rows
from orchestrator.benchmarks.rowset import BenchmarkOptions, RowsBenchmark, find_in_sources, mirrors_of
from orchestrator.benchmarks.starter import source_repository
from orchestrator.errors import MissingPiece
from orchestrator.protocols import Repository
from orchestrator.records import Task
from tests.unit.benchmarks.examples import row


def opened(options: BenchmarkOptions) -> RowsBenchmark:
    """One instance whose commit no mirror has."""
    return RowsBenchmark("one", validate_rows([row()], "here"), find_in_sources(options))


def test_the_image_is_the_last_source(tmp_path: Path) -> None:
    """Asked only where no mirror has the commit, with the task that names the image."""
    (tmp_path / "tasks/a__b-1/source").mkdir(parents=True)
    (tmp_path / "tasks/a__b-1/source/x.py").write_text("x = 1\n")
    inside = source_repository(tmp_path, "a__b-1")
    asked: list[str | None] = []

    def from_image(task: Task) -> Repository:
        asked.append(task.image)
        return inside

    benchmark = opened(BenchmarkOptions(cache_dir=tmp_path, fetch_missing=False, image_repository=from_image))
    assert benchmark.repository(benchmark.task("psf__requests-1")) is inside
    assert asked == ["swebench/sweb.eval.x86_64.psf_1776_requests-1:latest"]


def test_without_any_source_the_reasons_are_listed(tmp_path: Path) -> None:
    """The message says where it looked and what to do."""
    benchmark = opened(BenchmarkOptions(cache_dir=tmp_path, fetch_missing=False))
    with pytest.raises(MissingPiece, match="RAMP_MIRRORS"):
        benchmark.repository(benchmark.task("psf__requests-1"))


def test_several_mirror_folders_are_separated_as_in_path() -> None:
    """Empty parts count for nothing."""
    assert mirrors_of(f"/a{os.pathsep}{os.pathsep}/b") == (Path("/a"), Path("/b"))
    assert mirrors_of("") == ()


@pytest.mark.slow
def test_a_hub_that_cannot_be_reached_is_a_missing_piece(tmp_path: Path) -> None:
    """The remedy is a file to download; nothing hangs."""
    script = (
        "from orchestrator.benchmarks import open_benchmark\n"
        "from orchestrator.errors import MissingPiece\n"
        "try:\n    open_benchmark('lite')\nexcept MissingPiece as missing:\n    print(missing)\n"
    )
    environment = os.environ | {
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ".parquet" in done.stdout, done.stderr
