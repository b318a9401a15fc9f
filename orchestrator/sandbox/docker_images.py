"""Images: what they are, which are missing, and fetching them ahead of a phase."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator.errors import MissingPiece
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors

_MIN_FREE_BYTES = 5 * 10**9
_FOR_CONTAINERS_BYTES = 10**9
# Official images share their base layers; what one adds on disk is mostly between one and three GB.
_BYTES_PER_IMAGE = 2 * 10**9
_OTHER_ARCHITECTURE = "Pull the image for this machine's architecture, or point docker_host at an engine that runs it."
_ARCHITECTURE_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image as it is here: `digest` is the registry's where it came from one, else the engine's own id."""

    name: str
    image_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is: `done` images, and the engine's last word on the current one; at its end, done or failed."""

    image: str
    done: int
    total: int
    detail: str


def find_image(api: Any, name: str) -> Image:
    """The image of that name. Raises MissingPiece where it is not here or was made for another architecture."""
    try:
        with engine_errors(f"looking for image {name}"):
            found = api.inspect_image(name)
            engine_architecture = str(api.version().get("Arch", ""))
    except ContainerVanished:
        raise MissingPiece(f"the image {name} is not here", _pull_hint([name])) from None
    if problem := _other_architecture(name, found, engine_architecture):
        raise MissingPiece(problem, _OTHER_ARCHITECTURE)
    from_registry = (found.get("RepoDigests") or [""])[0].partition("@")[2]
    return Image(name, str(found["Id"]), from_registry or str(found["Id"]))


def _other_architecture(name: str, found: Mapping[str, Any], engine: str) -> str:
    """What to say of an image that this engine cannot run; empty where it can."""
    architecture = str(found.get("Architecture") or "")
    if not architecture or not engine or architecture == _ARCHITECTURE_NAMES.get(engine, engine):
        return ""
    return f"the image {name} is for {architecture}, and this engine runs {engine}"


def missing_images(api: Any, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the images that are not here, in order and each once."""
    with engine_errors("listing images"):
        listed = api.images()
    here = {tag for image in listed for tag in (image.get("RepoTags") or ())}
    here |= {digest for image in listed for digest in (image.get("RepoDigests") or ())}
    return tuple(name for name in dict.fromkeys(names) if name not in here and f"{name}:latest" not in here)


def require_images(api: Any, names: Iterable[str]) -> None:
    """Raise one MissingPiece that lists every image that is not here or cannot run here, with the lines that fetch them."""
    wanted = tuple(dict.fromkeys(names))
    missing = missing_images(api, wanted)
    foreign = _foreign_images(api, [name for name in wanted if name not in missing])
    told = [f"{len(missing)} images are not here: {', '.join(missing)}"] if missing else []
    if told or foreign:
        remedies = [_pull_hint(missing)] if missing else []
        remedies += [_OTHER_ARCHITECTURE] if foreign else []
        raise MissingPiece("; ".join([*told, *foreign]), "\n".join(remedies))


def _foreign_images(api: Any, names: Iterable[str]) -> list[str]:
    with engine_errors("looking at images"):
        engine = str(api.version().get("Arch", ""))
        said = [_other_architecture(name, api.inspect_image(name), engine) for name in names]
    return [problem for problem in said if problem]


def pull_images(api: Any, names: Iterable[str], on_progress: Callable[[PullProgress], None]) -> tuple[str, ...]:
    """Fetch the images that are not here and return their names; what cannot be fetched is listed in one MissingPiece.

    Checks the disk first. Raises SandboxError where the engine goes away.
    """
    missing = missing_images(api, names)
    require_disk(api, len(missing))
    failed: list[str] = []
    for done, name in enumerate(missing):
        problem = _pull_one(api, name, functools.partial(_tell, on_progress, name, done, len(missing)))
        if problem:
            failed.append(f"{name} ({problem})")
        on_progress(PullProgress(name, done + 1, len(missing), "failed" if problem else "done"))
    if failed:
        remedy = "Check the names and the network; instances whose image is here can be run with -i."
        raise MissingPiece(f"{len(failed)} of {len(missing)} images could not be fetched: {'; '.join(failed)}", remedy)
    return missing


def _tell(on_progress: Callable[[PullProgress], None], image: str, done: int, total: int, detail: str) -> None:
    on_progress(PullProgress(image, done, total, detail))


def _pull_one(api: Any, name: str, on_detail: Callable[[str], None]) -> str:
    """Fetch one image; returns the engine's reason where it cannot be had."""
    import docker

    repository, _, tag = name.rpartition(":") if ":" in name.rsplit("/", 1)[-1] else (name, "", "latest")
    with engine_errors(f"pulling {name}"):
        try:
            for line in api.pull(repository, tag=tag, stream=True, decode=True):
                if line.get("error"):
                    return str(line["error"])[:200]
                on_detail(" ".join(str(line[key]) for key in ("id", "status", "progress") if line.get(key)))
        except docker.errors.APIError as error:
            return str(error.explanation or error)[:200]
    return ""


def require_disk(api: Any, images: int) -> None:
    """Raise MissingPiece where the engine's disk has too little room to fetch that many images, or for containers alone."""
    with engine_errors("asking where the engine keeps its data"):
        root = Path(str(api.info().get("DockerRootDir", "")))
    if not root.is_dir():
        # A remote engine: its disk cannot be seen from here.
        return
    free, needed = shutil.disk_usage(root).free, _FOR_CONTAINERS_BYTES
    if images:
        needed = _MIN_FREE_BYTES + images * _BYTES_PER_IMAGE
    if free < needed:
        what = f"fetching {images} images" if images else "containers"
        raise MissingPiece(
            f"the engine's disk ({root}) has {free / 1e9:.1f} GB free and about {needed / 1e9:.0f} GB are needed for {what}",
            "Make room (`docker system df` shows what is there) or take fewer instances.",
        )


def _pull_hint(names: Iterable[str]) -> str:
    listed = list(names)
    lines = "".join(f"\n  docker pull {name}" for name in listed[:10])
    more = f"\n  and {len(listed) - 10} more" if len(listed) > 10 else ""
    return f"Run with --pull, or fetch them yourself:{lines}{more}"
