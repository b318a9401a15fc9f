"""GitRepository: what it reads, and what it must not be led to do."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import threading
from pathlib import Path

import pytest

from orchestrator.errors import RepositoryError
from orchestrator.repo.objects import GitRepository
from tests.unit.repo.conftest import git_in


def digest(folder: Path) -> str:
    """A hash of every file, mode and link below a folder."""
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        seen.update(f"{path} {status.st_mode} {status.st_mtime_ns}".encode("utf-8", "surrogateescape"))
        seen.update(path.read_bytes() if path.is_file() and not path.is_symlink() else b"")
    return seen.hexdigest()


def test_entries_are_in_gits_order_with_modes_and_sizes(clone: Path, base: str) -> None:
    """Entries give path, mode, blob id and size, sorted as git sorts."""
    entries = GitRepository(clone, base).entries()
    assert list(entries) == [
        "latin.py",
        "link.py",
        "nam\udce9.txt",
        "old.py",
        "pkg/crlf.py",
        "pkg/no_newline.py",
        "run.sh",
    ]
    assert entries["run.sh"].mode == "100755"
    assert entries["link.py"].mode == "120000"
    assert entries["old.py"].size_bytes == len(b"print('old')\n")


def test_reads_the_base_and_not_the_future(clone: Path, base: str) -> None:
    """A file has its content at base_commit, whatever HEAD and the working tree say."""
    assert GitRepository(clone, base).read("old.py") == b"print('old')\n"


def test_bytes_come_back_as_committed(clone: Path, base: str) -> None:
    """CRLF, latin-1, a missing last newline and odd names survive reading."""
    repository = GitRepository(clone, base)
    assert repository.read("pkg/crlf.py") == b"a = 1\r\nb = 2\r\n"
    assert repository.read("pkg/no_newline.py") == b"x = 1"
    assert repository.read("latin.py") == b"# -*- coding: latin-1 -*-\ns = '\xe9'\n"
    assert repository.read("nam\udce9.txt") == b"odd name\n"


@pytest.mark.parametrize("path", ["link.py", "absent.py", "pkg", "../old.py"])
def test_what_is_no_regular_file_is_a_key_error(clone: Path, base: str, path: str) -> None:
    """Symlinks, folders and absent paths count as no file."""
    with pytest.raises(KeyError):
        GitRepository(clone, base).read(path)


def test_read_blobs_keeps_the_order_asked_for(clone: Path, base: str) -> None:
    """Many blobs come in the order of the request, repeats included."""
    repository = GitRepository(clone, base)
    ids = [repository.entries()[path].blob_id for path in ("run.sh", "old.py", "run.sh")]
    assert [content for _, content in repository.read_blobs(ids)] == [b"#!/bin/sh\n", b"print('old')\n", b"#!/bin/sh\n"]


def test_read_blobs_gives_empty_binary_and_large_blobs_whole(clone: Path) -> None:
    """Contents that hold line feeds, nothing or a header's look come back byte for byte, however many are asked for."""
    bodies = [b"", b"\n\n", b"x" * 300_000, b"0" * 40 + b" missing\n"] * 40
    git = git_in(clone)
    for number, body in enumerate(bodies):
        (clone / f"blob{number}").write_bytes(body)
    git("add", "-A")
    git("commit", "-q", "-m", "bodies")
    repository = GitRepository(clone, git("rev-parse", "HEAD"))
    ids = [repository.entries()[f"blob{number}"].blob_id for number in range(len(bodies))]
    assert [content for _, content in repository.read_blobs(ids)] == bodies


def test_read_blobs_may_be_left_half_way(clone: Path, base: str) -> None:
    """Who stops reading early can read again."""
    repository = GitRepository(clone, base)
    ids = [entry.blob_id for entry in repository.entries().values()]
    assert next(iter(repository.read_blobs(ids)))[0] == ids[0]
    assert len(list(repository.read_blobs(ids))) == len(ids)


