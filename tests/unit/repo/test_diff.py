"""make_patch and apply_patch: git's own patches, both ways."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.errors import RepositoryError
from orchestrator.protocols import TreeEntry
from orchestrator.records import EditRefusal, FileChange
from orchestrator.repo.diff import PatchMaker, apply_patch, is_binary, make_patch
from orchestrator.repo.objects import GitRepository
from orchestrator.repo.overlay import Overlay, blob_id
from tests.unit.repo.conftest import git_in


class MemoryTree:
    """Regular files in memory, as a Tree."""

    def __init__(self, files: dict[str, bytes], mode: str = "100644") -> None:
        self._files = files
        self._mode = mode

    def entries(self) -> dict[str, TreeEntry]:
        """Every file."""
        return {path: TreeEntry(path, self._mode, blob_id(data), len(data)) for path, data in self._files.items()}

    def read(self, path: str) -> bytes:
        """A file's content."""
        return self._files[path]


def test_a_patch_reads_as_git_writes_it() -> None:
    """The patch has git's headers with full ids, and nothing but the change."""
    before, after = b"1\n2\n3\n", b"1\nzwei\n3\n"
    patch = make_patch([FileChange("a.py", before, after)])
    ids = f"{blob_id(before)}..{blob_id(after)}"
    assert patch == (
        b"diff --git a/a.py b/a.py\nindex "
        + ids.encode()
        + b" 100644\n--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n 1\n-2\n+zwei\n 3\n"
    )


@pytest.mark.parametrize("changes", [[], [FileChange("a.py", b"x", b"x")]], ids=["none", "null edit"])
def test_no_change_is_an_empty_patch(changes: list[FileChange]) -> None:
    """No changes, or changes that change nothing, make no bytes at all."""
    assert make_patch(changes) == b""


CASES = {
    "crlf": FileChange("a.py", b"a\r\nb\r\n", b"a\r\nc\r\n"),
    "crlf to lf": FileChange("a.py", b"a\r\nb\r\n", b"a\nb\n"),
    "no newline before": FileChange("a.py", b"a", b"a\n"),
    "no newline after": FileChange("a.py", b"a\n", b"b"),
    "new": FileChange("new/deep/a.py", None, b"a\n"),
    "new empty": FileChange("e.py", None, b""),
    "deleted": FileChange("a.py", b"a\n", None),
    "executable": FileChange("run.sh", b"a\n", b"b\n", "100755"),
    "latin-1": FileChange("a.py", b"\xe9\n", b"\xe8\n"),
    "odd path": FileChange('s p/q"uo\\te\t\udce9.py', b"a\n", b"b\n"),
    "new odd path": FileChange("t\nwo.py", None, b"b\n"),
    "form feed and bom": FileChange("a.py", b"\xef\xbb\xbfa\x0cb\n", b"\xef\xbb\xbfa\x0cc\n"),
    "binary": FileChange("a.bin", b"\0\x01", b"\0\x02"),
    "emptied": FileChange("a.py", b"a\n", b""),
    "trailing space": FileChange("a.py", b"a  \n", b"b\t \n"),
    "looks like a header": FileChange("a.py", b"-- a/x\n", b"++ b/y\n"),
}


@pytest.mark.parametrize("change", CASES.values(), ids=CASES.keys())
def test_applying_the_patch_gives_the_change_back(change: FileChange) -> None:
    """A patch applied to the tree it came from is the change again, byte for byte."""
    files = {} if change.before is None else {change.path: change.before}
    assert apply_patch(MemoryTree(files, change.mode), make_patch([change])) == (change,)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=st.binary(max_size=60), after=st.binary(max_size=60))
def test_any_bytes_survive_a_round_trip(before: bytes, after: bytes) -> None:
    """For any two contents, patch and apply are inverse."""
    applied = apply_patch(MemoryTree({"f": before}), make_patch([FileChange("f", before, after)]))
    assert applied == (() if before == after else (FileChange("f", before, after),))


def test_several_files_in_path_order(clone: Path, base: str) -> None:
    """One patch holds all changes; a working copy that git patches with it equals the overlay."""
    repository = GitRepository(clone, base)
    changes = [
        FileChange("run.sh", b"#!/bin/sh\n", None, "100755"),
        FileChange("old.py", repository.read("old.py"), b"print('fixed')\n"),
        FileChange("added.py", None, b"y = 2"),
    ]
    patch = make_patch(changes)
    git = git_in(clone)
    git("checkout", "-q", base)
    git("apply", "-", stdin=patch)
    git("add", "-A")
    listed = git("ls-files", "-s", "-z").split("\0")
    expected = Overlay(repository, changes).entries()
    assert [line.split()[1] for line in listed if line] == [entry.blob_id for entry in expected.values()]


