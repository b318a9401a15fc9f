"""`ramp prompts` and what keeps a prompt set honest, through the command line, in a workspace of one's own."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestrator.cli import guarded
from orchestrator.cli.app import app
from orchestrator.cli.verbs import app_for
from orchestrator.errors import MissingPiece
from orchestrator.prompts import PromptSet, available_sets
from orchestrator.resources import installed_resource
from orchestrator.tuning.checks import LogEntry, append_log, read_log
from tests.flow.test_replay_sandbox import INSTANCE, replies, require_bubblewrap

QUOTE = "Generated diffs cannot be applied when changes are near each other."
"""The title of a bundled issue, in a prompt."""


def call(*arguments: str, path: str | None = None) -> str:
    """What a command prints, programs being found in `path` only where it is given; raises what it raises."""
    done = CliRunner().invoke(app, arguments, env={"PATH": path} if path else None)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that the user can put right says, with exit code 1."""
    capsys.readouterr()
    assert guarded(app_for(arguments), arguments) == 1
    return capsys.readouterr().err


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A workspace with a set `mine` that says one thing more than `default`, and the way into it."""
    call("init", str(tmp_path / "ws"))
    with contextlib.chdir(tmp_path / "ws"):
        call("prompts", "new", "mine")
        say("Take your time.")
        yield tmp_path / "ws"


def say(more: str) -> None:
    """Let the set `mine` say `more` at the end of its instruction."""
    text = Path("prompts/default/edit-now.md").read_text()
    Path("prompts/mine/edit-now.md").write_text(f"{text}\n{more}\n")


def test_a_set_is_listed_shown_and_compared(workspace: Path) -> None:
    """Its hash is the one that stamps results, each template names the set it comes from, and a diff shows the change alone."""
    sha256 = PromptSet.load(workspace / "prompts", "mine").sha256
    assert f"mine             {sha256[:12]}  1 templates of its own, the others from default" in call("prompts", "list")
    shown = call("prompts", "show", "mine")
    assert shown.startswith(f"mine {sha256}\n")
    assert "edit-now.md                  from mine, uses older, recent, reminder" in shown
    assert "review.md                    from default, uses diff, issue, nonce" in shown
    assert call("prompts", "show", "mine", "edit-now.md").endswith("Take your time.\n")
    changed = [line for line in call("prompts", "diff", "default", "mine").splitlines() if line[0] in "+-"]
    assert changed == ["--- default/edit-now.md", "+++ mine/edit-now.md", "+", "+Take your time."]
    assert call("prompts", "diff", "mine", "mine") == "mine and mine have the same templates\n"


def test_an_example_is_what_a_model_sees(workspace: Path) -> None:
    """Rendered for a made-up instance in the format asked for, with nothing left to be filled in."""
    shown = call("prompts", "show", "mine", "--example", "--format", "search-replace")
    assert shown.index("--- system ---") < shown.index("<<<<<<< SEARCH") < shown.index("Take your time.")
    assert "{%" not in shown


def test_a_check_counts_tokens_for_the_model(workspace: Path) -> None:
    """Templates and whole requests; a model that counts otherwise shows other numbers."""
    script = workspace / "replies.jsonl"
    script.write_text(json.dumps({"text": "x"}) + "\n")
    plain, counted = call("prompts", "check", "mine"), call("prompts", "check", "mine", "-m", f"scripted:{script}")
    for said in (plain, counted):
        assert "an example, unified-diff" in said
        assert said.endswith("no problem found\n")
    assert plain != counted


@pytest.mark.parametrize("name", available_sets(installed_resource("prompts")))
def test_the_bundled_sets_quote_no_bundled_issue(name: str) -> None:
    """What is shipped passes its own check."""
    assert "shares no 8 words in a row with any of 30 problem statements" in call(
        "prompts", "check", name, "-b", "starter"
    )


def test_the_log_of_a_set_is_shown(workspace: Path) -> None:
    """What changed, on what it was tried, and what came of it."""
    append_log(workspace / "prompts" / "mine", LogEntry("2026-11-21", "patience", "0" * 64, ("a__b-1",), "better on 3"))
    assert "2026-11-21 000000000000 patience: better on 3\n  tuned on a__b-1" in call("prompts", "show", "mine")
    assert "2026-11-21 patience: better on 3" in call("prompts", "list")


def test_a_quoted_issue_stops_a_run_before_it_starts(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In `check` and in `run`; an instance that is allowed by name may be quoted."""
    say(QUOTE)
    run = ("run", "1", "-b", "starter", "-m", "mutation", "-c", "prompt_set=mine", "--dry-run")
    for arguments in (("prompts", "check", "mine", "-b", "starter"), run):
        told = refused(capsys, *arguments)
        assert "edit-now.md and starter__diff-1: 'generated diffs cannot be applied when changes are'" in told
        assert "allow_overlap" in told
    with Path("prompts/mine/set.toml").open("a") as manifest:
        manifest.write('allow_overlap = ["starter__diff-1"]\n')
    assert "30 problem statements but starter__diff-1, allowed by name" in call(
        "prompts", "check", "mine", "-b", "starter"
    )
    assert "nothing was started" in call(*run)


