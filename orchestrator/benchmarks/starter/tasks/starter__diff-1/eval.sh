#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff aa5e182867759a9ef616bbeaa96eb1d21acc4b91
git checkout aa5e182867759a9ef616bbeaa96eb1d21acc4b91 tests/test_hunks.py tests/test_render.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_hunks.py b/tests/test_hunks.py
index 9f1cb20..316d961 100644
--- a/tests/test_hunks.py
+++ b/tests/test_hunks.py
@@ -23,3 +23,31 @@ def test_changes_far_apart():
 def test_negative_context():
     with pytest.raises(ValueError):
         hunks([], context=-1)
+
+
+def changed(length, *positions):
+    old = [str(n) for n in range(length)]
+    new = [*old]
+    for position in positions:
+        new[position] += " changed"
+    return align(old, new)
+
+
+def test_overlapping_hunks_are_merged():
+    ops = changed(20, 8, 12)
+    groups = hunks(ops, context=3)
+    assert len(groups) == 1
+    assert groups[0] == ops[5:18]
+
+
+def test_no_line_is_in_two_hunks():
+    for context in range(6):
+        ops = changed(40, 3, 6, 15, 17, 19, 38)
+        groups = hunks(ops, context)
+        flat = [op for group in groups for op in group]
+        assert len(flat) == len(set(flat))
+        assert [op for op in flat if op.tag != " "] == [op for op in ops if op.tag != " "]
+
+
+def test_hunks_with_a_line_between_them_stay_apart():
+    assert len(hunks(changed(20, 5, 9), context=1)) == 2
diff --git a/tests/test_render.py b/tests/test_render.py
index 5c65276..f0af0e0 100644
--- a/tests/test_render.py
+++ b/tests/test_render.py
@@ -21,3 +21,18 @@ def test_new_file():
 
 def test_single_line_spans():
     assert "@@ -2 +2 @@" in unified(OLD, OLD.replace("two", "2"), context=0)
+
+
+def test_neighbouring_changes_share_a_hunk():
+    text = unified("a\nb\nc\nd\ne\n", "a\nB\nc\nD\ne\n", context=1)
+    assert text.count("@@ -") == 1
+    assert text.splitlines()[2:] == ["@@ -1,5 +1,5 @@", " a", "-b", "+B", " c", "-d", "+D", " e"]
+
+
+def test_default_context():
+    old = "".join(f"{n}\n" for n in range(1, 13))
+    new = old.replace("4\n", "four\n", 1).replace("8\n", "eight\n", 1)
+    text = unified(old, new)
+    assert text.count("@@ -") == 1
+    assert text.count("\n-4\n") == 1
+    assert "@@ -1,11 +1,11 @@" in text
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_hunks.py tests/test_render.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout aa5e182867759a9ef616bbeaa96eb1d21acc4b91 tests/test_hunks.py tests/test_render.py
