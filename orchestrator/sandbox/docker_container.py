"""The life of one container: created, filled, started, watched, read, removed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.sandbox.docker_archives import take_one_file
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors
from orchestrator.sandbox.docker_output import CappedOutput, Pump
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.sandbox.docker_wrapper import read_status

_KILL_WAIT_S = 15.0
_KILLED = 137
_LOG_SIZE_MB = 512


def create_container(
    api: Any, image_id: str, command: list[str], environment: Mapping[str, str], labels: Mapping[str, str], name: str,
    settings: DockerSettings,
) -> str:  # fmt: skip
    """Create a hardened container and return its id. Raises SandboxError where the engine would weaken a limit."""
    import docker

    memory = settings.memory_mb * 1024 * 1024
    host_config = api.create_host_config(
        network_mode=settings.network,
        cap_drop=["ALL"],
        cap_add=list(settings.capabilities) or None,
        security_opt=["no-new-privileges"],
        mem_limit=memory,
        memswap_limit=memory,
        nano_cpus=int(settings.cpus * 1e9),
        pids_limit=settings.pids,
        init=True,
        ulimits=[docker.types.Ulimit(name="core", soft=0, hard=0)],
        # The default log driver has no size limit: a noisy test would fill the disk.
        log_config=docker.types.LogConfig(type="json-file", config={"max-size": f"{_LOG_SIZE_MB}m", "max-file": "1"}),
    )
    with engine_errors("creating a container"):
        made = api.create_container(
            image_id,
            command=command,
            entrypoint=[],
            name=name,
            environment=dict(environment),
            labels=dict(labels),
            host_config=host_config,
            # Otherwise docker-py copies proxy settings of the user's own configuration into the container.
            use_config_proxy=False,
        )
    weakened = [warning for warning in made.get("Warnings") or () if "support" in warning or "discard" in warning.lower()]
    if weakened:
        remove_container(api, made["Id"])
        raise SandboxError(f"the Docker engine cannot give the isolation asked for: {'; '.join(weakened)}")
    return str(made["Id"])


def remove_container(api: Any, container_id: str) -> bool:
    """Remove a container by force; False where it was gone already. Raises SandboxError where the engine is."""
    try:
        with engine_errors("removing a container"):
            api.remove_container(container_id, force=True, v=True)
    except ContainerVanished:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Ending:
    """How the watching ended: by itself, or by us with a cause."""

    cause: SandboxOutcome | None
    detail: str = ""


def watch(api: Any, container_id: str, stream: Any, command: SandboxCommand, output: CappedOutput) -> _Ending:
    """Follow a started container to its end, or end it at a limit of the command."""
    pump = Pump(stream, output)
    pump.start()
    deadline = time.monotonic() + command.timeout_s
    try:
        ending = _follow(api, container_id, pump, command, output, deadline)
        if ending.cause is not None:
            _kill(api, container_id)
            pump.ended.wait(_KILL_WAIT_S)
        return ending
    finally:
        # An abandoned noisy stream delays the container's removal by 20 s; a closed one does not.
        stream.close()


def _follow(
    api: Any, container_id: str, pump: Pump, command: SandboxCommand, output: CappedOutput, deadline: float
) -> _Ending:
    while True:
        now = time.monotonic()
        idle_deadline = output.last_activity_s + command.idle_timeout_s if command.idle_timeout_s else deadline
        if pump.ended.wait(max(0.0, min(deadline, idle_deadline) - now)):
            if output.is_runaway:
                return _Ending(SandboxOutcome.OUTPUT_LIMIT, f"printed more than {output.total_bytes:,} bytes and was ended")
            return _await_exit(api, container_id, deadline, command)
        if time.monotonic() >= deadline:
            return _Ending(SandboxOutcome.TIMEOUT, f"did not end within {command.timeout_s:g} s")
        if command.idle_timeout_s and time.monotonic() >= output.last_activity_s + command.idle_timeout_s:
            return _Ending(SandboxOutcome.IDLE_TIMEOUT, f"printed nothing for {command.idle_timeout_s:g} s")


def _await_exit(api: Any, container_id: str, deadline: float, command: SandboxCommand) -> _Ending:
    """The stream is at its end: wait for the container's. A command can close its output and go on; an engine can drop it."""
    import requests

    while (left := deadline - time.monotonic()) > 0:
        try:
            with engine_errors("waiting for a container"):
                api.wait(container_id, timeout=min(left, 30.0))
        except SandboxError as error:
            if not isinstance(error.__cause__, requests.Timeout | requests.ConnectionError):
                raise
            if not inspect_state(api, container_id).get("Running"):
                return _Ending(None)
        else:
            return _Ending(None)
    return _Ending(SandboxOutcome.TIMEOUT, f"did not end within {command.timeout_s:g} s")


