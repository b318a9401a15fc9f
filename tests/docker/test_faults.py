"""What breaks around a Docker sandbox: the engine, ourselves, and the images."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from orchestrator.errors import MissingPiece, RepositoryError, SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome
from orchestrator.sandbox.docker_images import missing_images, pull_images, require_images
from orchestrator.sandbox.docker_repository import image_repository
from tests.docker.conftest import EngineFor, Toy
from tests.docker.proxy import EngineProxy

pytestmark = pytest.mark.docker

_CHILD = """
import sys
from orchestrator.protocols import SandboxCommand
from orchestrator.records import Task
from orchestrator.sandbox.docker import DockerEngine
from orchestrator.sandbox.docker_settings import DockerSettings

image, run_id, script = sys.argv[1:]
engine = DockerEngine(DockerSettings(run_id=run_id, memory_mb=512, pids=128))
task = Task("ramp__toy-1", "toy", "ramp/toy", "0" * 40, "", image=image)
print("go", flush=True)
engine.open(task).run(SandboxCommand(script, timeout_s=60))
"""


def killed_run(toy: Toy, run_id: str, script: str) -> None:
    """Another process of ours starts a command and is killed with -9 once its container runs."""
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, toy.image, run_id, script], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(4)
        os.kill(child.pid, signal.SIGKILL)


def test_a_finished_container_of_a_killed_run_is_adopted(engine_for: EngineFor, toy: Toy) -> None:
    """The same command finds its result, with output, exit code and all, and does not run again."""
    run_id = f"killed-{uuid4().hex}"
    script = "date +%N; sleep 6; exit 5"
    killed_run(toy, run_id, script)
    time.sleep(6)
    engine = engine_for(run_id=run_id)
    assert engine.adopt(run_id) == 1
    started = time.monotonic()
    first = engine.open(toy.task).run(SandboxCommand(script, timeout_s=60))
    assert time.monotonic() - started < 5
    assert (first.outcome, first.exit_code) == (SandboxOutcome.EXITED, 5)
    assert first.duration_s > 5
    second = engine.open(toy.task).run(SandboxCommand(script, timeout_s=60))
    assert second.output != first.output


def test_a_running_container_of_a_killed_run_is_removed(engine_for: EngineFor, toy: Toy) -> None:
    """Half a result is none: it is removed, and the sweep finds nothing more."""
    run_id = f"killed-{uuid4().hex}"
    killed_run(toy, run_id, "sleep 50")
    engine = engine_for(run_id=run_id)
    assert engine.adopt(run_id) == 0
    assert engine.sweep(run_id) == 0


def test_a_sweep_leaves_other_runs_alone(engine_for: EngineFor, toy: Toy) -> None:
    """Only containers with the run's own label go."""
    mine, other = engine_for(), engine_for()
    results = []
    command = SandboxCommand("sleep 4; echo whole", timeout_s=50)
    thread = threading.Thread(target=lambda: results.append(other.open(toy.task).run(command)))
    thread.start()
    time.sleep(2)
    assert mine.sweep(mine.settings.run_id) == 0
    thread.join()
    assert results[0].output == b"whole\n"


def test_an_engine_that_goes_away_is_a_sandbox_error(engine_for: EngineFor, toy: Toy, tmp_path: Path) -> None:
    """In the middle of a command: an error of the environment at once, not a result and not a hang."""
    run_id = f"cut-{uuid4().hex}"
    with EngineProxy(tmp_path / "engine.sock") as proxy:
        engine = engine_for(docker_host=proxy.address, run_id=run_id)
        sandbox = engine.open(toy.task)
        timer = threading.Timer(3.0, proxy.go_away)
        timer.start()
        started = time.monotonic()
        with pytest.raises(SandboxError, match="went away"):
            sandbox.run(SandboxCommand("echo half; sleep 60", timeout_s=50))
        assert time.monotonic() - started < 30
        with pytest.raises(SandboxError, match="went away"):
            sandbox.run(SandboxCommand("true"))
        engine.close()
        with pytest.raises(MissingPiece, match="no Docker engine answers"):
            engine.check()
    later = engine_for(run_id=run_id)
    assert later.sweep(run_id) == 1


def test_no_engine_and_no_permission_are_missing_pieces(engine_for: EngineFor, tmp_path: Path) -> None:
    """Each with its own remedy."""
    with pytest.raises(MissingPiece, match="systemctl start docker"):
        engine_for(docker_host=f"unix://{tmp_path}/nothing.sock").check()


def test_missing_images_are_one_list(engine_for: EngineFor, toy: Toy) -> None:
    """All that is missing at once, with the lines that fetch it; what is here is not in it."""
    api = engine_for().api
    names = [toy.image, "ramp-test/a:1", "ramp-test/b", "ramp-test/a:1"]
    assert missing_images(api, names) == ("ramp-test/a:1", "ramp-test/b")
    with pytest.raises(MissingPiece, match=r"2 images are not here") as caught:
        require_images(api, names)
    assert "docker pull ramp-test/b" in str(caught.value)


@pytest.mark.slow
def test_a_pull_that_fails_names_every_image(engine_for: EngineFor, toy: Toy) -> None:
    """Progress is told for each, and the rest is tried after a failure."""
    told: list[str] = []
    names = [toy.image, "localhost:1/ramp-test/a:1", "localhost:1/ramp-test/b:1"]
    with pytest.raises(MissingPiece, match="2 of 2 images") as caught:
        pull_images(
            engine_for().api, names, lambda progress: told.append(f"{progress.image} {progress.done}/{progress.total}")
        )
    assert "a:1" in str(caught.value)
    assert "b:1" in str(caught.value)
    assert told[-1] == "localhost:1/ramp-test/b:1 2/2"


def test_an_image_gives_its_repository(engine_for: EngineFor, toy: Toy, tmp_path: Path) -> None:
    """The git objects are copied out once; the tree is that of base_commit; nothing else of .git comes along."""
    api = engine_for().api
    repository = image_repository(api, toy.task, tmp_path)
    assert repository.entries().keys() == {"setup.py", "shapes/__init__.py", "shapes/area.py", "tests/test_area.py"}
    assert repository.read("shapes/area.py") == b"def area(width, height):\n    return width + height\n"
    (copied,) = tmp_path.iterdir()
    assert not any(path.name in {"index", "COMMIT_EDITMSG", "logs", "hooks"} for path in copied.rglob("*"))
    before = copied.stat().st_mtime_ns
    image_repository(api, toy.task, tmp_path)
    assert copied.stat().st_mtime_ns == before


def test_an_image_without_the_commit_is_a_repository_error(engine_for: EngineFor, toy: Toy, tmp_path: Path) -> None:
    """An image of another instance is not taken for this one."""
    with pytest.raises(RepositoryError):
        image_repository(engine_for().api, replace(toy.task, base_commit="b" * 40), tmp_path)
