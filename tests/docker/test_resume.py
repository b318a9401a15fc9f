"""`ramp run` on Docker, killed with -9 in the middle of a container, and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docker.conftest import EngineFor, Toy

pytestmark = pytest.mark.docker

RIGHT = """### shapes/area.py
```python
<<<<<<< SEARCH
    return width + height
=======
    return width * height
>>>>>>> REPLACE
```
"""


@dataclass(frozen=True)
class Field:
    """A folder with a benchmark and a scripted model, and the engine that everything runs on."""

    folder: Path
    run_id: str
    api: Any

    def command(self, *arguments: str) -> list[str]:
        """The command line of `ramp`, with runs kept in the folder."""
        return [sys.executable, "-m", "orchestrator", *arguments, "-o", str(self.folder / "runs")]

    def environment(self) -> dict[str, str]:
        """Nothing of the user's cache."""
        return {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")}

    def start(self) -> subprocess.Popen[bytes]:
        """`ramp run` in a process of its own."""
        rung = f'model="scripted:{self.folder}/model.jsonl",attempts=2,format="search-replace"'
        arguments = ["run", "1", "-b", str(self.folder / "rows.jsonl"), "--run-id", self.run_id, "--json"]
        command = self.command(*arguments, "-c", f"ladder=[{{{rung}}}]", "-c", "localize.execution=false")
        return subprocess.Popen(command, env=self.environment(), stdout=subprocess.DEVNULL, cwd=self.folder)

    def resume(self) -> dict[str, Any]:
        """`ramp resume`: the results."""
        done = subprocess.run(
            self.command("resume", self.run_id, "--json"),
            env=self.environment(),
            capture_output=True,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        results: dict[str, Any] = json.loads(done.stdout)
        return results

    def containers(self, **labels: str) -> list[Any]:
        """The run's containers."""
        wanted = {"ramp.run": self.run_id, **{f"ramp.{key}": value for key, value in labels.items()}}
        found: list[Any] = self.api.containers(
            all=True, filters={"label": [f"{key}={value}" for key, value in wanted.items()]}
        )
        return found

    def created(self, since: float) -> Counter[str]:
        """How many containers were made for each purpose."""
        asked = {"since": int(since), "until": int(time.time()) + 1, "decode": True}
        events = self.api.events(**asked, filters={"event": "create", "label": f"ramp.run={self.run_id}"})
        return Counter(event["Actor"]["Attributes"]["ramp.purpose"] for event in events)


@pytest.fixture
def field(toy: Toy, engine_for: EngineFor, tmp_path: Path) -> Field:
    """The toy's row in a file, and a model that knows the repair."""
    row = dict(toy.benchmark.sealed("ramp__toy-1").row)
    row["problem_statement"] = "area() in shapes/area.py adds the sides instead of multiplying them."
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "model.jsonl").write_text(json.dumps({"text": RIGHT}) + "\n")
    engine = engine_for()
    return Field(tmp_path, engine.settings.run_id, engine.api)


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


def until(condition: Callable[[], Any], seconds: float = 90.0) -> Any:
    """What the condition says once it is true of anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if said := condition():
            return said
        time.sleep(0.02)
    raise AssertionError("waited in vain")


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
    killed_at(field, "baseline-1", then=field.api.pause)
    assert field.resume()["summary"]["verified"] == 1
    assert field.created(began)["baseline-1"] == 2
    assert not field.containers()
