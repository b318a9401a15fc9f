"""The same sandbox through podman's socket: `docker_host` names it, and docker-py cannot tell the difference."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from orchestrator.protocols import SandboxCommand, SandboxOutcome
from orchestrator.sandbox.docker import DockerEngine, DockerSandbox
from orchestrator.sandbox.docker_connection import connect
from orchestrator.sandbox.docker_settings import DockerSettings
from tests.docker.conftest import Toy
from tests.docker.toy import GOLD, NOT_APPLYING

pytestmark = pytest.mark.docker


class WithinLimits:
    """A connection that asks for no more open files and processes than this machine lets root have.

    Podman's own defaults are above the hard limits of a machine whose root may not raise them.
    """

    def __init__(self, api: Any) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        return getattr(self._api, name)

    def create_host_config(self, **options: Any) -> Any:
        """As docker-py, with this process's hard limits."""
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        hard = {name: min(resource.getrlimit(which)[1] & 0xFFFF, 0xFFFF) for name, which in limits.items()}
        more = [docker.types.Ulimit(name=name, soft=limit, hard=limit) for name, limit in hard.items()]
        return self._api.create_host_config(**{**options, "ulimits": [*options["ulimits"], *more]})


@pytest.fixture(scope="module")
def podman_socket(toy: Toy) -> Iterator[str]:
    """The address of a podman of our own, with storage of its own that holds the toy's image."""
    program = shutil.which("podman")
    if program is None or os.getuid() != 0:
        pytest.skip("needs podman and root (Debian's package podman)")
    # Podman takes no folder of more than 50 characters.
    folder = Path(tempfile.mkdtemp(prefix="ramp-podman-"))
    podman = [program, "--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    podman += ["--cgroup-manager", "cgroupfs", "--runtime", "runc"]
    engine = DockerEngine()
    with (folder / "image.tar").open("wb") as archive:
        for chunk in engine.api.get_image(toy.image):
            archive.write(chunk)
    engine.close()
    load = [*podman, "load", "--quiet", "--input", str(folder / "image.tar")]
    loaded = subprocess.run(load, check=False, capture_output=True, text=True, timeout=120)
    if loaded.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"podman cannot keep images here: {loaded.stderr.strip()[-200:]}")
    socket = folder / "podman.sock"
    serve = [*podman, "system", "service", "--time", "0", f"unix://{socket}"]
    # Its monitor leaves a note of a want of memory in the folder that it was started in.
    service = subprocess.Popen(serve, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        for _ in range(100):
            if socket.exists():
                break
            time.sleep(0.1)
        yield f"unix://{socket}"
    finally:
        service.terminate()
        service.wait(timeout=30)
        # Layers of the vfs driver may be mounted or immutable to a plain removal of the folder.
        subprocess.run([*podman, "system", "reset", "--force"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def podman(podman_socket: str, toy: Toy) -> Iterator[tuple[DockerEngine, DockerSandbox]]:
    """An engine on podman's socket and the toy's sandbox; afterwards nothing of it may be left."""
    settings = DockerSettings(run_id="test-podman", docker_host=podman_socket, memory_mb=256, pids=64, cpus=1.0)
    engine = DockerEngine(settings, WithinLimits(connect(podman_socket)))
    engine.check()
    yield engine, engine.open(toy.task)
    left = engine.sweep("test-podman")
    engine.close()
    assert left == 0, "a container was left behind"


def test_podman_runs_a_patched_command(podman: tuple[DockerEngine, DockerSandbox]) -> None:
    """Exit code, output, results file and patch are as with Docker, and the limits that it was asked for are stamped."""
    _engine, sandbox = podman
    command = SandboxCommand("cat shapes/area.py; echo r > /tmp/r; exit 3", GOLD.encode(), results_path="/tmp/r")
    result = sandbox.run(command)
    assert (result.outcome, result.exit_code, result.results) == (SandboxOutcome.EXITED, 3, b"r\n"), result
    assert result.output == b"def area(width, height):\n    return width * height\n"
    assert sandbox.profile.isolated
    assert sandbox.profile.image_digest


def test_podman_tells_outcomes_apart(podman: tuple[DockerEngine, DockerSandbox]) -> None:
    """A time-out and a patch that does not apply."""
    _engine, sandbox = podman
    assert sandbox.run(SandboxCommand("echo a; sleep 60", timeout_s=2)).outcome is SandboxOutcome.TIMEOUT
    assert sandbox.run(SandboxCommand("true", NOT_APPLYING.encode())).outcome is SandboxOutcome.PATCH_FAILED


def test_podman_isolates(podman: tuple[DockerEngine, DockerSandbox]) -> None:
    """No network but loopback, no capability, no new privileges, as the kernel says it."""
    _engine, sandbox = podman
    told = sandbox.run(SandboxCommand("ls /sys/class/net; cat /proc/self/status")).output.decode()
    facts = dict(line.split(":\t", 1) for line in told.split("\n") if ":\t" in line)
    assert told.startswith("lo\n")
    assert int(facts["CapEff"], 16) == int(facts["CapBnd"], 16) == 0
    assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2")


def test_podman_grants_no_more_memory_than_the_limit(podman: tuple[DockerEngine, DockerSandbox]) -> None:
    """The kernel ends the process. Whether podman says why depends on its monitor, which may miss it on cgroups v1."""
    _engine, sandbox = podman
    hungry = "/opt/miniconda3/envs/testbed/bin/python -c 'x = bytearray(10**9)'"
    result = sandbox.run(SandboxCommand(f"{hungry}; echo ended with $?; exit 0"))
    assert result.outcome in {SandboxOutcome.OOM, SandboxOutcome.EXITED}
    assert result.output.endswith(b"ended with 137\n")
