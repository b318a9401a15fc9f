"""What runs leave in an engine, by label: containers, which command each is of, and images that were prepared."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors
from orchestrator.sandbox.docker_images import Image
from orchestrator.sandbox.docker_settings import DockerSettings
from orchestrator.scratch import lives

INSTANCE_LABEL = "ramp.instance"
KEY_LABEL = "ramp.key"
RUN_LABEL = "ramp.run"
OWNER_LABEL = "ramp.owner"


def containers_with(api: Any, label: str) -> list[Mapping[str, Any]]:
    """All containers with a label, or `label=value`, running or not, as the engine lists them."""
    with engine_errors("listing containers"):
        found: list[Mapping[str, Any]] = api.containers(all=True, filters={"label": label})
    return found


def images_with(api: Any, label: str) -> list[Mapping[str, Any]]:
    """All images with a label, as the engine lists them."""
    with engine_errors("listing images"):
        found: list[Mapping[str, Any]] = api.images(all=True, filters={"label": label})
    return found


def remove_images(api: Any, image_ids: Iterable[str]) -> None:
    """Remove images; one that is gone or in use is left to the next sweep, and so are all where the engine is gone."""
    for image_id in image_ids:
        try:
            with engine_errors("removing an image"):
                api.remove_image(image_id, force=True)
        except (ContainerVanished, SandboxError):
            continue


def is_dead(found: Mapping[str, Any], prefix: str) -> bool:
    """Whether a container or image is of a run named `prefix`... by a process of this machine that is gone."""
    labels = found.get("Labels") or {}
    host, _, process = str(labels.get(OWNER_LABEL, "")).partition("/")
    return str(labels[RUN_LABEL]).startswith(prefix) and host == platform.node() and not lives(int(process))


def command_key(image: Image, command: SandboxCommand, settings: DockerSettings) -> str:
    """What makes two runs the same: the image, everything the container gets, and its limits."""
    parts = {
        "image": image.image_id,
        "script": command.script,
        "environment": dict(command.environment),
        "patch": hashlib.sha256(command.patch).hexdigest(),
        "files": {path: hashlib.sha256(content).hexdigest() for path, content in command.files.items()},
        "limits": dict(settings.limits()),
        "timeout_s": command.timeout_s,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
