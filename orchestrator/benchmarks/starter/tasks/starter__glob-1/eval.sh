#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff b962713c8c73ff9a09786723d143204b1a38712d
git checkout b962713c8c73ff9a09786723d143204b1a38712d tests/test_ignore.py tests/test_match.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_ignore.py b/tests/test_ignore.py
index d0975f4..ce03ac9 100644
--- a/tests/test_ignore.py
+++ b/tests/test_ignore.py
@@ -30,3 +30,10 @@ def test_directory():
 def test_anchored():
     assert IGNORE.ignores("docs/index.html")
     assert not IGNORE.ignores("old/docs/index.html")
+
+
+def test_double_star_in_the_middle():
+    ignore = IgnoreList("docs/**/draft.txt\n")
+    assert ignore.ignores("docs/draft.txt")
+    assert ignore.ignores("docs/a/b/draft.txt")
+    assert not ignore.ignores("docs/redraft.txt")
diff --git a/tests/test_match.py b/tests/test_match.py
index f8e3a57..572a2c5 100644
--- a/tests/test_match.py
+++ b/tests/test_match.py
@@ -36,3 +36,30 @@ def test_normalized_paths():
 def test_filter():
     paths = ["a.py", "b.txt", "x/c.py"]
     assert filter_paths(paths, include=["*.py", "x/*"], exclude=["x/*.py"]) == ["a.py"]
+
+
+def test_double_star_matches_no_directory():
+    assert matches("src/**/a.py", "src/a.py")
+    assert matches("**/a.py", "a.py")
+    assert matches("**/*.py", "x/y/a.py")
+
+
+def test_double_star_keeps_whole_directory_names():
+    assert not matches("src/**/a.py", "src/xa.py")
+    assert not matches("**/a.py", "xa.py")
+    assert not matches("src/**/a.py", "srca.py")
+
+
+def test_several_double_stars():
+    assert matches("**/test/**/*.py", "test/a.py")
+    assert matches("**/test/**/*.py", "x/test/y/z/a.py")
+    assert not matches("**/test/**/*.py", "x/tests/a.py")
+
+
+def test_double_star_at_the_end_still_works():
+    assert matches("src/**", "src/a.py")
+    assert not matches("src/**", "lib/a.py")
+
+
+def test_default_include_takes_everything():
+    assert filter_paths(["a", "x/y/b"]) == ["a", "x/y/b"]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_ignore.py tests/test_match.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout b962713c8c73ff9a09786723d143204b1a38712d tests/test_ignore.py tests/test_match.py
