"""`ramp` in processes of its own, on the toy's image, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

    def start(self, *more: str, run_id: str = "") -> subprocess.Popen[bytes]:
        """`ramp run` in a process of its own."""
        rung = f'model="scripted:{self.folder}/model.jsonl",attempts=2,format="search-replace"'
        arguments = ["run", "1", "-b", str(self.folder / "rows.jsonl"), "--run-id", run_id or self.run_id, "--json"]
        command = self.command(*arguments, "-c", f"ladder=[{{{rung}}}]", "-c", "localize.execution=false", *more)
        return subprocess.Popen(command, env=self.environment(), stdout=subprocess.DEVNULL, cwd=self.folder)

    def run(self, *more: str, run_id: str = "") -> dict[str, Any]:
        """`ramp run` to its end: the results."""
        with self.start(*more, run_id=run_id) as process:
            assert process.wait() == 0
        return self.results(run_id or self.run_id)

    def results(self, run_id: str) -> dict[str, Any]:
        """The exported results of a run."""
        found: dict[str, Any] = json.loads((self.folder / "runs" / run_id / "phase_1_results.json").read_bytes())
        return found

    def call(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Any command, to its end."""
        command = self.command(*arguments)
        return subprocess.run(command, env=self.environment(), capture_output=True, cwd=self.folder, check=False)

    def resume(self) -> dict[str, Any]:
        """`ramp resume`: the results."""
        done = self.call("resume", self.run_id, "--json")
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


def make_field(folder: Path, run_id: str, api: Any, row: dict[str, Any]) -> Field:
    """A folder with this row as the benchmark, and a model that knows the repair."""
    row = {**row, "problem_statement": "area() in shapes/area.py adds the sides instead of multiplying them."}
    (folder / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (folder / "model.jsonl").write_text(json.dumps({"text": RIGHT}) + "\n")
    return Field(folder, run_id, api)


def until(condition: Callable[[], Any], seconds: float = 300.0) -> Any:
    """What the condition says once it is true of anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if said := condition():
            return said
        time.sleep(0.02)
    raise AssertionError("waited in vain")
