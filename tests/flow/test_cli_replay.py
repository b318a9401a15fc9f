"""`ramp replay` and `ramp inspect` through the command line, on a run of the laboratory: what they say, and their exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import sqlite3
from pathlib import Path

import pytest

from orchestrator.cli import guarded
from orchestrator.cli.verbs import app_for
from orchestrator.ledger import LEDGER
from tests.flow.lab import Lab


def ramp(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit code and all that is said."""
    capsys.readouterr()
    code = guarded(app_for(arguments), arguments)
    said = capsys.readouterr()
    return code, said.out + said.err


def sql(folder: Path, statement: str, *values: str) -> None:
    """Change a ledger behind its back."""
    with contextlib.closing(sqlite3.connect(folder / LEDGER)) as connection, connection:
        connection.execute(statement, values)


def test_a_whole_run_replays(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Each instance is said with -v; the sum always."""
    code, said = ramp(capsys, "replay", str(lab.run_folder), "-v")
    assert code == 0
    assert [line.split(":")[0] for line in said.splitlines()[:4]] == list(lab.benchmark.instance_ids())
    assert said.splitlines()[-1].startswith("4 instances, ")
    assert said.endswith("steps: no difference\n")


def test_processes_replay_as_one_does(lab: Lab) -> None:
    """Instances come in their order, and so do differences, whoever replayed them."""
    from orchestrator.ledger import Ledger
    from orchestrator.replay.whole import replay_run

    with contextlib.closing(Ledger(lab.run_folder / LEDGER, read_only=True)) as ledger:
        alone = tuple(replay_run(ledger, lab.machine, 1, chunk=2))
        together = tuple(replay_run(ledger, lab.machine, 2, chunk=2))
    assert alone == together
    assert [one.instance_id for one in together] == list(lab.benchmark.instance_ids())


def test_the_command_under_a_difference_goes_on_from_there(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 5, recorded and now, and a command that finds the very step."""
    where = "instance_id = 'lab__second-1' AND state = 'JUDGE_LINTS' AND event = 'none_left'"
    sql(copied, f"UPDATE transitions SET records = replace(records, '\"fail\"', '\"abstain\"') WHERE {where}")
    for arguments in (("replay", str(copied)), ("replay", str(copied), "lab__second-1")):
        code, said = ramp(capsys, *arguments)
        assert code == 5
        assert "JUDGE_LINTS: does not come out as recorded" in said
        assert "recorded: abstain\n  now:      fail" in said
    command = shlex.split(said.splitlines()[-1])
    assert command[:2] == ["ramp", "replay"]
    assert command[-4:] == ["--attempt", "2", "--live-from", "JUDGE_LINTS"]
    # The lab is no benchmark of the program, so that going on is refused; but not for what the command says.
    code, said = ramp(capsys, *command[1:])
    assert (code, "benchmark" in said) == (1, True)


def test_why_gives_commands_that_work(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Each example's replay can be pasted, wherever the run is."""
    code, said = ramp(capsys, "inspect", str(lab.run_folder), "--why")
    assert code == 0
    commands = [shlex.split(line) for line in said.splitlines() if line.startswith("    ramp replay ")]
    assert len(commands) == 2
    for command in commands:
        assert ramp(capsys, *command[1:])[0] == 0


def test_why_names_the_prompt_set_to_try(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the sets that the run did not have the one that was changed last; where there is none, how to make one."""
    trial = f"    ramp prompts try {{}} --on {lab.run_folder} --only-failed --until JUDGE_APPLIES\n"
    ramp(capsys, "init", str(tmp_path))
    with contextlib.chdir(tmp_path):
        shutil.rmtree("prompts/architect")
        _, said = ramp(capsys, "inspect", str(lab.run_folder), "--why")
        assert f"    ramp prompts new mine\n{trial.format('mine')}" in said
        for number, name in enumerate(("mine", "yours"), 1):
            ramp(capsys, "prompts", "new", name)
            os.utime(f"prompts/{name}/set.toml", (2_000_000_000 - number,) * 2)
        _, said = ramp(capsys, "inspect", str(lab.run_folder), "--why")
        assert trial.format("mine") in said
        assert "prompts new" not in said


def test_an_attempt_is_shown_for_reading(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Context, prompt, reply, diff, findings, feedback and decision, in their order, and nothing as JSON."""
    code, said = ramp(capsys, "inspect", str(lab.run_folder), "lab__second-1", "--attempt", "2")
    assert code == 0
    parts = [line for line in said.splitlines() if line.startswith("--- ") and line.endswith(" ---")]
    assert [part.split(":")[0].strip("- ") for part in parts] == [
        "context", "prompt", "prompt", "prompt", "reply 0", "candidate 2.0", "findings on 2.0", "feedback", "decision",
    ]  # fmt: skip
    assert "+    return wdith * height" in said
    assert "2.0 lints fail: " in said
    assert '"stage"' not in said


def test_a_run_s_lines_end_with_their_sum(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """How many ended in which state."""
    _, said = ramp(capsys, "inspect", str(lab.run_folder))
    assert said.splitlines()[4] == "4 instances: 2 RESOLVED, 1 UNRESOLVED, 1 GAVE_UP"


@pytest.mark.parametrize(
    "flag", [("--attempt", "1"), ("--from", "DECIDING"), ("--until", "DECIDING"), ("--live-from", "X")]
)
def test_what_is_of_one_instance_needs_one(lab: Lab, capsys: pytest.CaptureFixture[str], flag: tuple[str, str]) -> None:
    """A flag that would be passed over is refused instead."""
    code, said = ramp(capsys, "replay", str(lab.run_folder), *flag)
    assert (code, "give its id after the run" in said) == (1, True)


VERBS = (("replay",), ("replay", "lab__first-1"), ("replay", "lab__first-1", "--live-from", "GENERATING"))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE meta SET value = '{}' WHERE key = 'stamps'",
            "does not say its code_version, machine_sha256; use the ramp",
        ),
        (
            "UPDATE meta SET value = replace(value, 'attempts', 'tries') WHERE key = 'settings'",
            "settings of another version",
        ),
        ("PRAGMA user_version = 7", "has ledger version 7, this is version 1; use the ramp that made it"),
        ("PRAGMA application_id = 1", "is not a ledger of swe-ramp"),
        ("UPDATE blobs SET data = x'00'", "is missing or damaged; restore the run from a copy"),
    ],
)
def test_an_older_or_damaged_run_is_named(
    copied: Path, capsys: pytest.CaptureFixture[str], verb: tuple[str, ...], statement: str, told: str
) -> None:
    """With the way out, exit code 1, and no branch left behind."""
    sql(copied, statement)
    code, said = ramp(capsys, verb[0], str(copied), *verb[1:])
    assert (code, told in said) == (1, True), said
    assert [path.name for path in copied.parent.iterdir()] == ["lab"]


def test_half_a_ledger_is_left_untouched(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that was cut off is refused by name and stays as it is."""
    for leftover in copied.glob("ledger.db-*"):
        leftover.unlink()
    cut = (copied / LEDGER).read_bytes()[:20_000]
    (copied / LEDGER).write_bytes(cut)
    code, said = ramp(capsys, "replay", str(copied))
    assert (code, "it was left untouched" in said) == (1, True)
    assert (copied / LEDGER).read_bytes() == cut


def test_trajectories_are_pages_of_messages(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As viewers of mini-swe-agent's files read them: role and content are texts, extra is a table, the last one is the exit."""
    assert ramp(capsys, "export", str(lab.run_folder), "--traj", str(tmp_path))[0] == 0
    found = sorted(tmp_path.rglob("*.traj.json"))
    assert [path.name for path in found] == [f"{i}.traj.json" for i in sorted(lab.benchmark.instance_ids())]
    for path in found:
        told = json.loads(path.read_text())
        assert {type(m["role"]) for m in told["messages"]} == {type(m["content"]) for m in told["messages"]} == {str}
        assert all(isinstance(m["extra"], dict) for m in told["messages"])
        assert told["messages"][-1]["role"] == "exit"
        assert set(told["info"]) >= {"model_stats", "config", "exit_status", "submission", "mini_version"}
