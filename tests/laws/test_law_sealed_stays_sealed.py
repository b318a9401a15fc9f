"""Canary strings in everything that is sealed; the whole machine runs for real; none of them is seen outside of evaluation/."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import zlib
from pathlib import Path

import pytest

from orchestrator.benchmarks.starter import starter_folder
from orchestrator.errors import MissingPiece
from orchestrator.launch.plan import launch, plan_run
from orchestrator.launch.request import Request
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from orchestrator.steps.workbench import Silent

TASK = "starter__roman-1"
CANARIES = ("canarygold", "canarytestpatch", "canaryf2p", "canaryp2p", "canaryhint", "canaryevalscript")


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """One starter task whose sealed parts hold canaries; the graded tests run, and fail by their canary names."""
    folder = tmp_path / "benchmark"
    shutil.copytree(starter_folder() / "tasks" / TASK, folder / "tasks" / TASK)
    shutil.copy(starter_folder() / "sweb.yaml", folder)
    task = folder / "tasks" / TASK
    (task / "gold.patch").write_text((task / "gold.patch").read_text() + "# canarygold\n")
    (task / "hints.md").write_text("canaryhint\n")
    tests = json.loads((task / "tests.json").read_text())
    tests["FAIL_TO_PASS"].append("tests/test_roman.py::test_canaryf2p")
    tests["PASS_TO_PASS"].append("tests/test_roman.py::test_canaryp2p")
    (task / "tests.json").write_text(json.dumps(tests))
    patch = (task / "test.patch").read_text()
    script = (task / "eval.sh").read_text()
    marked = patch.replace("\n+def test_", "\n+# canarytestpatch\n+def test_", 1)
    (task / "test.patch").write_text(marked)
    (task / "eval.sh").write_text(script + ": canaryevalscript\n")
    assert "canarytestpatch" in marked
    return folder


def test_no_canary_leaves_evaluation(benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompts, replies, findings, feedback, recorded runs and every file but those of evaluation/ are free of them."""
    try:
        BubblewrapEngine().check()
    except MissingPiece as missing:
        pytest.skip(str(missing))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    request = Request("1", benchmark=str(benchmark), model="mutation", output=tmp_path / "runs", run_id="canary")
    plan = plan_run(Request(**{**request.__dict__, "overrides": ("attempts=2", "judge.regression_budget_s=20")}))
    launch(plan, Silent())
    assert (plan.folder / TASK / "attempt-1" / "prompt.md").is_file()
    cached = [p.read_bytes().decode("utf-8", "replace") for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    texts = [*everything_outside_evaluation(plan.folder), *cached]
    seen = {canary for canary in CANARIES for text in texts if canary in text}
    assert not seen
    with contextlib.closing(sqlite3.connect(plan.folder / "ledger.db")) as connection:
        kept = [
            zlib.decompress(row[0]).decode("utf-8", "replace") for row in connection.execute("SELECT data FROM blobs")
        ]
    evaluated = (plan.folder / TASK / "evaluation").is_dir()
    assert not evaluated or any("canaryf2p" in text for text in [*kept, *evaluation_records(plan.folder)])


def everything_outside_evaluation(folder: Path) -> list[str]:
    """Texts of all files, and of all that the ledger's steps and recordings hold, but for what EVALUATING made."""
    texts = [
        path.read_bytes().decode("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file() and "evaluation" not in path.parts and not path.name.startswith("ledger.db")
    ]
    with contextlib.closing(sqlite3.connect(folder / "ledger.db")) as connection:
        blobs = {
            row[0]: zlib.decompress(row[1]).decode("utf-8", "replace")
            for row in connection.execute("SELECT * FROM blobs")
        }
        rows = [row[0] for row in connection.execute("SELECT records FROM transitions WHERE state != 'EVALUATING'")]
        rows += [row[0] for row in connection.execute("SELECT value FROM memos")]
        rows += [row[0] for row in connection.execute("SELECT value FROM meta")]
    referenced = [text for sha256, text in blobs.items() if any(sha256 in row for row in rows)]
    return [*texts, *rows, *referenced]


def evaluation_records(folder: Path) -> list[str]:
    """What EVALUATING committed."""
    with contextlib.closing(sqlite3.connect(folder / "ledger.db")) as connection:
        return [row[0] for row in connection.execute("SELECT records FROM transitions WHERE state = 'EVALUATING'")]
