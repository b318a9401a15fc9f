"""A benchmark of one instance and sandboxes that answer as a grading container would."""

from __future__ import annotations

import re
from collections.abc import Callable

from orchestrator.benchmarks import RowsBenchmark
from orchestrator.benchmarks.rows import validate_rows
from orchestrator.evaluate import EvaluateSettings, Evaluator
from orchestrator.protocols import Repository, SandboxCommand, SandboxOutcome, SandboxProfile, SandboxResult
from orchestrator.records import Task
from orchestrator.sandbox.scripted import ScriptedSandbox
from tests.unit.benchmarks.examples import row

ID = "psf__requests-1"
HIDDEN, OLD = "tests/test_parser.py::test_hidden_behaviour", "tests/test_parser.py::test_old"


def one_instance(**changes: object) -> RowsBenchmark:
    """The benchmark with the one instance."""
    return RowsBenchmark("one", validate_rows([row(**changes)], "here"), _no_repository)


def _no_repository(task: Task) -> Repository:
    raise AssertionError(f"nothing reads the repository of {task.instance_id}")


def log(*statuses: str, exit_code: int = 0, summary: str | None = None) -> str:
    """What a grading script prints where pytest reports these statuses."""
    passed = sum(line.startswith("PASSED") for line in statuses)
    lines = [
        "+ : '>>>>> Start Test Output'",
        "+ pytest -rA tests/test_parser.py",
        "============ short test summary info ============",
        *statuses,
        f"============ {passed} passed in 0.02s ============" if summary is None else summary,
        f"+ SWEBENCH_TEST_EXIT_CODE={exit_code}",
        "+ : '>>>>> End Test Output'",
        f"+ echo '>>>>> Test Exit Code: {exit_code}'",
        f">>>>> Test Exit Code: {exit_code}",
    ]
    return "\n".join(lines) + "\n"


RESOLVED = log(f"PASSED {HIDDEN}", f"PASSED {OLD}")
UNRESOLVED = log(f"FAILED {HIDDEN} - assert 1 == 2", f"PASSED {OLD}", exit_code=1)


def prints(
    text: str, *, ladder: str = "", applied: bool = True, outcome: SandboxOutcome = SandboxOutcome.EXITED
) -> Answer:
    """A sandbox that runs the ladder and then prints `text`."""

    def answer(command: SandboxCommand) -> SandboxResult:
        found = re.search(r"([0-9a-f]{32}) applied", command.script)
        assert found is not None
        middle = f"\n{found.group(1)} {'applied' if applied else 'not-applied'}\n"
        return SandboxResult(
            outcome, 0, f"{ladder}{middle}{text if applied else ''}".encode(), duration_s=1.0, detail="told"
        )

    return answer


Answer = Callable[[SandboxCommand], SandboxResult]


def evaluator(answer: Answer, *, network: bool = False, **settings: object) -> tuple[Evaluator, ScriptedSandbox]:
    """An evaluator, and the sandbox that keeps what it was asked."""
    profile = SandboxProfile("scripted", image_digest="sha256:1", network=network, limits={"memory": "4096 MB"})
    sandbox = ScriptedSandbox(answer, profile)
    return Evaluator(lambda _task: sandbox, EvaluateSettings(**settings)), sandbox  # type: ignore[arg-type]
