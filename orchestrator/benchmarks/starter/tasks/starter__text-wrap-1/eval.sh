#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 471cf5b3d03c33254edf0557f140c07766cddfcb
git checkout 471cf5b3d03c33254edf0557f140c07766cddfcb tests/test_wrap.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_wrap.py b/tests/test_wrap.py
index 2817896..f2d1a31 100644
--- a/tests/test_wrap.py
+++ b/tests/test_wrap.py
@@ -38,3 +38,23 @@ def test_bad_width():
 
 def test_indent():
     assert indent(["a", "", "b"], "> ") == ["> a", ">", "> b"]
+
+
+def test_lines_may_be_exactly_as_wide_as_asked_for():
+    assert wrap("hello world again there", 11) == ["hello world", "again there"]
+
+
+def test_whole_text_fits_exactly():
+    assert wrap(TEXT, len(TEXT)) == [TEXT]
+
+
+def test_one_character_less_breaks():
+    assert len(wrap(TEXT, len(TEXT) - 1)) == 2
+
+
+def test_exact_fit_with_hanging_indent():
+    assert wrap("aa bb cc dd", 6, hanging=1) == ["aa bb", " cc dd"]
+
+
+def test_pieces_of_a_cut_word():
+    assert wrap("abcdef gh", 5) == ["abcde", "f gh"]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_wrap.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 471cf5b3d03c33254edf0557f140c07766cddfcb tests/test_wrap.py
