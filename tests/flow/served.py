"""The lab with a ladder of real adapters: a strict Ollama below, a strict Messages API above, both in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from orchestrator.clock import SkippingClock
from orchestrator.launch.gateways import CallLog, Gateways
from orchestrator.launch.session import StopSwitch
from orchestrator.ledger import Ledger
from orchestrator.memory.recording import RecordingModel
from orchestrator.records import Task
from orchestrator.settings import Settings
from orchestrator.steps import Tools
from orchestrator.steps.workbench import Observer
from tests.flow.lab import Lab, LabBenchmark
from tests.servers.anthropic import KEY, AnthropicServer
from tests.servers.ollama import OllamaServer

OLLAMA, CLAUDE = "ollama/llama3.1:8b", "anthropic/claude-haiku-5-5"
LADDER = [
    {"model": OLLAMA, "attempts": 3, "format": "function", "fallback_format": None, "temperature": 0.2},
    {"model": CLAUDE, "attempts": 2, "format": "function", "max_output_tokens": 8192, "context_tokens": 65536},
]


class NamedBenchmark(LabBenchmark):
    """The lab's benchmark with another issue for each instance: the same prompt twice would come from the cache."""

    def task(self, instance_id: str) -> Task:
        """The task, its issue signed."""
        task = super().task(instance_id)
        return replace(task, problem_statement=f"{task.problem_statement}\nReported as {instance_id}.\n")


@dataclass
class ServedLab(Lab):
    """A lab whose models are servers. Instances come one after another, so that replies can be scripted in order."""

    environment: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None

    def __post_init__(self) -> None:
        self.changes = {"workers": 1, "ladder": LADDER, **self.changes}
        super().__post_init__()
        self.benchmark = NamedBenchmark(tuple(self.scripts))

    def make_tools(self, ledger: Ledger, settings: Settings, switch: StopSwitch, observer: Observer) -> Tools:
        """The lab's tools with the models that a run would open."""
        gateways = Gateways(
            settings,
            self.environment,
            self.cache or self.folder / "cache",
            self.folder / "runs" / ".spend.db",
            run_id="lab",
            on_call=CallLog(ledger),
            clock=SkippingClock(),
        )
        tools = super().make_tools(ledger, _without_models(settings, self.folder), switch, observer)
        models = [RecordingModel(g, g.name, ledger, self.clock.wall) for g in gateways.ladder]
        return Tools(**{**tools.__dict__, "settings": settings, "models": models, "close": gateways.close})

    def models(self) -> dict[str, dict[str, Any]]:
        """What the results say of the calls, by model."""
        return {entry["model"]: entry for entry in self.results()["models"]}

    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of the results by instance."""
        return {row["instance_id"]: row for row in self.results()["results"]}

    def files(self) -> Iterator[Path]:
        """Every file that the run and its cache left."""
        return (path for path in self.folder.rglob("*") if path.is_file())


def _without_models(settings: Settings, folder: Path) -> Settings:
    """The lab opens models by name alone; here they are opened with their limits, so it is given one that says nothing."""
    silent = folder / "silent.jsonl"
    silent.write_text(json.dumps({"text": ""}) + "\n")
    rung = settings.ladder[0].model_copy(update={"model": f"scripted:{silent}"})
    return settings.model_copy(update={"ladder": (rung,)})


@contextmanager
def servers() -> Iterator[tuple[OllamaServer, AnthropicServer, dict[str, str]]]:
    """Both servers and the environment that leads to them."""
    with OllamaServer() as small, AnthropicServer() as large:
        yield small, large, {"OLLAMA_HOST": small.url, "ANTHROPIC_BASE_URL": large.url, "ANTHROPIC_API_KEY": KEY}
