"""The commit that a clone has checked out, read from its files: git itself is never run with a foreign configuration."""

from __future__ import annotations

import re
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.repo.objects import resolve_git_dir

_COMMIT = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"ref: (refs/[^\0\n]+)")


def head_commit(folder: Path) -> str:
    """The id of HEAD in a plain clone, a bare one or a worktree. Raises RepositoryError where it has no commit yet."""
    common = resolve_git_dir(folder)
    own = folder / ".git"
    if own.is_file():
        own = folder / own.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    head = _first_line((own if own.is_dir() else common) / "HEAD")
    branch = _BRANCH.fullmatch(head)
    found = _commit_of(common, branch[1]) if branch else head
    if not _COMMIT.fullmatch(found):
        raise RepositoryError(f"{folder} has no commit at its HEAD that can be read; name one with --commit")
    return found


def _commit_of(common: Path, branch: str) -> str:
    loose = _first_line(common / branch)
    if loose:
        return loose
    for line in _text(common / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == branch:
            return commit
    return ""


def _first_line(path: Path) -> str:
    return _text(path).partition("\n")[0].strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""
