"""find_repository: mirrors first, then a cached partial clone, then a list of reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.errors import MissingPiece, RepositoryError
from orchestrator.repo.sources import find_repository, mirror_names
from tests.unit.repo.conftest import git_in

NAME = "owner/name"


@pytest.mark.parametrize("folder", mirror_names(NAME))
def test_every_mirror_name_is_found(clone: Path, base: str, tmp_path: Path, folder: str) -> None:
    """Bare clones are found under each of the names."""
    mirrors = tmp_path / "mirrors"
    git_in(tmp_path)("clone", "-q", "--bare", str(clone), str(mirrors / folder))
    found = find_repository(NAME, base, (tmp_path / "absent", mirrors), tmp_path / "cache")
    assert found.git_dir == mirrors / folder
    assert not (tmp_path / "cache").exists()


def test_a_plain_clone_is_a_mirror_too(clone: Path, base: str, tmp_path: Path) -> None:
    """A clone with a working tree serves as well."""
    clone.rename(tmp_path / "owner__name")
    assert find_repository(NAME, base, (tmp_path,), tmp_path / "cache").read("old.py") == b"print('old')\n"


def test_a_mirror_without_the_commit_is_passed_over(clone: Path, base: str, tmp_path: Path) -> None:
    """The next mirror is tried where the first is too old."""
    first, second = tmp_path / "first", tmp_path / "second"
    git_in(tmp_path)("clone", "-q", "--bare", "--depth=1", f"file://{clone}", str(first / "owner__name"))
    git_in(tmp_path)("clone", "-q", "--bare", str(clone), str(second / "owner__name"))
    assert find_repository(NAME, base, (first, second), tmp_path / "cache").git_dir.parent == second


def test_the_origin_is_cloned_once_and_the_commits_blobs_come_along(clone: Path, base: str, tmp_path: Path) -> None:
    """A partial clone is cached; reading works after the origin is gone, and the cache serves the next call."""
    git = git_in(clone)
    git("config", "uploadpack.allowFilter", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    cache = tmp_path / "cache"
    found = find_repository(NAME, base, (), cache, lambda _: f"file://{clone}")
    clone.rename(tmp_path / "gone")
    assert found.read("old.py") == b"print('old')\n"
    assert found.archive()
    again = find_repository(NAME, base, (), cache, lambda _: "file:///nowhere")
    assert again.read("pkg/no_newline.py") == b"x = 1"
    blobs = git_in(cache / "owner__name.git")("cat-file", "--batch-all-objects", "--batch")
    assert "the future fix" not in blobs


def test_a_cached_clone_is_refreshed_for_a_newer_commit(clone: Path, base: str, tmp_path: Path) -> None:
    """A commit made after the clone is fetched into it."""
    git = git_in(clone)
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git("config", key, "true")
    find_repository(NAME, base, (), tmp_path / "cache", lambda _: f"file://{clone}")
    (clone / "newer.py").write_bytes(b"n\n")
    git("add", "-A")
    git("commit", "-q", "-m", "newer")
    newer = git("rev-parse", "HEAD")
    assert find_repository(NAME, newer, (), tmp_path / "cache", lambda _: f"file://{clone}").read("newer.py") == b"n\n"


def test_where_nothing_has_the_commit_every_source_is_named(clone: Path, tmp_path: Path) -> None:
    """The error lists why each source failed, and what to do."""
    clone.rename(tmp_path / "owner__name")
    with pytest.raises(MissingPiece, match="has no commit 000000") as caught:
        find_repository(NAME, "0" * 40, (tmp_path,), tmp_path / "cache", lambda _: f"file://{tmp_path}/nowhere")
    assert "could not fetch" in str(caught.value)
    assert "RAMP_MIRRORS" in caught.value.remedy
    with pytest.raises(MissingPiece, match="switched off"):
        find_repository(NAME, "0" * 40, (tmp_path,), tmp_path / "cache", None)


@pytest.mark.parametrize("name", ["../../etc", "a/b/c", "a", "-x/y", "a/..", "a/b\n"])
def test_names_that_are_paths_are_refused(tmp_path: Path, name: str) -> None:
    """A repository name cannot lead out of the mirrors folder or into an option."""
    with pytest.raises(RepositoryError, match="owner/name"):
        find_repository(name, "0" * 40, (tmp_path,), tmp_path / "cache")
