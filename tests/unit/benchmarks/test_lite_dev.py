"""The real rows of SWE-bench Lite: each one splits, and none tells."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from orchestrator.benchmarks import BenchmarkOptions, RowsBenchmark, open_benchmark

ROWS = Path(os.environ.get("RAMP_SHARED", Path(__file__).parents[4] / "shared")) / "swebench/lite-dev.jsonl"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not ROWS.is_file(), reason=f"the development rows are not at {ROWS}; set RAMP_SHARED"),
]


@pytest.fixture(scope="module")
def benchmark() -> RowsBenchmark:
    """All rows, validated."""
    return open_benchmark(str(ROWS), BenchmarkOptions(fetch_missing=False))


def test_all_rows_are_valid(benchmark: RowsBenchmark) -> None:
    """154 rows of twelve repositories."""
    assert len(benchmark.instance_ids()) == 154
    assert len({benchmark.task(i).repo for i in benchmark.instance_ids()}) == 12


def test_every_task_has_a_command_and_a_set_up(benchmark: RowsBenchmark) -> None:
    """No command is lost to the rule against telling, and every set-up activates the environment."""
    for instance_id in benchmark.instance_ids():
        task = benchmark.task(instance_id)
        assert task.test_command
        assert "conda activate testbed" in task.setup_script


def test_no_graded_test_is_named_in_a_task(benchmark: RowsBenchmark) -> None:
    """Neither ids of graded tests, nor paths of the test patch, nor the functions it adds, in command or set-up."""
    for instance_id in benchmark.instance_ids():
        task, sealed = benchmark.task(instance_id), benchmark.sealed(instance_id)
        told = task.setup_script + task.test_command
        paths = re.findall(r"^diff --git a/(\S+)", sealed.test_patch, re.MULTILINE)
        added = re.findall(r"^\+\s*def (test\w+)", sealed.test_patch, re.MULTILINE)
        dotted = [path.removeprefix("tests/").removesuffix(".py").replace("/", ".") for path in paths]
        for secret in (*sealed.fail_to_pass, *paths, *added, *dotted):
            assert secret not in told, (instance_id, secret)


def test_no_sealed_text_is_in_a_task(benchmark: RowsBenchmark) -> None:
    """Lines of gold patch, test patch and hints are in no field but the problem statement, which may quote them."""
    for instance_id in benchmark.instance_ids():
        task, sealed = benchmark.task(instance_id), benchmark.sealed(instance_id)
        fields = {name: getattr(task, name) for name in task.__dataclass_fields__ if name != "problem_statement"}
        told = repr(fields)
        for text in (sealed.patch, sealed.test_patch, sealed.hints_text):
            for line in (one.strip("+- \t") for one in text.split("\n")):
                assert len(line) < 25 or line not in told, (instance_id, line)
