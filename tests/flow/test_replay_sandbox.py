"""A run with real processes in bubblewrap, wrong replies and right ones, comes out again with nothing started."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.edits.render import edits_between, render_reply
from orchestrator.errors import LedgerError, MissingPiece, UserError
from orchestrator.launch.wiring import open_the_benchmark
from orchestrator.ledger import Ledger
from orchestrator.records import Edits, Reproduction
from orchestrator.repo.diff import apply_patch
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from orchestrator.sandbox.limits import Limits
from orchestrator.settings import Settings

INSTANCE = "starter__roman-1"


def replies() -> list[str]:
    """Prose, a text that is nowhere, an undefined name, an exception at run time, and the repair."""
    ladder = [{"model": "m"}]
    made = {"phase": 1, "name": "t", "size": 1, "benchmark": "starter", "ladder": ladder}
    benchmark = open_the_benchmark(Settings.model_validate(made))
    repository = benchmark.repository(benchmark.task(INSTANCE))
    changes = apply_patch(repository, benchmark.sealed(INSTANCE).patch.encode())
    assert isinstance(changes, tuple)
    edits = tuple(e for c in changes for e in edits_between(c.before, c.after, c.path, "search-replace").edits)
    right = render_reply(Edits("search-replace", edits))
    block = re.search(r"<<<<<<< SEARCH\n(.*?)=======\n(\s*)", right, re.DOTALL)
    assert block is not None
    start, indent = block.start(2), block[2]
    wrong = [f"{right[:start]}{indent}{line}\n{right[start:]}" for line in ("wdith()", "raise RuntimeError('wrong')")]
    nowhere = right[: block.start(1)] + "nowhere\nin any file\n" + right[block.end(1) :]
    return ["It should be repaired.", nowhere, *wrong, right]


def require_bubblewrap() -> None:
    """Skip the test where there is none."""
    try:
        BubblewrapEngine(Limits(), "check").check()
    except MissingPiece as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of such a run, which is named `real`."""
    require_bubblewrap()
    folder = tmp_path_factory.mktemp("runs")
    script = folder / "script.jsonl"
    lines = [{"instance": INSTANCE, "attempt": n, "text": text} for n, text in enumerate(replies(), 1)]
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    rung = f'model="scripted:{script}",attempts=6,format="search-replace",fallback_format="search-replace"'
    arguments = ["run", "1", "-b", "starter", "-i", INSTANCE, "--run-id", "real", "-o", str(folder), "--json"]
    done = CliRunner().invoke(app, [*arguments, "-c", f"ladder=[{{{rung}}}]", "-c", "policy.repairs=6"])
    assert done.exit_code == 0, done.output
    return folder


def call(*arguments: str) -> str:
    """What a command prints; raises what it raises."""
    done = CliRunner().invoke(app, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_a_run_in_bubblewrap_replays(runs: Path) -> None:
    """Imports, reproduction and regression are judged again from the recorded results."""
    said = call("replay", "real", INSTANCE, "-o", str(runs))
    assert "no difference" in said
    judged = [line for line in said.splitlines() if line.endswith("same")]
    assert {"JUDGE_IMPORTS", "JUDGE_REPRODUCTION", "JUDGE_REGRESSION"} <= {line.split()[3] for line in judged}


def test_inspect_and_export_read_the_same_run(runs: Path, tmp_path: Path) -> None:
    """Timeline, one state's records, failures and trajectories, plain in a pipe."""
    assert f"{INSTANCE}: RESOLVED" in call("inspect", "real", INSTANCE, "-o", str(runs))
    assert "\x1b" not in call("inspect", "real", INSTANCE, "-o", str(runs))
    whole = call("inspect", "real", INSTANCE, "--attempt", "3", "--state", "generating", "-o", str(runs))
    assert "--- system ---" in whole
    assert "wdith()" in whole
    assert "0 of 1 instances failed" in call("inspect", "real", "--why", "-o", str(runs))
    call("export", "real", "--traj", str(tmp_path), "-o", str(runs))
    told = json.loads((tmp_path / INSTANCE / f"{INSTANCE}.traj.json").read_text())
    assert told["trajectory_format"] == "mini-swe-agent-1.1"
    assert [m["role"] for m in told["messages"]].count("assistant") == told["info"]["model_stats"]["api_calls"] > 1
    assert told["info"]["submission"].startswith("diff --git")


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        (("replay", "unreal", INSTANCE), LedgerError, "no run 'unreal'.*real"),
        (("replay", "real", INSTANCE, "-m", "x"), UserError, "--live-from STATE"),
        (("replay", "real", INSTANCE, "--live-from", "ESCALATING"), LedgerError, "ESCALATING was never reached"),
        (
            ("replay", "real", INSTANCE, "--live-from", "GENERATING", "-m", "scripted:/nowhere.jsonl"),
            UserError,
            r"nowhere\.jsonl",
        ),
        (("inspect", "real", "--attempt", "1"), UserError, "give its id"),
        (("inspect", "real", INSTANCE, "--state", "NOWHERE"), LedgerError, "no state NOWHERE"),
        (("export", "real"), UserError, "--preds FILE"),
    ],
)
def test_bad_input_is_named(runs: Path, arguments: tuple[str, ...], error: type[Exception], told: str) -> None:
    """With the way out, and without a new folder."""
    before = sorted(path.name for path in runs.iterdir())
    with pytest.raises(error, match=told):
        call(*arguments, "-o", str(runs))
    assert sorted(path.name for path in runs.iterdir()) == before


def replayed(run: str, folder: Path, state: str) -> str:
    """The line of a replay on one state."""
    said = call("replay", run, INSTANCE, "-o", str(folder)).splitlines()
    return next(line for line in said if line.split()[3:4] == [state])


def test_what_the_issue_s_code_ran_through_is_replayed_too(runs: Path) -> None:
    """The walk is recorded with the reproduction, so that REPRODUCING comes out the same with no sandbox."""
    with contextlib.closing(Ledger(runs / "real" / "ledger.db", read_only=True)) as ledger:
        steps = [step for step in ledger.transitions(INSTANCE) if step.state == "REPRODUCING"]
    (found,) = [record for step in steps for record in step.records if isinstance(record, Reproduction)]
    assert found.walked is not None
    assert any(run.entered for run in found.walked.runs)
    assert replayed("real", runs, "REPRODUCING").endswith("same")


def test_a_run_from_before_there_was_a_walk_replays(runs: Path, tmp_path: Path) -> None:
    """Its REPRODUCING is taken again without one."""
    old = tmp_path / "old"
    shutil.copytree(runs / "real", old)
    with contextlib.closing(sqlite3.connect(old / "ledger.db")) as connection, connection:
        connection.execute("DELETE FROM memos WHERE kind = 'run' AND key LIKE '%runs through at base_commit%'")
        rows = connection.execute("SELECT seq, records FROM transitions WHERE state = 'REPRODUCING'").fetchall()
        for seq, text in rows:
            records = json.loads(text)
            del records[0][1]["walked"]
            connection.execute("UPDATE transitions SET records = ? WHERE seq = ?", (json.dumps(records), seq))
    assert replayed("old", tmp_path, "REPRODUCING").endswith("same")
