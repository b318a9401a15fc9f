"""What the steps of one instance work with: opened once, when first needed, and closed with the instance."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from orchestrator.clock import Clock, Faults
from orchestrator.journey import Journey, Transition
from orchestrator.judge import Case, JudgeSettings
from orchestrator.ledger import Ledger
from orchestrator.memory.recording import TESTS_REACHING, CountingModel, RecordingSandbox, RecordingTree
from orchestrator.memory.recording_tests import RecordingKnownTests
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Benchmark, Model, Repository, SandboxEngine, Tree
from orchestrator.records import Evaluation, Location, Patch, Sealed, Task
from orchestrator.repo.diff import PatchMaker
from orchestrator.sandbox.known_tests import KnownTests
from orchestrator.sandbox.testrun import run_tests
from orchestrator.settings import Rung, Settings

if TYPE_CHECKING:
    # Localization needs numpy; a replay does without both.
    from orchestrator.localize.corpus import RepositoryIndex
    from orchestrator.localize.index import Index

T = TypeVar("T")
R = TypeVar("R")


class Grader(Protocol):
    """Grades a frozen patch: the only tool that is handed a Sealed."""

    def grade(self, task: Task, sealed: Sealed, patch: bytes, *, model_name: str) -> Evaluation:
        """The official verdict on `patch`."""


class Observer(Protocol):
    """Watches a run: the live display, the event log."""

    def moved(self, journey: Journey, transition: Transition) -> None:
        """An instance took a step; it is committed already."""


class Silent:
    """An observer that looks away."""

    def moved(self, journey: Journey, transition: Transition) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Tools:
    """What all instances of a run share; built once, at the top (`assembly.py`)."""

    settings: Settings
    ledger: Ledger
    benchmark: Benchmark
    engine_for: Callable[[Task], SandboxEngine]
    models: Sequence[Model]
    reviewer: Model | None
    prompts: PromptSet
    index: Index
    grader: Grader
    patches: PatchMaker
    secret: bytes
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    observer: Observer = field(default_factory=Silent)
    stop_reason: Callable[[], str] = str
    is_overdue: Callable[[], bool] = bool
    close: Callable[[], object] = bool
    known_tests_folder: Path | None = None


class Workbench:
    """One instance's tools. A resumed instance opens again what it needs, when it needs it.

    A replay gives `tree` and `sandbox`, which then are never opened.
    """

    def __init__(
        self, tools: Tools, journey: Journey, *, tree: Tree | None = None, sandbox: RecordingSandbox | None = None
    ) -> None:
        self._tools = tools
        self._task = journey.task
        self._instance_id = journey.instance_id
        self._repository: Repository | None = None
        self._tree = tree
        self._code_index: RepositoryIndex | None = None
        self._sandbox = sandbox
        self._counters: dict[str, CountingModel] = {}
        self._memo: dict[str, Any] = {}
        self._memo_lock = threading.RLock()
        self._seq = 0
        self.settings = tools.settings
        self.benchmark = tools.benchmark
        self.prompts = tools.prompts
        self.patches = tools.patches
        self.clock = tools.clock
        self.faults = tools.faults
        self.observer = tools.observer
        self.stop_reason = tools.stop_reason

    # --- opened when first needed -----------------------------------------------------------------------

    def open_repository(self, task: Task) -> None:
        """Open the repository at base_commit. Raises RepositoryError or MissingPiece."""
        self._task = task
        self._repository = self._tools.benchmark.repository(task)

    def open_sandbox(self, task: Task) -> None:
        """Open the task's environment. Raises SandboxError or MissingPiece."""
        self._task = task
        opened = self._tools.engine_for(task).open(task, self.repository)
        self._sandbox = RecordingSandbox(
            opened, self._instance_id, self._tools.ledger, self._tools.secret, self.clock.wall
        )
        self._sandbox.enter_step(self._seq)

    @property
    def repository(self) -> Repository:
        """The repository at base_commit."""
        if self._repository is None:
            self.open_repository(self._the_task)
        assert self._repository is not None, "open_repository opens it or raises"
        return self._repository

    @property
    def tree(self) -> Tree:
        """The repository's files; what is read here is kept in the ledger, so that a replay needs no repository."""
        if self._tree is None:
            self._tree = RecordingTree(self.repository, self._instance_id, self._tools.ledger, self.clock.wall)
        return self._tree

    @property
    def code_index(self) -> RepositoryIndex:
        """The index of the repository at base_commit."""
        if self._code_index is None:
            self._code_index = self._tools.index.load(self.repository)
        return self._code_index

    @property
    def sandbox(self) -> RecordingSandbox:
        """The task's environment."""
        if self._sandbox is None:
            self.open_sandbox(self._the_task)
        assert self._sandbox is not None, "open_sandbox opens it or raises"
        return self._sandbox

    @property
    def _the_task(self) -> Task:
        assert self._task is not None, "a state before LOADING has no task"
        return self._task

    # --- what steps ask for -----------------------------------------------------------------------------

    def enter_step(self, seq: int) -> None:
        """Begin a step: what is run in a sandbox from now on is known by its number."""
        self._seq = seq
        self._counters.clear()
        if self._sandbox is not None:
            self._sandbox.enter_step(seq)

    def rung(self, number: int) -> Rung:
        """A rung of the ladder, from 0."""
        return self.settings.ladder[number]

    def model(self, rung: int) -> Model:
        """The model of a rung, as the step in hand sees it."""
        return self._counting(self._tools.models[rung])

    def _counting(self, model: Model) -> Model:
        if model.name not in self._counters:
            self._counters[model.name] = CountingModel(
                model, self._instance_id, self._seq, self._tools.ledger, self.clock.wall
            )
        return self._counters[model.name]

    def judges(self, stage: str) -> bool:
        """Whether this run's judge uses the stage. Edits must apply in any case."""
        stages = self.settings.judge.stages
        return stage == "applies" or stages == "all" or (stages != "none" and stage in stages)

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> tuple[R, ...]:
        """`function` of each item, a few at a time, in order."""
        listed = list(items)
        if len(listed) < 2 or self.settings.sandbox.pool < 2:
            return tuple(function(item) for item in listed)
        with ThreadPoolExecutor(self.settings.sandbox.pool, thread_name_prefix=self._instance_id) as pool:
            return tuple(pool.map(function, listed))

    def case(self, journey: Journey) -> Case:
        """The instance before the judge."""
        settings = self.settings.judge
        return Case(
            task=journey.the_task,
            tree=self.tree,
            sandbox=self.sandbox,
            run_tests=run_tests,
            reproduction=journey.reproduction,
            baseline=journey.baseline,
            reviewer=self._tools.reviewer and self._counting(self._tools.reviewer),
            prompts=self.prompts,
            tests_reaching=self._tests_reaching,
            known_tests=self.known_tests,
            settings=JudgeSettings(
                max_files=settings.max_files,
                max_changed_lines=settings.max_changed_lines,
                regression_budget_s=settings.regression_budget_s,
                disclosed_timeout_s=self.settings.sandbox.timeout_s,
                review_veto=settings.veto,
                waivers=frozenset(settings.waivers),
            ),
            memo=self._memo,
            memo_lock=self._memo_lock,
        )

    def _tests_reaching(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Test files that reach the files of an edit; kept in the ledger, so that a replay needs no index."""
        key = f"{self._instance_id}/" + "\0".join(sorted(paths)).encode("utf-8", "surrogateescape").hex()
        recorded: tuple[str, ...] | None = self._tools.ledger.recall(TESTS_REACHING, key, tuple[str, ...])
        if recorded is not None:
            return recorded
        locations = [Location(path) for path in paths]
        budget_s = self.settings.judge.regression_budget_s
        from orchestrator.localize.tests import tests_reaching

        found = tests_reaching(self.code_index, locations, budget_s, self.known_seconds())
        self._tools.ledger.remember(TESTS_REACHING, key, self._instance_id, found, self.clock.wall(), wait=False)
        return found

    @property
    def known_tests(self) -> RecordingKnownTests:
        """How test files fared at base_commit in earlier runs of the same image; kept in the ledger for a replay."""
        return RecordingKnownTests(
            self._known_of_image,
            f"{self._instance_id}/{self._seq}",
            self._instance_id,
            self._tools.ledger,
            self.clock.wall,
        )

    def known_seconds(self) -> Mapping[str, float]:
        """How long test files took in earlier runs, by path."""
        return self._known_of_image.seconds() if self._known_of_image else {}

    @cached_property
    def _known_of_image(self) -> KnownTests | None:
        folder = self._tools.known_tests_folder
        return None if folder is None else KnownTests(folder, self._the_task, self.sandbox.profile.image_digest)

    def grade(self, task: Task, patch: Patch) -> Evaluation:
        """The official verdict on a frozen patch."""
        sealed = self.benchmark.sealed(task.instance_id)
        return self._tools.grader.grade(task, sealed, patch.diff, model_name=patch.model)

    def close(self) -> None:
        """Let go of what was opened."""
        for opened in (self._repository, self._sandbox):
            close = getattr(opened, "close", None)
            if close is not None:
                close()

    def facts(self) -> Mapping[str, str]:
        """Stamps of what this instance ran in."""
        profile = self.sandbox.profile
        return {"sandbox": profile.kind, "image_digest": profile.image_digest}
