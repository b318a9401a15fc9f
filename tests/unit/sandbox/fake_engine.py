"""An engine that answers as docker-py's low-level client does, without any container."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import docker
import requests

NONCE = "0" * 32
GONE = requests.ConnectionError("connection refused")


def not_found() -> docker.errors.NotFound:
    """What docker-py raises where a thing is not there."""
    response = requests.Response()
    response.status_code = 404
    return docker.errors.NotFound("nothing", response=response, explanation="No such thing")


class FakeStream:
    """A container's output stream; `close` ends it."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True


class FakeApi:
    """Keeps what was asked; `state`, `output`, `images_here` and `info_says` decide the answers, `raises` breaks a call."""

    def __init__(self, output: bytes = b"{nonce} ready\nhello\n", **state: Any) -> None:
        self.state = {"Running": False, "ExitCode": 0, "OOMKilled": False, "Error": ""} | state
        self.output = output
        self.asked: list[tuple[str, Any]] = []
        self.raises: dict[str, Exception] = {}
        self.warnings: list[str] = []
        self.architecture = "amd64"
        self.images_here: list[dict[str, Any]] = []
        self.prepared_here: list[dict[str, Any]] = []
        self.info_says: dict[str, Any] = {"SecurityOptions": ["name=seccomp,profile=default"], "DockerRootDir": "/"}
        self.archive: bytes | None = None
        self.listed: list[dict[str, Any]] = []
        self.labels: dict[str, str] = {}
        self.log = b""

    def _ask(self, call: str, what: Any = None) -> None:
        self.asked.append((call, what))
        if call in self.raises:
            raise self.raises[call]

    def calls(self) -> list[str]:
        """The names of the calls, in order."""
        return [call for call, _ in self.asked]

    def info(self) -> dict[str, Any]:
        """What the engine says of itself."""
        self._ask("info")
        return self.info_says

    def version(self) -> dict[str, Any]:
        """Its version."""
        return {"Arch": "amd64"}

    def images(self, **options: Any) -> list[dict[str, Any]]:
        """All images, or those with a label: what was prepared."""
        return self.prepared_here if "filters" in options else self.images_here

    def commit(self, container: str, **options: Any) -> dict[str, Any]:
        """Make an image of a container."""
        self._ask("commit", options["changes"])
        return {"Id": "sha256:prepared"}

    def remove_image(self, image: str, **_options: Any) -> None:
        """Remove one."""
        self._ask("remove_image", image)

    def inspect_image(self, name: str) -> dict[str, Any]:
        """One image."""
        self._ask("inspect_image", name)
        return {"Id": "sha256:abc", "Architecture": self.architecture, "RepoDigests": [f"{name}@sha256:registry"]}

    def create_host_config(self, **options: Any) -> dict[str, Any]:
        """The isolation asked for."""
        return options

    def create_container(self, image: str, **options: Any) -> dict[str, Any]:
        """A container."""
        self._ask("create", (image, options))
        self.labels = options["labels"]
        return {"Id": "c1", "Warnings": self.warnings}

    def put_archive(self, container: str, path: str, data: bytes) -> bool:
        """Files in."""
        self._ask("put_archive", (container, path, data))
        return True

    def _filled(self, text: bytes) -> bytes:
        return text.replace(b"{nonce}", self.labels.get("ramp.nonce", NONCE).encode())

    def attach(self, container: str, **options: Any) -> FakeStream:
        """The output stream."""
        self._ask("attach", container)
        return FakeStream([self._filled(self.output)])

    def logs(self, container: str, **options: Any) -> list[bytes]:
        """The kept output."""
        self._ask("logs", container)
        return [self._filled(self.log)]

    def start(self, container: str) -> None:
        """Start it."""
        self._ask("start", container)

    def wait(self, container: str, timeout: float) -> dict[str, int]:
        """Wait for its end."""
        self._ask("wait", timeout)
        return {"StatusCode": self.state["ExitCode"]}

    def kill(self, container: str) -> None:
        """End it."""
        self._ask("kill", container)

    def inspect_container(self, container: str) -> dict[str, Any]:
        """Its state."""
        self._ask("inspect", container)
        return {"State": self.state}

    def get_archive(self, container: str, path: str) -> tuple[list[bytes], dict[str, Any]]:
        """A file out."""
        self._ask("get_archive", path)
        assert self.archive is not None
        return [self.archive[i : i + 100] for i in range(0, len(self.archive), 100)], {}

    def remove_container(self, container: str, **options: Any) -> None:
        """Remove it."""
        self._ask("remove", (container, options))

    def containers(self, **options: Any) -> list[dict[str, Any]]:
        """Containers by label."""
        self._ask("list", options)
        return self.listed

    def close(self) -> None:
        """Close the connection."""
        self._ask("close")


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """An archive of members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return buffer.getvalue()
