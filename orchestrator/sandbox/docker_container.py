"""The life of one container: created, filled, started, watched, read, removed."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.sandbox.docker_archives import take_one_file
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors
from orchestrator.sandbox.docker_output import CappedOutput, Pump, free_stream
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.sandbox.docker_wrapper import BYTE_CODE_LIST, read_status

_KILL_WAIT_S = 15.0
_WAIT_SLICE_S = 30.0
_SIGKILLED = 137
_TOLD = {
    "nowhere": "the image has no repository root",
    "networked": "it has a network, though none was asked for; this engine cannot be used without one",
}
_LOG_SIZE_MB = 600
_BYTE_CODE_LIST_LIMIT_BYTES = 4 * 1024 * 1024


def hardened_host_config(api: Any, settings: DockerSettings) -> Any:
    """The isolation and limits of every container, in the engine's own terms."""
    import docker

    memory = settings.memory_mb * 1024 * 1024
    return api.create_host_config(
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


@dataclass(frozen=True, slots=True)
class Ending:
    """How a container ended: by itself (`cause` is None), or by us with a cause."""

    cause: SandboxOutcome | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """One container of an engine. Every method raises SandboxError where the engine is gone, ContainerVanished where it is not."""

    api: Any
    container_id: str

    def fill(self, archive: bytes) -> None:
        """Unpack a tar at /, before the start. Into a tmpfs it would be lost without a word; we mount none."""
        with engine_errors("filling a container"):
            self.api.put_archive(self.container_id, "/", archive)

    def start(self) -> Any:
        """Start it and return its output stream."""
        with engine_errors("starting a container"):
            stream = self.api.attach(self.container_id, stdout=True, stderr=True, stream=True)
            try:
                self.api.start(self.container_id)
            except BaseException:
                stream.close()
                raise
        return stream

    def watch(self, stream: Any, command: SandboxCommand, output: CappedOutput) -> Ending:
        """Follow a started container to its end, or end it at a limit of the command."""
        pump = Pump(stream, output)
        pump.start()
        try:
            ending = self._follow(pump, command, output)
            if ending.cause is not None:
                self._kill()
                pump.ended.wait(_KILL_WAIT_S)
            return ending
        finally:
            pump.close()

    def _follow(self, pump: Pump, command: SandboxCommand, output: CappedOutput) -> Ending:
        deadline = time.monotonic() + command.timeout_s
        # Without an idle limit only the deadline counts: the two must not race.
        idle_s = command.idle_timeout_s or math.inf
        while True:
            wake = min(deadline, output.last_activity_s + idle_s)
            if pump.ended.wait(max(0.0, wake - time.monotonic())):
                if output.is_runaway:
                    return Ending(
                        SandboxOutcome.OUTPUT_LIMIT, f"printed over {output.total_bytes:,} bytes and was ended"
                    )
                return self._await_exit(deadline, command.timeout_s)
            if time.monotonic() >= deadline:
                return _too_long(command.timeout_s)
            if time.monotonic() >= output.last_activity_s + idle_s:
                return Ending(SandboxOutcome.IDLE_TIMEOUT, f"printed nothing for {idle_s:g} s")

    def _await_exit(self, deadline: float, timeout_s: float) -> Ending:
        """Wait for the exit after the stream's end: a command can close its output and go on, an engine can drop it."""
        import requests

        while (left := deadline - time.monotonic()) > 0:
            try:
                with engine_errors("waiting for a container"):
                    self.api.wait(self.container_id, timeout=min(left, _WAIT_SLICE_S))
            except SandboxError as error:
                if not isinstance(error.__cause__, requests.Timeout | requests.ConnectionError):
                    raise
                if not self.state().get("Running"):
                    return Ending()
            else:
                return Ending()
        return _too_long(timeout_s)

    def _kill(self) -> None:
        try:
            with engine_errors("ending a container"):
                self.api.kill(self.container_id)
        except (ContainerVanished, SandboxError):
            # It ended by itself in the meantime; where the engine is gone, the next call says so.
            return

    def state(self) -> Mapping[str, Any]:
        """The engine's word on how it is."""
        with engine_errors("looking at a container"):
            state: Mapping[str, Any] = self.api.inspect_container(self.container_id)["State"]
        return state

    def read_log(self, output: CappedOutput) -> None:
        """Read the output that the engine kept of a container that ended without us."""
        with engine_errors("reading a finished container"):
            stream = self.api.logs(self.container_id, stdout=True, stderr=True, stream=True)
            for chunk in stream:
                output.add(chunk)
            free_stream(stream)

    def result(self, nonce: str, command: SandboxCommand, output: CappedOutput, ending: Ending) -> SandboxResult:
        """Everything that an ended container says: outcome, exit code, output, the results file."""
        state = self.state()
        text, truncated = output.finish()
        status, text = read_status(text, nonce)
        if not status and not output.is_runaway:
            # The stream was joined too late or cut by the engine; the engine's own log has all of it.
            output = CappedOutput(command.output_limit_bytes)
            self.read_log(output)
            text, truncated = output.finish()
            status, text = read_status(text, nonce)
        outcome, detail = _outcome(state, status, ending)
        results, problem = self._results(command) if status == "ready" else (None, "")
        return SandboxResult(
            outcome=outcome,
            exit_code=int(state["ExitCode"]) if outcome is SandboxOutcome.EXITED else None,
            output=text,
            results=results,
            output_truncated=truncated,
            duration_s=_duration_s(state),
            detail="; ".join(filter(None, (detail, problem))),
        )

    def _results(self, command: SandboxCommand) -> tuple[bytes | None, str]:
        if command.results_path is None:
            return None, ""
        try:
            return self._take(command.results_path, command.results_limit_bytes), ""
        except ContainerVanished:
            return None, "no results file was left"
        except ValueError as error:
            return None, f"the results file {error}; it was refused"

    def byte_code(self) -> bytes | None:
        """Paths of the byte code that a command left, one a line; empty where it left none or meddled with the list."""
        try:
            return self._take(BYTE_CODE_LIST, _BYTE_CODE_LIST_LIMIT_BYTES)
        except (ContainerVanished, ValueError):
            return b""
        except SandboxError:
            # The command has a result; the next call says what is wrong with the engine.
            return None

    def _take(self, path: str, limit_bytes: int) -> bytes:
        with engine_errors("fetching a file"):
            stream, _stat = self.api.get_archive(self.container_id, path)
            return take_one_file(stream, limit_bytes)

    def commit(self, labels: Mapping[str, str]) -> str:
        """Make an image of an ended container; returns its id."""
        changes = [f'LABEL "{name}"="{value}"' for name, value in labels.items()]
        with engine_errors("making an image"):
            return str(self.api.commit(self.container_id, changes=changes)["Id"])

    def remove(self) -> bool:
        """Remove it by force; False where it was gone already."""
        try:
            with engine_errors("removing a container"):
                self.api.remove_container(self.container_id, force=True, v=True)
        except ContainerVanished:
            return False
        return True


def _too_long(timeout_s: float) -> Ending:
    return Ending(SandboxOutcome.TIMEOUT, f"did not end within {timeout_s:g} s")


def _outcome(state: Mapping[str, Any], status: str, ending: Ending) -> tuple[SandboxOutcome, str]:
    if ending.cause is not None:
        return ending.cause, ending.detail
    # The engine says so for the main process and for its children alike; results of either are not to be trusted.
    if state.get("OOMKilled"):
        return SandboxOutcome.OOM, "a process was ended for want of memory; the limit is a setting"
    if state.get("ExitCode") == _SIGKILLED:
        return SandboxOutcome.KILLED, "was killed from outside"
    if status == "refused":
        return SandboxOutcome.PATCH_FAILED, "the patch does not apply; git's words are the output"
    if status != "ready":
        told = _TOLD.get(status) or state.get("Error") or "the wrapper never spoke"
        return SandboxOutcome.INFRA, f"the container did not start: {told} (exit {state.get('ExitCode')})"
    return SandboxOutcome.EXITED, ""


def _duration_s(state: Mapping[str, Any]) -> float:
    """Seconds between the engine's own start and end times, which outlive us; their nanoseconds are cut to microseconds."""
    try:
        started, finished = (
            datetime.fromisoformat(str(state[key])[:26].rstrip("Z")) for key in ("StartedAt", "FinishedAt")
        )
    except (KeyError, ValueError):
        return 0.0
    return max(0.0, (finished - started).total_seconds())
