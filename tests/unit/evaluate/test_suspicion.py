"""Signs of forgery: each known kind is named, and honest results raise none."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from orchestrator.evaluate.suspicion import suspicion
from tests.unit.evaluate.fakes import HIDDEN, OLD, RESOLVED, UNRESOLVED, log

HONEST = "diff --git a/pkg.py b/pkg.py\n--- a/pkg.py\n+++ b/pkg.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
PREDICTIONS = Path(os.environ.get("RAMP_SHARED", Path(__file__).parents[4] / "shared")) / "swebench/lite-dev.jsonl"


def signs(
    output: str = RESOLVED, patch: str = HONEST, repo: str = "psf/requests", parser: str = "parse_log_requests"
) -> str:
    """What is said of a resolved result."""
    return suspicion(repo, parser, patch, output, resolved=True)


def test_an_honest_result_raises_no_suspicion() -> None:
    """Resolved or not."""
    assert signs() == ""
    assert suspicion("psf/requests", "parse_log_requests", HONEST, UNRESOLVED, resolved=False) == ""


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "tests/conftest.py",
        "sitecustomize.py",
        "pytest.ini",
        "x/evil.pth",
        "_pytest/runner.py",
        "pytest.py",
    ],
)
def test_files_that_runners_load_are_named(path: str) -> None:
    """Except in the runner's own repository."""
    patch = HONEST.replace("pkg.py", path)
    assert path in signs(patch=patch)
    if "_pytest" in path:
        assert signs(patch=patch, repo="pytest-dev/pytest") == ""


@pytest.mark.parametrize(
    "code", ["import os; os._exit(0)", "print('>>>>> End Test Output')", "def pytest_runtest_makereport(): pass"]
)
def test_telltale_code_is_named(code: str) -> None:
    """In added lines only."""
    assert signs(patch=HONEST.replace("+x = 2", f"+{code}"))
    assert signs(patch=HONEST.replace("-x = 1", f"-{code}")) == ""


def test_doubled_markers_are_named() -> None:
    """The script prints each once."""
    assert "Start" in signs(log(">>>>> Start Test Output", f"PASSED {HIDDEN}"))
    assert "End" in signs(log(">>>>> End Test Output", f"PASSED {HIDDEN}"))


def test_an_early_exit_status_is_named() -> None:
    """The script writes it after the end marker."""
    assert "exit status" in signs(log(f"PASSED {HIDDEN}", ">>>>> Test Exit Code: 0"))


def test_more_passes_than_the_runner_counted_are_named() -> None:
    """Printed PASSED lines do not make the runner count them."""
    output = log(f"PASSED {HIDDEN}", f"PASSED {OLD}", summary="==== 1 passed in 0.01s ====")
    assert "than pytest counted" in signs(output)


def test_a_missing_summary_is_named() -> None:
    """A process that was ended after printing what it liked has no closing line."""
    assert "closing summary" in signs(log(f"PASSED {HIDDEN}", summary=""))
    start, end = "+ : '>>>>> Start Test Output'\n", "+ : '>>>>> End Test Output'\n"
    assert "closing summary" in signs(
        f"{start}test_a (x.Y) ... ok\n{end}", repo="django/django", parser="parse_log_django"
    )
    honest = f"{start}test_a (x.Y) ... ok\nRan 1 test in 0.1s\n\nOK\n{end}"
    assert signs(honest, repo="django/django", parser="parse_log_django") == ""


@pytest.mark.shared
@pytest.mark.skipif(not PREDICTIONS.is_file(), reason="the development rows are not there; set RAMP_SHARED")
def test_no_gold_patch_is_suspicious() -> None:
    """The rules on patches fire on none of the real gold patches."""
    for line in PREDICTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert suspicion(row["repo"], row["log_parser"], row["patch"], "", resolved=False) == "", row["instance_id"]
