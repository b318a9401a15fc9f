"""`ramp run` on Docker, killed with -9 in the middle of a container, and resumed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.docker.conftest import EngineFor, Toy
from tests.docker.field import Field, make_field, until

pytestmark = pytest.mark.docker


@pytest.fixture
def field(toy: Toy, engine_for: EngineFor, tmp_path: Path) -> Field:
    """The toy's row in a file, and a model that knows the repair."""
    engine = engine_for()
    return make_field(tmp_path, engine.settings.run_id, engine.api, dict(toy.benchmark.sealed("ramp__toy-1").row))


def killed_at(field: Field, purpose: str, then: Callable[[str], object] = str) -> None:
    """Run until a container of this purpose runs, do something to it, and kill the run with -9."""

    def running() -> Any:
        found = field.containers(purpose=purpose)
        return (found and found[0]["State"] == "running" and found[0]["Id"]) or process.poll() is not None

    with field.start() as process:
        found = until(running)
        assert isinstance(found, str), "the run ended before it could be killed"
        then(found)
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("purpose", ["baseline-1", "evaluate"])
def test_a_resumed_run_adopts_what_has_finished(field: Field, purpose: str) -> None:
    """The killed process's container ended by itself: its result is taken, nothing is run twice, nothing is left."""
    began = time.time()
    killed_at(field, purpose)
    until(lambda: field.containers(purpose=purpose)[0]["State"] == "exited")
    results = field.resume()
    assert results["summary"]["verified"] == 1
    assert field.created(began)[purpose] == 1
    assert not field.containers()


def test_a_resumed_run_removes_what_has_not_finished(field: Field) -> None:
    """Half a result is none: the container goes, its command is run again, and nothing is left."""
    began = time.time()
    # A container whose first process is stopped does not end.
    killed_at(field, "baseline-1", then=lambda container: field.api.kill(container, signal="SIGSTOP"))
    assert field.resume()["summary"]["verified"] == 1
    assert field.created(began)["baseline-1"] == 2
    assert not field.containers()
