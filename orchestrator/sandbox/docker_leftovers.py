"""What runs leave in an engine, by label: containers, and images that were prepared."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors
from orchestrator.scratch import lives

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
