"""An image's own /testbed as a source of repositories: its git objects are copied out, and never checked out.

Only objects come, by name: the image's configuration, hooks and references stay where they are. The image is pristine
here, no sandbox has written to it.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from orchestrator.errors import RepositoryError
from orchestrator.protocols import Repository
from orchestrator.records import Task
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.plumbing import make_git_dir
from orchestrator.sandbox.docker_connection import ContainerVanished, engine_errors
from orchestrator.sandbox.docker_images import find_image

_WANTED = re.compile(r"\.git/(objects/[0-9a-f]{2}/[0-9a-f]{38,62}|objects/pack/pack-[0-9a-f]+\.(pack|idx|rev)|shallow)")
_MAX_BYTES = 8_000_000_000


def image_repository(api: Any, task: Task, cache_dir: Path, root: str = "/testbed") -> Repository:
    """The repository inside the task's image at base_commit, copied once per image id into `cache_dir`.

    Raises MissingPiece (the image is not here) or RepositoryError (it holds no such commit).
    """
    image = find_image(api, str(task.image))
    copied = cache_dir / f"{image.image_id.removeprefix('sha256:')[:24]}.git"
    if not copied.is_dir():
        _copy_out(api, image.image_id, f"{root}/.git", copied)
    return GitRepository(copied, task.base_commit)


def _copy_out(api: Any, image_id: str, git_dir: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".copying-", dir=target.parent) as scratch:
        fresh = make_git_dir(Path(scratch) / "objects.git")
        with engine_errors("copying a repository out of an image"):
            container = api.create_container(image_id, command=["true"], entrypoint=[], use_config_proxy=False)["Id"]
            try:
                stream, _stat = api.get_archive(container, git_dir)
                _unpack(stream, fresh)
            except ContainerVanished as error:
                raise RepositoryError(f"the image {image_id[:19]} has no {git_dir}") from error
            except tarfile.TarError as error:
                raise RepositoryError(f"the engine gave {git_dir} as a broken archive: {error}") from error
            finally:
                api.remove_container(container, force=True, v=True)
        try:
            fresh.rename(target)
        except OSError:
            # Another thread or run was faster; its copy is the same.
            if not target.is_dir():
                shutil.move(fresh, target)


def _unpack(stream: Iterable[bytes], git_dir: Path) -> None:
    """Take the git objects out of a tar stream, each under its own name, links and all else left behind."""
    total = 0
    with tarfile.open(fileobj=cast("Any", _Stream(stream)), mode="r|") as archive:
        for member in archive:
            if not (member.isreg() and _WANTED.fullmatch(member.name)):
                continue
            total += member.size
            if total > _MAX_BYTES:
                raise RepositoryError(
                    f"the image's repository is larger than {_MAX_BYTES:,} bytes; give a mirror instead"
                )
            content = archive.extractfile(member)
            path = git_dir / member.name.removeprefix(".git/")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(cast("Any", content), file)


class _Stream:
    """Chunks of bytes as the readable object that tarfile wants."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; empty at the end."""
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
