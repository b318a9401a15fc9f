"""The connection to a Docker engine (or podman's socket), and what its failures mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.errors import MissingPiece, SandboxError

_TIMEOUT_S = 60
_POOL = 64
# An engine answers 409 for a container that is ending or gone, and podman's for any trouble with starting one.
_GONE = re.compile("not running|in progress|marked for removal|dead|No such container", re.IGNORECASE)
_START_IT = "Start it (for example `sudo systemctl start docker`), or point docker_host at an engine that runs."


def connect(docker_host: str = "") -> Any:
    """The low-level client of docker-py. Raises MissingPiece with the remedy where no engine answers."""
    import docker
    import requests

    options: dict[str, Any] = {"version": "auto", "timeout": _TIMEOUT_S, "max_pool_size": _POOL}
    try:
        if docker_host:
            return docker.APIClient(base_url=docker_host, **options)
        # Reads DOCKER_HOST and the certificates' place; docker-py 7.2 has no public function for the low-level client.
        return docker.from_env(**options).api
    except (docker.errors.DockerException, requests.RequestException) as error:
        raise unreachable(docker_host, error) from error


def unreachable(docker_host: str, error: Exception) -> MissingPiece:
    """What to tell of an engine that does not answer, by docker-py's words."""
    where = f" at {docker_host}" if docker_host else ""
    told = str(error)
    if "PermissionError" in told or "Permission denied" in told:
        remedy = (
            "Add yourself to its group (`sudo usermod -aG docker $USER`, then log in again), or use a rootless engine."
        )
        return MissingPiece(f"you have no permission to use the Docker engine{where}", remedy)
    return MissingPiece(f"no Docker engine answers{where} ({told.splitlines()[0][:200]})", _START_IT)


class ContainerVanished(Exception):
    """The engine is there, but our container is not: somebody removed it. Never leaves this package."""


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Turn an outage of the engine into SandboxError, and a vanished container into ContainerVanished.

    docker-py raises errors of `requests` where the engine is gone, and its own only for an engine's refusals.
    """
    import docker
    import requests

    try:
        yield
    except docker.errors.NotFound as error:
        raise ContainerVanished(f"{doing}: {error.explanation}") from error
    except docker.errors.APIError as error:
        if error.status_code == 409 and _GONE.search(str(error.explanation)):
            raise ContainerVanished(f"{doing}: {error.explanation}") from error
        raise SandboxError(f"the Docker engine refused while {doing}: {error.explanation or error}") from error
    except (requests.RequestException, docker.errors.DockerException, OSError) as error:
        raise SandboxError(f"the Docker engine went away while {doing}: {error}. {_START_IT}") from error


def require_isolation(api: Any) -> None:
    """Raise MissingPiece where the engine cannot enforce what a sandbox promises."""
    with engine_errors("asking the engine what it can do"):
        info = api.info()
    lacking = [
        name
        for key, name in (
            ("MemoryLimit", "memory limits"),
            ("PidsLimit", "process limits"),
            ("CpuCfsQuota", "CPU limits"),
        )
        if info.get(key) is False
    ]
    if info.get("SwapLimit") is False and info.get("CgroupVersion") != "2":
        lacking.append("swap limits")
    if not any("seccomp" in option for option in info.get("SecurityOptions") or ()):
        lacking.append("seccomp")
    if lacking:
        remedy = "Give it a kernel with these cgroup controllers, or point docker_host at another engine."
        raise MissingPiece(f"this Docker engine cannot enforce {', '.join(lacking)}", remedy)
