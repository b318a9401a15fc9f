"""The unified-diff format lands exactly where git and patch land it, and nowhere else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.edits.apply import Applied, apply_edits
from orchestrator.edits.trees import MappingTree
from orchestrator.records import DeleteFile, DiffHunks, Edits
from tests.unit.edits.helpers import SHOP, after, landed, read, refused, tree_of

GOOD = "--- a/src/shop.py\n+++ b/src/shop.py\n@@ -31,5 +31,5 @@\n \n \n def helper(x):\n-    return x + 1\n+    return x + 2\n \n"


@pytest.mark.parametrize(
    ("reply", "rung"),
    [
        (GOOD, "git_apply"),
        (f"Here:\n```diff\n{GOOD}```\nDone.", "git_apply"),
        (f"diff --git a/src/shop.py b/src/shop.py\nindex 123..456 100644\n{GOOD}", "git_apply"),
        (GOOD.replace("a/src", "src").replace("b/src", "src"), "git_apply"),
        (GOOD.replace("-31,5 +31,5", "-12,5 +12,5"), "git_apply_offset"),
        (GOOD.replace(" \n \n def", "\n\n def"), "git_apply"),
        (GOOD.replace(" \n \n def", " \n # not there\n def"), "patch_fuzz_2"),
        (GOOD.replace("@@ -31,5 +31,5 @@", "@@ ... @@"), "exact"),
    ],
)  # fmt: skip
def test_a_diff_lands_and_says_how(reply: str, rung: str) -> None:
    """Exact, at another line, with fuzz, or (no numbers at all) found as search text."""
    done = landed("unified-diff", reply)
    assert done.changes[0].after == SHOP.replace(b"x + 1", b"x + 2")
    assert done.landings[0].rung == rung


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (GOOD.replace("-31,5", "-31,9"), "malformed_diff"),
        (GOOD.replace("-31,5", "-31,3"), "malformed_diff"),
        (GOOD.replace("-    return x + 1", "-    return x + 7"), "hunk_failed"),
        (GOOD.replace("src/shop.py", "src/none.py"), "no_such_file"),
        (GOOD.replace("src/shop.py", "../shop.py"), "unsafe_path"),
        ("No diff.", "no_diff"),
    ],
)  # fmt: skip
def test_what_the_official_tools_refuse_is_refused(reply: str, code: str) -> None:
    """Counts are not repaired: this is the baseline arm."""
    found = refused("unified-diff", reply)
    assert found.code == code
    if code == "hunk_failed":
        assert "35 |" in found.nearest


def test_new_and_deleted_files() -> None:
    """/dev/null on either side."""
    reply = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n--- a/other.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
    tree = tree_of(other=b"gone\n")
    assert [type(e) for e in read("unified-diff", reply, tree).edits] == [DiffHunks, DeleteFile]
    assert {c.path: c.after for c in landed("unified-diff", reply, tree).changes} == {
        "new.py": b"a = 1\nb = 2\n",
        "other.py": None,
    }


def test_a_diff_with_lf_applies_to_a_crlf_file() -> None:
    """The new lines get the file's ends."""
    assert after("unified-diff", GOOD, tree_of(SHOP.replace(b"\n", b"\r\n"))) == SHOP.replace(
        b"x + 1", b"x + 2"
    ).replace(b"\n", b"\r\n")


LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "  e"]), min_size=1, max_size=14)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@settings(max_examples=60, deadline=None)
@given(LINES, LINES, st.integers(-3, 3))
def test_a_diff_that_git_applies_gives_what_git_gives(
    tmp_path_factory: pytest.TempPathFactory, old: list[str], new: list[str], off: int
) -> None:
    """Compared with the real `git apply` on random files, repeated lines and wrong line numbers among them."""
    folder: Path = tmp_path_factory.mktemp("git")
    before = "".join(x + "\n" for x in old)
    body = [f"-{old[-1]}", *(f"+{x}" for x in new[:2]), *(f" {x}" for x in [])]
    context = old[max(0, len(old) - 4) : -1]
    start = max(1, len(old) - len(context) + off)
    count = len(context) + 1
    diff = f"--- a/f.txt\n+++ b/f.txt\n@@ -{start},{count} +{start},{len(context) + len(new[:2])} @@\n"
    diff += "".join(f" {x}\n" for x in context) + "".join(x + "\n" for x in body)
    (folder / "f.txt").write_text(before)
    ran = subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=folder, capture_output=True, check=False)
    done = apply_edits(Edits("unified-diff", (DiffHunks("f.txt", diff),)), MappingTree({"f.txt": before.encode()}))
    if ran.returncode == 0 and (folder / "f.txt").read_text() != before:
        assert isinstance(done, Applied)
        assert done.changes[0].after == (folder / "f.txt").read_bytes()
        assert done.landings[0].rung.startswith("git_apply")
    else:
        assert not isinstance(done, Applied) or not done.landings[0].rung.startswith("git_apply")
