"""A laboratory: four small instances, two scripted models, a grader that looks for a word. Everything else is real."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestrator.clock import Clock, Faults
from orchestrator.errors import BenchmarkError
from orchestrator.launch.session import Plan, StopSwitch, resume_run, start_run
from orchestrator.ledger import Ledger
from orchestrator.localize.index import open_index
from orchestrator.machine import load_machine
from orchestrator.memory.recording import RecordingModel
from orchestrator.models import open_model
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Repository, SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.records import Evaluation, Sealed, Task
from orchestrator.repo.diff import PatchMaker
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.seed import commit_tree
from orchestrator.resources import installed_resource
from orchestrator.sandbox.scripted import ScriptedEngine
from orchestrator.settings import Settings
from orchestrator.steps import Tools
from orchestrator.steps.workbench import Observer

SOURCE = '''"""Shapes."""


def area(width, height):
    """The area of a rectangle."""
    return width + height


def perimeter(width, height):
    """The perimeter of a rectangle."""
    return 2 * (width + height)
'''
ISSUE = "area() adds instead of multiplying\n\nCalling `area(2, 5)` in shapes.py gives 7, I expected 10.\n"
RIGHT = "### shapes.py :: area\n```python\ndef area(width, height):\n    return width * height\n```\n"
WRONG = "### shapes.py :: area\n```python\ndef area(width, height):\n    return width - height\n```\n"
BROKEN = "### shapes.py :: area\n```python\ndef area(width, height):\n    return wdith * height\n```\n"
PROSE = "I think that the function should multiply."

SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "lab__first-1": (RIGHT,),
    "lab__second-1": (PROSE, BROKEN, RIGHT),
    "lab__third-1": (BROKEN, WRONG),
    "lab__fourth-1": (PROSE, PROSE, PROSE, PROSE),
}
"""What the primary model says to each instance, attempt by attempt; after that the second one says RIGHT to the third only."""

# Stages that look at text only, so that no sandbox is needed to walk the machine.
HOST_STAGES = ["applies", "scope", "parses", "lints"]


class LabBenchmark:
    """A Benchmark of one source file under four names."""

    name = "lab"
    sha256 = hashlib.sha256(SOURCE.encode()).hexdigest()
    revision = "lab"

    def __init__(self, instance_ids: tuple[str, ...] = tuple(SCRIPTS)) -> None:
        self._ids = instance_ids
        self.replace_source(SOURCE.encode())

    def replace_source(self, source: bytes) -> None:
        """Put another file in place of the lab's."""
        self._source = source
        repository = make_repository(source)
        self._base_commit = repository.base_commit
        repository.close()

    def instance_ids(self) -> tuple[str, ...]:
        """All ids."""
        return self._ids

    def task(self, instance_id: str) -> Task:
        """The Task of an instance."""
        if instance_id not in self._ids:
            raise BenchmarkError(f"the lab has no {instance_id}")
        return Task(instance_id, "lab", "lab/shapes", self._base_commit, ISSUE)

    def sealed(self, instance_id: str) -> Sealed:
        """What grades it; the lab's grader looks for a word."""
        return Sealed(instance_id, "gold", "test", ("t",), (), "", "", {})

    def repository(self, task: Task) -> Repository:
        """A repository of its own for each who asks."""
        return make_repository(self._source)


def make_repository(source: bytes) -> GitRepository:
    """The lab's one file, committed."""
    files = {"shapes.py": ("100644", source)}
    return commit_tree(files, "lab\n", "lab <lab@localhost>", "2026-01-01T00:00:00+00:00")


class WordGrader:
    """Resolved where the patch multiplies."""

    def __init__(self) -> None:
        self.graded: list[str] = []

    def grade(self, task: Task, sealed: Sealed, patch: bytes, *, model_name: str) -> Evaluation:
        """The verdict by a word."""
        self.graded.append(task.instance_id)
        return Evaluation(hashlib.sha256(patch).hexdigest(), b"+    return width * height" in patch, {"lab": True})