def test_read_blobs_says_which_blob_is_lacking_or_is_none(clone: Path, base: str) -> None:
    """An id that is unknown, of a commit, or no id at all is named in the error."""
    repository = GitRepository(clone, base)
    known = repository.entries()["old.py"].blob_id
    for wrong, words in (("0" * 40, "lacks blob"), (base, "is a commit"), ("HEAD", "is not a blob id")):
        with pytest.raises(RepositoryError, match=words):
            list(repository.read_blobs([known, wrong]))


def test_history_holds_ancestors_only_newest_first(clone: Path, base: str) -> None:
    """History starts at base_commit, gives messages, times and paths, and never the future."""
    history = GitRepository(clone, base).history(10)
    assert [commit.message for commit in history] == ["second\n\nwith a body", "first"]
    assert history[0].commit_id == base
    assert history[0].time_s == 1577934245
    assert "nam\udce9.txt" in history[0].paths
    assert history[1].paths == ("old.py",)
    assert len(GitRepository(clone, base).history(1)) == 1


def test_history_of_a_shallow_clone_stops_at_its_edge(clone: Path, base: str, tmp_path: Path) -> None:
    """A shallow clone's missing parents are no error."""
    shallow = tmp_path / "shallow"
    git_in(tmp_path)("clone", "-q", "--bare", "--depth=1", f"file://{clone}", str(shallow))
    head = git_in(shallow)("rev-parse", "HEAD")
    (only,) = GitRepository(shallow, head).history(10)
    assert only.commit_id == head
    assert only.paths == (), "a commit without its parents seems to add every file"


def test_archive_has_every_blobs_own_bytes_whatever_the_attributes_say(clone: Path) -> None:
    """export-ignore, export-subst, ident and eol in .gitattributes change nothing in the tar; links stay links."""
    (clone / ".gitattributes").write_text("old.py export-ignore\nv.py export-subst\n*.py text eol=crlf\n*.sh ident\n")
    (clone / "v.py").write_bytes(b"v = '$Format:%H$'\n")
    git = git_in(clone)
    git("add", "-A")
    git("commit", "-q", "-m", "attributes")
    repository = GitRepository(clone, git("rev-parse", "HEAD"))
    with tarfile.open(fileobj=io.BytesIO(repository.archive())) as tar:
        members = {member.name: member for member in tar if not member.isdir()}
        assert set(members) == set(repository.entries())
        assert members["link.py"].issym()
        assert members["link.py"].linkname == "old.py"
        assert members["run.sh"].mode == 0o755
        for name, member in members.items():
            if member.isfile():
                extracted = tar.extractfile(member)
                assert extracted is not None
                assert extracted.read() == repository.read(name)


def test_a_submodule_is_an_entry_without_content(clone: Path, base: str) -> None:
    """A submodule is listed with mode 160000, cannot be read, and breaks neither archive nor pack."""
    git = git_in(clone)
    git("update-index", "--add", "--cacheinfo", f"160000,{base},vendored")
    git("commit", "-q", "-m", "submodule")
    repository = GitRepository(clone, git("rev-parse", "HEAD"))
    assert repository.entries()["vendored"].mode == "160000"
    with pytest.raises(KeyError):
        repository.read("vendored")
    assert repository.archive()
    assert repository.index()


def test_exported_objects_hold_one_commit_and_no_other(clone: Path, base: str, tmp_path: Path) -> None:
    """The objects for sandboxes are the base commit with its whole tree; neither the future nor the past is among them."""
    folder = tmp_path / "unpacked"
    git_in(tmp_path)("init", "-q", "--bare", str(folder))
    shutil.rmtree(folder / "objects")
    GitRepository(clone, base).export_objects(folder / "objects")
    git = git_in(folder)
    kinds = git("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)").split("\n")
    assert [line for line in kinds if line.startswith("commit")] == [f"commit {base}"]
    assert "the future fix" not in git("cat-file", "--batch-all-objects", "--batch")
    assert git("cat-file", "blob", f"{base}:old.py") == "print('old')"


