"""Images from a real registry on this machine's loopback: fetched ahead, with progress, known by the registry's digest."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.sandbox.docker_images import PullProgress, missing_images, pull_images
from tests.docker.conftest import EngineFor, Toy
from tests.docker.toy import GOLD

pytestmark = pytest.mark.docker

_CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@dataclass(frozen=True)
class Stored:
    """An image that is in the registry and not here."""

    name: str
    digest: str
    api: Any


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """The address of a registry of our own (Debian's package docker-registry)."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed")
    port = free_port()
    (tmp_path / "registry.yml").write_text(_CONFIG.format(folder=tmp_path / "registry", port=port))
    process = subprocess.Popen([program, "serve", str(tmp_path / "registry.yml")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def stored(registry: str, toy: Toy, engine_for: EngineFor) -> Iterator[Stored]:
    """The toy's image, pushed and then forgotten here."""
    api = engine_for().api
    name = f"{registry}/ramp-test/toy"
    api.tag(toy.image, name, "v1")
    said = list(api.push(name, tag="v1", stream=True, decode=True))
    digest = next(line["aux"]["Digest"] for line in said if "aux" in line)
    api.remove_image(f"{name}:v1")
    yield Stored(f"{name}:v1", digest, api)
    if not missing_images(api, [f"{name}:v1"]):
        api.remove_image(f"{name}:v1")


def test_a_pull_tells_how_far_it_is_and_brings_the_digest(stored: Stored, toy: Toy, engine_for: EngineFor) -> None:
    """The image is missing before and here afterwards; its digest is the registry's, the same on every machine."""
    assert missing_images(stored.api, [stored.name]) == (stored.name,)
    told: list[PullProgress] = []
    assert pull_images(stored.api, [toy.image, stored.name], told.append) == (stored.name,)
    assert {(one.image, one.total) for one in told} == {(stored.name, 1)}
    assert (told[-1].done, told[-1].detail) == (1, "done")
    assert any("Digest" in one.detail for one in told)
    assert missing_images(stored.api, [stored.name]) == ()
    task = replace(toy.task, image=stored.name)
    assert engine_for().open(task).profile.image_digest == stored.digest


def grade(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """`ramp evaluate` of a predictions file in a folder."""
    command = [sys.executable, "-m", "orchestrator", "evaluate", "-p", "preds.jsonl", "-b", "rows.jsonl", "-o", "out"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run([*command, *more], capture_output=True, text=True, cwd=folder, env=environment, check=False)


def test_the_command_line_fetches_ahead_and_says_so(stored: Stored, toy: Toy, tmp_path: Path) -> None:
    """Without --pull one list says what is missing and how to get it; with it the image comes first, then the verdict."""
    row = {**toy.benchmark.sealed("ramp__toy-1").row, "image": stored.name}
    prediction = {"instance_id": "ramp__toy-1", "model_name_or_path": "gold", "model_patch": GOLD}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "preds.jsonl").write_text(json.dumps(prediction) + "\n")
    without = grade(tmp_path)
    assert without.returncode == 1
    assert f"docker pull {stored.name}" in without.stderr
    with_it = grade(tmp_path, "--pull")
    assert with_it.returncode == 0, with_it.stderr
    told = with_it.stderr.splitlines()
    assert told[0].startswith(f"pulling {stored.name} (0 of 1 done): ")
    assert told[-1] == f"pulling {stored.name} (1 of 1 done): done"
    assert "resolved 1 of 1" in with_it.stdout
    verdict = json.loads(next((tmp_path / "out").rglob("verdict.json")).read_bytes())
    assert verdict["stamps"]["image_digest"] == stored.digest