def _kill(api: Any, container_id: str) -> None:
    try:
        with engine_errors("ending a container"):
            api.kill(container_id)
    except (ContainerVanished, SandboxError):
        # It ended by itself in the meantime; where the engine is gone, the next call says so.
        return


def inspect_state(api: Any, container_id: str) -> Mapping[str, Any]:
    """The engine's word on a container's state."""
    with engine_errors("looking at a container"):
        state: Mapping[str, Any] = api.inspect_container(container_id)["State"]
    return state


def read_result(
    api: Any, container_id: str, nonce: str, command: SandboxCommand, output: CappedOutput, ending: _Ending
) -> SandboxResult:
    """Everything that an ended container says: outcome, exit code, output, the results file."""
    state = inspect_state(api, container_id)
    text, truncated = output.finish()
    status, text = read_status(text, nonce)
    outcome, detail = _outcome(state, status, ending)
    results, problem = _results(api, container_id, command) if status == "ready" else (None, "")
    exited = outcome is SandboxOutcome.EXITED
    return SandboxResult(
        outcome=outcome,
        exit_code=int(state["ExitCode"]) if exited else None,
        output=text,
        results=results,
        output_truncated=truncated,
        duration_s=_duration_s(state),
        detail="; ".join(filter(None, (detail, problem))),
    )


def _outcome(state: Mapping[str, Any], status: str, ending: _Ending) -> tuple[SandboxOutcome, str]:
    if ending.cause is not None:
        return ending.cause, ending.detail
    # The engine says so for the main process and for its children alike; results of either are not to be trusted.
    if state.get("OOMKilled"):
        return SandboxOutcome.OOM, "a process was ended for want of memory; the limit is a setting"
    if state.get("ExitCode") == _KILLED:
        return SandboxOutcome.KILLED, "was killed from outside"
    if status == "refused":
        return SandboxOutcome.PATCH_FAILED, "the patch does not apply; git's words are the output"
    if status != "ready":
        told = state.get("Error") or ("the image has no repository root" if status else "the wrapper never spoke")
        return SandboxOutcome.INFRA, f"the container did not start: {told} (exit {state.get('ExitCode')})"
    return SandboxOutcome.EXITED, ""


def _results(api: Any, container_id: str, command: SandboxCommand) -> tuple[bytes | None, str]:
    if command.results_path is None:
        return None, ""
    try:
        with engine_errors("fetching the results"):
            stream, _stat = api.get_archive(container_id, command.results_path)
            return take_one_file(stream, command.results_limit_bytes), ""
    except ContainerVanished:
        return None, "no results file was left"
    except ValueError as error:
        return None, f"the results file {error}; it was refused"


def _duration_s(state: Mapping[str, Any]) -> float:
    """Seconds between the engine's own start and end times, which outlive us; their nanoseconds are cut to microseconds."""
    try:
        started, finished = (datetime.fromisoformat(str(state[key])[:26].rstrip("Z")) for key in ("StartedAt", "FinishedAt"))
    except (KeyError, ValueError):
        return 0.0
    return max(0.0, (finished - started).total_seconds())
