"""Trees written as loose objects are the ones that git itself would write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import RepositoryError
from orchestrator.repo.fastimport import commit_command, import_commits
from orchestrator.repo.plumbing import ScratchGitDir, run_git
from orchestrator.repo.trees import TreeWriter

NAMES = st.sampled_from(["a", "a.b", "a-b", "ab", "B", "\udcff", "ü", "a b"])
FILES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map("/".join),
    st.tuples(st.sampled_from(["100644", "100755", "120000"]), st.binary(max_size=5)),
    min_size=1,
    max_size=8,
).filter(lambda files: not any(other.startswith(path + "/") for path in files for other in files))


@settings(max_examples=30)
@given(FILES)
def test_the_tree_is_the_one_that_git_writes(files: dict[str, tuple[str, bytes]]) -> None:
    """Same id as fast-import's, whatever the order of names, folders beside files of like name, modes and encodings."""
    with ScratchGitDir() as git:
        written = TreeWriter(git.path).write(files).hex()
        import_commits(git.path, {"x": commit_command("x", files)})
        assert run_git(git.path, "rev-parse", "refs/heads/x^{tree}").decode().strip() == written
        assert run_git(git.path, "ls-tree", "-r", "--name-only", "-z", written).count(b"\0") == len(files)


@pytest.mark.parametrize("path", ["", "/a", "a//b", "../a", "a/.git/x", "a\0b"])
def test_a_path_that_no_tree_may_hold_is_refused(path: str, tmp_path: Path) -> None:
    """By name, before anything is written."""
    with pytest.raises(RepositoryError, match="not a path inside"):
        TreeWriter(tmp_path).write({path: ("100644", b"")})


def test_a_file_and_a_folder_of_one_name_are_refused(tmp_path: Path) -> None:
    """Git would keep only the one that came last."""
    (tmp_path / "objects").mkdir()
    with pytest.raises(RepositoryError, match="a file and a folder"):
        TreeWriter(tmp_path).write({"a": ("100644", b""), "a/b": ("100644", b"")})
