"""What a finished diff touches."""

from __future__ import annotations

import pytest

from orchestrator.diffs import touched_paths

PLAIN = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"


@pytest.mark.parametrize(
    ("patch", "paths"),
    [
        ("", ()),
        ("no diff at all\n", ()),
        (PLAIN, ("x.py",)),
        ("diff --git a/x.py b/x.py\nold mode 100644\nnew mode 100755\n", ("x.py",)),
        ("diff --git a/x.bin b/x.bin\nnew file mode 100644\nindex 00..11\nBinary files /dev/null and b/x.bin differ\n", ("x.bin",)),
        ("diff --git a/a b.py b/c d.py\nsimilarity index 100%\nrename from a b.py\nrename to c d.py\n", ("a b.py", "c d.py")),
        ("--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+a\n" + PLAIN, ("new.py", "x.py")),
        (PLAIN.replace("@@ -1 +1 @@", "@@ -1,9 +1,9 @@"), ("x.py",)),
        ("--- a/setup.py\t2020-01-01\n+++ b/setup.py\t2020-01-02\n@@ -1,9 +1 @@\n-a\n", ("setup.py",)),
    ],
    ids=["empty", "prose", "plain", "mode", "binary", "rename", "two files", "miscounted", "miscounted with times"],
)  # fmt: skip
def test_every_named_path_is_found_once(patch: str, paths: tuple[str, ...]) -> None:
    """Old and new, with and without git's headers; also where a hunk is miscounted, which `patch` takes and unidiff does not."""
    assert touched_paths(patch) == paths
