"""The composition root: from settings to the tools of a run. The environment is read here, and nowhere deeper."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from orchestrator.benchmarks import BenchmarkOptions, RowsBenchmark, open_benchmark
from orchestrator.benchmarks.rowset import FindRepository, mirrors_of
from orchestrator.evaluate.evaluator import Evaluator
from orchestrator.evaluate.settings import EvaluateSettings as GradingSettings
from orchestrator.launch.gateways import CallLog, Gateways
from orchestrator.launch.session import StopSwitch, faults_from
from orchestrator.ledger import Ledger
from orchestrator.localize.index import open_index
from orchestrator.memory.recording import RecordingModel
from orchestrator.models import Gateway
from orchestrator.prompts import PromptSet
from orchestrator.protocols import Repository, Sandbox, SandboxEngine
from orchestrator.records import Task
from orchestrator.repo.diff import PatchMaker
from orchestrator.sandbox.bubblewrap import BubblewrapEngine
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_images import (
    PullProgress,
    pull_images,
    require_disk,
    require_images,
)
from orchestrator.sandbox.docker_prepared import runs_before_preparing
from orchestrator.sandbox.docker_repository import image_repository
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.sandbox.limits import Limits
from orchestrator.sandbox.unsafe_local import UnsafeLocalEngine
from orchestrator.scratch import sweep_scratch
from orchestrator.settings import Settings, parse_override, settings_from
from orchestrator.steps import Tools
from orchestrator.steps.workbench import Observer

GRADING = "grading-"
"""What the run ids of gradings without a run begin with."""
_MIB = 1024 * 1024


class Wiring:
    """The pieces of one run, each opened when first asked for. `tell` hears of the progress of what is pulled, in words."""

    def __init__(
        self,
        settings: Settings,
        run_id: str,
        output: Path,
        *,
        pull: bool = False,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._run_id = run_id
        self._output = output
        self._pull = pull
        self._tell = tell
        self.patches_per_instance = 1.0  # what grading may expect
        self._engines: dict[str, SandboxEngine] = {}
        self._call_log = CallLog()

    @cached_property
    def benchmark(self) -> RowsBenchmark:
        """The benchmark, its rows validated."""
        return open_the_benchmark(self._settings, self._repository_in_image)

    @cached_property
    def _gateways(self) -> Gateways:
        return Gateways(
            self._settings,
            os.environ,
            cache_folder() / "replies",
            self._output / ".spend.db",
            run_id=self._run_id,
            on_call=self._call_log,
            tell=self._tell,
            pull=self._pull,
        )

    @property
    def models(self) -> tuple[Gateway, ...]:
        """One gateway per rung, from weak to strong; opened, not yet called."""
        return self._gateways.ladder

    @property
    def reviewer(self) -> Gateway | None:
        """The reviewing model, if the phase names one."""
        return self._gateways.reviewer

    def checks(self, tasks: Sequence[Task]) -> Sequence[Callable[[], object]]:
        """What has to be there before anything starts: models, engines, images."""
        models = [model.identify for model in (*self.models, *filter(None, [self.reviewer]))]
        return [*models, *self.engine_checks(tasks)]

    def engine_checks(self, tasks: Sequence[Task]) -> Sequence[Callable[[], object]]:
        """What has to be there to run and grade `tasks`: engines and images."""
        kinds = dict.fromkeys(self._kind_for(task) for task in tasks)
        images = sorted({task.image for task in tasks if task.image and self._kind_for(task) == "docker"})
        return [partial(self._check_engine, kind, tuple(images)) for kind in kinds]

    def stamps(self) -> Mapping[str, str]:
        """What results must say of how they came about."""
        return {"isolation": self._settings.sandbox.kind, "dataset_revision": self.benchmark.revision}

    def tools(self, ledger: Ledger, settings: Settings, switch: StopSwitch, observer: Observer) -> Tools:
        """Everything that the steps work with, each call and run remembered in `ledger`."""
        meta = ledger.meta()
        self._call_log.ledger = ledger
        clock = switch.clock
        models = [
            RecordingModel(model, rung.model, ledger, clock.wall)
            for model, rung in zip(self.models, settings.ladder, strict=True)
        ]
        reviewer = self.reviewer and RecordingModel(self.reviewer, settings.judge.reviewer, ledger, clock.wall)
        return Tools(
            settings=settings,
            ledger=ledger,
            benchmark=self.benchmark,
            engine_for=self.engine_for,
            models=models,
            reviewer=reviewer,
            prompts=PromptSet(settings.prompt_set, dict(meta["prompt_files"])),
            index=open_index(cache_folder() / "index"),
            grader=self._evaluator(bytes.fromhex(meta["secret"])),
            patches=PatchMaker(),
            secret=bytes.fromhex(meta["secret"]),
            clock=clock,
            faults=faults_from(os.environ),
            observer=observer,
            stop_reason=switch,
            is_overdue=switch.is_overdue,
            close=self.close,
            known_tests_folder=cache_folder() / "tests",
        )

    def sweep(self) -> None:
        """Clear up after killed processes, once the engines were checked.

        Of this run, finished containers are kept for their results, all else goes; of processes that are gone, their
        temporary folders, and the containers of gradings, which nobody resumes.
        """
        sweep_scratch()
        for kind in [kind for kind in self._engines if not kind.startswith(GRADING)]:
            self._grading_engine(kind)
        for engine in self._engines.values():
            if isinstance(engine, DockerEngine):
                engine.adopt(self._run_id)
                engine.sweep_dead(GRADING)
            else:
                engine.sweep(self._run_id)

    def close(self) -> None:
        """Stop what still runs in sandboxes and let go of the engines."""
        for engine in self._engines.values():
            if isinstance(engine, DockerEngine):
                engine.stop()
                engine.close()

    def _repository_in_image(self, task: Task) -> Repository:
        """The last source of a repository: the image's own."""
        engine = self.engine("docker")
        assert isinstance(engine, DockerEngine), "the engine of this kind is Docker's"
        return image_repository(engine.api, task, cache_folder() / "images")

    # --- sandboxes --------------------------------------------------------------------------------------

    def engine_for(self, task: Task) -> SandboxEngine:
        """The engine that a task's sandbox comes from."""
        return self.engine(self._kind_for(task))

    def engine(self, kind: str) -> SandboxEngine:
        """The engine of a kind; one for the whole run."""
        if kind not in self._engines:
            self._engines[kind] = self._make_engine(kind)
        return self._engines[kind]

    def _kind_for(self, task: Task) -> str:
        kind = self._settings.sandbox.kind
        return kind if kind != "auto" else ("docker" if task.image else "bubblewrap")

    def _make_engine(
        self,
        kind: str,
        *,
        memory_mb: int | None = None,
        network: str = "none",
        capabilities: tuple[str, ...] = (),
        prepare_after: int = 1,
    ) -> SandboxEngine:
        """An engine; for `prepare_after` see DockerEngine."""
        s = self._settings.sandbox
        memory_mb = memory_mb or s.memory_mb
        limits = Limits(memory_bytes=memory_mb * _MIB, processes=s.pids)
        if kind == "docker":
            return DockerEngine(
                DockerSettings(
                    run_id=self._run_id,
                    docker_host=s.docker_host or "",
                    memory_mb=memory_mb,
                    cpus=s.cpus,
                    pids=s.pids,
                    network=network,
                    capabilities=capabilities,
                ),
                prepare_after=prepare_after,
            )
        return UnsafeLocalEngine() if kind == "unsafe-local" else BubblewrapEngine(limits, self._run_id)

    def _check_engine(self, kind: str, images: tuple[str, ...]) -> None:
        engine = self.engine(kind)
        engine.check()
        if not isinstance(engine, DockerEngine) or not images:
            return
        if self._pull:
            pull_images(engine.api, images, self._tell_of_image)
        require_images(engine.api, images)
        require_disk(engine.api, 0)

    def _tell_of_image(self, progress: PullProgress) -> None:
        self._tell(f"pulling {progress.image} ({progress.done} of {progress.total} done): {progress.detail}")

    def grading_sandbox(self, task: Task) -> Sandbox:
        """Grading has its own engine: a fresh environment, with what isolation the settings give to grading."""
        engine = self._grading_engine(self._kind_for(task))
        # An image has its repository: none need be opened, or even be here.
        return (
            engine.open(task)
            if isinstance(engine, DockerEngine)
            else engine.open(task, self.benchmark.repository(task))
        )

    def _grading_engine(self, kind: str) -> SandboxEngine:
        e = self._settings.evaluate
        key = f"{GRADING}{kind}"
        if key not in self._engines:
            self._engines[key] = self._make_engine(
                kind,
                memory_mb=e.memory_mb,
                network=e.network,
                capabilities=e.capabilities,
                prepare_after=runs_before_preparing(self.patches_per_instance) if e.lean else 0,
            )
        return self._engines[key]

    @property
    def evaluator(self) -> Evaluator:
        """What grades, as the settings say."""
        return self._evaluator(b"")

    def _evaluator(self, secret: bytes) -> Evaluator:
        e = self._settings.evaluate
        settings = GradingSettings(timeout_s=e.timeout_s, lean=e.lean, repeat=e.repeat - 1)
        return Evaluator(self.grading_sandbox, settings, secret)


