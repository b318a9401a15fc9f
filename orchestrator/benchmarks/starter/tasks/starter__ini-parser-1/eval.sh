#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff 992521a7eb28b98bcb22d5ce100cce1af9883dd5
git checkout 992521a7eb28b98bcb22d5ce100cce1af9883dd5 tests/test_parser.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_parser.py b/tests/test_parser.py
index 2b6c53a..b0a4e01 100644
--- a/tests/test_parser.py
+++ b/tests/test_parser.py
@@ -49,3 +49,20 @@ def test_unclosed_header():
 def test_empty_key():
     with pytest.raises(ParseError):
         loads("= 3\n")
+
+
+def test_value_with_equals_sign():
+    document = loads("[database]\nurl = postgres://app@db/main?sslmode=require\n")
+    assert document.get("database", "url") == "postgres://app@db/main?sslmode=require"
+
+
+def test_value_with_several_equals_signs():
+    assert loads("token = YWJj==\n").get("", "token") == "YWJj=="
+
+
+def test_quoted_value_with_equals_sign():
+    assert loads('filter = "a = b"\n').get("", "filter") == "a = b"
+
+
+def test_value_that_starts_with_an_equals_sign():
+    assert loads("op ===\n").get("", "op") == "=="
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_parser.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout 992521a7eb28b98bcb22d5ce100cce1af9883dd5 tests/test_parser.py