def test_an_unknown_variable_stops_a_run_before_it_starts(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Template and variable are named, and no run is left behind."""
    say("{{ moood }}")
    for arguments in (
        ("prompts", "check", "mine"),
        ("run", "1", "-b", "starter", "-m", "mutation", "-c", "prompt_set=mine"),
    ):
        assert "edit-now.md uses moood, which it is not given" in refused(capsys, *arguments)
    assert not list(Path("runs").glob("*/ledger.db"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("prompts", "show", "nope"), "no prompt set 'nope' in .* make one with `ramp prompts new nope`"),
        (("prompts", "show", "mine", "nope.md"), "no template nope.md; it has edit-"),
        (("prompts", "show", "mine", "--example", "--format", "diff"), "no format 'diff'; it has function"),
        (("prompts", "check", "mine", "-b", "nope"), "no benchmark 'nope': give starter"),
        (("prompts", "check", "mine", "-m", "nope"), "the forms are ollama/"),
        (("prompts", "diff", "mine", "nope"), "no prompt set 'nope'"),
        (("prompts", "new", "mine"), "'mine' in .* already; choose another name"),
        (("prompts", "new", "x", "--from", "nope"), "no prompt set 'nope'"),
        (("prompts", "try", "mine", "--on", "nope"), "no run 'nope' in runs; the newest are: none yet"),
    ],
)
def test_what_is_not_there_is_named(
    workspace: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    """With the way out, and exit code 1."""
    import re

    assert re.search(told, refused(capsys, *arguments))


def test_outside_of_a_workspace_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a set nor a log is put into the installation."""
    with contextlib.chdir(tmp_path):
        for arguments in (("prompts", "new", "mine"), ("prompts", "try", "default", "--on", "nope")):
            assert "make a workspace with `ramp init DIR`" in refused(capsys, *arguments)


@pytest.fixture
def recorded(workspace: Path) -> Path:
    """That workspace with a run `real`, whose model said nothing useful then, and would say the repair now."""
    require_bubblewrap()
    script = workspace / "replies.jsonl"
    prose, *_, right = replies()
    script.write_text(json.dumps({"text": prose}) + "\n")
    rung = f'ladder=[{{model="scripted:{script}",attempts=1,format="search-replace",fallback_format="search-replace"}}]'
    call("run", "1", "-b", "starter", "-i", INSTANCE, "--run-id", "real", "--json", "-c", rung)
    script.write_text(json.dumps({"instance": INSTANCE, "text": right}) + "\n")
    return workspace


def test_a_set_is_tried_on_what_a_run_recorded(recorded: Path) -> None:
    """Only the new set asks its model; the table is paired, no sandbox is there to be opened, and the set's log has it."""
    git, only_git = shutil.which("git"), recorded / "bin"
    assert git is not None
    only_git.mkdir()
    (only_git / "git").symlink_to(git)
    trial = ("prompts", "try", "mine", "--on", "real", "--changed", "patience")
    said = call(*trial, "--until", "JUDGE_LINTS", path=str(only_git))
    lines = said.splitlines()
    assert lines[0] == f"{INSTANCE}: 1 → 6 states passed"
    assert lines[1] == "1 instances, 1 tries a side, inputs of attempt 1 of real"
    table = {line.split()[0]: line.split()[1:] for line in lines if line.endswith((" 0", " worse"))}
    assert table["passed"] == ["default", "mine", "better", "worse"]
    assert table["GENERATING"] == ["100%", "100%", "0", "0"]
    assert table["JUDGE_LINTS"] == ["0%", "100%", "1", "0"]
    assert "JUDGE_LINTS: mine better on 1, worse on 0 instances; McNemar, exact, two-sided: p = 1.000" in lines
    counts = [line.rpartition(", ")[2] for line in lines if line.endswith("as recorded)")]
    assert counts == ["0 model calls (1 as recorded)", "1 model calls (0 as recorded)"]
    (entry,) = read_log(recorded / "prompts" / "mine")
    assert (entry.changed, entry.instances) == ("patience", (INSTANCE,))
    assert entry.result == "on real up to JUDGE_LINTS, 0% to 100%: better on 1, worse on 0 of 1"
    # One state further needs a sandbox, which shows that up to here none was opened.
    with pytest.raises(MissingPiece, match="bubblewrap"):
        call(*trial, "--until", "JUDGE_IMPORTS", path=str(only_git))


def test_the_set_of_the_run_itself_asks_nothing(recorded: Path) -> None:
    """Not even where the model would now say something else: the same words get the recorded reply."""
    said = call("prompts", "try", "default", "--on", "real")
    assert said.count("0 model calls (1 as recorded)") == 2
    assert "JUDGE_LINTS: default now better on 0, worse on 0 instances" in said
    assert "default now has the very templates that default then had" in said
    assert not (recorded / "runs" / "real-try").exists()
