"""What `ramp doctor` looks at: the machine's pieces, and instances on the evaluator that will grade them."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from orchestrator.errors import InfrastructureError, MissingPiece


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `verdict` is ok, failed, or optional (not there, and only some runs need it)."""

    name: str
    verdict: str
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def check_machine() -> Iterator[Check]:
    """Python, git, the sandboxes, the model servers and keys. Everything but Python and git is needed by some runs only."""
    yield Check("python", "ok", f"{platform.python_version()} at {sys.executable}")
    git = shutil.which("git")
    yield Check("git", "ok", git) if git else Check("git", "failed", "not found", "Install git.")
    yield _piece("bubblewrap (starter benchmark)", _bubblewrap)
    yield _piece("Docker (SWE-bench)", _docker)
    yield _piece("Ollama (llama3.1:8b)", _ollama)
    yield _piece("Anthropic (Claude Haiku)", lambda: _model("anthropic/claude-haiku-5-5"))
    free_gb = shutil.disk_usage(".").free / 1e9
    yield Check(
        "disk",
        "ok" if free_gb > 5 else "failed",
        f"{free_gb:.0f} GB free here",
        "" if free_gb > 5 else "Free some space.",
    )


def check_instances(benchmark: str, only: tuple[str, ...]) -> Iterator[Check]:
    """Load a benchmark; of the instances named, gold must resolve and empty must not, on the evaluator that grades them."""
    from orchestrator.evaluate.preflight import preflight
    from orchestrator.launch.wiring import cache_folder, grading_wiring

    wiring = grading_wiring(benchmark, lean=False, repeat=1)
    ids = wiring.benchmark.instance_ids()
    yield Check(f"benchmark {benchmark}", "ok", f"{len(ids)} instances, hash {wiring.benchmark.sha256[:12]}")
    for instance_id in only:
        try:
            result = preflight(wiring.benchmark, instance_id, wiring.evaluator, cache_folder() / "preflight")
        except (MissingPiece, InfrastructureError) as error:
            yield Check(instance_id, "failed", str(error))
            continue
        yield Check(instance_id, "ok" if result.sound else "failed", result.explain())


def _piece(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except MissingPiece as piece:
        return Check(name, "optional", piece.what, piece.remedy)
    except InfrastructureError as error:
        return Check(name, "optional", str(error))


def _bubblewrap() -> str:
    from orchestrator.sandbox.bubblewrap import BubblewrapEngine

    BubblewrapEngine().check()
    return "isolates here"


def _docker() -> str:
    from orchestrator.sandbox.docker import DockerEngine

    DockerEngine().check()
    return "answers and enforces limits"


def _ollama() -> str:
    """Where it answers, what exactly the model is, and with how much context it is loaded just now."""
    from orchestrator.models.failures import CallFailure
    from orchestrator.models.ollama import host_url
    from orchestrator.models.ollama_server import OllamaServer

    url, name = host_url(os.environ.get("OLLAMA_HOST", "")), "llama3.1:8b"
    server = OllamaServer(url)
    try:
        model, loaded = server.model(name), server.loaded_context_tokens(name)
    except CallFailure as failure:
        raise MissingPiece(
            f"Ollama does not answer at {url} ({failure.detail})", "Start it with `ollama serve`."
        ) from failure
    if model is None:
        raise MissingPiece(f"Ollama at {url} has no model {name}", f"Type: ollama pull {name}")
    now = f"loaded with {loaded} tokens" if loaded else "not loaded now"
    trained = f", trained for {model.trained_context_tokens} tokens" if model.trained_context_tokens else ""
    return f"{url}, digest {model.digest[:12] or 'unknown'}, {model.quantization or 'quantisation unknown'}{trained}, {now}"


def _model(name: str) -> str:
    from orchestrator.models import ModelServices, ModelSettings, open_model
    from orchestrator.models.options import RetryPolicy

    identity = open_model(name, ModelSettings(retry=RetryPolicy(attempts=1)), ModelServices()).identify()
    return f"{identity.name} {identity.digest[:12]} {identity.quantization}".strip()
