"""The commit that a clone has checked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import RepositoryError
from orchestrator.repo.heads import head_commit
from tests.unit.repo.conftest import git_in


def test_the_head_of_a_clone_loose_packed_or_detached(clone: Path) -> None:
    """Wherever git keeps it, it is what rev-parse says."""
    git = git_in(clone)
    wanted = git("rev-parse", "HEAD")
    assert head_commit(clone) == wanted
    git("pack-refs", "--all")
    assert head_commit(clone) == wanted
    git("checkout", "-q", "--detach")
    assert head_commit(clone) == wanted


def test_the_head_of_a_worktree_is_its_own(clone: Path, base: str, tmp_path: Path) -> None:
    """A worktree shares refs and has a HEAD of its own; a bare clone has one too."""
    git_in(clone)("worktree", "add", "-q", "--detach", str(tmp_path / "beside"), base)
    assert head_commit(tmp_path / "beside") == base
    git_in(tmp_path)("clone", "-q", "--bare", str(clone), "bare")
    assert head_commit(tmp_path / "bare") == git_in(clone)("rev-parse", "HEAD")


def test_a_clone_without_a_commit_is_an_error(tmp_path: Path) -> None:
    """The message says what to give instead."""
    git_in(tmp_path)("init", "-q", "empty")
    with pytest.raises(RepositoryError, match="--commit"):
        head_commit(tmp_path / "empty")
