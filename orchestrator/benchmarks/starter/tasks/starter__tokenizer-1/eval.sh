#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 9bcf6e9cb70a4461f67c2d2f0d22781eb35b918c
git checkout 9bcf6e9cb70a4461f67c2d2f0d22781eb35b918c tests/test_tokenizer.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_tokenizer.py b/tests/test_tokenizer.py
index 3dfc91c..a89850f 100644
--- a/tests/test_tokenizer.py
+++ b/tests/test_tokenizer.py
@@ -49,3 +49,47 @@ def test_pointer():
     with pytest.raises(QuerySyntaxError) as info:
         tokenize(query)
     assert pointer(query, info.value) == "b ? 2\n  ^"
+
+
+def places(text):
+    return [(token.line, token.column) for token in tokenize(text)]
+
+
+def test_places_after_a_string_of_two_lines():
+    assert places('m ~ "one\ntwo" and x = 1') == [
+        (1, 1),
+        (1, 3),
+        (1, 5),
+        (2, 6),
+        (2, 10),
+        (2, 12),
+        (2, 14),
+        (2, 15),
+    ]
+
+
+def test_places_after_a_string_of_many_lines():
+    assert places('a = "1\n\n\n4"\nb')[3:] == [(5, 1), (5, 2)]
+
+
+def test_escaped_line_break_does_not_count():
+    assert places(r'a = "x\ny" b')[3] == (1, 12)
+
+
+def test_backslash_before_a_real_line_break():
+    assert places('a = "x\\\ny" b')[3] == (2, 4)
+
+
+def test_two_such_strings():
+    assert places('"a\nb" "c\nd" e')[2] == (3, 4)
+
+
+def test_error_after_a_string_with_a_line_break():
+    query = 'a ~ "x\ny" and\nb ? 2'
+    with pytest.raises(QuerySyntaxError) as info:
+        tokenize(query)
+    assert (info.value.line, info.value.column) == (3, 3)
+    query = 'a ~ "x\ny" ? b'
+    with pytest.raises(QuerySyntaxError) as info:
+        tokenize(query)
+    assert pointer(query, info.value) == 'y" ? b\n   ^'
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_tokenizer.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 9bcf6e9cb70a4461f67c2d2f0d22781eb35b918c tests/test_tokenizer.py
