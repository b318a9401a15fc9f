"""Writing trees into a scratch git directory in one `git fast-import`: no working tree, no index, no attributes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.repo.plumbing import run_git

Files = Mapping[str, tuple[str, bytes]]
"""By path: git mode (100644, 100755 or 120000) and content."""

WRITABLE_MODES = frozenset({"100644", "100755", "120000"})


def import_commits(git_dir: Path, commits: Mapping[str, bytes]) -> None:
    """Feed commit commands (by branch name) to one git fast-import. Raises RepositoryError where git refuses them."""
    stream = b"feature done\n" + b"".join(commits.values()) + b"done\n"
    run_git(git_dir, "fast-import", "--quiet", "--force", "--done", stdin=stream)


def commit_command(
    branch: str,
    files: Files,
    message: str = "",
    author: str = "ramp <ramp@localhost>",
    when: str = "0 +0000",
    parent: str | None = None,
) -> bytes:
    """The fast-import command for a commit of `files` alone on refs/heads/`branch`, a root or on top of another branch.

    `when` is seconds since the epoch and time zone.

    Raises RepositoryError for a path or mode that git's trees cannot or must not hold.
    """
    lines = [
        f"commit refs/heads/{branch}\nauthor {author} {when}\ncommitter {author} {when}\n".encode(),
        _data(message.encode()),
    ]
    if parent is not None:
        lines.append(f"from refs/heads/{parent}\ndeleteall\n".encode())
    for path, (mode, content) in files.items():
        parts_of(path, mode)
        lines += [b"M " + mode.encode() + b" inline " + quote_path(path) + b"\n", _data(content)]
    return b"".join(lines)


def parts_of(path: str, mode: str) -> tuple[str, ...]:
    """The path's components. Raises RepositoryError for a path or mode that git's trees cannot or must not hold."""
    if mode not in WRITABLE_MODES:
        raise RepositoryError(f"{path!r} has mode {mode}; only regular files and symlinks can be written")
    parts = tuple(path.split("/"))
    if "\0" in path or any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise RepositoryError(f"{path!r} is not a path inside a repository")
    return parts


def quote_path(path: str) -> bytes:
    """A path as fast-import reads it: in C quotes, every byte kept."""
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"
