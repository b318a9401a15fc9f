"""Docker sandboxes: one hardened container per command, the command its main process."""

from __future__ import annotations

import os
import platform
import re
import secrets
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.protocols import (
    Repository,
    SandboxCommand,
    SandboxOutcome,
    SandboxProfile,
    SandboxResult,
)
from orchestrator.records import Task
from orchestrator.sandbox.docker_archives import pack
from orchestrator.sandbox.docker_connection import ContainerVanished, connect, engine_errors, require_isolation
from orchestrator.sandbox.docker_container import Container, Ending, hardened_host_config
from orchestrator.sandbox.docker_images import Image, find_image
from orchestrator.sandbox.docker_leftovers import (
    INSTANCE_LABEL,
    KEY_LABEL,
    OWNER_LABEL,
    RUN_LABEL,
    command_key,
    containers_with,
    images_with,
    is_dead,
    remove_images,
)
from orchestrator.sandbox.docker_output import CappedOutput
from orchestrator.sandbox.docker_prepared import PreparedImages, compiling
from orchestrator.sandbox.docker_settings import NO_NETWORK, DockerSettings
from orchestrator.sandbox.docker_wrapper import main_process

_NONCE_LABEL = "ramp.nonce"


class DockerEngine:
    """Opens Docker sandboxes. One engine serves all threads of a run; `api` is docker-py's low-level client, made on first use.

    Its containers carry labels: ramp.run, ramp.instance, ramp.purpose, ramp.lease (this engine), ramp.owner (host/process),
    ramp.key (the command). After `prepare_after` runs of an image they are made of one that holds the byte code of what these
    loaded, too (0: never).
    """

    def __init__(
        self,
        settings: DockerSettings = DockerSettings(),  # noqa: B008 - frozen
        api: Any = None,
        *,
        prepare_after: int = 0,
    ) -> None:
        self.settings = settings
        self._prepared = PreparedImages(prepare_after, lambda ids: remove_images(self.api, ids))
        self.lease = uuid.uuid4().hex[:12]
        self._api = api
        self._lock = threading.Lock()
        self._live: set[str] = set()
        self._adoptable: dict[str, tuple[str, str]] = {}
        self._stopping = False

    @property
    def api(self) -> Any:
        """The connection. Raises MissingPiece where no engine answers."""
        with self._lock:
            if self._api is None:
                self._api = connect(self.settings.docker_host)
            return self._api

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        with self._lock:
            if self._api is not None:
                self._api.close()
                self._api = None

    def check(self) -> None:
        """Raise MissingPiece (with the remedy) where no engine answers or it cannot enforce the limits."""
        require_isolation(self.api)

    def open(self, task: Task, repository: Repository | None = None) -> DockerSandbox:  # noqa: ARG002 - the image has it
        """A sandbox in the task's image. Raises MissingPiece (the image is not there) or SandboxError."""
        if not task.image:
            raise SandboxError(
                f"{task.instance_id} names no image, so it cannot run in Docker; use the bubblewrap sandbox"
            )
        return DockerSandbox(self, find_image(self.api, task.image), task)

    def sweep(self, run_id: str) -> int:
        """Remove every container of a run, and the images that were prepared for it; returns how many containers went."""
        mine = f"{RUN_LABEL}={run_id}"
        swept = sum(Container(self.api, found["Id"]).remove() for found in containers_with(self.api, mine))
        remove_images(self.api, [found["Id"] for found in images_with(self.api, mine)])
        return swept

    def adopt(self, run_id: str) -> int:
        """Keep the finished containers of a killed run, so that the same commands find their results; remove the others.

        Returns how many were kept. What is not asked for again goes with `sweep`.
        """
        mine = f"{RUN_LABEL}={run_id}"
        for found in containers_with(self.api, mine):
            labels = found.get("Labels") or {}
            if found.get("State") == "exited" and labels.get(KEY_LABEL) and labels.get(_NONCE_LABEL):
                self._adoptable[labels[KEY_LABEL]] = (found["Id"], labels[_NONCE_LABEL])
            else:
                Container(self.api, found["Id"]).remove()
        remove_images(self.api, [found["Id"] for found in images_with(self.api, mine)])
        return len(self._adoptable)

    def stop(self) -> None:
        """End every command that is running, and drop adopted results that nobody asked for; nothing new starts.

        Callers whose command is ended get KILLED.
        """
        self._stopping = True
        with self._lock:
            live = (*self._live, *(container_id for container_id, _ in self._adoptable.values()))
            self._adoptable.clear()
        for container_id in live:
            self._discard(Container(self.api, container_id))
        self._prepared.close()

    def sweep_dead(self, prefix: str) -> int:
        """Remove what processes of this machine that are gone left of runs, named `prefix`..., that nobody resumes.

        Returns how many containers went.
        """
        gone = [found for found in containers_with(self.api, RUN_LABEL) if is_dead(found, prefix)]
        swept = sum(Container(self.api, found["Id"]).remove() for found in gone)
        remove_images(self.api, [found["Id"] for found in images_with(self.api, RUN_LABEL) if is_dead(found, prefix)])
        return swept

    def run(self, image: Image, task: Task, command: SandboxCommand) -> SandboxResult:
        """Run one command in a container of its own; used through DockerSandbox."""
        key = command_key(image, command, self.settings)
        with self._lock:
            adopted = self._adoptable.pop(key, None)
        started = time.monotonic()
        try:
            result = self._read_finished(*adopted, command) if adopted else self._run_fresh(image, task, command, key)
        except ContainerVanished as error:
            if self._stopping:
                return SandboxResult(SandboxOutcome.KILLED, None, b"", detail="ended because the run is being stopped")
            return SandboxResult(SandboxOutcome.INFRA, None, b"", detail=f"somebody removed the container: {error}")
        return result if result.duration_s else replace(result, duration_s=time.monotonic() - started)

    def _run_fresh(self, image: Image, task: Task, command: SandboxCommand, key: str) -> SandboxResult:
        origin = (image.image_id, task.setup_script)
        prepared = self._prepared.find(origin, lambda byte_code: self._prepare(image, task, byte_code))
        if prepared is None and self._prepared.asks(origin):
            return self._run_and_tell(image, task, command, key)
        with self._ran(prepared or image.image_id, task.instance_id, command, key) as (_container, result):
            return result

    def _run_and_tell(self, image: Image, task: Task, command: SandboxCommand, key: str) -> SandboxResult:
        """A run in the image as it is, which says what its prepared image is to hold."""
        byte_code = None
        try:
            with self._ran(image.image_id, task.instance_id, command, key, lists_byte_code=True) as (container, result):
                byte_code = container.byte_code() if result.outcome is SandboxOutcome.EXITED else None
                return result
        finally:
            self._prepared.told((image.image_id, task.setup_script), byte_code)

    def _prepare(self, image: Image, task: Task, byte_code: bytes) -> str | None:
        command = compiling(task.setup_script, byte_code)
        key = command_key(image, command, self.settings)
        with self._ran(image.image_id, task.instance_id, command, key) as (container, result):
            return container.commit(self._labels(task.instance_id, command)) if result.exit_code == 0 else None

    @contextmanager
    def _ran(
        self, image_id: str, instance_id: str, command: SandboxCommand, key: str, *, lists_byte_code: bool = False
    ) -> Iterator[tuple[Container, SandboxResult]]:
        """A fresh container in which a command has ended, and its result."""
        nonce = secrets.token_hex(16)
        main = main_process(command, nonce, self.settings, lists_byte_code=lists_byte_code)
        labels = {**self._labels(instance_id, command), KEY_LABEL: key, _NONCE_LABEL: nonce}
        container = self._create(image_id, main.arguments, command.environment, labels)
        try:
            if main.files:
                container.fill(pack(main.files))
            output = CappedOutput(command.output_limit_bytes)
            ending = container.watch(container.start(), command, output)
            yield container, container.result(nonce, command, output, ending)
        finally:
            self._discard(container)

    def _read_finished(self, container_id: str, nonce: str, command: SandboxCommand) -> SandboxResult:
        container = Container(self.api, container_id)
        output = CappedOutput(command.output_limit_bytes)
        try:
            container.read_log(output)
            return container.result(nonce, command, output, Ending())
        finally:
            self._discard(container)

    def _labels(self, instance_id: str, command: SandboxCommand) -> dict[str, str]:
        return {
            RUN_LABEL: self.settings.run_id,
            INSTANCE_LABEL: instance_id,
            "ramp.purpose": command.purpose,
            "ramp.lease": self.lease,
            OWNER_LABEL: f"{platform.node()}/{os.getpid()}",
        }

    def _create(
        self, image_id: str, arguments: list[str], environment: Mapping[str, str], labels: Mapping[str, str]
    ) -> Container:
        if self._stopping:
            raise SandboxError("this run is being stopped; no new container is started")
        with engine_errors("creating a container"):
            made = self.api.create_container(
                image_id,
                command=arguments,
                entrypoint=[],
                name=re.sub(r"[^A-Za-z0-9_.-]", "-", f"ramp-{labels[INSTANCE_LABEL]}-{uuid.uuid4().hex}"),
                environment=dict(environment),
                labels=dict(labels),
                host_config=hardened_host_config(self.api, self.settings),
                # A network namespace that only the kernel's loopback is in; the engine's own work on one doubles a start.
                network_disabled=self.settings.network == NO_NETWORK,
                # Otherwise docker-py copies proxy settings of the user's own configuration into the container.
                use_config_proxy=False,
            )
        container = Container(self.api, str(made["Id"]))
        weakened = [
            warning for warning in made.get("Warnings") or () if re.search("support|discard", warning, re.IGNORECASE)
        ]
        if weakened:
            container.remove()
            raise SandboxError(f"the Docker engine cannot give the isolation asked for: {'; '.join(weakened)}")
        with self._lock:
            self._live.add(container.container_id)
        return container

    def _discard(self, container: Container) -> None:
        try:
            container.remove()
        except SandboxError:
            # The engine is gone, which the caller is being told; `sweep` removes it by its label.
            return
        finally:
            with self._lock:
                self._live.discard(container.container_id)


class DockerSandbox:
    """Runs commands for one task; each gets a container of its own from the same image id."""

    def __init__(self, engine: DockerEngine, image: Image, task: Task) -> None:
        self._engine = engine
        self._image = image
        self._task = task

    @property
    def profile(self) -> SandboxProfile:
        """The effective isolation; a container that would get less is never started."""
        settings = self._engine.settings
        return SandboxProfile(
            kind="docker",
            image_digest=self._image.digest,
            network=settings.network != NO_NETWORK,
            isolated=True,
            limits=settings.limits(),
        )

    def run(self, command: SandboxCommand) -> SandboxResult:
        """Run one command to its end. Raises SandboxError only where the engine itself is gone or refuses."""
        return self._engine.run(self._image, self._task, command)
