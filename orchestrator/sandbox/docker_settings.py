"""What a Docker sandbox is asked to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NO_NETWORK = "none"


@dataclass(frozen=True, slots=True)
class DockerSettings:
    """Isolation and limits of every container of an engine; what cannot be had is an error, never left out.

    `docker_host` is an engine's address such as unix:///run/user/1000/podman/podman.sock; empty means what the
    environment says (DOCKER_HOST), else the default socket. `memory_mb` holds for memory and swap together.
    """

    run_id: str = "none"
    docker_host: str = ""
    memory_mb: int = 4096
    cpus: float = 2.0
    pids: int = 1024
    network: str = NO_NETWORK
    capabilities: tuple[str, ...] = ()
    repository_root: str = "/testbed"

    def limits(self) -> Mapping[str, str]:
        """The limits in words, for the profile."""
        return {
            "memory": f"cgroup {self.memory_mb} MB, swap included",
            "cpus": f"cgroup {self.cpus:g}",
            "pids": f"cgroup {self.pids}",
            "network": self.network,
            "capabilities": " ".join(self.capabilities) or "none",
            "privileges": "no new ones, seccomp",
        }
