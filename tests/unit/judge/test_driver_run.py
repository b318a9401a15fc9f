"""Running drivers: nonces, file names, and what counts as having run at all."""

from __future__ import annotations

import json

import pytest

from orchestrator.judge.driver_run import driver_source, run_driver
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.sandbox.nonces import nonce_of
from tests.unit.judge.fakes import FakeSandbox


class RepeatableSandbox(FakeSandbox):
    """A sandbox whose nonces can be made again, and which answers with a genuine report."""

    def nonce(self, label: str) -> str:
        return f"nonce-of-{label[:7]}"

    def run(self, command: SandboxCommand) -> SandboxResult:
        self.commands.append(command)
        report = {"nonce": command.environment["RAMP_NONCE"], "done": True, "answer": 42}
        return SandboxResult(SandboxOutcome.EXITED, 0, b"", json.dumps(report).encode())


def test_a_genuine_report_is_returned() -> None:
    """Signed by the nonce and marked as done."""
    run = run_driver(RepeatableSandbox(), "pass", purpose="testing")
    assert run.results is not None
    assert run.results["answer"] == 42
    assert not run.broke


def test_a_sandbox_that_makes_nonces_is_asked_for_them() -> None:
    """So that a replay finds recorded reports genuine; others get fresh ones."""
    assert nonce_of(RepeatableSandbox(), "x") == "nonce-of-x"
    first, second = (nonce_of(FakeSandbox(), "x") for _ in range(2))
    assert first != second
    assert len(first) == 32


@pytest.mark.parametrize(
    "results", [b"started", b"{}", b'{"nonce": "x", "done": true}', b"[1]", b"\xff", b"[" * 100_000]
)
def test_anything_else_is_no_report(results: bytes) -> None:
    """Begun and not ended, forged, or rubbish: no results, and no excuse either."""
    run = run_driver(FakeSandbox(SandboxResult(SandboxOutcome.EXITED, 0, b"", results)), "pass", purpose="testing")
    assert run.results is None
    assert not run.broke


def test_a_driver_that_never_began_says_nothing_about_the_code() -> None:
    """No results file at all: the environment is at fault."""
    run = run_driver(FakeSandbox(SandboxResult(SandboxOutcome.EXITED, 127, b"no python")), "pass", purpose="testing")
    assert run.broke
    assert "no python" in run.detail


def test_files_lie_outside_the_repository_under_unguessable_names() -> None:
    """Program, results and further files; the nonce itself is in none of the names."""
    sandbox = FakeSandbox()
    run_driver(
        sandbox, "print(1)", purpose="testing", setup_script="activate", patch=b"p", beside={"RAMP_TRACER": "trace"}
    )
    (command,) = sandbox.commands
    assert command.script.startswith("activate\n")
    assert command.patch == b"p"
    paths = [*command.files, command.results_path or ""]
    assert all(path.startswith("/tmp/ramp/") for path in paths)
    assert not any(command.environment["RAMP_NONCE"] in path for path in paths)
    assert command.files[command.environment["RAMP_TRACER"]] == b"trace"
    assert len({path.split("/")[-1][:16] for path in paths}) == 1


def test_drivers_are_read_as_text_and_are_old_python() -> None:
    """No f-strings and no annotations, which Python 3.5 cannot read."""
    for name in ("import_check", "reproduce"):
        text = driver_source(name)
        assert ' f"' not in text
        assert "->" not in text
