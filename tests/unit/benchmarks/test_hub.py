"""`-b lite` and `-b OWNER/NAME` through the hub's own libraries, from a hub on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from pytest_httpserver import HTTPServer

from tests.unit.benchmarks.examples import row
from tests.unit.benchmarks.hub import REVISION, serve_dataset

pytestmark = pytest.mark.slow

OPEN = """\
import sys
from orchestrator.benchmarks import open_benchmark
from orchestrator.errors import RampError
try:
    benchmark = open_benchmark(sys.argv[1])
    print(benchmark.revision, *benchmark.instance_ids())
except RampError as error:
    print(type(error).__name__, error)
"""


def opened(name: str, server: HTTPServer, home: Path) -> str:
    """What opening a benchmark comes to, in a process of its own: the hub's libraries read their settings once."""
    environment = os.environ | {
        "HF_ENDPOINT": server.url_for("").rstrip("/"),
        "HF_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", OPEN, name], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout.strip() or done.stderr


def as_parquet(folder: Path, *rows: dict[str, object]) -> bytes:
    """The file that the hub keeps of a split."""
    parquet.write_table(pa.Table.from_pylist(list(rows)), folder / "rows.parquet")
    return (folder / "rows.parquet").read_bytes()


@pytest.mark.parametrize(
    ("name", "dataset"), [("lite", "SWE-bench/SWE-bench_Lite"), ("somebody/theirs", "somebody/theirs")]
)
def test_a_dataset_of_the_hub_is_opened_at_its_commit(
    name: str, dataset: str, httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Its test split is validated, and the hub's commit is the benchmark's revision."""
    rows = [row(), row(instance_id="psf__requests-2")]
    files = {"data/test-00000-of-00001.parquet": as_parquet(tmp_path, *rows), "README.md": b"# rows\n"}
    files["data/dev-00000-of-00001.parquet"] = as_parquet(tmp_path, row(instance_id="psf__requests-3"))
    asked = serve_dataset(httpserver, dataset, files)
    said = opened(name, httpserver, tmp_path / "home")
    assert said == f"{REVISION} psf__requests-1 psf__requests-2", f"{said}\n{asked}"


def test_a_row_of_the_hub_that_is_wrong_is_named(httpserver: HTTPServer, tmp_path: Path) -> None:
    """By index and field, like one of a file."""
    files = {"data/test-00000-of-00001.parquet": as_parquet(tmp_path, row(), row(instance_id="../../up"))}
    serve_dataset(httpserver, "SWE-bench/SWE-bench_Lite", files)
    said = opened("lite", httpserver, tmp_path / "home")
    assert said.startswith("BenchmarkError"), said
    assert "row 1" in said, said
    assert "instance_id" in said, said


def test_a_dataset_that_the_hub_does_not_have_is_bad_input(httpserver: HTTPServer, tmp_path: Path) -> None:
    """It is told apart from a hub that cannot be reached."""
    serve_dataset(httpserver, "somebody/theirs", {})
    said = opened("somebody/others", httpserver, tmp_path / "home")
    assert said.startswith("BenchmarkError the hub has no dataset 'somebody/others'"), said
