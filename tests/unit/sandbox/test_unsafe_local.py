"""UnsafeLocalEngine: the same interface without isolation, and it says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from orchestrator.protocols import Sandbox, SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Task
from orchestrator.repo.seed import commit_tree
from orchestrator.sandbox.unsafe_local import UnsafeLocalEngine

PATCH = b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A sandbox whose working copies lie in a folder of their own."""
    repository = commit_tree({"a.py": ("100644", b"x = 1\n")}, "m", "a <a@localhost>", "2026-01-01T00:00:00+00:00")
    (tmp_path / "scratch").mkdir()
    return UnsafeLocalEngine(tmp_path / "scratch").open(
        Task("x__x-1", "starter", "x/x", repository.base_commit, ""), repository
    )


def test_the_profile_says_that_nothing_is_isolated(sandbox: Sandbox) -> None:
    """Results are stamped by this."""
    assert (sandbox.profile.kind, sandbox.profile.isolated, sandbox.profile.network) == ("unsafe-local", False, True)


def test_a_command_runs_in_the_patched_tree(sandbox: Sandbox, tmp_path: Path) -> None:
    """Patch, files, results, exit code and git work as in a real sandbox, and nothing stays behind."""
    folder = tmp_path / "files"
    command = SandboxCommand(
        f"cat a.py {folder}/f; git status --porcelain; echo r > {folder}/out; exit 3",
        patch=PATCH, files={f"{folder}/f": b"file\n"}, results_path=f"{folder}/out",
    )  # fmt: skip
    result = sandbox.run(command)
    assert (result.outcome, result.exit_code, result.results) == (SandboxOutcome.EXITED, 3, b"r\n")
    assert result.output == b"x = 2\nfile\n M a.py\n"
    assert not folder.exists()
    assert [path.name.startswith("ramp-seed-") for path in (tmp_path / "scratch").iterdir()] == [True]


def test_our_environment_is_not_inherited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in our environment is not in the command's."""
    monkeypatch.setenv("SOME_API_KEY", "canary")
    assert b"canary" not in sandbox.run(SandboxCommand("env")).output


def test_a_hang_is_killed_with_its_group(sandbox: Sandbox) -> None:
    """Time-outs hold here too, also against a child in the background that keeps the output open."""
    result = sandbox.run(SandboxCommand("trap '' TERM; sleep 60 & echo on; sleep 60", timeout_s=0.5))
    assert (result.outcome, result.output) == (SandboxOutcome.TIMEOUT, b"on\n")
    assert result.duration_s < 5
    daemon = sandbox.run(SandboxCommand("setsid sleep 3 & exit 0", timeout_s=30))
    assert (daemon.outcome, daemon.exit_code) == (SandboxOutcome.EXITED, 0)
    assert daemon.duration_s < 3


def test_a_patch_that_does_not_apply_runs_nothing(sandbox: Sandbox) -> None:
    """The outcome is PATCH_FAILED with git's words."""
    result = sandbox.run(SandboxCommand("echo ran", patch=b"nonsense"))
    assert result.outcome is SandboxOutcome.PATCH_FAILED
    assert result.detail


def test_two_commands_that_name_the_same_places_do_not_meet(sandbox: Sandbox) -> None:
    """/tmp is everybody's: files, their folder and results lie below the command's own folder, whatever names them."""
    place = "/tmp/ramp-shared-place"
    script = f"sleep 0.3; cat {place}/f; cat $THERE; ls {place}; cp {place}/f {place}/out"

    def run(text: str) -> SandboxResult:
        files = {f"{place}/f": text.encode(), f"{place}/says": f"{place}/f".encode()}
        command = SandboxCommand(
            script, files=files, results_path=f"{place}/out", environment={"THERE": f"{place}/says"}
        )
        return sandbox.run(command)

    with ThreadPoolExecutor(2) as pool:
        for text, result in zip(("one", "two"), pool.map(run, ("one", "two")), strict=True):
            assert result.results == text.encode()
            assert result.output.startswith(text.encode())
            assert f"{place}/f\n".encode() not in result.output
    assert not Path(place).exists()
