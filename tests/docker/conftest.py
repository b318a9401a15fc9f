"""A real engine, a real image with a toy repository behind the official interface, and what is opened on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from orchestrator.benchmarks import RowsBenchmark
from orchestrator.benchmarks.rows import validate_rows
from orchestrator.errors import MissingPiece
from orchestrator.evaluate import EvaluateSettings, Evaluator
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.sandbox.docker import DockerEngine, DockerSandbox
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.docker.host_image import build_image
from tests.docker.toy import make_repository, make_row


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """docker-py and swebench's harness leave some sockets to the garbage collector, which reports them anywhere."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(
                pytest.mark.filterwarnings(
                    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
                )
            )


@dataclass(frozen=True)
class Toy:
    """The toy instance, ready to be run."""

    benchmark: RowsBenchmark
    image: str

    @property
    def task(self) -> Task:
        """Its task."""
        return self.benchmark.task("ramp__toy-1")


EngineFor = Callable[..., DockerEngine]
EvaluatorFor = Callable[..., Evaluator]


@pytest.fixture(scope="session")
def docker_is_here() -> None:
    """Skip, and say why, where no engine answers or it cannot enforce limits."""
    engine = DockerEngine()
    try:
        engine.check()
    except MissingPiece as missing:
        pytest.skip(f"needs a Docker engine: {missing}")
    engine.close()


@pytest.fixture
def engine_for(docker_is_here: None) -> Iterator[EngineFor]:
    """Engines with any settings; afterwards nothing of theirs may be left."""
    made: list[DockerEngine] = []

    def make(**settings: object) -> DockerEngine:
        defaults: dict[str, object] = {"run_id": f"test-{uuid4().hex}", "memory_mb": 512, "pids": 128}
        made.append(DockerEngine(DockerSettings(**(defaults | settings))))  # type: ignore[arg-type]
        return made[-1]

    yield make
    looking = DockerEngine()
    left = sum(looking.sweep(engine.settings.run_id) for engine in made)
    for engine in (*made, looking):
        engine.close()
    assert left == 0, "a container was left behind"


@pytest.fixture(scope="session")
def toy(docker_is_here: None, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """The toy instance, its image built once and kept by its content's hash."""
    return make_toy(tmp_path_factory.mktemp("toy"), with_future=False)


def make_toy(folder: Path, *, with_future: bool) -> Toy:
    """A toy in an image of its own."""
    base = make_repository(folder, with_future=with_future)
    engine = DockerEngine()
    image = build_image(engine.api, folder)
    engine.close()
    rows = validate_rows([make_row(base, image)], "the toy")
    return Toy(RowsBenchmark("toy", rows, lambda task: GitRepository(folder, task.base_commit)), image)


@pytest.fixture
def sandbox(engine_for: EngineFor, toy: Toy) -> DockerSandbox:
    """A sandbox of the toy with small limits."""
    return engine_for().open(toy.task)


@pytest.fixture
def evaluator_for(engine_for: EngineFor) -> EvaluatorFor:
    """Evaluators with any settings, each on an engine of its own."""

    def make(**settings: object) -> Evaluator:
        engine = engine_for()
        return Evaluator(engine.open, EvaluateSettings(**settings))  # type: ignore[arg-type]

    return make
