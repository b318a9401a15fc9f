"""commit_tree: the same files, the same commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import RepositoryError
from orchestrator.repo.seed import commit_tree
from tests.unit.repo.conftest import git_in

FILES = {"a.py": ("100644", b"x = 1\r\n"), "bin/run": ("100755", b"#!/bin/sh\n"), "l": ("120000", b"a.py")}
SEED = ("starter: one\n", "starter <starter@localhost>", "2026-01-01T00:00:00+00:00")


def test_the_commit_is_the_one_git_itself_makes(tmp_path: Path) -> None:
    """Author, date, message and tree give the id that `git commit` gives; the order of files does not matter."""
    folder = tmp_path / "by-hand"
    (folder / "bin").mkdir(parents=True)
    (folder / "a.py").write_bytes(b"x = 1\r\n")
    (folder / "bin/run").write_bytes(b"#!/bin/sh\n")
    (folder / "bin/run").chmod(0o755)
    (folder / "l").symlink_to("a.py")
    git = git_in(folder)
    git("init", "-q")
    git("add", "-A")
    tree = git("write-tree")
    header = f"tree {tree}\nauthor {SEED[1]} 1767225600 +0000\ncommitter {SEED[1]} 1767225600 +0000\n\n{SEED[0]}"
    expected = git("hash-object", "-t", "commit", "--stdin", stdin=header.encode())
    assert commit_tree(FILES, *SEED).base_commit == expected
    assert commit_tree(dict(reversed(FILES.items())), *SEED).base_commit == expected


def test_the_commit_has_no_parent_and_the_files_given(tmp_path: Path) -> None:
    """History is the one commit; contents and modes are as given."""
    repository = commit_tree(FILES, *SEED, tmp_path)
    assert [commit.message for commit in repository.history(5)] == ["starter: one"]
    assert repository.read("a.py") == b"x = 1\r\n"
    assert {path: entry.mode for path, entry in repository.entries().items()} == {
        p: mode for p, (mode, _) in FILES.items()
    }


def test_the_scratch_repository_goes_with_the_object(tmp_path: Path) -> None:
    """Nothing stays behind in the scratch folder."""
    repository = commit_tree(FILES, *SEED, tmp_path)
    assert list(tmp_path.iterdir())
    del repository
    assert list(tmp_path.iterdir()) == []


def test_a_date_without_offset_is_refused() -> None:
    """A local date would make another commit on another machine."""
    with pytest.raises(RepositoryError, match="UTC offset"):
        commit_tree(FILES, "m", "a <a@localhost>", "2026-01-01T00:00:00")


@pytest.mark.parametrize("mode", ["160000", "040000", "100664"])
def test_other_modes_are_refused(mode: str) -> None:
    """Only files and links can be committed."""
    with pytest.raises(RepositoryError, match="mode"):
        commit_tree({"a": (mode, b"x")}, *SEED)