def open_the_benchmark(settings: Settings, from_image: FindRepository | None = None) -> RowsBenchmark:
    """The benchmark that the settings name, with the mirrors of settings and RAMP_MIRRORS; images are the last source."""
    mirrors = (*map(Path, settings.mirrors), *mirrors_of(os.environ.get("RAMP_MIRRORS", "")))
    options = BenchmarkOptions(
        disclosure=settings.disclosure, mirrors=mirrors, cache_dir=cache_folder(), image_repository=from_image
    )
    return open_benchmark(settings.benchmark, options)


def grading_wiring(
    benchmark: str,
    *,
    lean: bool,
    repeat: int,
    overrides: Sequence[str] = (),
    pull: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Wiring:
    """The pieces that grading needs, without a phase: no model is opened."""
    rung = {"model": "mutation", "attempts": 1}
    base = {"phase": 1, "name": "grading", "size": 1, "benchmark": benchmark, "ladder": [rung]}
    layers = [("the command line", {"evaluate": {"lean": lean, "repeat": repeat}})]
    layers += [(f"-c {text}", parse_override(text)) for text in overrides]
    settings = settings_from(base, "grading", layers)
    return Wiring(settings, f"{GRADING}{os.getpid()}", Path("runs"), pull=pull, tell=tell)


def open_benchmark_by_name(name: str) -> RowsBenchmark:
    """A benchmark by its name or path, with the mirrors of RAMP_MIRRORS."""
    mirrors = mirrors_of(os.environ.get("RAMP_MIRRORS", ""))
    return open_benchmark(name, BenchmarkOptions(mirrors=mirrors, cache_dir=cache_folder()))


def cache_folder() -> Path:
    """What runs share and may be deleted at any time: indexes, replies, clones."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "swe-ramp"
