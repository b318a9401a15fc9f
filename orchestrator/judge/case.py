"""What a judge stage may see of an instance beside the candidate, and the settings that bound it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestrator.judge.baseline import Known, NothingKnown
from orchestrator.protocols import Model, Sandbox, Tree
from orchestrator.records import Baseline, Reproduction, Task, TestRun
from orchestrator.sandbox.testrun import run_disclosed_tests


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """Limits of the judge. A candidate is measured by what it changes, never by the size of the file it changes.

    `waivers` names rules (`scope.runs_programs`, ...) that a phase switches off; a waived rule is not looked for at all.
    """

    max_files: int = 10
    max_changed_lines: int = 600
    max_added_bytes: int = 100_000
    lint: bool = True
    imports_timeout_s: float = 60.0
    reproduction_timeout_s: float = 60.0
    regression_budget_s: float = 300.0
    regression_idle_s: float | None = None
    disclosed_timeout_s: float = 600.0
    review_veto: bool = False
    waivers: frozenset[str] = frozenset()


class RunTests(Protocol):
    """Runs test files in a fresh working copy and reports each test: the signature of `sandbox.testrun.run_tests`."""

    def __call__(
        self,
        sandbox: Sandbox,
        task: Task,
        test_files: Sequence[str],
        *,
        patch: bytes = b"",
        timeout_s: float,
        file_limits: Mapping[str, float] | None = None,
        idle_timeout_s: float | None = None,
        purpose: str = "tests",
    ) -> TestRun:
        """Run `test_files` with `patch` applied to the tree at base_commit."""


class RunDisclosed(Protocol):
    """Runs the tests that a task discloses: the signature of `sandbox.testrun.run_disclosed_tests`."""

    def __call__(
        self, sandbox: Sandbox, task: Task, *, patch: bytes = b"", timeout_s: float, purpose: str = "disclosed tests"
    ) -> TestRun:
        """Run them with `patch` applied to the tree at base_commit."""


@dataclass(frozen=True, slots=True)
class Case:
    """One instance before the judge. Nothing in it comes from the graded tests.

    `tests_reaching` maps touched paths to test files that exist at base_commit; `known_tests` remembers how such files fared
    there in earlier runs. `memo` is the caller's: what was found
    out about the unpatched tree (does a module import, how do further tests fare) is kept there and found again for the
    next candidate, under `memo_lock`, as candidates may be judged in several threads. `prompts` is the prompt set that
    the reviewer's request is rendered from.
    """

    task: Task
    tree: Tree
    sandbox: Sandbox
    run_tests: RunTests
    run_disclosed: RunDisclosed = run_disclosed_tests
    known_tests: Known = field(default_factory=NothingKnown)
    reproduction: Reproduction | None = None
    baseline: Baseline | None = None
    reviewer: Model | None = None
    prompts: Any = None
    tests_reaching: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None
    settings: JudgeSettings = JudgeSettings()
    memo: MutableMapping[str, Any] = field(default_factory=dict)
    memo_lock: AbstractContextManager[Any] = field(default_factory=threading.RLock, compare=False)
