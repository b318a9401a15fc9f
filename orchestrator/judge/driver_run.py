"""Running one of our drivers in a sandbox: a fresh nonce, a results file of unguessable name, never an exit code or a print."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from orchestrator.protocols import Sandbox, SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.sandbox.nonces import nonce_of

# A patched program may be slower, and the machine busier, than when base_commit was timed; an endless loop is neither.
_SLOWER, _LEAST_LIMIT_S = 20.0, 10.0
_FOLDER = "/tmp/ramp"  # noqa: S108  # inside the sandbox, which has a /tmp of its own


@dataclass(frozen=True, slots=True)
class DriverRun:
    """How a driver ended. `results` is None where it did not report: killed, timed out, or the process was ended from within."""

    outcome: SandboxOutcome
    results: dict[str, Any] | None
    output: bytes
    duration_s: float
    detail: str
    started: bool = True

    @property
    def broke(self) -> bool:
        """Whether the environment failed, so that nothing is said about the code: also where there is no Python to start."""
        return self.outcome in (SandboxOutcome.INFRA, SandboxOutcome.PATCH_FAILED) or not self.started


def driver_source(name: str) -> str:
    """The text of a driver program in `judge/drivers`."""
    return files("orchestrator.judge.drivers").joinpath(f"{name}.py").read_text(encoding="utf-8")


def run_driver(
    sandbox: Sandbox,
    source: str,
    *,
    purpose: str,
    setup_script: str = "",
    patch: bytes = b"",
    timeout_s: float = 60.0,
    environment: dict[str, str] | None = None,
    beside: dict[str, str] | None = None,
) -> DriverRun:
    """Run the Python text `source` from the repository's root with `patch` applied. Results without this run's nonce do not count.

    `beside` are further texts, by the name of the environment variable that will hold the path of the file.
    """
    nonce = nonce_of(sandbox, f"{purpose}/{sha256(patch).hexdigest()}")
    name = sha256(f"file name {nonce}".encode()).hexdigest()[:16]
    program, results_path = f"{_FOLDER}/{name}.py", f"{_FOLDER}/{name}.json"
    others = {
        variable: (f"{_FOLDER}/{name}-{number}.py", text)
        for number, (variable, text) in enumerate((beside or {}).items())
    }
    paths = {variable: path for variable, (path, _) in others.items()}
    command = SandboxCommand(
        script=f"{setup_script}\npython {shlex.quote(program)}\n",
        patch=patch,
        files={
            program: source.encode("utf-8", "surrogatepass"),
            **{path: text.encode() for path, text in others.values()},
        },
        results_path=results_path,
        environment={
            "RAMP_NONCE": nonce,
            "RAMP_RESULTS": results_path,
            "PYTHONHASHSEED": "0",
            **paths,
            **(environment or {}),
        },
        timeout_s=timeout_s,
        purpose=purpose,
    )
    result = sandbox.run(command)
    # The driver's first act is to write that it began, before any code of the repository runs.
    started = result.outcome is not SandboxOutcome.EXITED or bool(result.results)
    detail = result.detail if started else f"no driver ran: {result.output[-200:].decode('utf-8', 'replace').strip()}"
    return DriverRun(result.outcome, _read(result, nonce), result.output, result.duration_s, detail, started)


def limit_s(base_duration_s: float, most_s: float) -> float:
    """How long a patched program may take, in seconds, where `base_duration_s` is its time at base_commit (0 is unknown)."""
    return min(most_s, max(_LEAST_LIMIT_S, _SLOWER * base_duration_s)) if base_duration_s else most_s


def _read(result: SandboxResult, nonce: str) -> dict[str, Any] | None:
    """The driver's report; None where it is not the whole one, or is not signed by this run's nonce."""
    try:
        value = json.loads(result.results or b"")
    except (ValueError, RecursionError):
        return None
    genuine = isinstance(value, dict) and value.get("nonce") == nonce and value.get("done") is True
    return value if genuine else None


ENDINGS = {
    SandboxOutcome.TIMEOUT: "it did not end in time",
    SandboxOutcome.IDLE_TIMEOUT: "it stopped printing and did not end in time",
    SandboxOutcome.OOM: "it ran out of memory",
    SandboxOutcome.KILLED: "it was killed",
    SandboxOutcome.OUTPUT_LIMIT: "it printed without end",
    SandboxOutcome.EXITED: "the process ended before it could report",
}
"""What to say of a run without results."""
