#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff b67b0f827ed3c4bb3bd041f8143ce1199d8f8580
git checkout b67b0f827ed3c4bb3bd041f8143ce1199d8f8580 tests/test_reader.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_reader.py b/tests/test_reader.py
index a8951a0..e1e7cac 100644
--- a/tests/test_reader.py
+++ b/tests/test_reader.py
@@ -39,3 +39,27 @@ def test_dicts():
 def test_dicts_with_short_row():
     with pytest.raises(CSVError, match="row 2"):
         read_dicts("id,name\n1\n")
+
+
+def test_doubled_quote_is_one_quote():
+    assert read_rows('"3/4"" pipe",x\n') == [['3/4" pipe', "x"]]
+
+
+def test_quotes_around_a_word():
+    assert read_rows('a,"the ""good"" one"\n') == [["a", 'the "good" one']]
+
+
+def test_quotes_at_both_ends():
+    assert read_rows('"""quoted"""\n') == [['"quoted"']]
+
+
+def test_only_a_quote():
+    assert read_rows('"""",b\n') == [['"', "b"]]
+
+
+def test_empty_quoted_field_stays_empty():
+    assert read_rows('"",b\n') == [["", "b"]]
+
+
+def test_doubled_quote_of_another_dialect():
+    assert read_rows("'it''s';b\n", Dialect(";", "'")) == [["it's", "b"]]
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_reader.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout b67b0f827ed3c4bb3bd041f8143ce1199d8f8580 tests/test_reader.py
