"""A run with real processes in bubblewrap, wrong replies and right ones, comes out again with nothing started."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli.app import app
from orchestrator.edits.render import edits_between, render_reply
from orchestrator.errors import LedgerError, MissingPiece, UserError
from orchestrator.launch.wiring import open_the_benchmark
from orchestrator.records import Edits
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
