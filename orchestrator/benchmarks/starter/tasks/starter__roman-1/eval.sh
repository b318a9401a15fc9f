#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff d5261e0077107739489631528906008268d9d486
git checkout d5261e0077107739489631528906008268d9d486 tests/test_convert.py tests/test_outline.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_convert.py b/tests/test_convert.py
index 4916730..9a2b669 100644
--- a/tests/test_convert.py
+++ b/tests/test_convert.py
@@ -29,3 +29,27 @@ def test_other_characters():
     for text in ("", "ABC", "X1", "I V"):
         with pytest.raises(InvalidNumeral):
             from_roman(text)
+
+
+def test_too_many_repetitions():
+    for text in ("IIII", "VV", "XXXX", "LL", "CCCC", "DD", "viiii"):
+        with pytest.raises(InvalidNumeral):
+            from_roman(text)
+
+
+def test_wrong_subtractions():
+    for text in ("IC", "IIX", "VX", "XM", "IXI", "LC", "IVI"):
+        with pytest.raises(InvalidNumeral):
+            from_roman(text)
+
+
+def test_larger_than_the_largest():
+    with pytest.raises(InvalidNumeral):
+        from_roman("MMMM")
+    with pytest.raises(InvalidNumeral):
+        from_roman("MMMMMCM")
+
+
+def test_message_shows_the_text_as_given():
+    with pytest.raises(InvalidNumeral, match="'iiii'"):
+        from_roman("iiii")
diff --git a/tests/test_outline.py b/tests/test_outline.py
index a631a3e..ae45f67 100644
--- a/tests/test_outline.py
+++ b/tests/test_outline.py
@@ -8,3 +8,7 @@ def test_outline():
 
 def test_other_words_are_skipped():
     assert parse_outline("etc. and so on\nNote. Nothing\n") == []
+
+
+def test_words_of_roman_letters_are_skipped():
+    assert parse_outline("Mild. And sunny\nVI. Six\nCivil. Code\nDim. Light\n") == [(6, "Six")]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_convert.py tests/test_outline.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout d5261e0077107739489631528906008268d9d486 tests/test_convert.py tests/test_outline.py
