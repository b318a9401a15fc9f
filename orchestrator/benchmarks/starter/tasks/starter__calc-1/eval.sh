#!/bin/bash
set -uxo pipefail
cd /testbed
git config --global --add safe.directory /testbed
git status
git show --stat
git -c core.fileMode=false diff e4c32d057d53854353c3db672e3cca9eb188d3c6
git checkout e4c32d057d53854353c3db672e3cca9eb188d3c6 tests/test_evaluate.py
git apply -v - <<'EOF_114329324912'
diff --git a/tests/test_evaluate.py b/tests/test_evaluate.py
index 66111a1..b6c5a1a 100644
--- a/tests/test_evaluate.py
+++ b/tests/test_evaluate.py
@@ -44,3 +44,22 @@ def test_unknown_names():
         evaluate("nope(1)")
     with pytest.raises(CalcError, match="unknown name: z"):
         evaluate("z")
+
+
+def test_power_is_right_associative():
+    assert evaluate("2 ** 3 ** 2") == 512
+    assert evaluate("2 ** 2 ** 3 ** 1") == 256
+
+
+def test_power_tower_between_other_operators():
+    assert evaluate("1 + 2 ** 1 ** 5 * 3") == 7
+    assert evaluate("100 - 2 ** 2 ** 2 - 4") == 80
+
+
+def test_parentheses_still_group_powers():
+    assert evaluate("(2 ** 3) ** 2") == 64
+
+
+def test_negative_exponent():
+    assert evaluate("2 ** -1") == 0.5
+    assert evaluate("2 ** -1 ** 2") == 0.5
EOF_114329324912
: '>>>>> Start Test Output'
python -m pytest -rA -p no:cacheprovider tests/test_evaluate.py
SWEBENCH_TEST_EXIT_CODE=$?
(exit "$SWEBENCH_TEST_EXIT_CODE")
: '>>>>> End Test Output'
echo ">>>>> Test Exit Code: $SWEBENCH_TEST_EXIT_CODE"
git checkout e4c32d057d53854353c3db672e3cca9eb188d3c6 tests/test_evaluate.py
