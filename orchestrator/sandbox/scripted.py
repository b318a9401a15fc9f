"""A sandbox that answers from a function: for tests of everything above sandboxes."""

from __future__ import annotations

from collections.abc import Callable

from orchestrator.protocols import Repository, SandboxCommand, SandboxProfile, SandboxResult
from orchestrator.records import Task

Answer = Callable[[SandboxCommand], SandboxResult]


class ScriptedSandbox:
    """Implements Sandbox; `commands` keeps what was asked, in order."""

    def __init__(self, answer: Answer, profile: SandboxProfile | None = None) -> None:
        self._answer = answer
        self._profile = profile or SandboxProfile("scripted")
        self.commands: list[SandboxCommand] = []

    @property
    def profile(self) -> SandboxProfile:
        """The profile it was given."""
        return self._profile

    def run(self, command: SandboxCommand) -> SandboxResult:
        """What the function answers."""
        self.commands.append(command)
        return self._answer(command)


class ScriptedEngine:
    """Implements SandboxEngine; every task gets a ScriptedSandbox with the same function."""

    def __init__(self, answer: Answer, profile: SandboxProfile | None = None) -> None:
        self._answer = answer
        self._profile = profile
        self.opened: dict[str, ScriptedSandbox] = {}

    def check(self) -> None:
        """Always usable."""

    def open(self, task: Task, repository: Repository) -> ScriptedSandbox:  # noqa: ARG002
        """A sandbox for the task, kept in `opened` by instance id."""
        self.opened[task.instance_id] = ScriptedSandbox(self._answer, self._profile)
        return self.opened[task.instance_id]

    def sweep(self, run_id: str) -> int:  # noqa: ARG002
        """Nothing is ever left behind."""
        return 0