def test_renames_and_mode_changes_of_a_foreign_patch() -> None:
    """A rename comes back as deletion and new file, a mode change as a change with the new mode."""
    rename = b"diff --git a/o.py b/n.py\nsimilarity index 100%\nrename from o.py\nrename to n.py\n"
    assert apply_patch(MemoryTree({"o.py": b"1\n"}), rename) == (
        FileChange("n.py", None, b"1\n"),
        FileChange("o.py", b"1\n", None),
    )
    mode = b"diff --git a/o.py b/o.py\nold mode 100644\nnew mode 100755\n"
    assert apply_patch(MemoryTree({"o.py": b"1\n"}), mode) == (FileChange("o.py", b"1\n", b"1\n", "100755"),)


REFUSED = {
    "context differs": b"--- a/o.py\n+++ b/o.py\n@@ -1 +1 @@\n-other\n+2\n",
    "no such file": b"--- a/p.py\n+++ b/p.py\n@@ -1 +1 @@\n-1\n+2\n",
    "exists": b"--- /dev/null\n+++ b/o.py\n@@ -0,0 +1 @@\n+2\n",
    "under a file": b"--- /dev/null\n+++ b/o.py/x.py\n@@ -0,0 +1 @@\n+2\n",
    "outside": b"--- a/../o.py\n+++ b/../o.py\n@@ -1 +1 @@\n-1\n+2\n",
    "git folder": b"diff --git a/.git/x b/.git/x\nnew file mode 100644\n--- /dev/null\n+++ b/.git/x\n@@ -0,0 +1 @@\n+2\n",
    "prose": b"I would change the file.\n",
    "cut off": b"--- a/o.py\n+++ b/o.py\n@@ -1,5 +1,5 @@\n-1\n",
    "binary noise": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("patch", REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_apply_is_a_refusal_not_an_exception(patch: bytes) -> None:
    """A patch that git would not apply comes back as a refusal with git's words."""
    refusal = apply_patch(MemoryTree({"o.py": b"1\n"}), patch)
    assert isinstance(refusal, EditRefusal)
    assert refusal.code in {"patch_does_not_apply", "patch_malformed"}
    assert refusal.message.startswith("git apply says: ")


def test_an_empty_patch_changes_nothing() -> None:
    """White space alone is no patch and no refusal."""
    assert apply_patch(MemoryTree({}), b" \n") == ()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a//b", ".git/config", "a/.GIT/x", "a/./b", "", "n\0ul"])
def test_paths_that_no_tree_may_hold_are_errors(path: str) -> None:
    """make_patch refuses what the judge must have refused before."""
    with pytest.raises(RepositoryError, match="not a path inside"):
        make_patch([FileChange(path, None, b"x")])


def test_is_binary_is_gits_rule() -> None:
    """A NUL within the first 8000 bytes, as git looks for it."""
    assert is_binary(b"a\0")
    assert not is_binary("é\r\n".encode())
    assert not is_binary(b"a" * 8000 + b"\0")


def test_scratch_is_left_empty(tmp_path: Path) -> None:
    """Temporary repositories go when the patch is made, and when it is refused."""
    make_patch([FileChange("a", None, b"x")], tmp_path)
    apply_patch(MemoryTree({}), b"nonsense", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_batch_of_patches_is_each_patch_by_itself(tmp_path: Path) -> None:
    """One scratch directory and two processes give what one directory for each gives, batch after batch."""
    sets = [
        [FileChange("a.py", b"x = 1\n", b"x = 2\n")],
        [FileChange("new.py", None, b"y = 1"), FileChange("a.py", b"x = 1\r\n", b"x = 3\r\n")],
        [],
        [FileChange("a.py", b"x = 1\n", None), FileChange("b\xe9.bin", b"\0\1", b"\0\2", mode="100755")],
        [FileChange("odd name\n.txt", b"caf\xe9", b"\xff\n\n\n")],
        [FileChange("same.py", b"z\n", b"z\n")],
    ]
    maker = PatchMaker(tmp_path)
    alone = [make_patch(changes) for changes in sets]
    assert maker.make(sets) == alone
    assert maker.make(list(reversed(sets))) == list(reversed(alone))
    assert maker.make([]) == []
    assert alone[0].startswith(b"diff --git a/a.py b/a.py\n")
    assert alone[2] == alone[5] == b""
