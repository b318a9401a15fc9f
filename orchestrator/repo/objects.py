"""A repository at one commit, read from git's object database through one long-lived `git cat-file`."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import RepositoryError
from orchestrator.protocols import CommitInfo, FileChange, TreeEntry
from orchestrator.repo.blobs import stream_blobs
from orchestrator.repo.changes import read_changes
from orchestrator.repo.overlay import REGULAR_MODES
from orchestrator.repo.plumbing import ScratchGitDir, git_environment, no_git, run_git

if TYPE_CHECKING:
    from git import Git

_OBJECT_ID = re.compile(r"[0-9a-f]{40}")


class GitRepository:
    """The commit `base_commit` of `git_dir` (a bare repository, a plain clone or its .git); implements Repository.

    Safe to use from several threads. Raises RepositoryError where the folder is no repository or lacks the commit.
    """

    def __init__(self, git_dir: Path, base_commit: str) -> None:
        self.git_dir = resolve_git_dir(git_dir)
        self._scratch = ScratchGitDir(borrow_from=self.git_dir)
        self._base_commit = self._resolve(base_commit)
        self._cat_file_lock = threading.Lock()
        self._entries_lock = threading.Lock()

    @property
    def base_commit(self) -> str:
        """The full commit id."""
        return self._base_commit

    def close(self) -> None:
        """End the reading process and remove the scratch directory; also happens when the object goes."""
        self._git.clear_cache()
        self._scratch.close()

    def entries(self) -> Mapping[str, TreeEntry]:
        """Every entry by path, in git's order."""
        with self._entries_lock:
            return self._entries

    def read(self, path: str) -> bytes:
        """A regular file's content. Raises KeyError where there is none, RepositoryError where the clone lacks the blob."""
        entry = self.entries()[path]
        if entry.mode not in REGULAR_MODES:
            raise KeyError(path)
        return self._blob(entry.blob_id)

    def read_blobs(self, blob_ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Contents of many blobs, one at a time and in the order asked for, from one process."""
        wanted = list(blob_ids)
        for blob_id in wanted:
            _check_id(blob_id)
        for blob_id, content in stream_blobs(self._scratch.path, wanted):
            if content is None:
                raise self._lacks(blob_id)
            yield blob_id, content

    def history(self, limit: int) -> tuple[CommitInfo, ...]:
        """Up to `limit` commits, base_commit and its ancestors, newest first; paths of merges are left out, as in git log."""
        mark = secrets.token_hex(16)
        raw = run_git(
            self._scratch.path, "log", "-z", "--name-only", "--no-renames", "--no-show-signature", "--no-ext-diff",
            "--no-textconv", "--no-color", "--encoding=UTF-8", f"--max-count={limit}",
            f"--format={mark}%H%x00%at%x00%B%x00{mark}", self.base_commit,
        )  # fmt: skip
        halves = raw.split(mark.encode())[1:]
        commits = (_commit_info(head, paths) for head, paths in zip(halves[::2], halves[1::2], strict=True))
        edge = self._shallow_edge()
        # A commit whose parents are cut off looks as if it had added every file.
        return tuple(replace(c, paths=()) if c.commit_id in edge else c for c in commits)

    def changes(self, commit_ids: Sequence[str]) -> tuple[FileChange, ...]:
        """The Python files that commits modified, with the definitions around the changed lines, in the order asked for."""
        return read_changes(self._scratch.path, commit_ids)

    def archive(self) -> bytes:
        """A tar of the tree with each blob's own bytes (no attribute applies), symlinks as links, submodules as empty folders."""
        return run_git(self._scratch.path, "archive", "--format=tar", self.base_commit)

    def export_objects(self, directory: Path) -> None:
        """Write this one commit with its tree and blobs, and no other commit, as an objects folder that git can borrow from."""
        (directory / "pack").mkdir(parents=True)
        commit, tree = self.base_commit, f"{self.base_commit}^{{tree}}"
        listed = run_git(self._scratch.path, "rev-list", "--objects", "--no-object-names", tree)
        prefix = str((directory / "pack" / "pack").resolve())
        # Deltas that exist are kept and no new ones are looked for: the folder lives as long as a run.
        run_git(self._scratch.path, "pack-objects", "-q", "--window=0", prefix, stdin=f"{commit}\n".encode() + listed)

    def index(self) -> bytes:
        """A git index file of the tree, as after a checkout but without any file's times."""
        path = self._scratch.path / f"index-{secrets.token_hex(8)}"
        run_git(self._scratch.path, "read-tree", self.base_commit, index=path)
        content = path.read_bytes()
        path.unlink()
        return content

    def _shallow_edge(self) -> frozenset[str]:
        listed = self._scratch.path / "shallow"
        return frozenset(listed.read_text(encoding="ascii").split()) if listed.is_file() else frozenset()

    def _resolve(self, commit: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{7,40}", commit):
            raise RepositoryError(f"{commit!r} is not a commit id; give its hexadecimal id")
        try:
            found = run_git(
                self._scratch.path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"
            )
        except RepositoryError as error:
            raise RepositoryError(f"{self.git_dir} has no commit {commit}; fetch it or name another clone") from error
        return found.decode().strip()

    @cached_property
    def _entries(self) -> dict[str, TreeEntry]:
        listed = run_git(self._scratch.path, "ls-tree", "-r", "-z", "-l", "--full-tree", self.base_commit)
        entries = (_tree_entry(record) for record in listed.split(b"\0") if record)
        return {entry.path: entry for entry in entries}

    @cached_property
    def _git(self) -> Git:
        try:
            from git import Git
        except ImportError as error:  # GitPython looks for the program when it is imported
            raise no_git() from error
        reader = Git(str(self._scratch.path))
        reader.update_environment(**git_environment(self._scratch.path))
        return reader

    def _blob(self, blob_id: str) -> bytes:
        _check_id(blob_id)
        with self._cat_file_lock:
            try:
                _, kind, _, content = self._git.get_object_data(blob_id)
            except ValueError as error:
                raise self._lacks(blob_id) from error
        if kind not in ("blob", b"blob"):  # GitPython says str and returns bytes
            raise RepositoryError(f"{blob_id} is a {kind}, not a blob")
        return content

    def _lacks(self, blob_id: str) -> RepositoryError:
        return RepositoryError(
            f"{self.git_dir} lacks blob {blob_id} of commit {self.base_commit}; fetch it (`git fetch --refetch`)"
        )


def _check_id(blob_id: str) -> None:
    if not _OBJECT_ID.fullmatch(blob_id):
        raise RepositoryError(f"{blob_id!r} is not a blob id")


def resolve_git_dir(folder: Path) -> Path:
    """The directory that holds `objects`: the folder itself, its .git, or what a .git file or `commondir` points to."""
    candidate = folder / ".git"
    if candidate.is_file():
        pointer = candidate.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
        candidate = folder / pointer
    if not candidate.is_dir():
        candidate = folder
    common = candidate / "commondir"
    if common.is_file():
        candidate = candidate / common.read_text(errors="surrogateescape").strip()
    if not (candidate / "objects").is_dir():
        raise RepositoryError(f"{folder} is not a git repository (no objects folder in it or in its .git)")
    return candidate.resolve()


def _tree_entry(record: bytes) -> TreeEntry:
    meta, _, path = record.partition(b"\t")
    mode, _, object_id, size = meta.decode("ascii").split()
    size_bytes = int(size) if size.isdigit() else -1
    return TreeEntry(path.decode("utf-8", "surrogateescape"), mode, object_id, size_bytes)


def _commit_info(head: bytes, paths: bytes) -> CommitInfo:
    commit_id, time_s, message, _ = head.split(b"\0", 3)
    # The list of names starts on a new line, except with -z in some versions of git, where a NUL stands there.
    names = (name.removeprefix(b"\n") for name in paths.split(b"\0"))
    touched = tuple(name.decode("utf-8", "surrogateescape") for name in names if name)
    return CommitInfo(commit_id.decode(), message.decode("utf-8", "replace").strip("\n"), int(time_s), touched)
