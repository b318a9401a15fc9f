"""What a fresh working copy is made from, once per task: a tar of the tree with a git directory of one commit.

The git directory borrows its objects, the base commit with its tree and nothing else, from a folder that sandboxes see
read-only. So `git status`, `git diff` and `git checkout <base_commit> path` work, and no past or future commit can be read.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import weakref
from pathlib import Path

from orchestrator.errors import SandboxError
from orchestrator.protocols import Repository
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.plumbing import NO_ATTRIBUTES
from orchestrator.scratch import make_scratch

OBJECTS_INSIDE = "/run/ramp/objects"
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"


class SeedTree:
    """The tar and the objects folder of one commit, in a temporary folder that goes with the object."""

    def __init__(self, repository: Repository, scratch: Path | None = None) -> None:
        if not isinstance(repository, GitRepository):
            raise SandboxError(f"a sandbox without an image needs a git repository, not {type(repository).__name__}")
        root = make_scratch("seed", scratch)
        self._clean_up = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        self.base_commit = repository.base_commit
        self.objects = root / "objects"
        self.tar = root / "tree.tar"
        repository.export_objects(self.objects)
        self.tar.write_bytes(repository.archive())
        self._add_git_directory(repository)

    def _add_git_directory(self, repository: GitRepository) -> None:
        files = {
            "HEAD": b"ref: refs/heads/main\n",
            "config": _CONFIG.encode(),
            "index": repository.index(),
            "info/attributes": NO_ATTRIBUTES.encode(),
            "objects/info/alternates": f"{OBJECTS_INSIDE}\n".encode(),
            "refs/heads/main": f"{self.base_commit}\n".encode(),
            "shallow": f"{self.base_commit}\n".encode(),
        }
        with tarfile.open(self.tar, "a") as tar:
            for folder in (
                "",
                "/info",
                "/objects",
                "/objects/info",
                "/objects/pack",
                "/refs",
                "/refs/heads",
                "/refs/tags",
            ):
                member = tarfile.TarInfo(f".git{folder}")
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(member)
            for name, content in files.items():
                member = tarfile.TarInfo(f".git/{name}")
                member.size, member.mode = len(content), 0o644
                tar.addfile(member, io.BytesIO(content))