def test_the_index_lists_the_tree(clone: Path, base: str, tmp_path: Path) -> None:
    """The index file has every entry with its mode and id."""
    index = tmp_path / "index"
    repository = GitRepository(clone, base)
    index.write_bytes(repository.index())
    listed = subprocess.run(
        ["git", "ls-files", "-s", "-z"],
        cwd=clone,
        env={"GIT_INDEX_FILE": str(index), "PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    assert listed.stdout.count(b"\0") == len(repository.entries())
    assert all(entry.blob_id.encode() in listed.stdout for entry in repository.entries().values())


def test_a_poisoned_repository_runs_nothing(clone: Path, base: str, tmp_path: Path) -> None:
    """Config, hooks and filters of the clone never run (T11); a bare git call does run them, which shows that they would."""
    sentinel = tmp_path / "fired"
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\necho fired >> {sentinel}\ncat\n")
    trap.chmod(0o755)
    git = git_in(clone)
    for key in (
        "core.fsmonitor",
        "diff.external",
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "tar.tar.command",
        "core.pager",
    ):
        git("config", key, str(trap))
    (clone / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    subprocess.run(["git", "archive", "--format=tar", base], cwd=clone, capture_output=True, check=True)
    assert sentinel.exists()
    sentinel.unlink()
    before = digest(clone)
    repository = GitRepository(clone, base)
    repository.archive()
    repository.history(5)
    repository.read("old.py")
    repository.index()
    repository.export_objects(tmp_path / "objects")
    assert not sentinel.exists()
    assert digest(clone) == before


def test_the_callers_git_environment_is_ignored(
    clone: Path, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR and its like in our own environment (we may run in a git hook) lead nowhere else."""
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    repository = GitRepository(clone, base)
    assert repository.read("old.py") == b"print('old')\n"
    assert len(repository.history(5)) == 2


def test_many_threads_read_at_once(clone: Path, base: str) -> None:
    """Reads from several threads get their own blobs."""
    repository = GitRepository(clone, base)
    wrong: list[str] = []

    def read_often(path: str) -> None:
        expected = repository.read(path)
        wrong.extend(path for _ in range(200) if repository.read(path) != expected)

    threads = [
        threading.Thread(target=read_often, args=(path,)) for path in ("old.py", "run.sh", "latin.py", "pkg/crlf.py")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_linked_worktrees_and_alternates_are_followed(clone: Path, base: str, tmp_path: Path) -> None:
    """A linked worktree and a clone that borrows its objects both lead to the objects."""
    git = git_in(clone)
    git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), base)
    git_in(tmp_path)("clone", "-q", "--shared", str(clone), str(tmp_path / "shared"))
    for folder in (tmp_path / "linked", tmp_path / "shared"):
        assert GitRepository(folder, base).read("old.py") == b"print('old')\n"


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "main", "--help", "deadbee\n", ""])
def test_only_an_existing_commit_id_opens(clone: Path, commit: str) -> None:
    """Names, options and unknown ids are refused."""
    with pytest.raises(RepositoryError, match="commit"):
        GitRepository(clone, commit)


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    """A plain folder is named as no repository."""
    with pytest.raises(RepositoryError, match="not a git repository"):
        GitRepository(tmp_path, "0" * 40)


def test_a_missing_blob_is_named(clone: Path, base: str) -> None:
    """A clone that lacks a blob says which and what to do; the next read still works."""
    repository = GitRepository(clone, base)
    blob = repository.entries()["run.sh"].blob_id
    path = clone / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.unlink()
    with pytest.raises(RepositoryError, match=blob):
        repository.read("run.sh")
    assert repository.read("old.py") == b"print('old')\n"


def test_close_removes_the_scratch_directory(clone: Path, base: str, tmp_path: Path) -> None:
    """Nothing of ours stays in the temporary folder, nor in the clone."""
    before = set(tmp_path.iterdir())
    repository = GitRepository(clone, base)
    scratch = repository._scratch.path
    assert scratch.is_dir()
    repository.close()
    assert not scratch.exists()
    assert set(tmp_path.iterdir()) == before