@dataclass
class Lab:
    """A run's surroundings in a folder. `make_tools` is what sessions take."""

    folder: Path
    faults: Faults = field(default_factory=Faults)
    changes: Mapping[str, Any] = field(default_factory=dict)
    scripts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: SCRIPTS)
    answer_run: Any = None
    delay_s: float = 0.0
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.machine = load_machine(installed_resource("states") / "machine.toml")
        self.prompts = PromptSet.load(installed_resource("prompts"), "default")
        self.benchmark = LabBenchmark(tuple(self.scripts))
        self.grader = WordGrader()
        self.run_folder = self.folder / "runs" / "lab"
        primary, second = self.write_scripts()
        ladder = [
            {"model": f"scripted:{primary}", "attempts": 4, "format": "function", "fallback_format": None},
            {"model": f"scripted:{second}", "attempts": 2, "format": "function"},
        ]
        base = {"phase": 1, "name": "lab", "size": 4, "benchmark": "lab", "ladder": ladder, "workers": 2}
        judge = {"stages": HOST_STAGES}
        self.settings = Settings.model_validate(
            {**base, "judge": judge, "localize": {"execution": False}, **self.changes}
        )

    def write_scripts(self) -> tuple[Path, Path]:
        """Write what the two models say."""
        primary, second = self.folder / "primary.jsonl", self.folder / "second.jsonl"
        primary.write_text("".join(self._lines()))
        second.write_text(json.dumps({"instance": "lab__third-1", "text": RIGHT}) + "\n")
        return primary, second

    def _lines(self) -> Iterator[str]:
        for instance_id, texts in self.scripts.items():
            for attempt, text in enumerate(texts, 1):
                line = {"instance": instance_id, "attempt": attempt, "text": text, "delay_s": self.delay_s}
                yield json.dumps(line) + "\n"

    def make_tools(self, ledger: Ledger, settings: Settings, switch: StopSwitch, observer: Observer) -> Tools:
        """The tools of a run in the lab."""
        models = [RecordingModel(open_model(r.model), r.model, ledger, self.clock.wall) for r in settings.ladder]
        return Tools(
            settings=settings,
            ledger=ledger,
            benchmark=self.benchmark,
            engine_for=lambda task: ScriptedEngine(self.answer_run or _no_sandbox),
            models=models,
            reviewer=None,
            prompts=self.prompts,
            index=open_index(self.folder / "index"),
            grader=self.grader,
            patches=PatchMaker(self.folder),
            secret=bytes.fromhex(ledger.meta()["secret"]),
            clock=self.clock,
            faults=self.faults,
            observer=observer,
            stop_reason=switch,
            is_overdue=switch.is_overdue,
        )

    def plan(self) -> Plan:
        """The plan of the lab's run."""
        ids = self.benchmark.instance_ids()
        return Plan(self.run_folder, self.settings, ids, self.machine, {"lab": True}, self.prompts.files)

    def start(self, observer: Observer | None = None) -> None:
        """Run from the beginning."""
        start_run(self.plan(), self.make_tools, observer, self.clock)

    def resume(self, retry: frozenset[str] = frozenset()) -> None:
        """Go on where the run stopped."""
        resume_run(self.run_folder, self.machine, self.make_tools, clock=self.clock, retry=retry)

    def results(self) -> dict[str, Any]:
        """The exported results."""
        found: dict[str, Any] = json.loads((self.run_folder / "phase_1_results.json").read_text())
        return found

    def states(self) -> dict[str, str]:
        """Each instance's state in the results."""
        return {row["instance_id"]: row["state"] for row in self.results()["results"]}


def _no_sandbox(command: SandboxCommand) -> SandboxResult:
    return SandboxResult(SandboxOutcome.INFRA, None, b"", detail="the lab has no sandbox")


def without_times(results: dict[str, Any]) -> dict[str, Any]:
    """Results without what a clock wrote."""
    summary = {key: value for key, value in results["summary"].items() if key != "avg_time"}
    rows = [{key: value for key, value in row.items() if key != "duration_seconds"} for row in results["results"]]
    return {**results, "timestamp": "", "summary": summary, "latency": {}, "ledger_steps": 0, "results": rows}
