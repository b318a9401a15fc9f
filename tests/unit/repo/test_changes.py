"""What past commits changed, by function."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.repo.objects import GitRepository
from tests.unit.repo.conftest import git_in

BEFORE = """class Shop:
    def open(self):
        x = 1
        y = 2
        return 1

    def close(self):
        return 2
"""
AFTER = BEFORE.replace("return 1", "return 11  # ++ b/x.py")


@pytest.fixture
def commits(clone: Path) -> tuple[str, str]:
    """A commit that adds a file, and one that changes a method of it."""
    git = git_in(clone)
    (clone / "shop.py").write_text(BEFORE)
    git("add", "-A")
    git("commit", "-q", "-m", "shop")
    added = git("rev-parse", "HEAD")
    (clone / "shop.py").write_text(AFTER)
    (clone / "note.txt").write_text("not python\n")
    git("add", "-A")
    git("commit", "-q", "-m", "opening")
    return added, git("rev-parse", "HEAD")


def test_a_change_names_the_method_around_it(clone: Path, commits: tuple[str, str]) -> None:
    """The hunk's own method, its path and its lines; other files and methods are not named."""
    (change,) = GitRepository(clone, commits[1]).changes([commits[1]])
    assert (change.commit_id, change.path, change.names) == (commits[1], "shop.py", ("open",))
    assert change.text.split("\n") == ["        return 1", "        return 11  # ++ b/x.py"]


def test_a_changed_signature_is_named_too(clone: Path, commits: tuple[str, str]) -> None:
    """A definition whose first line changed is known by that line."""
    (clone / "shop.py").write_text(AFTER.replace("def close(self)", "def close(self, now)"))
    git_in(clone)("commit", "-q", "-a", "-m", "signature")
    head = git_in(clone)("rev-parse", "HEAD")
    (change,) = GitRepository(clone, head).changes([head])
    assert "close" in change.names


def test_added_files_and_no_commits_give_nothing(clone: Path, commits: tuple[str, str]) -> None:
    """Only modified files say where a defect was repaired."""
    repository = GitRepository(clone, commits[1])
    assert repository.changes([commits[0]]) == ()
    assert repository.changes([]) == ()


def test_a_commit_that_the_clone_lacks_is_left_out(clone: Path, commits: tuple[str, str]) -> None:
    """No error: evidence that is not there is no evidence."""
    changes = GitRepository(clone, commits[1]).changes([commits[1], "1" * 40])
    assert [change.commit_id for change in changes] == [commits[1]]
